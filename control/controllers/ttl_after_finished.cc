#include "control/controllers/ttl_after_finished.h"

#include "control/controllers/cost.h"
#include "control/controllers/job_pods.h"

namespace orrery::controllers {
namespace {

QueueControllerOptions ttl_after_finished_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

}  // namespace

std::optional<base::Nanos> time_left(const api::Job& job, base::Instant wall) {
  const auto& ttl = job.spec->ttl_seconds_after_finished;
  if (!ttl || job.metadata.deleting()) return std::nullopt;
  const api::JobCondition* end = true_condition(*job.status, "Complete");
  if (!end) end = true_condition(*job.status, "Failed");
  if (!end) return std::nullopt;
  return end->last_transition_time.instant() + *ttl * base::kSecond - wall;
}

TtlAfterFinishedController::TtlAfterFinishedController(ControllerContext context)
    : QueueController(context, "ttl-after-finished-controller", ttl_after_finished_options()),
      jobs_(informer(KindId::kJob)) {
  jobs_.add_handler([this](const ObjectRef&, const ObjectRef& now) {
    if (now && time_left(now->as<api::Job>(), wall())) enqueue(now->meta());
  });
}

env::Task<SyncResult> TtlAfterFinishedController::sync(Str key) {
  const SplitKey parts = split_key(key);
  const ObjectRef job = jobs_.get(parts.namespace_, parts.name);
  if (!job) co_return SyncResult::ok();
  std::optional<base::Nanos> left = time_left(job->as<api::Job>(), wall());
  if (!left) co_return SyncResult::ok();
  if (*left > 0) {
    queue_.add_after(key, *left);
    co_return SyncResult::ok();
  }
  // The copy may be old, and the TTL may have been extended.
  const auto live = co_await client_.get(KindId::kJob, parts.namespace_, parts.name);
  if (!live && live.error().not_found()) co_return SyncResult::ok();
  if (!live) co_return SyncResult::fail(live.error());
  left = time_left((*live)->as<api::Job>(), wall());
  if (!left) co_return SyncResult::ok();
  if (*left > 0) {
    queue_.add_after(key, *left);
    co_return SyncResult::ok();
  }
  client::DeleteParams params;
  params.propagation = api::Propagation::kForeground;
  params.precondition_uid = (*live)->meta().uid;
  const auto removed = co_await client_.remove(KindId::kJob, parts.namespace_, parts.name, params);
  if (!removed && !removed.error().not_found()) co_return SyncResult::fail(removed.error());
  co_return SyncResult::ok();
}

}  // namespace orrery::controllers
