#include "control/scheduler/queue/pod_changes.h"

#include <algorithm>

#include "control/scheduler/framework/resource.h"
#include "model/api/conditions.h"
#include "model/api/node.h"

namespace orrery::scheduler {
namespace {

bool scaled_down(const api::Pod& old, const api::Pod& now) {
  const api::ResourceList before = pod_requests(old, {true, false});
  const api::ResourceList after = pod_requests(now, {true, false});
  for (const auto& [name, quantity] : before) {
    if (amount_of(after, name) < amount_of(before, name)) return true;
  }
  return false;
}

/// Of the same types with the same values; times and reasons do not count.
bool same_conditions(const api::NodeStatus& a, const api::NodeStatus& b) {
  return a.conditions.size() == b.conditions.size() &&
         std::all_of(a.conditions.begin(), a.conditions.end(), [&b](const api::NodeCondition& c) {
           const api::NodeCondition* const other = api::find_condition(b, c.type);
           return other && other->status == c.status;
         });
}

}  // namespace

std::vector<ClusterEvent> pod_changes(const api::ObjectRef& old, const api::ObjectRef& now) {
  const api::Pod& before = old->as<api::Pod>();
  const api::Pod& after = now->as<api::Pod>();
  const EventResource resource = after.spec->node_name.empty() ? EventResource::kUnscheduledPod : EventResource::kAssignedPod;
  std::vector<ClusterEvent> out;
  if (!before.metadata.labels.shares(after.metadata.labels) && !api::deep_equal(before.metadata.labels, after.metadata.labels)) {
    out.push_back({resource, kActionUpdatePodLabel});
  }
  const bool same_spec = before.spec.shares(after.spec);
  const bool same_status = before.status.shares(after.status);
  if ((!same_spec || !same_status) && scaled_down(before, after)) out.push_back({resource, kActionUpdatePodScaleDown});
  if (!same_spec && !before.spec->scheduling_gates.empty() && after.spec->scheduling_gates.empty()) {
    out.push_back({resource, kActionUpdatePodGatesEliminated});
  }
  if (!same_spec && !api::deep_equal(before.spec->tolerations, after.spec->tolerations)) {
    out.push_back({resource, kActionUpdatePodTolerations});
  }
  if (out.empty()) out.push_back({resource, kActionUpdateOther});
  return out;
}

std::vector<ClusterEvent> node_changes(const api::ObjectRef& old, const api::ObjectRef& now) {
  const api::Node& before = old->as<api::Node>();
  const api::Node& after = now->as<api::Node>();
  std::uint32_t action = 0;
  if (!before.status.shares(after.status)) {
    if (!api::deep_equal(before.status->allocatable, after.status->allocatable)) action |= kActionUpdateNodeAllocatable;
    if (!same_conditions(*before.status, *after.status)) action |= kActionUpdateNodeCondition;
  }
  if (!api::deep_equal(before.metadata.labels, after.metadata.labels)) action |= kActionUpdateNodeLabel;
  if (!before.spec.shares(after.spec) &&
      (!api::deep_equal(before.spec->taints, after.spec->taints) || before.spec->unschedulable != after.spec->unschedulable)) {
    action |= kActionUpdateNodeTaint;
  }
  if (action == 0) return {};
  return {{EventResource::kNode, action}};
}

}  // namespace orrery::scheduler
