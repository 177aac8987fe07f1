// Identity, storage and status of StatefulSet pods as pure functions (pkg/controller/statefulset/stateful_set_utils.go).
#pragma once
#include <vector>

#include "control/client/pod_util.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/stateful_set.h"

namespace orrery::controllers {

using base::Str;
using client::PodHandle;

inline constexpr std::string_view kPodNameLabel = "statefulset.kubernetes.io/pod-name";
inline constexpr std::string_view kPodIndexLabel = "apps.kubernetes.io/pod-index";

/// "NAME-ORDINAL" taken apart; ordinal -1 when the name is none.
struct ParentAndOrdinal {
  std::string_view parent;
  std::int32_t ordinal = -1;
};
ParentAndOrdinal parent_and_ordinal(std::string_view pod_name);
std::int32_t ordinal_of(const api::Pod& pod);
/// The pod's name says that it is this set's.
bool is_member(const api::Object& set, const api::Object& pod);

std::int32_t replicas_of(const api::StatefulSet& set);
std::int32_t start_ordinal(const api::StatefulSet& set);
bool in_ordinal_range(const api::StatefulSet& set, const api::Pod& pod);
/// podManagementPolicy Parallel.
bool allows_burst(const api::StatefulSet& set);

/// A pod that exists has a phase; one that is only planned has none.
bool is_created(const api::Pod& pod);
bool is_running_and_ready(const api::Pod& pod);
bool is_running_and_available(const api::Pod& pod, std::int32_t min_ready_seconds, base::Instant wall);
/// Running, ready and not being deleted.
bool is_healthy(const api::Pod& pod);
Str revision_of(const api::Pod& pod);

bool identity_matches(const api::StatefulSet& set, const api::Pod& pod);
bool storage_matches(const api::StatefulSet& set, const api::Pod& pod);
void update_identity(const api::StatefulSet& set, api::Pod& pod);
void update_storage(const api::StatefulSet& set, api::Pod& pod);
Str claim_name(const api::StatefulSet& set, const api::PersistentVolumeClaim& claim, std::int32_t ordinal);
/// The claims of a pod, in the order of the templates.
std::vector<api::PersistentVolumeClaim> claims_of(const api::StatefulSet& set, const api::Pod& pod);

/// The pod of an ordinal by the set's template.
api::Pod new_pod(const api::StatefulSet& set, const api::Object& owner, std::int32_t ordinal);
/// As new_pod, at the current revision below the partition (or, without one, below the current replicas), else at the
/// update revision.
api::Pod new_versioned_pod(const api::StatefulSet& current, const api::StatefulSet& update, const api::Object& owner,
                           Str current_revision, Str update_revision, std::int32_t ordinal);

/// Counts pods into `status`, which is zeroed first. Planned pods count nothing.
void count_pods(api::StatefulSetStatus& status, const std::vector<PodHandle>& pods, std::int32_t min_ready_seconds,
                base::Instant wall);
/// When all pods have the update revision, it becomes the current one.
void complete_rolling_update(const api::StatefulSet& set, api::StatefulSetStatus& status);
bool status_differs(const api::StatefulSet& set, const api::StatefulSetStatus& status);

struct RetentionPolicy {
  bool delete_when_deleted = false, delete_when_scaled = false;
};
RetentionPolicy retention_policy(const api::StatefulSet& set);
/// True when the claim's owner references already say what the retention policy asks for, or when a foreign controller
/// owns the claim and nothing may be said.
bool claim_owners_current(const api::ObjectMeta& claim, const api::StatefulSet& set, const api::Pod& pod);
void update_claim_owners(api::ObjectMeta& claim, const api::StatefulSet& set, const api::Pod& pod);
/// The claim belongs to a former pod of the same name and is about to go with it.
bool claim_is_stale(const api::ObjectMeta& claim, const api::Pod& pod);

}  // namespace orrery::controllers
