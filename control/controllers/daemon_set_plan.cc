#include <algorithm>

#include "control/controllers/daemon_set_decisions.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

/// The pods of one node that are not being deleted: at most one old and one new, else `clear` is false.
struct UpdatedPods {
  PodHandle fresh, old;
  bool clear = true;
};

UpdatedPods updated_pods(const api::DaemonSet& ds, const std::vector<PodHandle>& pods, std::string_view hash) {
  UpdatedPods out;
  for (const PodHandle& pod : pods) {
    if (pod->metadata.deleting()) continue;
    PodHandle& slot = is_pod_updated(ds, *pod, hash) ? out.fresh : out.old;
    if (slot) return {PodHandle(), PodHandle(), false};
    slot = pod;
  }
  return out;
}

template <class T>
void append_first(std::vector<T>& to, const std::vector<T>& from, std::int32_t count) {
  const auto n = std::min(from.size(), static_cast<std::size_t>(std::max(0, count)));
  to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n));
}

/// With surge, two pods may stay when the old one is ready and the new one not yet available.
void prune_surge(const api::DaemonSet& ds, const std::vector<PodHandle>& sorted, std::string_view hash,
                 base::Instant wall, std::vector<PodHandle>& remove) {
  PodHandle fresh, old;
  for (const PodHandle& pod : sorted) {
    const Str* label = pod->metadata.labels.find("controller-revision-hash");
    PodHandle& slot = label && *label == hash ? fresh : old;
    if (slot) remove.push_back(pod);
    else slot = pod;
  }
  if (!fresh || !old) return;
  if (!client::is_pod_ready(*old) || client::is_pod_available(*fresh, ds.spec->min_ready_seconds, wall)) {
    remove.push_back(old);
  }
}

RollPlan replace_in_place(const api::DaemonSet& ds, const PodsByNode& by_node, const std::vector<Str>& order,
                          std::int32_t max_unavailable, std::string_view hash, base::Instant wall) {
  const std::int32_t min_ready = ds.spec->min_ready_seconds;
  std::int32_t unavailable = 0;
  RollPlan plan;
  std::vector<Str> candidates;
  for (const Str& node : order) {
    const UpdatedPods p = updated_pods(ds, by_node.find(node)->second, hash);
    if (!p.clear || static_cast<bool>(p.old) == static_cast<bool>(p.fresh)) {
      ++unavailable;  // the manage loop will settle this node
    } else if (p.fresh) {
      if (!client::is_pod_available(*p.fresh, min_ready, wall)) ++unavailable;
    } else if (!client::is_pod_available(*p.old, min_ready, wall)) {
      plan.remove.push_back(p.old->metadata.name);
      ++unavailable;
    } else if (unavailable < max_unavailable) {
      candidates.push_back(p.old->metadata.name);
    }
  }
  append_first(plan.remove, candidates, max_unavailable - unavailable);
  return plan;
}

RollPlan replace_by_surge(const api::DaemonSet& ds, const PodsByNode& by_node, const std::vector<Str>& order,
                          const base::SortedSet<Str>& runs, std::int32_t max_surge, std::string_view hash, base::Instant wall) {
  const std::int32_t min_ready = ds.spec->min_ready_seconds;
  std::int32_t surging = 0;
  std::int32_t available = 0;
  RollPlan plan;
  std::vector<Str> candidates, leaving;
  for (const Str& node : order) {
    const UpdatedPods p = updated_pods(ds, by_node.find(node)->second, hash);
    if (!p.clear) {
      ++surging;
      continue;
    }
    const PodHandle& counted = p.old ? p.old : p.fresh;
    const bool counts = counted && client::is_pod_available(*counted, min_ready, wall);
    if (counts) ++available;
    if (!p.old) continue;
    if (p.fresh) {
      if (client::is_pod_available(*p.fresh, min_ready, wall)) plan.remove.push_back(p.old->metadata.name);
      else ++surging;
    } else if (!counts) {
      if (runs.contains(node)) plan.create.push_back(node);
      else plan.remove.push_back(p.old->metadata.name);
    } else if (!runs.contains(node)) {
      leaving.push_back(p.old->metadata.name);
    } else if (surging < max_surge) {
      candidates.push_back(node);
    }
  }
  append_first(plan.remove, leaving, available - static_cast<std::int32_t>(runs.size()));
  append_first(plan.create, candidates, max_surge - surging);
  return plan;
}

}  // namespace

NodePlan plan_node(const api::DaemonSet& ds, DaemonEligibility::Verdict verdict, std::vector<PodHandle> pods,
                   std::string_view hash, base::Instant wall,
                   base::UniqueFunction<bool(const PodHandle&)>& may_remove_failed, bool duplicates) {
  NodePlan plan;
  if (verdict.should_run && pods.empty()) {
    plan.create = true;
    return plan;
  }
  std::vector<PodHandle> running;
  for (const PodHandle& pod : pods) {
    if (pod->metadata.deleting()) continue;
    if (!verdict.may_continue) plan.remove.push_back(pod);
    else if (pod->status->phase == "Succeeded") plan.remove.push_back(pod);
    else if (!(pod->status->phase == "Failed")) running.push_back(pod);
    else if (may_remove_failed(pod)) plan.remove.push_back(pod);
  }
  if (!verdict.may_continue) return plan;
  if (duplicates && verdict.should_run) {
    plan.create = running.size() == 1 && !client::is_pod_ready(*running[0]);
    return plan;
  }
  const bool surges = surge_count(ds, 1) > 0;
  if (running.size() <= 1) {
    plan.create = surges && running.empty() && verdict.should_run;
    return plan;
  }
  sort_daemon_pods(running);
  if (surges) prune_surge(ds, running, hash, wall, plan.remove);
  else plan.remove.insert(plan.remove.end(), running.begin() + 1, running.end());
  return plan;
}

RollPlan plan_rolling_update(const api::DaemonSet& ds, const PodsByNode& by_node, const std::vector<Str>& order,
                             const base::SortedSet<Str>& runs, std::string_view hash, base::Instant wall) {
  const auto desired = static_cast<std::int32_t>(runs.size());
  const std::int32_t surge = surge_count(ds, desired);
  std::int32_t unavailable = unavailable_count(ds, desired);
  if (desired > 0 && surge == 0 && unavailable == 0) unavailable = 1;
  if (surge == 0) return replace_in_place(ds, by_node, order, unavailable, hash, wall);
  return replace_by_surge(ds, by_node, order, runs, surge, hash, wall);
}

}  // namespace orrery::controllers
