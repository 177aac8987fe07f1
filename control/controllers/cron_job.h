// The CronJob controller (pkg/controller/cronjob, the v2 controller).
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/cron_job_times.h"

namespace orrery::controllers {

/// Makes Jobs on a schedule, and deletes old ones.
class CronJobController final : public QueueController {
 public:
  explicit CronJobController(ControllerContext context);

 private:
  using Failure = std::optional<ApiError>;
  using JobHandle = api::Handle<api::Job>;
  /// One sync's view.
  struct Sync {
    ObjectRef object;                      ///< as read
    api::CronJob cron_job;                 ///< as its status will be written
    std::vector<JobHandle> jobs;
    base::Instant now;
    bool changed = false;                  ///< the status
    std::optional<base::Nanos> again;      ///< when to look next
  };

  env::Task<SyncResult> sync(Str key) override;
  void cron_job_changed(const ObjectRef& old, const ObjectRef& now);
  void job_changed(const ObjectRef& old, const ObjectRef& now);
  void enqueue_owner(const api::Object& job);

  env::Task<> clean_up(Sync& s);
  env::Task<> remove_oldest(Sync& s, std::vector<JobHandle> jobs, std::int32_t kept);
  env::Task<bool> remove_job(Sync& s, JobHandle job);
  env::Task<Failure> reconcile(Sync& s);
  env::Task<Failure> note_jobs(Sync& s);
  void note_success(Sync& s, const api::Job& job);
  env::Task<Failure> forget_missing(Sync& s);
  env::Task<Failure> start_due(Sync& s);
  bool may_start(Sync& s, api::Time start);
  env::Task<Failure> replace_active(Sync& s);
  /// False: somebody else's Job has the name, or the status has it.
  env::Task<client::ApiResult<bool>> create_job(Sync& s, api::Time start);
  void event(const Sync& s, const char* type, const char* reason, Str message) {
    events_.event(*s.object, type, reason, std::move(message));
  }

  client::Informer &cron_jobs_, &jobs_;
  int by_owner_ = 0;
};

}  // namespace orrery::controllers
