// What the state of a ReplicaSet, or of a ReplicationController, calls for, as pure functions (pkg/controller/replicaset).
#pragma once
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "control/client/pod_util.h"
#include "model/api/conditions.h"
#include "model/base/btree_map.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"

namespace orrery::controllers {

using base::Str;
using client::PodHandle;

inline constexpr std::string_view kReplicaFailure = "ReplicaFailure";

/// The first `count` of `pods` in the order of deletion. `related`: active pods of the ReplicaSets with the same
/// controller, whose nodes are thinned out first.
std::vector<PodHandle> pods_to_delete(const std::vector<PodHandle>& pods, const std::vector<PodHandle>& related, int count,
                                      base::Instant wall);

inline const api::PodTemplateSpec& template_of(const api::ReplicaSet& rs) { return rs.spec->template_; }
inline const api::PodTemplateSpec& template_of(const api::ReplicationController& rc) { return *rc.spec->template_; }

/// Active pods of a set.
struct PodCounts {
  std::int32_t active = 0, fully_labeled = 0, ready = 0, available = 0;
};

// Below, Set is ReplicaSet or ReplicationController.

/// True when a pod with these labels has all of the template's.
template <class Set>
bool fully_labeled(const Set& set, const api::Map<Str>& labels);
/// `pods`: all active.
template <class Set>
PodCounts count_pods(const Set& set, const std::vector<PodHandle>& pods, base::Instant wall);

template <class Set>
using StatusOf = std::remove_cvref_t<decltype(*std::declval<const Set&>().status)>;

/// The status of `set` with these pods. `failure`: message of the error that managing the replicas ended with.
template <class Set>
StatusOf<Set> replica_set_status(const Set& set, const PodCounts& counts, const std::optional<Str>& failure, base::Instant wall);
/// False when writing `next` would change nothing.
template <class Set>
bool replica_set_status_differs(const Set& set, const StatusOf<Set>& next);

}  // namespace orrery::controllers
