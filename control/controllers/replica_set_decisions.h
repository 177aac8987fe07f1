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

/// The status of `rs` with these active pods. `failure`: message of the error that managing the replicas ended with.
api::ReplicaSetStatus replica_set_status(const api::ReplicaSet& rs, const std::vector<PodHandle>& pods,
                                         const std::optional<Str>& failure, base::Instant wall);
/// False when writing `next` would change nothing.
bool replica_set_status_differs(const api::ReplicaSet& rs, const api::ReplicaSetStatus& next);


}  // namespace orrery::controllers
