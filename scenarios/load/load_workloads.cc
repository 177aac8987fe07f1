#include "scenarios/load/load_workloads.h"

#include <set>

#include "model/api/cron_job.h"
#include "model/api/daemon_set.h"
#include "model/api/defaults/defaults.h"
#include "model/api/deployment.h"
#include "model/api/job.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/stateful_set.h"
#include "model/api/storage_class.h"
#include "model/base/str.h"
#include "scenarios/load/load_manifest.h"
#include "sim/containers/behaviour.h"

namespace orrery::scenarios {
namespace {

using api::KindId;
using base::cat;

constexpr const char* kDefaultClass = "storageclass.kubernetes.io/is-default-class";
constexpr const char* kBehaviourAnnotation = "orrery.dev/behaviour";

/// Sets replicas; false when the kind has none.
bool set_replicas(api::Object& o, std::int32_t n) {
  void* value = api::edit_value(o);
  switch (o.kind_id()) {
    case KindId::kDeployment: static_cast<api::Deployment*>(value)->spec.edit().replicas = n; return true;
    case KindId::kStatefulSet: static_cast<api::StatefulSet*>(value)->spec.edit().replicas = n; return true;
    case KindId::kReplicaSet: static_cast<api::ReplicaSet*>(value)->spec.edit().replicas = n; return true;
    case KindId::kReplicationController: static_cast<api::ReplicationController*>(value)->spec.edit().replicas = n; return true;
    case KindId::kJob: static_cast<api::Job*>(value)->spec.edit().parallelism = n; return true;
    default: return false;
  }
}

/// The metadata that pods of this object carry; null when it makes none.
api::ObjectMeta* pod_meta(api::Object& o) {
  void* value = api::edit_value(o);
  switch (o.kind_id()) {
    case KindId::kDeployment: return &static_cast<api::Deployment*>(value)->spec.edit().template_.metadata;
    case KindId::kStatefulSet: return &static_cast<api::StatefulSet*>(value)->spec.edit().template_.metadata;
    case KindId::kReplicaSet: return &static_cast<api::ReplicaSet*>(value)->spec.edit().template_.metadata;
    case KindId::kReplicationController: {
      auto& spec = static_cast<api::ReplicationController*>(value)->spec.edit();
      return spec.template_ ? &spec.template_.edit().metadata : nullptr;
    }
    case KindId::kDaemonSet: return &static_cast<api::DaemonSet*>(value)->spec.edit().template_.metadata;
    case KindId::kJob: return &static_cast<api::Job*>(value)->spec.edit().template_.metadata;
    case KindId::kCronJob: return &static_cast<api::CronJob*>(value)->spec.edit().job_template.spec.template_.metadata;
    case KindId::kPod: return &static_cast<api::Pod*>(value)->metadata;
    default: return nullptr;
  }
}

std::string short_name(const api::Object& o) { return cat(o.kind().singular, "/", o.meta().name); }

/// Runs `edit` on a copy of every object that the pattern names.
template <class F>
void edit_matching(std::vector<api::ObjectRef>& objects, const YamlCursor::Entry& e, const char* what, F edit) {
  bool matched = false, done = false;
  for (api::ObjectRef& o : objects) {
    if (!matches_pattern(e.key, short_name(*o))) continue;
    matched = true;
    base::Ref<api::Object> copy = api::clone(*o);
    if (!edit(*copy)) continue;
    done = true;
    o = copy;
  }
  if (!matched) e.value.fail(cat("\"", e.key, "\" matches no object of this workload"));
  if (!done) e.value.fail(cat("\"", e.key, "\" matches nothing that has ", what));
}

void apply_scale(const YamlCursor& c, std::vector<api::ObjectRef>& objects) {
  for (const auto& e : c.entries()) {
    const auto n = static_cast<std::int32_t>(e.value.integer(0, 1'000'000));
    edit_matching(objects, e, "replicas", [n](api::Object& o) { return set_replicas(o, n); });
  }
}

void apply_behaviour(const YamlCursor& c, std::vector<api::ObjectRef>& objects) {
  for (const auto& e : c.entries()) {
    const std::string json = yaml_to_json(e.value);
    const auto behaviour = sim::parse_behaviour(json);
    if (!behaviour.ok()) e.value.fail(behaviour.error().message);
    edit_matching(objects, e, "pods", [&json](api::Object& o) {
      api::ObjectMeta* meta = pod_meta(o);
      if (meta) meta->annotations.set(kBehaviourAnnotation, json);
      return meta != nullptr;
    });
  }
}

/// Two objects of one name would be one object, created once.
void check_names(const YamlCursor& c, const std::vector<api::ObjectRef>& objects, std::set<std::string>& names) {
  for (const api::ObjectRef& o : objects)
    if (!names.insert(cat(o->kind().plural, "/", api::key_of(o->meta()))).second)
      c.fail(cat(o->kind().kind, " \"", api::key_of(o->meta()), "\" is among the workloads already"));
}

bool names_no_class(const api::PersistentVolumeClaim& claim) {
  return !claim.spec->storage_class_name && !claim.metadata.annotations.contains("volume.beta.kubernetes.io/storage-class");
}

bool wants_default_class(const api::Object& o) {
  if (o.kind_id() == KindId::kPersistentVolumeClaim) return names_no_class(o.as<api::PersistentVolumeClaim>());
  if (o.kind_id() != KindId::kStatefulSet) return false;
  for (const api::PersistentVolumeClaim& claim : o.as<api::StatefulSet>().spec->volume_claim_templates)
    if (names_no_class(claim)) return true;
  return false;
}

/// Clusters come with a default StorageClass: it goes before the first workload whose claims name none.
void add_default_class(std::vector<WorkloadSpec>& workloads) {
  WorkloadSpec* first = nullptr;
  for (WorkloadSpec& w : workloads)
    for (const api::ObjectRef& o : w.objects) {
      if (!first && wants_default_class(*o)) first = &w;
      if (o->meta().annotations.get(kDefaultClass) == "true") return;
    }
  if (!first) return;
  api::StorageClass standard;
  standard.metadata.name = "standard";
  standard.metadata.annotations.set(kDefaultClass, "true");
  standard.provisioner = "simulated.orrery.dev";
  base::Ref<api::Object> made = api::clone(*api::make_object(std::move(standard)));
  api::apply_defaults(made->kind(), api::edit_value(*made));
  first->objects.insert(first->objects.begin(), made);
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') { star = p++; mark = t; }
    else if (p < pattern.size() && pattern[p] == text[t]) { ++p; ++t; }
    else if (star != std::string_view::npos) { p = star + 1; t = ++mark; }
    else return false;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<WorkloadSpec> load_workloads(const YamlCursor& workloads, std::uint64_t& source_hash) {
  std::vector<WorkloadSpec> out;
  std::set<std::string> names;
  for (const YamlCursor& c : workloads.items()) {
    c.keys({"file", "manifest", "manifests", "namespace", "scale", "behaviour", "at"});
    WorkloadSpec w;
    w.namespace_ = c.text_or("namespace", "default");
    w.at = c.duration_or("at", 0);
    if (c.has("manifests")) {
      if (c.has("file") || c.has("manifest")) c.fail("needs exactly one of file, manifest, manifests");
      for (const YamlCursor& m : c.at("manifests").items())
        for (api::ObjectRef& o : load_manifest(m)) w.objects.push_back(std::move(o));
      w.objects = in_namespace(std::move(w.objects), w.namespace_);
    } else {
      w.objects = load_manifest_block(c, &source_hash);
    }
    check_names(c, w.objects, names);
    if (c.has("scale")) apply_scale(c.at("scale"), w.objects);
    if (c.has("behaviour")) apply_behaviour(c.at("behaviour"), w.objects);
    out.push_back(std::move(w));
  }
  add_default_class(out);
  return out;
}

}  // namespace orrery::scenarios
