#include "control/apiserver/admission.h"

#include <algorithm>

#include "control/apiserver/object_rules.h"
#include "control/apiserver/pod_admission.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/storage_class.h"

namespace orrery::apiserver {

namespace {

constexpr int kServiceAccountAttempts = 10;

bool is_mirror(const api::Object& object) {
  return object.meta().annotations.contains("kubernetes.io/config.mirror");
}

Str account_name(const api::Object& pod) {
  const Str& name = pod.as<api::Pod>().spec->service_account_name;
  return name.empty() ? Str("default") : name;
}

void add_not_ready_taint(api::Node& node) {
  for (const api::Taint& t : node.spec->taints) {
    if (t.key == kTaintNotReady && t.effect == "NoSchedule") return;
  }
  api::Taint taint;
  taint.key = kTaintNotReady;
  taint.effect = "NoSchedule";
  node.spec.edit().taints.push_back(std::move(taint));
}

void add_finalizer(api::Object& object, std::string_view name) {
  api::ObjectMeta& meta = edit_meta(object);
  if (std::find(meta.finalizers.begin(), meta.finalizers.end(), name) == meta.finalizers.end()) {
    meta.finalizers.push_back(name);
  }
}

}  // namespace

Admission::Admission(env::Environment& env, const ApiserverConfig& config, ObjectStore& store)
    : env_(env), config_(config), store_(store), names_(env.random.stream("admission-names")) {
  make_shared_parts();
}

bool Admission::guards_namespace(const api::Object& object) const {
  return object.kind().namespaced && on(Plugin::kNamespaceLifecycle) &&
         !env_.faults.here(env::Site::kCreateInTerminatingNamespace);
}

Failure Admission::check_namespace(const api::Object& object, const api::Object& ns) const {
  if (!(ns.as<api::Namespace>().status->phase == "Terminating")) return {};
  const Str& name = ns.meta().name;
  Failure f = forbidden(object.kind_id(), spoken_name(object.meta()),
                        base::cat("unable to create new content in namespace ", name,
                                  " because it is being terminated"));
  f.edit().details.edit().causes = {api::StatusCause{
      "NamespaceTerminating", Str(base::cat("namespace ", name, " is being terminated")),
      "metadata.namespace"}};
  return f;
}

void Admission::gather(CallRef call, base::Ref<const api::Object> object, bool fresh,
                       Gathered done) {
  AdmissionFacts facts;
  if (!guards_namespace(*object))
    return find_service_account(std::move(call), std::move(object), {}, 0, std::move(done));
  if (!fresh) facts.name_space = store_.cached(KindId::kNamespace, {}, object->meta().namespace_);
  if (facts.name_space) {
    if (Failure f = check_namespace(*object, *facts.name_space)) return done(std::move(f), {});
    return find_service_account(std::move(call), std::move(object), std::move(facts), 0,
                                std::move(done));
  }
  find_namespace(std::move(call), std::move(object), std::move(facts), std::move(done));
}

void Admission::find_namespace(CallRef call, base::Ref<const api::Object> object,
                               AdmissionFacts facts, Gathered done) {
  const Str ns = object->meta().namespace_;
  store_.read(
      store_.key(KindId::kNamespace, {}, ns),
      [this, ns, call = std::move(call), object = std::move(object), facts = std::move(facts),
       done = std::move(done)](Failure failure, ObjectRef found) mutable {
        if (!failure && !found) failure = not_found(KindId::kNamespace, ns);
        if (!failure) failure = check_namespace(*object, *found);
        if (failure) return done(std::move(failure), {});
        facts.name_space = std::move(found);
        find_service_account(std::move(call), std::move(object), std::move(facts), 0,
                             std::move(done));
      });
}

void Admission::find_service_account(CallRef call, base::Ref<const api::Object> object,
                                     AdmissionFacts facts, int attempt, Gathered done) {
  if (object->kind_id() != KindId::kPod || !on(Plugin::kServiceAccount) || is_mirror(*object)) {
    return done({}, std::move(facts));
  }
  const Str name = account_name(*object);
  const Str& ns = object->meta().namespace_;
  if (attempt == 0) facts.service_account = store_.cached(KindId::kServiceAccount, ns, name);
  if (facts.service_account) return done({}, std::move(facts));
  store_.read(
      store_.key(KindId::kServiceAccount, ns, name),
      [this, name, attempt, call = std::move(call), object = std::move(object),
       facts = std::move(facts), done = std::move(done)](Failure failure, ObjectRef found) mutable {
        if (failure) return done(std::move(failure), {});
        facts.service_account = std::move(found);
        if (facts.service_account) return done({}, std::move(facts));
        const int limit = name == "default" ? kServiceAccountAttempts : 1;
        if (attempt + 1 >= limit || call->finished()) {
          return done(
              forbidden(KindId::kPod, spoken_name(object->meta()),
                        base::cat("error looking up service account ", object->meta().namespace_,
                                  "/", name, ": serviceaccount \"", name, "\" not found")),
              {});
        }
        const base::Nanos pause = 100 * base::kMillisecond +
                                  static_cast<base::Nanos>(names_.below(100)) * base::kMillisecond;
        env_.timers.after(pause, [this, attempt, call = std::move(call), object = std::move(object),
                                  facts = std::move(facts), done = std::move(done),
                                  alive = live_.token()]() mutable {
          if (!alive.alive()) return;
          find_service_account(std::move(call), std::move(object), std::move(facts), attempt + 1,
                               std::move(done));
        });
      });
}

const api::PriorityClass* Admission::priority_class_of(const api::Pod& pod) const {
  const api::PriorityClass* chosen = nullptr;
  for (const auto& [key, entry] : store_.cache(KindId::kPriorityClass).contents().ordered()) {
    const api::PriorityClass& c = entry->object->as<api::PriorityClass>();
    if (is_better_priority_class(pod.spec->priority_class_name, c, chosen)) chosen = &c;
  }
  return chosen;
}

Failure Admission::admit_pod(api::Pod& pod, const AdmissionFacts& facts) {
  if (facts.service_account)
    set_service_account(pod, facts.service_account->as<api::ServiceAccount>());
  if (on(Plugin::kPriority)) {
    if (Failure f = set_priority(pod, priority_class_of(pod))) return f;
  }
  if (on(Plugin::kDefaultTolerationSeconds)) add_tolerations(pod, default_tolerations_);
  merge_affinity_label_keys(pod);
  return {};
}

void Admission::set_storage_class(api::Object& object) const {
  api::PersistentVolumeClaim& claim = edit_as<api::PersistentVolumeClaim>(object);
  if (claim.spec->storage_class_name ||
      claim.metadata.annotations.contains("volume.beta.kubernetes.io/storage-class")) {
    return;
  }
  const api::ObjectMeta* chosen = nullptr;
  for (const auto& [key, entry] : store_.cache(KindId::kStorageClass).contents().ordered()) {
    const api::ObjectMeta& meta = entry->object->meta();
    if (!(meta.annotations.get("storageclass.kubernetes.io/is-default-class") == "true") &&
        !(meta.annotations.get("storageclass.beta.kubernetes.io/is-default-class") == "true")) {
      continue;
    }
    // The newest wins; of equally old ones the first by name.
    if (!chosen || meta.creation_timestamp > chosen->creation_timestamp) chosen = &meta;
  }
  if (chosen) claim.spec.edit().storage_class_name = chosen->name;
}

Failure Admission::mutate_create(api::Object& object, const AdmissionFacts& facts) {
  switch (object.kind_id()) {
    case KindId::kPod:
      return admit_pod(edit_as<api::Pod>(object), facts);
    case KindId::kNode:
      if (on(Plugin::kTaintNodesByCondition)) add_not_ready_taint(edit_as<api::Node>(object));
      break;
    case KindId::kPersistentVolumeClaim:
      if (on(Plugin::kStorageObjectInUseProtection))
        add_finalizer(object, "kubernetes.io/pvc-protection");
      if (on(Plugin::kDefaultStorageClass)) set_storage_class(object);
      break;
    case KindId::kPersistentVolume:
      if (on(Plugin::kStorageObjectInUseProtection))
        add_finalizer(object, "kubernetes.io/pv-protection");
      break;
    default:
      break;
  }
  return {};
}

Failure Admission::check_delete(const Call& call) const {
  if (call.kind() != KindId::kNamespace || !on(Plugin::kNamespaceLifecycle)) return {};
  if (call.name == "default" || call.name == "kube-system" || call.name == "kube-public") {
    return forbidden(KindId::kNamespace, call.name, "this namespace may not be deleted");
  }
  return {};
}

}  // namespace orrery::apiserver
