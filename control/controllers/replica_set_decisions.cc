#include "control/controllers/replica_set_decisions.h"

#include <algorithm>

#include "model/base/sorted_map.h"

namespace orrery::controllers {

std::vector<PodHandle> pods_to_delete(const std::vector<PodHandle>& pods, const std::vector<PodHandle>& related, int count,
                                      base::Instant wall) {
  const auto n = static_cast<std::size_t>(count);
  if (n >= pods.size()) return pods;
  base::SortedMap<Str, std::int32_t> on_node;
  for (const PodHandle& pod : related) {
    if (client::is_pod_active(*pod)) ++on_node[pod->spec->node_name];
  }
  std::vector<client::RankedPod> ranked;
  ranked.reserve(pods.size());
  for (const PodHandle& pod : pods) {
    const auto it = on_node.find(pod->spec->node_name);
    ranked.push_back({pod, it == on_node.end() ? 0 : it->second});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [wall](const client::RankedPod& a, const client::RankedPod& b) {
    return client::delete_before(a, b, wall);
  });
  std::vector<PodHandle> out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push_back(ranked[i].pod);
  return out;
}

bool fully_labeled(const api::ReplicaSet& rs, const api::Map<Str>& labels) {
  const api::Map<Str>& wanted = rs.spec->template_.metadata.labels;
  return std::all_of(wanted.begin(), wanted.end(), [&labels](const auto& entry) {
    const Str* value = labels.find(entry.first);
    return value && *value == entry.second;
  });
}

PodCounts count_pods(const api::ReplicaSet& rs, const std::vector<PodHandle>& pods, base::Instant wall) {
  PodCounts counts;
  counts.active = static_cast<std::int32_t>(pods.size());
  for (const PodHandle& pod : pods) {
    if (fully_labeled(rs, pod->metadata.labels)) ++counts.fully_labeled;
    if (!client::is_pod_ready(*pod)) continue;
    ++counts.ready;
    if (client::is_pod_available(*pod, rs.spec->min_ready_seconds, wall)) ++counts.available;
  }
  return counts;
}

api::ReplicaSetStatus replica_set_status(const api::ReplicaSet& rs, const PodCounts& counts,
                                         const std::optional<Str>& failure, base::Instant wall) {
  api::ReplicaSetStatus next = *rs.status;
  next.replicas = counts.active;
  next.fully_labeled_replicas = counts.fully_labeled;
  next.ready_replicas = counts.ready;
  next.available_replicas = counts.available;
  const api::ReplicaSetCondition* old = find_condition(next, kReplicaFailure);
  if (failure && !old) {
    const std::int32_t diff = next.replicas - rs.spec->replicas.value_or(1);
    api::ReplicaSetCondition c;
    c.type = kReplicaFailure;
    c.status = "True";
    c.last_transition_time = api::Time::from(wall);
    c.reason = diff < 0 ? "FailedCreate" : diff > 0 ? "FailedDelete" : "";
    c.message = *failure;
    next.conditions.push_back(std::move(c));
  } else if (!failure && old) {
    auto& conditions = next.conditions.edit();
    std::erase_if(conditions, [](const api::ReplicaSetCondition& c) { return c.type == kReplicaFailure; });
  }
  return next;
}

bool replica_set_status_differs(const api::ReplicaSet& rs, const api::ReplicaSetStatus& next) {
  const api::ReplicaSetStatus& old = *rs.status;
  return old.replicas != next.replicas || old.fully_labeled_replicas != next.fully_labeled_replicas ||
         old.ready_replicas != next.ready_replicas || old.available_replicas != next.available_replicas ||
         rs.metadata.generation != old.observed_generation || !api::deep_equal(old.conditions, next.conditions);
}

}  // namespace orrery::controllers
