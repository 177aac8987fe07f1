#include "control/controllers/cron_job.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/controllers/cost.h"
#include "control/controllers/job_pods.h"
#include "control/controllers/pod_control.h"
#include "model/api/object_reference.h"

namespace orrery::controllers {
namespace {

QueueControllerOptions cron_job_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

bool is_active(const api::CronJob& cron_job, const Str& uid) {
  const auto& active = cron_job.status->active;
  return std::any_of(active.begin(), active.end(), [&uid](const api::ObjectReference& r) { return r.uid == uid; });
}

void forget_active(api::CronJob& cron_job, const Str& uid) {
  std::erase_if(cron_job.status.edit().active.edit(), [&uid](const api::ObjectReference& r) { return r.uid == uid; });
}

/// By start; those that have not started last.
bool started_before(const api::Handle<api::Job>& a, const api::Handle<api::Job>& b) {
  const api::Time x = a->status->start_time, y = b->status->start_time;
  if (x.is_zero() != y.is_zero()) return y.is_zero();
  return x == y ? a->metadata.name < b->metadata.name : x < y;
}

}  // namespace

CronJobController::CronJobController(ControllerContext context)
    : QueueController(context, "cronjob-controller", cron_job_options()),
      cron_jobs_(informer(KindId::kCronJob)),
      jobs_(informer(KindId::kJob)) {
  by_owner_ = jobs_.add_index([](const ObjectRef& job, std::vector<Str>& values) {
    if (const api::OwnerReference* owner = api::controller_of(job->meta()))
      values.push_back(base::cat(job->meta().namespace_, "/", owner->name));
  });
  cron_jobs_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { cron_job_changed(old, now); });
  jobs_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { job_changed(old, now); });
}

void CronJobController::cron_job_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!old || !now) return enqueue((now ? now : old)->meta());
  const api::CronJobSpec& before = *old->as<api::CronJob>().spec;
  const auto& next = now->as<api::CronJob>();
  if (before.schedule == next.spec->schedule && before.time_zone == next.spec->time_zone) return enqueue(now->meta());
  const auto schedule = schedule_of(*next.spec);
  if (!schedule.ok()) {
    events_.event(*now, "Warning", "UnParseableCronJobSchedule",
                  base::cat("unparseable schedule for cronjob: ", next.spec->schedule));
    return;
  }
  enqueue_after(now->meta(), until_next_start(next, wall(), *schedule));
}

void CronJobController::enqueue_owner(const api::Object& job) {
  const api::OwnerReference* owner = api::controller_of(job.meta());
  if (!owner || !(owner->kind == "CronJob")) return;
  const ObjectRef cron_job = cron_jobs_.get(job.meta().namespace_, owner->name);
  if (cron_job && cron_job->meta().uid == owner->uid) enqueue(cron_job->meta());
}

void CronJobController::job_changed(const ObjectRef& old, const ObjectRef& now) {
  if (old && now && !client::same_controller(api::controller_of(old->meta()), api::controller_of(now->meta()))) enqueue_owner(*old);
  enqueue_owner(now ? *now : *old);
}

env::Task<SyncResult> CronJobController::sync(Str key) {
  const SplitKey parts = split_key(key);
  Sync s;
  s.object = cron_jobs_.get(parts.namespace_, parts.name);
  if (!s.object) co_return SyncResult::ok();
  s.cron_job = s.object->as<api::CronJob>();
  s.now = wall();
  for (const ObjectRef& job : jobs_.by_index(by_owner_, key)) s.jobs.emplace_back(job);

  co_await clean_up(s);
  const Failure failure = co_await reconcile(s);
  if (s.changed) {
    const auto written = co_await client_.update_status(api::make_object(s.cron_job));
    if (!written) co_return SyncResult::fail(written.error());
  }
  if (s.again) {
    queue_.add_after(key, *s.again);
    co_return SyncResult::ok();
  }
  if (failure) co_return SyncResult::fail(*failure);
  SyncResult result;
  result.forget = false;
  co_return result;
}

