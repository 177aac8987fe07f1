// Questions about the pods of Jobs; pure (pkg/controller/job).
#pragma once
#include <optional>
#include <vector>

#include "control/client/pod_util.h"
#include "control/controllers/job_indexes.h"
#include "model/api/conditions.h"
#include "model/api/job.h"

namespace orrery::controllers {

using base::Str;
using client::PodHandle;

inline constexpr const char* kJobTrackingFinalizer = "batch.kubernetes.io/job-tracking";
inline constexpr const char* kCompletionIndex = "batch.kubernetes.io/job-completion-index";
inline constexpr const char* kIndexFailureCount = "batch.kubernetes.io/job-index-failure-count";
inline constexpr const char* kIndexIgnoredFailureCount =
    "batch.kubernetes.io/job-index-ignored-failure-count";
inline constexpr int kNoIndex = -1;

bool is_indexed(const api::Job& job);
bool is_suspended(const api::Job& job);
/// Failed pods only, not terminating ones, are replaced.
bool replaces_failed_only(const api::Job& job);
/// Complete or Failed.
bool is_job_finished(const api::Job& job);
/// The condition when it is True.
const api::JobCondition* true_condition(const api::JobStatus& status, std::string_view type);
api::JobCondition job_condition(Str type, Str reason, Str message, api::Time now);
/// Adds or changes a condition; a new one with status False is not added. False when nothing
/// changed.
bool ensure_condition(api::JobStatus& status, Str type, Str status_text, Str reason, Str message,
                      api::Time now);

bool has_tracking_finalizer(const api::Pod& pod);
int completion_index(const api::Pod& pod);
/// Failed, or (unless only failed pods are replaced) being deleted without having succeeded.
bool is_pod_failed(const api::Pod& pod, const api::Job& job);
/// When its containers ended; else when it stopped being ready, was deleted or was made.
api::Time finished_time(const api::Pod& pod);

struct PolicyMatch {
  std::optional<std::string> fail_job;  ///< the message of the Job's failure
  bool counts = true;                   ///< towards the backoff limits
  bool fails_index = false;
};
/// What the pod failure policy says of a failed pod; without one every failure counts.
PolicyMatch match_failure_policy(const api::Job& job, const api::Pod& failed);
/// "Matched rules at index N"; nullopt when the success policy is not met.
std::optional<std::string> match_success_policy(const api::Job& job, const IndexSet& succeeded);

/// The failures since the last success, and when the last one was.
struct BackoffRecord {
  std::int32_t failures = 0;
  api::Time last;
};
BackoffRecord next_backoff(BackoffRecord record, std::vector<PodHandle> succeeded,
                           std::vector<PodHandle> failed);
/// Until a pod may be made after `failures` failures: 10 s, doubling, at most 10 min.
base::Nanos remaining_backoff(std::int32_t failures, api::Time last, base::Instant wall);
/// The failures of the pod's index before it.
std::int32_t index_failures(const api::Pod& pod);
std::int32_t index_ignored_failures(const api::Pod& pod);

/// The active pods to remove when at least `at_least` are too many: of an Indexed Job first those
/// without a valid index of their own.
std::vector<PodHandle> pods_for_removal(const api::Job& job, std::vector<PodHandle> active,
                                        int at_least);
void sort_by_index(std::vector<PodHandle>& pods);

/// What the Job makes for an index (kNoIndex: not Indexed). `replaced` is the failed pod of the
/// index, or null.
api::Pod job_pod(const api::Job& job, const api::Object& owner, int index,
                 const api::Pod* replaced);

}  // namespace orrery::controllers
