// What one sync of a Job concludes from its pods.
#include "control/controllers/job.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

bool past_restart_limit(const api::Job& job, const std::vector<PodHandle>& pods) {
  if (!(job.spec->template_.spec->restart_policy == "OnFailure")) return false;
  std::int32_t restarts = 0;
  for (const PodHandle& pod : pods) {
    if (!(pod->status->phase == "Running") && !(pod->status->phase == "Pending")) continue;
    for (const auto& c : pod->status->init_container_statuses) restarts += c.restart_count;
    for (const auto& c : pod->status->container_statuses) restarts += c.restart_count;
  }
  const std::int32_t limit = job.spec->backoff_limit.value_or(6);
  return limit == 0 ? restarts > 0 : restarts >= limit;
}

bool has_valid_index(const api::Job& job, const api::Pod& pod) {
  const int index = completion_index(pod);
  return index != kNoIndex && index < *job.spec->completions;
}

}  // namespace

/// Those that are neither counted nor being counted.
std::vector<PodHandle> JobController::newly_ended(const Sync& s, bool failed) const {
  const Uids& uncounted = failed ? s.uncounted_failed : s.uncounted_succeeded;
  std::vector<PodHandle> out;
  for (const PodHandle& pod : s.pods) {
    const Str& uid = pod->metadata.uid;
    if (!has_tracking_finalizer(*pod) || uncounted.contains(uid) ||
        s.expected_removed.contains(uid))
      continue;
    if (is_indexed(s.job) && !has_valid_index(s.job, *pod)) continue;
    if (failed ? is_pod_failed(*pod, s.job) : pod->status->phase == "Succeeded") out.push_back(pod);
  }
  return out;
}

void JobController::count_pods(Sync& s) {
  const api::UncountedTerminatedPods uncounted = *s.job.status->uncounted_terminated_pods;
  s.uncounted_succeeded.insert(uncounted.succeeded.begin(), uncounted.succeeded.end());
  s.uncounted_failed.insert(uncounted.failed.begin(), uncounted.failed.end());
  const auto removals = removals_.find(s.key);
  if (removals != removals_.end()) s.expected_removed = removals->second;
  for (const PodHandle& pod : s.pods) {
    if (client::is_pod_terminating(*pod)) ++s.terminating;
    if (!client::is_pod_active(*pod)) continue;
    s.active.push_back(pod);
    if (client::is_pod_ready(*pod)) ++s.ready;
  }
  s.active_count = static_cast<std::int32_t>(s.active.size());
  const std::vector<PodHandle> succeeded = newly_ended(s, false), failed = newly_ended(s, true);
  s.succeeded = s.job.status->succeeded +
                static_cast<std::int32_t>(succeeded.size() + s.uncounted_succeeded.size());
  s.failed = s.job.status->failed + static_cast<std::int32_t>(s.uncounted_failed.size());
  for (const PodHandle& pod : failed) s.failed += match_failure_policy(s.job, *pod).counts ? 1 : 0;
  if (s.job.status->start_time.is_zero() && !is_suspended(s.job))
    s.job.status.edit().start_time = wall_time();
  const auto record = backoffs_.find(s.key);
  s.backoff =
      next_backoff(record == backoffs_.end() ? BackoffRecord() : record->second, succeeded, failed);
}

void JobController::decide_end(Sync& s) {
  const api::JobSpec& spec = *s.job.spec;
  if (const api::JobCondition* met = true_condition(*s.job.status, "SuccessCriteriaMet")) {
    s.finished = *met;
    return;
  }
  if (const api::JobCondition* target = true_condition(*s.job.status, "FailureTarget")) {
    s.finished = job_condition("Failed", target->reason, target->message, wall_time());
    return;
  }
  for (const PodHandle& pod : s.pods) {
    if (!spec.pod_failure_policy || !is_pod_failed(*pod, s.job)) continue;
    const PolicyMatch match = match_failure_policy(s.job, *pod);
    if (!match.fail_job) continue;
    s.finished = job_condition("FailureTarget", "PodFailurePolicy", *match.fail_job, wall_time());
    return;
  }
  if (s.failed > spec.backoff_limit.value_or(6) || past_restart_limit(s.job, s.pods)) {
    s.finished = job_condition("FailureTarget", "BackoffLimitExceeded",
                               "Job has reached the specified backoff limit", wall_time());
    return;
  }
  if (!spec.active_deadline_seconds || is_suspended(s.job) || s.job.status->start_time.is_zero())
    return;
  const base::Nanos left =
      *spec.active_deadline_seconds * base::kSecond - (wall() - s.job.status->start_time.instant());
  if (left <= 0) {
    s.finished = job_condition("FailureTarget", "DeadlineExceeded",
                               "Job was active longer than specified deadline", wall_time());
  } else {
    queue_.add_after(s.key, left);
  }
}

