// The accounting of a Job's ended pods.
#include <algorithm>

#include "control/controllers/job.h"
#include "control/controllers/pod_control.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

constexpr std::size_t kMaxUncounted = 500;

bool is_met(const std::optional<api::JobCondition>& c) {
  return c && c->type == "SuccessCriteriaMet";
}

/// Keeps those in `keep`; returns how many went.
std::int32_t filter(base::List<Str>& uids, const base::SortedSet<Str>& keep) {
  std::vector<Str> left;
  for (const Str& uid : uids) {
    if (keep.contains(uid)) left.push_back(uid);
  }
  const auto gone = static_cast<std::int32_t>(uids.size() - left.size());
  if (gone == 0) return 0;
  if (left.empty()) uids.clear();
  else uids = std::move(left);
  return gone;
}

}  // namespace

env::Task<JobController::Failure> JobController::track(Sync& s, bool flush) {
  if (is_indexed(s.job)) sort_by_index(s.pods);
  const bool all = collect(s, flush);
  add_interim(s, flush);
  Failure failure = co_await flush_and_release(s, flush);
  if (failure) co_return failure;
  const bool ended = all && finish(s);
  if (!ended && !flush) co_return std::nullopt;
  failure = co_await write_status(s);
  if (!failure && ended) record_end(s);
  co_return failure;
}

/// Puts the ended pods on the uncounted lists and in s.release; false when there are too many for
/// one status.
bool JobController::collect(Sync& s, bool& flush) {
  for (const PodHandle& pod : s.pods) {
    const Str& uid = pod->metadata.uid;
    if (has_tracking_finalizer(*pod) && !s.expected_removed.contains(uid))
      s.with_finalizer.insert(uid);
  }
  if (count_released(s)) flush = true;
  std::vector<int> new_indexes;
  bool all = true;
  for (const PodHandle& pod : s.pods) {
    if (!s.with_finalizer.contains(pod->metadata.uid)) continue;
    if (!may_release(s, *pod, is_pod_failed(*pod, s.job))) continue;
    s.release.push_back(pod);
    if (collect_one(s, pod, new_indexes)) flush = true;
    const api::UncountedTerminatedPods& u = *s.job.status->uncounted_terminated_pods;
    if (new_indexes.size() + u.succeeded.size() + u.failed.size() < kMaxUncounted) continue;
    all = false;
    break;
  }
  if (!is_indexed(s.job)) return all;
  s.succeeded_indexes = s.succeeded_indexes.merged(IndexSet::of(new_indexes));
  api::JobStatus& status = s.job.status.edit();
  const Str completed = s.succeeded_indexes.str();
  if (!(completed == status.completed_indexes)) flush = true;
  status.succeeded = s.succeeded_indexes.total();
  status.completed_indexes = completed;
  std::optional<Str> failed;
  if (s.failed_indexes) failed = Str(s.failed_indexes->str());
  if (failed != status.failed_indexes) flush = true;
  status.failed_indexes = failed;
  return all;
}

bool JobController::collect_one(Sync& s, const PodHandle& pod, std::vector<int>& new_indexes) {
  const Str& uid = pod->metadata.uid;
  const bool indexed = is_indexed(s.job);
  const int index = completion_index(*pod);
  const bool valid = !indexed || (index != kNoIndex && index < *s.job.spec->completions);
  if (pod->status->phase == "Succeeded" && !s.uncounted_failed.contains(uid)) {
    if (indexed) {
      // The index itself keeps it from being counted twice.
      if (!valid || s.previous_indexes.has(index)) return false;
      new_indexes.push_back(index);
      return true;
    }
    if (s.uncounted_succeeded.contains(uid)) return false;
    s.job.status.edit().uncounted_terminated_pods.edit().succeeded.push_back(uid);
    return true;
  }
  // When the Job has failed, every pod that has not ended has failed, too.
  const bool failed = is_pod_failed(*pod, s.job) || (s.finished && !is_met(s.finished));
  if (!failed || !valid || s.uncounted_failed.contains(uid)) return false;
  if (!match_failure_policy(s.job, *pod).counts) return false;
  s.job.status.edit().uncounted_terminated_pods.edit().failed.push_back(uid);
  return true;
}

bool JobController::may_release(const Sync& s, const api::Pod& pod, bool failed) const {
  if (s.job.metadata.deleting() || s.finished || pod.status->phase == "Succeeded") return true;
  if (!failed) return false;
  const auto kept = s.delayed.find(completion_index(pod));
  return kept == s.delayed.end() || !(kept->second->metadata.uid == pod.metadata.uid);
}

