#include "control/scheduler/plugins/spread_constraint.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/client/tolerations.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/service.h"
#include "model/api/stateful_set.h"

namespace orrery::scheduler {
namespace {

/// What the owner of a pod, if it is of a kind that spreads its pods, selects; everything if it is not or is not there.
api::Selector owner_selector(const Lister& lister, const Str& ns, const api::OwnerReference& owner) {
  const auto of = [&](std::string_view version, std::string_view kind, api::KindId id) {
    return owner.api_version == version && owner.kind == kind ? lister.get(id, ns, owner.name) : api::ObjectRef();
  };
  if (const api::ObjectRef rc = of("v1", "ReplicationController", api::KindId::kReplicationController))
    return api::Selector::from_set(rc->as<api::ReplicationController>().spec->selector);
  if (const api::ObjectRef rs = of("apps/v1", "ReplicaSet", api::KindId::kReplicaSet))
    return client::selector_of(rs->as<api::ReplicaSet>().spec->selector);
  if (const api::ObjectRef sts = of("apps/v1", "StatefulSet", api::KindId::kStatefulSet))
    return client::selector_of(sts->as<api::StatefulSet>().spec->selector);
  return api::Selector::everything();
}

}  // namespace

SpreadConstraint parse_spread_constraint(const api::TopologySpreadConstraint& c, const api::Labels& pod_labels) {
  SpreadConstraint out;
  out.max_skew = c.max_skew;
  out.min_domains = c.min_domains.value_or(1);
  out.topology_key = c.topology_key;
  out.selector = client::selector_of(c.label_selector);
  for (const Str& key : c.match_label_keys) {
    if (const Str* value = pod_labels.find(key)) {
      // A selector of nothing has no requirements to merge: the labels alone then select, as upstream.
      if (out.selector.is_nothing()) out.selector = api::Selector::everything();
      out.selector.add(api::Requirement::unchecked(key, api::SelectorOp::kIn, {*value}));
    }
  }
  if (c.node_affinity_policy) out.honor_affinity = *c.node_affinity_policy == "Honor";
  if (c.node_taints_policy) out.honor_taints = *c.node_taints_policy == "Honor";
  return out;
}

bool has_all_keys(const api::Labels& labels, const std::vector<SpreadConstraint>& constraints) {
  return std::all_of(constraints.begin(), constraints.end(),
                     [&](const SpreadConstraint& c) { return labels.contains(c.topology_key); });
}

bool includes(const SpreadConstraint& c, const PodInfo& pod, const api::Node& node, const RequiredNodeAffinity& affinity) {
  if (c.honor_affinity && !affinity.matches(node)) return false;
  if (!c.honor_taints) return true;
  const auto forbids = [](const api::Taint& t) { return t.effect == "NoSchedule" || t.effect == "NoExecute"; };
  return client::untolerated_taint(node.spec->taints, pod.spec().tolerations, forbids) == nullptr;
}

api::Selector default_selector(const Lister& lister, const api::Pod& pod) {
  api::Map<Str> merged;
  for (const api::ObjectRef& o : lister.list(api::KindId::kService, pod.metadata.namespace_)) {
    const api::Map<Str>& wanted = o->as<api::Service>().spec->selector;
    if (wanted.is_nil() || !api::Selector::from_set(wanted).matches(pod.metadata.labels)) continue;
    for (const auto& [k, v] : wanted) merged.set(k, v);
  }
  api::Selector out = api::Selector::from_set(merged);
  const api::OwnerReference* owner = api::controller_of(pod.metadata);
  if (!owner) return out;
  const api::Selector owned = owner_selector(lister, pod.metadata.namespace_, *owner);
  for (const api::Requirement& r : owned.requirements()) out.add(r);
  return out;
}

}  // namespace orrery::scheduler
