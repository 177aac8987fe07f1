// SpreadConstraint: one topology spread constraint, parsed, and whom it counts (plugins/podtopologyspread/common.go).
#pragma once
#include <vector>

#include "control/scheduler/framework/lister.h"
#include "control/scheduler/framework/node_affinity.h"
#include "control/scheduler/framework/pod_info.h"

namespace orrery::scheduler {

struct SpreadConstraint {
  std::int32_t max_skew = 0, min_domains = 1;
  Str topology_key;
  api::Selector selector;
  bool honor_affinity = true, honor_taints = false;
  bool by_host() const { return topology_key == "kubernetes.io/hostname"; }
  friend bool operator==(const SpreadConstraint&, const SpreadConstraint&) = default;
};

SpreadConstraint parse_spread_constraint(const api::TopologySpreadConstraint& constraint, const api::Labels& pod_labels);

bool has_all_keys(const api::Labels& labels, const std::vector<SpreadConstraint>& constraints);
/// The policies of the constraint let the node's pods count for `pod`, whose required affinity is given.
bool includes(const SpreadConstraint& constraint, const PodInfo& pod, const api::Node& node, const RequiredNodeAffinity& affinity);
/// A selector of everything counts nothing, as upstream; nor do pods that are being deleted.
inline bool counts(const api::Selector& selector, const Str& ns, const api::ObjectMeta& pod) {
  return !selector.empty() && !pod.deleting() && pod.namespace_ == ns && selector.matches(pod.labels);
}

/// The merged selectors of the services and of the owner that select the pod; everything when there are none.
api::Selector default_selector(const Lister& lister, const api::Pod& pod);

}  // namespace orrery::scheduler
