// What a ReplicaSet's state calls for, as pure functions (pkg/controller/replicaset).
#pragma once
#include <optional>
#include <vector>

#include "control/client/pod_util.h"
#include "model/api/conditions.h"
#include "model/base/btree_map.h"
#include "model/api/replica_set.h"

namespace orrery::controllers {

using base::Str;
using client::PodHandle;

inline constexpr std::string_view kReplicaFailure = "ReplicaFailure";

/// The first `count` of `pods` in the order of deletion. `related`: active pods of the ReplicaSets with the same
/// controller, whose nodes are thinned out first.
std::vector<PodHandle> pods_to_delete(const std::vector<PodHandle>& pods, const std::vector<PodHandle>& related, int count,
                                      base::Instant wall);

/// Active pods of a ReplicaSet.
struct PodCounts {
  std::int32_t active = 0, fully_labeled = 0, ready = 0, available = 0;
};

/// True when a pod with these labels has all of the template's.
bool fully_labeled(const api::ReplicaSet& rs, const api::Map<Str>& labels);
/// `pods`: all active.
PodCounts count_pods(const api::ReplicaSet& rs, const std::vector<PodHandle>& pods, base::Instant wall);

/// The status of `rs` with these pods. `failure`: message of the error that managing the replicas ended with.
api::ReplicaSetStatus replica_set_status(const api::ReplicaSet& rs, const PodCounts& counts,
                                         const std::optional<Str>& failure, base::Instant wall);
/// False when writing `next` would change nothing.
bool replica_set_status_differs(const api::ReplicaSet& rs, const api::ReplicaSetStatus& next);

}  // namespace orrery::controllers