void JobController::decide_indexed(Sync& s) {
  const int completions = *s.job.spec->completions;
  base::SortedSet<int> succeeded, failed;
  const bool per_index = s.job.spec->backoff_limit_per_index.has_value();
  for (const PodHandle& pod : s.pods) {
    const int index = completion_index(*pod);
    if (!has_valid_index(s.job, *pod) || !has_tracking_finalizer(*pod)) continue;
    if (pod->status->phase == "Succeeded") succeeded.insert(index);
    if (!per_index || !is_pod_failed(*pod, s.job)) continue;
    const PolicyMatch match = match_failure_policy(s.job, *pod);
    const bool exhausted =
        match.counts && index_failures(*pod) >= *s.job.spec->backoff_limit_per_index;
    if (match.fails_index || exhausted) failed.insert(index);
  }
  s.previous_indexes = IndexSet::parse(s.job.status->completed_indexes, completions);
  s.succeeded_indexes =
      s.previous_indexes.merged(IndexSet::of({succeeded.begin(), succeeded.end()}));
  s.succeeded = s.succeeded_indexes.total();
  if (per_index) {
    const Str before = s.job.status->failed_indexes.value_or(Str());
    s.failed_indexes =
        IndexSet::parse(before, completions).merged(IndexSet::of({failed.begin(), failed.end()}));
    const int lost = s.failed_indexes->total();
    const auto& limit = s.job.spec->max_failed_indexes;
    if (!s.finished && limit && lost > *limit) {
      s.finished = job_condition("FailureTarget", "MaxFailedIndexesExceeded",
                                 "Job has exceeded the specified maximal number of failed indexes",
                                 wall_time());
    } else if (!s.finished && lost > 0 && lost + s.succeeded >= completions) {
      s.finished =
          job_condition("FailureTarget", "FailedIndexes", "Job has failed indexes", wall_time());
    }
    find_delayed(s);
  }
  if (s.finished) return;
  if (const auto message = match_success_policy(s.job, s.succeeded_indexes)) {
    s.finished = job_condition("SuccessCriteriaMet", "SuccessPolicy", *message, wall_time());
  }
}

void JobController::find_delayed(Sync& s) {
  base::SortedSet<int> active;
  for (const PodHandle& pod : s.active) active.insert(completion_index(*pod));
  for (const PodHandle& pod : s.pods) {
    const int index = completion_index(*pod);
    if (!has_tracking_finalizer(*pod) || s.expected_removed.contains(pod->metadata.uid)) continue;
    if (!has_valid_index(s.job, *pod) || !is_pod_failed(*pod, s.job)) continue;
    if (s.succeeded_indexes.has(index) || s.failed_indexes->has(index) || active.contains(index))
      continue;
    PodHandle& kept = s.delayed[index];
    const auto failures = [](const api::Pod& p) {
      return index_failures(p) + index_ignored_failures(p);
    };
    if (!kept || (failures(*kept) <= failures(*pod) && finished_time(*pod) >= finished_time(*kept)))
      kept = pod;
  }
}

env::Task<JobController::Failure> JobController::act(Sync& s) {
  if (s.finished) {
    Failure failure = co_await delete_active(s);
    // Some pods may not be in the copy yet.
    if (s.active_count != 0 || !s.may_act) s.finished.reset();
    co_return failure;
  }
  const bool manages = s.may_act && !s.job.metadata.deleting();
  Failure failure;
  if (manages) failure = co_await manage(s);
  const auto& completions = s.job.spec->completions;
  const bool enough = completions ? s.succeeded >= *completions : s.succeeded > 0;
  if (enough && s.active_count == 0) {
    s.finished = job_condition("SuccessCriteriaMet", "CompletionsReached",
                               "Reached expected number of succeeded pods", wall_time());
  } else if (manages) {
    note_suspension(s);
  }
  co_return failure;
}

void JobController::note_suspension(Sync& s) {
  api::JobStatus& status = s.job.status.edit();
  if (is_suspended(s.job)) {
    if (!ensure_condition(status, "Suspended", "True", "JobSuspended", "Job suspended",
                          wall_time()))
      return;
    s.suspend_changed = true;
    events_.event(*s.object, "Normal", "Suspended", "Job suspended");
    return;
  }
  if (!ensure_condition(status, "Suspended", "False", "JobResumed", "Job resumed", wall_time()))
    return;
  s.suspend_changed = true;
  events_.event(*s.object, "Normal", "Resumed", "Job resumed");
  // The deadline counts only the time since the Job runs without a break.
  status.start_time = wall_time();
}

}  // namespace orrery::controllers
