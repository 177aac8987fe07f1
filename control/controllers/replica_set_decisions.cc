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

template <class Set>
bool fully_labeled(const Set& set, const api::Map<Str>& labels) {
  const api::Map<Str>& wanted = template_of(set).metadata.labels;
  return std::all_of(wanted.begin(), wanted.end(), [&labels](const auto& entry) {
    const Str* value = labels.find(entry.first);
    return value && *value == entry.second;
  });
}

template <class Set>
PodCounts count_pods(const Set& set, const std::vector<PodHandle>& pods, base::Instant wall) {
  PodCounts counts;
  counts.active = static_cast<std::int32_t>(pods.size());
  for (const PodHandle& pod : pods) {
    if (fully_labeled(set, pod->metadata.labels)) ++counts.fully_labeled;
    if (!client::is_pod_ready(*pod)) continue;
    ++counts.ready;
    if (client::is_pod_available(*pod, set.spec->min_ready_seconds, wall)) ++counts.available;
  }
  return counts;
}

template <class Set>
StatusOf<Set> replica_set_status(const Set& set, const PodCounts& counts, const std::optional<Str>& failure, base::Instant wall) {
  StatusOf<Set> next = *set.status;
  using Condition = std::remove_cvref_t<decltype(next.conditions[0])>;
  next.replicas = counts.active;
  next.fully_labeled_replicas = counts.fully_labeled;
  next.ready_replicas = counts.ready;
  next.available_replicas = counts.available;
  const Condition* old = find_condition(next, kReplicaFailure);
  if (failure && !old) {
    const std::int32_t diff = next.replicas - set.spec->replicas.value_or(1);
    Condition c;
    c.type = kReplicaFailure;
    c.status = "True";
    c.last_transition_time = api::Time::from(wall);
    c.reason = diff < 0 ? "FailedCreate" : diff > 0 ? "FailedDelete" : "";
    c.message = *failure;
    next.conditions.push_back(std::move(c));
  } else if (!failure && old) {
    auto& conditions = next.conditions.edit();
    std::erase_if(conditions, [](const Condition& c) { return c.type == kReplicaFailure; });
  }
  return next;
}

template <class Set>
bool replica_set_status_differs(const Set& set, const StatusOf<Set>& next) {
  const StatusOf<Set>& old = *set.status;
  return old.replicas != next.replicas || old.fully_labeled_replicas != next.fully_labeled_replicas ||
         old.ready_replicas != next.ready_replicas || old.available_replicas != next.available_replicas ||
         set.metadata.generation != old.observed_generation || !api::deep_equal(old.conditions, next.conditions);
}

template bool fully_labeled(const api::ReplicaSet&, const api::Map<Str>&);
template PodCounts count_pods(const api::ReplicaSet&, const std::vector<PodHandle>&, base::Instant);
template api::ReplicaSetStatus replica_set_status(const api::ReplicaSet&, const PodCounts&, const std::optional<Str>&,
                                                  base::Instant);
template bool replica_set_status_differs(const api::ReplicaSet&, const api::ReplicaSetStatus&);

template bool fully_labeled(const api::ReplicationController&, const api::Map<Str>&);
template PodCounts count_pods(const api::ReplicationController&, const std::vector<PodHandle>&, base::Instant);
template api::ReplicationControllerStatus replica_set_status(const api::ReplicationController&, const PodCounts&, const std::optional<Str>&,
                                                  base::Instant);
template bool replica_set_status_differs(const api::ReplicationController&, const api::ReplicationControllerStatus&);

}  // namespace orrery::controllers