env::Task<> CronJobController::clean_up(Sync& s) {
  std::vector<JobHandle> succeeded, failed;
  for (const JobHandle& job : s.jobs) {
    if (true_condition(*job->status, "Complete")) succeeded.push_back(job);
    else if (true_condition(*job->status, "Failed")) failed.push_back(job);
  }
  const api::CronJobSpec& spec = *s.cron_job.spec;
  if (const auto limit = spec.successful_jobs_history_limit) co_await remove_oldest(s, std::move(succeeded), *limit);
  if (const auto limit = spec.failed_jobs_history_limit) co_await remove_oldest(s, std::move(failed), *limit);
}

env::Task<> CronJobController::remove_oldest(Sync& s, std::vector<JobHandle> jobs, std::int32_t kept) {
  const std::size_t keep = static_cast<std::size_t>(std::max(kept, 0));
  if (jobs.size() <= keep) co_return;
  std::sort(jobs.begin(), jobs.end(), started_before);
  jobs.resize(jobs.size() - keep);
  for (const JobHandle& job : jobs) {
    if (co_await remove_job(s, job)) s.changed = true;
  }
}

env::Task<bool> CronJobController::remove_job(Sync& s, JobHandle job) {
  client::DeleteParams params;
  params.propagation = api::Propagation::kBackground;
  const auto removed = co_await client_.remove(KindId::kJob, job->metadata.namespace_, job->metadata.name, params);
  if (!removed) {
    event(s, "Warning", "FailedDelete", base::cat("Deleted job: ", removed.error().message));
    co_return false;
  }
  forget_active(s.cron_job, job->metadata.uid);
  event(s, "Normal", "SuccessfulDelete", base::cat("Deleted job ", job->metadata.name));
  co_return true;
}

env::Task<CronJobController::Failure> CronJobController::reconcile(Sync& s) {
  if (Failure f = co_await note_jobs(s)) co_return f;
  if (Failure f = co_await forget_missing(s)) co_return f;
  if (s.cron_job.metadata.deleting()) co_return std::nullopt;
  const auto& zone = s.cron_job.spec->time_zone;
  if (zone && !api::TimeZone::find(*zone)) {
    event(s, "Warning", "UnknownTimeZone", base::cat("invalid timeZone: \"", *zone, "\": unknown time zone ", *zone));
    co_return std::nullopt;
  }
  if (s.cron_job.spec->suspend.value_or(false)) co_return std::nullopt;
  Failure f = co_await start_due(s);
  co_return f;
}

void CronJobController::note_success(Sync& s, const api::Job& job) {
  if (!true_condition(*job.status, "Complete")) return;
  const api::Time end = job.status->completion_time;
  const api::Time known = s.cron_job.status->last_successful_time;
  if (!known.is_zero() && (end.is_zero() || end <= known)) return;
  s.cron_job.status.edit().last_successful_time = end;
  s.changed = true;
}

env::Task<CronJobController::Failure> CronJobController::note_jobs(Sync& s) {
  for (const JobHandle& job : s.jobs) {
    const bool active = is_active(s.cron_job, job->metadata.uid);
    if (is_job_finished(*job)) {
      if (active) {
        forget_active(s.cron_job, job->metadata.uid);
        const char* condition = true_condition(*job->status, "Complete") ? "Complete" : "Failed";
        event(s, "Normal", "SawCompletedJob", base::cat("Saw completed job: ", job->metadata.name, ", condition: ", condition));
        s.changed = true;
      }
      note_success(s, *job);
    } else if (!active) {
      // The copy may be older than the Job.
      const auto live = co_await client_.get(KindId::kCronJob, s.cron_job.metadata.namespace_, s.cron_job.metadata.name);
      if (!live) co_return live.error();
      if (is_active((*live)->as<api::CronJob>(), job->metadata.uid)) {
        s.cron_job = (*live)->as<api::CronJob>();
        continue;
      }
      event(s, "Warning", "UnexpectedJob", base::cat("Saw a job that the controller did not create or forgot: ", job->metadata.name));
    }
  }
  co_return std::nullopt;
}

env::Task<CronJobController::Failure> CronJobController::forget_missing(Sync& s) {
  const api::List<api::ObjectReference> active = s.cron_job.status->active;
  for (const api::ObjectReference& r : active) {
    const auto is_it = [&r](const JobHandle& job) { return job->metadata.uid == r.uid; };
    if (std::any_of(s.jobs.begin(), s.jobs.end(), is_it)) continue;
    const auto live = co_await client_.get(KindId::kJob, r.namespace_, r.name);
    if (live) continue;
    if (!live.error().not_found()) co_return live.error();
    event(s, "Normal", "MissingJob", base::cat("Active job went missing: ", r.name));
    forget_active(s.cron_job, r.uid);
    s.changed = true;
  }
  co_return std::nullopt;
}