void JobController::add_interim(Sync& s, bool& flush) {
  if (!s.finished) return;
  const api::JobCondition interim = *s.finished;
  if (interim.type == "FailureTarget") {
    s.job.status.edit().conditions.push_back(interim);
    flush = true;
    s.finished = job_condition("Failed", interim.reason, interim.message, wall_time());
  } else if (is_met(s.finished)) {
    if (!true_condition(*s.job.status, "SuccessCriteriaMet")) {
      s.job.status.edit().conditions.push_back(interim);
      flush = true;
    }
    s.finished = job_condition("Complete", interim.reason, interim.message, wall_time());
  }
}

env::Task<JobController::Failure> JobController::write_status(Sync& s) {
  auto written = co_await client_.update_status(api::make_object(s.job));
  if (!written) co_return written.error();
  s.job = (*written)->as<api::Job>();
  if (!s.job.status->uncounted_terminated_pods)
    s.job.status.edit().uncounted_terminated_pods.edit();
  co_return std::nullopt;
}

env::Task<JobController::Failure> JobController::flush_and_release(Sync& s, bool& flush) {
  if (flush) {
    Failure failure = co_await write_status(s);
    if (failure) co_return failure;
    backoffs_[s.key] = s.backoff;
    flush = false;
  }
  Failure refused;
  if (!s.release.empty()) refused = co_await release_pods(s);
  if (count_released(s)) flush = true;
  if (!refused) co_return std::nullopt;
  if (flush) {
    Failure failure = co_await write_status(s);
    if (failure) co_return failure;
  }
  co_return refused;
}

env::Task<JobController::Failure> JobController::release_pods(Sync& s) {
  Uids& expected = removals_[s.key];
  for (const PodHandle& pod : s.release) expected.insert(pod->metadata.uid);
  Failure failure;
  client::BatchRequest request = [&s](int i) {
    const api::ObjectMeta& pod = s.release[static_cast<std::size_t>(i)]->metadata;
    auto r = base::make_ref<api::ApiRequest>();
    r->verb = api::Verb::kPatch;
    r->kind = KindId::kPod;
    r->namespace_ = pod.namespace_;
    r->name = pod.name;
    r->patch = api::PatchType::kStrategicMerge;
    r->format = api::BodyFormat::kJson;
    r->bytes = release_finalizer_patch();
    return r;
  };
  client::BatchDone done = [this, &s, &failure](int i, const client::BatchAnswer& answer) {
    const Str& uid = s.release[static_cast<std::size_t>(i)]->metadata.uid;
    if (!answer) finalizer_gone(s.key, uid);
    if (!answer && !answer.error().not_found()) {
      if (!failure) failure = answer.error();
      return;
    }
    s.with_finalizer.erase(uid);
  };
  const int count = static_cast<int>(s.release.size());
  co_await client::run_batch(env_, client_, 0, count, std::move(request), std::move(done));
  co_return failure;
}

/// Moves the uncounted pods that have no finalizer any more to the counters.
bool JobController::count_released(Sync& s) const {
  if (!s.job.status->uncounted_terminated_pods) return false;
  api::UncountedTerminatedPods next = *s.job.status->uncounted_terminated_pods;
  const std::int32_t succeeded = filter(next.succeeded, s.with_finalizer);
  const std::int32_t failed = filter(next.failed, s.with_finalizer);
  if (succeeded + failed == 0) return false;
  api::JobStatus& status = s.job.status.edit();
  status.succeeded += succeeded;
  status.failed += failed;
  const bool again = env_.faults.here(env::Site::kJobDoubleCounts) && !s.finished;
  if (!again) status.uncounted_terminated_pods = next;
  return true;
}

bool JobController::finish(Sync& s) {
  if (!s.finished) return false;
  const api::UncountedTerminatedPods& u = *s.job.status->uncounted_terminated_pods;
  if (u.succeeded.size() + u.failed.size() > 0 || s.terminating > 0) return false;
  api::JobStatus& status = s.job.status.edit();
  ensure_condition(status, s.finished->type, s.finished->status, s.finished->reason,
                   s.finished->message, wall_time());
  if (s.finished->type == "Complete") status.completion_time = s.finished->last_transition_time;
  return true;
}

void JobController::record_end(const Sync& s) {
  if (!(s.finished->type == "Complete")) {
    events_.event(*s.object, "Warning", s.finished->reason, s.finished->message);
    return;
  }
  if (s.job.spec->completions && s.job.status->succeeded > *s.job.spec->completions) {
    events_.event(*s.object, "Warning", "TooManySucceededPods",
                  "Too many succeeded pods running after completion count reached");
  }
  events_.event(*s.object, "Normal", "Completed", "Job completed");
}

}  // namespace orrery::controllers
