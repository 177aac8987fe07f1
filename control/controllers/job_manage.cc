// Creation and deletion of a Job's pods.
#include <algorithm>

#include "control/controllers/job.h"
#include "control/controllers/pod_control.h"
#include "control/controllers/task_group.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

constexpr int kBurst = 500;  // pods created or deleted per sync
constexpr base::Nanos kLeastDelay = base::kSecond;

}  // namespace

env::Task<JobController::Failure> JobController::manage(Sync& s) {
  const api::JobSpec& spec = *s.job.spec;
  Failure failure;
  if (is_suspended(s.job)) {
    std::vector<PodHandle> all = pods_for_removal(s.job, s.active, s.active_count);
    expectations_.set(s.key, 0, static_cast<int>(all.size()), now());
    failure = co_await delete_pods(s, std::move(all));
    co_return failure;
  }
  const std::int32_t parallelism = spec.parallelism.value_or(1);
  std::int32_t wanted = parallelism;
  if (spec.completions)
    wanted = std::clamp(*spec.completions - s.succeeded, 0, std::max(parallelism, 0));
  else if (s.succeeded > 0) wanted = s.active_count;
  std::vector<PodHandle> remove =
      pods_for_removal(s.job, s.active, std::max(s.active_count - wanted, 0));
  if (remove.size() > kBurst) remove.resize(kBurst);
  if (!remove.empty()) {
    expectations_.set(s.key, 0, static_cast<int>(remove.size()), now());
    failure = co_await delete_pods(s, std::move(remove));
    co_return failure;
  }
  const std::int32_t missing =
      wanted - s.active_count - (replaces_failed_only(s.job) ? s.terminating : 0);
  if (missing > 0) failure = co_await create_pods(s, missing);
  co_return failure;
}

env::Task<JobController::Failure> JobController::create_pods(Sync& s, int wanted) {
  base::Nanos wait = 0;
  if (!s.job.spec->backoff_limit_per_index)
    wait = remaining_backoff(s.backoff.failures, s.backoff.last, wall());
  int count = std::min(wanted, kBurst);
  std::vector<int> indexes;
  if (wait == 0 && is_indexed(s.job)) {
    indexes = indexes_to_add(s, count, wait);
    count = static_cast<int>(indexes.size());
  }
  if (wait > 0) {
    queue_.add_after(s.key, std::max(wait, kLeastDelay));
    // As upstream: a status of no active pods, which the apiserver refuses while one is ready.
    s.active_count = 0;
    co_return std::nullopt;
  }
  Failure failure = co_await create_batch(s, count, std::move(indexes));
  co_return failure;
}

env::Task<JobController::Failure> JobController::create_batch(Sync& s, int count,
                                                              std::vector<int> indexes) {
  expectations_.set(s.key, count, 0, now());
  s.active_count += count;
  Failure failure;
  client::BatchRequest request = [&s, &indexes](int i) {
    const int index = indexes.empty() ? kNoIndex : indexes[static_cast<std::size_t>(i)];
    const auto replaced = s.delayed.find(index);
    const api::Pod* former = replaced == s.delayed.end() ? nullptr : &*replaced->second;
    return client::create_request(api::make_object(job_pod(s.job, *s.object, index, former)));
  };
  client::BatchDone done = [this, &s, &failure](int, const client::BatchAnswer& answer) {
    record_pod_create(events_, *s.object, answer);
    if (answer.ok() || namespace_terminating(answer.error())) return;
    expectations_.creation_observed(s.key);
    --s.active_count;
    if (!failure) failure = answer.error();
  };
  const auto result = co_await client::slow_start_batch(env_, client_, count, client::kSlowStartInitialBatchSize,
                                                        std::move(request), std::move(done));
  for (int i = result.attempts; i < count; ++i) expectations_.creation_observed(s.key);
  s.active_count -= count - result.attempts;
  co_return failure;
}

std::vector<int> JobController::indexes_to_add(Sync& s, int count, base::Nanos& wait) {
  base::SortedSet<int> taken;
  for (const PodHandle& pod : s.pods) {
    const bool counts = client::is_pod_active(*pod) ||
                        (replaces_failed_only(s.job) && client::is_pod_terminating(*pod));
    const int index = completion_index(*pod);
    if (counts && index != kNoIndex) taken.insert(index);
  }
  IndexSet used = s.succeeded_indexes.merged(IndexSet::of({taken.begin(), taken.end()}));
  if (s.failed_indexes) used = used.merged(*s.failed_indexes);
  const std::vector<int> candidates = used.first_missing(count, *s.job.spec->completions);
  if (!s.job.spec->backoff_limit_per_index) return candidates;
  std::vector<int> ready;
  base::Nanos least = 0;
  for (const int index : candidates) {
    const auto former = s.delayed.find(index);
    base::Nanos left = 0;
    if (former != s.delayed.end()) {
      const api::Pod& pod = *former->second;
      left = remaining_backoff(index_failures(pod) + index_ignored_failures(pod) + 1,
                               finished_time(pod), wall());
    }
    if (left == 0) ready.push_back(index);
    else least = least == 0 ? left : std::min(least, left);
  }
  if (ready.empty()) wait = least;
  return ready;
}

/// Keeps the finalizers: the tracking removes them when it has counted the pods.
env::Task<JobController::Failure> JobController::delete_active(Sync& s) {
  Failure failure;
  client::BatchRequest request = [&s](int i) {
    const api::ObjectMeta& pod = s.active[static_cast<std::size_t>(i)]->metadata;
    return client::delete_request(KindId::kPod, pod.namespace_, pod.name);
  };
  int deleted = static_cast<int>(s.active.size());
  client::BatchDone done = [this, &s, &failure, &deleted](int i,
                                                          const client::BatchAnswer& answer) {
    const PodHandle& pod = s.active[static_cast<std::size_t>(i)];
    record_pod_delete(events_, *s.object, pod->metadata.name, answer);
    if (client::is_pod_ready(*pod)) --s.ready;
    if (answer.ok() || answer.error().not_found()) return;
    --deleted;
    if (!failure) failure = answer.error();
  };
  const int count = static_cast<int>(s.active.size());
  co_await client::run_batch(env_, client_, 0, count, std::move(request), std::move(done));
  s.active_count -= deleted;
  s.terminating += deleted;
  co_return failure;
}

env::Task<JobController::Failure> JobController::delete_pods(Sync& s, std::vector<PodHandle> pods) {
  Failure failure;
  std::vector<env::Task<>> tasks;
  for (const PodHandle& pod : pods) tasks.push_back(delete_pod(&s, pod, &failure));
  co_await run_all(env_, std::move(tasks));
  co_return failure;
}

env::Task<> JobController::delete_pod(Sync* s, PodHandle pod, Failure* failure) {
  const api::ObjectMeta& meta = pod->metadata;
  Failure own;
  if (has_tracking_finalizer(*pod)) {
    const auto patched =
        co_await client_.patch(KindId::kPod, meta.namespace_, meta.name,
                               api::PatchType::kStrategicMerge, release_finalizer_patch());
    if (!patched) own = patched.error();
  }
  if (!own) {
    const auto answer =
        co_await client_.ask(client::delete_request(KindId::kPod, meta.namespace_, meta.name));
    record_pod_delete(events_, *s->object, meta.name, answer);
    if (client::is_pod_ready(*pod)) --s->ready;
    if (!answer) own = answer.error();
  }
  if (own) expectations_.deletion_observed(s->key);
  if (own && !own->not_found()) {
    if (!*failure) *failure = own;
    co_return;
  }
  --s->active_count;
  ++s->terminating;
}

}  // namespace orrery::controllers