env::Task<CronJobController::Failure> CronJobController::start_due(Sync& s) {
  const auto schedule = schedule_of(*s.cron_job.spec);
  if (!schedule.ok()) {
    event(s, "Warning", "UnparseableSchedule",
          base::cat("unparseable schedule: \"", s.cron_job.spec->schedule, "\" : ", schedule.error().message));
    co_return std::nullopt;
  }
  const RecentStart recent = recent_start(s.cron_job, s.now, *schedule, true);
  if (recent.impossible) {
    event(s, "Warning", "InvalidSchedule",
          base::cat("invalid schedule: ", s.cron_job.spec->schedule, " : time difference between two schedules is less than 1 second"));
    co_return std::nullopt;
  }
  if (recent.newest && recent.missed == MissedStarts::kMany)
    event(s, "Warning", "TooManyMissedTimes",
          "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
  if (recent.newest && may_start(s, *recent.newest)) {
    if (s.cron_job.spec->concurrency_policy == "Replace") {
      if (Failure f = co_await replace_active(s)) co_return f;
    }
    const client::ApiResult<bool> noted = co_await create_job(s, *recent.newest);
    if (!noted) co_return noted.error();
    if (!*noted) co_return std::nullopt;
  }
  s.again = until_next_start(s.cron_job, s.now, *schedule);
  co_return std::nullopt;
}

bool CronJobController::may_start(Sync& s, api::Time start) {
  const api::CronJobSpec& spec = *s.cron_job.spec;
  const auto& active = s.cron_job.status->active;
  if (spec.starting_deadline_seconds && start.instant() + *spec.starting_deadline_seconds * base::kSecond < s.now) {
    event(s, "Warning", "MissSchedule", base::cat("Missed scheduled time to start a job: ", rfc1123(start)));
    return false;
  }
  const Str name = job_name(s.cron_job, start);
  const auto has_name = [&name](const api::ObjectReference& r) { return r.name == name; };
  if (std::any_of(active.begin(), active.end(), has_name) || s.cron_job.status->last_schedule_time == start) return false;
  if (spec.concurrency_policy == "Forbid" && !active.empty()) {
    event(s, "Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
    return false;
  }
  return true;
}

env::Task<CronJobController::Failure> CronJobController::replace_active(Sync& s) {
  const api::List<api::ObjectReference> active = s.cron_job.status->active;
  for (const api::ObjectReference& r : active) {
    const auto live = co_await client_.get(KindId::kJob, r.namespace_, r.name);
    if (!live) {
      event(s, "Warning", "FailedGet", base::cat("Get job: ", live.error().message));
      co_return live.error();
    }
    if (!co_await remove_job(s, JobHandle(*live))) {
      ApiError error;
      error.message = base::cat("could not replace job ", r.namespace_, "/", r.name);
      co_return error;
    }
    s.changed = true;
  }
  co_return std::nullopt;
}

env::Task<client::ApiResult<bool>> CronJobController::create_job(Sync& s, api::Time start) {
  const ObjectRef wanted = api::make_object(job_of(*s.object, start));
  auto made = co_await client_.create(wanted);
  if (made) {
    event(s, "Normal", "SuccessfulCreate", base::cat("Created job ", (*made)->meta().name));
  } else if (made.error().already_exists()) {
    // Made by an earlier sync whose status was not written, or by somebody else.
    made = co_await client_.get(KindId::kJob, wanted->meta().namespace_, wanted->meta().name);
    if (!made) co_return made.error();
    const api::ObjectMeta& meta = (*made)->meta();
    if (!client::controlled_by(meta, s.cron_job.metadata.uid) || is_active(s.cron_job, meta.uid)) co_return false;
  } else {
    if (!namespace_terminating(made.error()))
      event(s, "Warning", "FailedCreate", base::cat("Error creating job: ", made.error().message));
    co_return made.error();
  }
  api::CronJobStatus& status = s.cron_job.status.edit();
  status.active.push_back(api::reference_to((*made)->as<api::Job>()));
  status.last_schedule_time = start;
  s.changed = true;
  co_return true;
}

}  // namespace orrery::controllers
