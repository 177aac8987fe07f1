// The Job controller (pkg/controller/job).
#pragma once
#include "control/client/expectations.h"
#include "control/controllers/controller.h"
#include "control/controllers/job_pods.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Runs pods to completion. A pod is counted once: its uid goes to status.uncountedTerminatedPods,
/// then its finalizer is removed, then the counter grows and the uid goes.
class JobController final : public QueueController {
 public:
  explicit JobController(ControllerContext context);
  void start(int workers) override;
  void stop() override;

 private:
  using Failure = std::optional<ApiError>;
  using JobHandle = api::Handle<api::Job>;
  using Uids = base::SortedSet<Str>;
  /// One sync's view.
  struct Sync {
    ObjectRef object;  ///< as read
    api::Job job;      ///< as it will be written
    Str key;
    std::vector<PodHandle> pods, active;
    Uids uncounted_succeeded, uncounted_failed, expected_removed;
    std::int32_t ready = 0, terminating = 0, active_count = 0, succeeded = 0, failed = 0;
    IndexSet previous_indexes, succeeded_indexes;
    std::optional<IndexSet> failed_indexes;
    base::SortedMap<int, PodHandle>
        delayed;  ///< by index: failed pods kept until their successor is made
    BackoffRecord backoff;
    std::optional<api::JobCondition> finished;
    bool may_act = false, suspend_changed = false;
    std::vector<PodHandle> release;  ///< whose finalizer is to go
    Uids with_finalizer;
  };

  // job.cc
  env::Task<SyncResult> sync(Str key) override;
  env::Task<client::ApiResult<std::vector<PodHandle>>> pods_of(JobHandle job);
  void job_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_updated(const ObjectRef& old, const ObjectRef& now);
  void pod_deleted(const ObjectRef& pod, bool final);
  JobHandle owner_of(const api::ObjectMeta& pod) const;
  void enqueue_matching(const api::ObjectMeta& pod);
  void enqueue_batched(const api::ObjectMeta& job);
  void clean_finalizers(const api::ObjectMeta& job);
  void finalizer_gone(std::string_view key, const Str& uid);
  env::Task<> orphan_loop();
  env::Task<bool> release_orphan(Str key);

  // job_sync.cc
  void count_pods(Sync& s);
  std::vector<PodHandle> newly_ended(const Sync& s, bool failed) const;
  void decide_end(Sync& s);
  void decide_indexed(Sync& s);
  void find_delayed(Sync& s);
  env::Task<Failure> act(Sync& s);
  void note_suspension(Sync& s);

  // job_manage.cc
  env::Task<Failure> manage(Sync& s);
  env::Task<Failure> create_pods(Sync& s, int wanted);
  env::Task<Failure> create_batch(Sync& s, int count, std::vector<int> indexes);
  std::vector<int> indexes_to_add(Sync& s, int count, base::Nanos& wait);
  env::Task<Failure> delete_active(Sync& s);
  env::Task<Failure> delete_pods(Sync& s, std::vector<PodHandle> pods);
  env::Task<> delete_pod(Sync* s, PodHandle pod, Failure* failure);

  // job_track.cc
  env::Task<Failure> track(Sync& s, bool flush);
  bool collect(Sync& s, bool& flush);
  bool collect_one(Sync& s, const PodHandle& pod, std::vector<int>& new_indexes);
  bool may_release(const Sync& s, const api::Pod& pod, bool failed) const;
  void add_interim(Sync& s, bool& flush);
  env::Task<Failure> flush_and_release(Sync& s, bool& flush);
  env::Task<Failure> release_pods(Sync& s);
  env::Task<Failure> write_status(Sync& s);
  bool count_released(Sync& s) const;
  bool finish(Sync& s);
  void record_end(const Sync& s);

  client::Informer& jobs_;
  client::Informer& pods_;
  int pods_by_controller_;
  client::Expectations expectations_;
  base::SortedMap<Str, Uids> removals_;  ///< finalizers removed that the copy still shows, by Job
  base::SortedMap<Str, BackoffRecord> backoffs_;
  client::WorkQueue orphans_;
  env::TaskScope tasks_;
};

/// The strategic merge patch that removes the tracking finalizer.
Str release_finalizer_patch();

}  // namespace orrery::controllers
