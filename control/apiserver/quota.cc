#include "control/apiserver/quota.h"

#include <algorithm>

#include "control/apiserver/object_rules.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod_resources.h"
#include "model/api/qos.h"
#include "model/api/service.h"
#include "model/base/sorted_map.h"

namespace orrery::apiserver {

namespace {

void add(api::ResourceList& to, std::string_view name, const api::Quantity& amount) {
  to.edit(name).add(amount);
}
void add_one(api::ResourceList& to, std::string_view name) {
  add(to, name, api::Quantity(1, api::QuantityFormat::kDecimalSI));
}

/// Overhead counts for limits only where the containers name one.
api::ResourceList pod_total(const api::PodSpec& spec, bool limits) {
  api::ResourceList total = api::total_of_containers(spec, [limits](const api::Container& c, bool) {
    return limits ? c.resources.limits : c.resources.requests;
  });
  for (const auto& [name, q] : spec.overhead) {
    if (!limits || total.contains(name)) total.edit(name).add(q);
  }
  return total;
}

api::ResourceList pod_usage(const api::Pod& pod) {
  api::ResourceList out;
  add_one(out, "pods");
  for (const auto& [name, q] : pod_total(*pod.spec, false)) {
    const bool plain = name == "cpu" || name == "memory" || name == "ephemeral-storage";
    if (plain) add(out, name, q);
    if (plain || name.view().find('/') != std::string_view::npos ||
        name.view().starts_with("hugepages-")) {
      add(out, base::cat("requests.", name), q);
    }
  }
  for (const auto& [name, q] : pod_total(*pod.spec, true)) {
    if (name == "cpu" || name == "memory" || name == "ephemeral-storage")
      add(out, base::cat("limits.", name), q);
  }
  return out;
}

/// "a=1,b=2" in order of names.
std::string listed(const api::ResourceList& list) {
  std::string out;
  for (const auto& [name, q] : list) {
    if (!out.empty()) out += ',';
    out += name.view();
    out += '=';
    q.append_to(out);
  }
  return out;
}

/// A quota on compute makes every container say what it takes: `must specify limits.cpu for: a,b;
/// ...`.
std::string unsaid(const api::Object& object, const api::ResourceList& hard) {
  if (object.kind_id() != KindId::kPod) return {};
  const api::PodSpec& spec = *object.as<api::Pod>().spec;
  std::string out;
  for (const auto& [resource, q] : hard) {
    std::string_view name = resource.view();
    const bool limits = name.starts_with("limits.");
    if (limits) name.remove_prefix(7);
    else if (name.starts_with("requests.")) name.remove_prefix(9);
    if (name != "cpu" && name != "memory") continue;
    base::SortedSet<Str> containers;
    for (const auto* list : {&spec.containers, &spec.init_containers})
      for (const api::Container& c : *list)
        if (!(limits ? c.resources.limits : c.resources.requests).contains(name)) containers.insert(c.name);
    if (containers.empty()) continue;
    if (!out.empty()) out += "; ";
    out += base::cat(resource, " for: ");
    for (const Str& c : containers) out += base::cat(c == *containers.begin() ? "" : ",", c);
  }
  return out;
}

bool in_scope(std::string_view scope, std::string_view op, const api::List<Str>& values,
              const api::Pod& pod) {
  const bool terminating = pod.spec->active_deadline_seconds.has_value();
  const bool best_effort = std::string_view(api::qos_class(*pod.spec)) == "BestEffort";
  if (scope == "Terminating") return terminating;
  if (scope == "NotTerminating") return !terminating;
  if (scope == "BestEffort") return best_effort;
  if (scope == "NotBestEffort") return !best_effort;
  if (scope != "PriorityClass") return false;
  const Str& name = pod.spec->priority_class_name;
  const bool listed = std::find(values.begin(), values.end(), name) != values.end();
  if (op == "In") return listed;
  if (op == "NotIn") return !name.empty() && !listed;
  return (op == "DoesNotExist") == name.empty();
}

struct Verdict {
  Failure failure;
  api::ResourceList requested;  // the part that the quota limits
};

/// What counts is status.hard (checkRequest): a quota that its controller has not seen yet limits nothing, and one whose spec was
/// changed limits as before until then.
Verdict judge(const api::ResourceQuota& quota, const api::Object& object,
              const api::ResourceList& usage) {
  Verdict v;
  const Str& name = object.meta().name;
  const api::ResourceList& hard = quota.status->hard;
  api::ResourceList over, used, limited;
  std::string unknown;
  bool concerned = false;
  for (const auto& [resource, limit] : hard)
    concerned = concerned || usage.contains(resource);
  if (!concerned) return v;
  if (const std::string missing = unsaid(object, hard); !missing.empty()) {
    v.failure =
        forbidden(object.kind_id(), name,
                  base::cat("failed quota: ", quota.metadata.name, ": must specify ", missing));
    return v;
  }
  for (const auto& [resource, amount] : usage) {
    const api::Quantity* limit = hard.find(resource);
    if (!limit) continue;
    if (!quota.status->used.contains(resource)) {
      if (!unknown.empty()) unknown += ',';
      unknown += resource.view();
      continue;
    }
    v.requested.set(resource, amount);
    api::Quantity total = quota.status->used.get(resource);
    total.add(amount);
    if (!(*limit < total)) continue;
    over.set(resource, amount);
    api::Quantity now(0, api::QuantityFormat::kDecimalSI);
    now.add(quota.status->used.get(resource));
    used.set(resource, now);
    limited.set(resource, *limit);
  }
  if (!unknown.empty()) {
    v.failure = forbidden(
        object.kind_id(), name,
        base::cat("status unknown for quota: ", quota.metadata.name, ", resources: ", unknown));
  } else if (!over.empty()) {
    v.failure =
        forbidden(object.kind_id(), name,
                  base::cat("exceeded quota: ", quota.metadata.name, ", requested: ", listed(over),
                            ", used: ", listed(used), ", limited: ", listed(limited)));
  }
  return v;
}

}  // namespace

api::ResourceList quota_usage(const api::Object& object) {
  api::ResourceList out;
  const api::Kind& kind = object.kind();
  if (kind.id == KindId::kPod) out = pod_usage(object.as<api::Pod>());
  add_one(out, base::cat("count/", kind.resource_name()));
  switch (kind.id) {
    case KindId::kService: {
      const api::Service& s = object.as<api::Service>();
      add_one(out, "services");
      const auto ports = static_cast<std::int64_t>(s.spec->ports.size());
      const bool balancer = s.spec->type == "LoadBalancer";
      if (balancer) add_one(out, "services.loadbalancers");
      if (balancer || s.spec->type == "NodePort") {
        add(out, "services.nodeports", api::Quantity(ports, api::QuantityFormat::kDecimalSI));
      }
      break;
    }
    case KindId::kPersistentVolumeClaim: {
      const api::PersistentVolumeClaimSpec& spec = *object.as<api::PersistentVolumeClaim>().spec;
      add_one(out, "persistentvolumeclaims");
      const api::Quantity storage = spec.resources.requests.get("storage");
      add(out, "requests.storage", storage);
      if (!spec.storage_class_name || spec.storage_class_name->empty()) break;
      const std::string prefix =
          base::cat(*spec.storage_class_name, ".storageclass.storage.k8s.io/");
      add_one(out, base::cat(prefix, "persistentvolumeclaims"));
      add(out, base::cat(prefix, "requests.storage"), storage);
      break;
    }
    case KindId::kConfigMap:
    case KindId::kSecret:
    case KindId::kResourceQuota:
      add_one(out, kind.plural);
      break;
    default:
      break;
  }
  return out;
}

bool quota_matches(const api::ResourceQuotaSpec& spec, const api::Object& object) {
  const bool scoped = !spec.scopes.empty() ||
                      (spec.scope_selector && !spec.scope_selector->match_expressions.empty());
  if (!scoped) return true;
  if (object.kind_id() != KindId::kPod) return false;
  const api::Pod& pod = object.as<api::Pod>();
  for (const Str& scope : spec.scopes) {
    if (!in_scope(scope, "Exists", {}, pod)) return false;
  }
  if (!spec.scope_selector) return true;
  for (const auto& e : spec.scope_selector->match_expressions) {
    if (!in_scope(e.scope_name, e.operator_, e.values, pod)) return false;
  }
  return true;
}

void Quota::charge(ObjectRef object, bool dry_run, base::UniqueFunction<void(Failure)> done) {
  const WatchCache& quotas = store_.cache(KindId::kResourceQuota);
  if (!config_.admission.has(Plugin::kResourceQuota) || quotas.contents().size() == 0 ||
      !object->kind().namespaced) {
    return done({});
  }
  std::vector<ObjectRef> concerned;
  const Str below = store_.key(KindId::kResourceQuota, object->meta().namespace_, "");
  const Contents::Ordered& all = quotas.contents().ordered();
  for (auto at = all.lower_bound(below);
       at != all.end() && at->first.view().starts_with(below.view()); ++at) {
    if (quota_matches(*at->second->object->as<api::ResourceQuota>().spec, *object)) {
      concerned.push_back(at->second->object);
    }
  }
  if (concerned.empty()) return done({});
  const api::ResourceList usage = quota_usage(*object);
  std::vector<ObjectRef> charged;
  for (const ObjectRef& q : concerned) {
    const Verdict v = judge(q->as<api::ResourceQuota>(), *object, usage);
    // A refusal on what the cache says may be out of date: it is decided again on the stored quota.
    if (v.failure || !v.requested.empty()) charged.push_back(q);
    if (v.failure && dry_run) return done(v.failure);
  }
  if (dry_run || charged.empty()) return done({});
  std::reverse(charged.begin(), charged.end());
  ObjectRef first = charged.back();
  charged.pop_back();
  charge_next(std::move(object), std::move(first), std::move(charged), std::move(done));
}

void Quota::charge_next(ObjectRef object, ObjectRef quota, std::vector<ObjectRef> rest,
                        base::UniqueFunction<void(Failure)> done) {
  const Str key = store_.key(KindId::kResourceQuota, quota->meta().namespace_, quota->meta().name);
  store_.mutate(
      key, KindId::kResourceQuota,
      [object, &faults = env_.faults](const ObjectRef& present) {
        if (!present) return Change::keep({});
        const api::ResourceQuota& q = present->as<api::ResourceQuota>();
        Verdict v = judge(q, *object, quota_usage(*object));
        if (v.failure) return Change::fail(std::move(v.failure));
        if (v.requested.empty()) return Change::keep(present);
        base::Ref<api::Object> next = api::clone(*present);
        api::ResourceQuota& edited = edit_as<api::ResourceQuota>(*next);
        edited.metadata.resource_version.value = 0;
        for (const auto& [name, amount] : v.requested)
          edited.status.edit().used.edit(name).add(amount);
        Change change = Change::put(std::move(next));
        change.blind = faults.here(env::Site::kQuotaNoCas);
        return change;
      },
      [this, object, rest = std::move(rest), done = std::move(done)](Outcome outcome) mutable {
        if (outcome.failure || rest.empty()) return done(std::move(outcome.failure));
        ObjectRef following = rest.back();
        rest.pop_back();
        charge_next(std::move(object), std::move(following), std::move(rest), std::move(done));
      });
}

}  // namespace orrery::apiserver
