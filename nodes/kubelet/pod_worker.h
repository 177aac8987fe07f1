// PodWorker: the life of one pod on this node, a state machine over callbacks. After pkg/kubelet/pod_workers.go and
// pkg/kubelet/kuberuntime/kuberuntime_manager.go. A pod that runs and is left alone costs neither timers nor events.
#pragma once
#include <vector>

#include "nodes/kubelet/container_run.h"
#include "nodes/kubelet/pod_host.h"
#include "nodes/kubelet/pod_status.h"
#include "nodes/kubelet/pod_status_writer.h"

namespace orrery::kubelet {

/// Containers that are stopped get at least that (kuberuntime: minimumGracePeriodInSeconds).
inline constexpr std::int64_t kMinimumGraceSeconds = 2;

/// What the runtime has of one pod when the kubelet starts.
struct RuntimePod {
  std::vector<env::SandboxStatus> sandboxes;
  std::vector<env::ContainerStatus> containers;
};

/// Syncing -> Terminating -> Terminated. Syncing starts what has to run and restarts what ended; Terminating stops containers,
/// sidecars last, then the sandbox; Terminated has only its final status to report and, once the pod is gone from the API, its
/// remains to remove. Held by counted handles: callbacks in flight keep it alive, close() makes them do nothing.
class PodWorker final : public base::RefCounted {
 public:
  enum class Stage : std::uint8_t { kSyncing, kTerminating, kTerminated };

  PodWorker(PodHost& host, PodHandle pod);
  /// Takes over what an earlier kubelet started. Before start().
  void adopt(RuntimePod found);
  /// Begins to work; a pod that is terminal or being deleted goes straight to its end.
  void start();
  /// Instead of start(): the pod is refused (phase Failed).
  void reject(Str reason, Str message);
  void pod_changed(const PodHandle& pod);
  /// The API has the pod no more: whatever runs is stopped and removed. `last` is the last known state.
  void pod_gone(const PodHandle& last);
  /// Stops the pod with phase Failed.
  void evict(Verdict verdict, std::int64_t grace_seconds);
  void container_event(const env::ContainerEvent& event);
  void close();

  const PodHandle& pod() const { return writer_.pod(); }
  const Str& uid() const { return writer_.pod()->metadata.uid; }
  Stage stage() const { return stage_; }
  bool gone() const { return gone_; }
  /// Runs or ran something here, or the API says so.
  bool has_history() const;
  const api::PodStatus& reported() const { return writer_.reported(); }
  const std::vector<ContainerRun>& runs() const { return runs_; }
  std::size_t init_count() const { return init_count_; }
  const Str& sandbox_id() const { return sandbox_id_; }

 private:
  friend class PodHooks;
  enum class Op : std::uint8_t { kNone, kVolumes, kSandbox, kPrepare, kCreate, kPostStart, kStopSandbox };
  using Self = base::Ref<PodWorker>;

  // pod_worker.cc: stages
  void sync();
  void advance();
  void terminate(std::int64_t grace_seconds);
  void drain();
  void ended();
  void remove();
  void remove_next();
  bool finished() const;
  bool past_deadline();
  void publish();
  void wake_at(base::Instant when);
  void retry_later() { wake_at(now() + host_.config().retry_period); }

  // pod_worker_start.cc: from nothing to running
  void check_volumes();
  void await_attached(const std::vector<Reference>& asked, const ReferenceReader::Found& found);
  void recall_volumes();
  void watch_mount(std::uint32_t epoch, std::string volumes);
  void volumes_missing(const std::vector<Reference>& asked, const ReferenceReader::Found& found);
  void make_sandbox();
  void renew_sandbox();
  void sandbox_made(const base::Result<env::SandboxStatus>& made);
  int next_to_start();
  bool startable(std::size_t i);
  void start_run(std::size_t i);
  void fetch_image(std::size_t i, std::uint32_t epoch);
  void image_ready(std::size_t i, std::uint32_t epoch, const PullOutcome& outcome);
  void image_failed(std::size_t i, const PullOutcome& outcome);
  void create(std::size_t i, const std::vector<Reference>& references, const std::vector<api::ObjectRef>& objects);
  void created(std::size_t i, const base::Result<Str>& id);
  void started(std::size_t i, const base::Status& result);
  void post_started(std::size_t i, bool ok, const Str& message);
  void hold(std::size_t i, const char* reason, Str message, base::Instant retry_at);
  void end_step(std::size_t i);
  void keep_one_dead(ContainerRun& run);

  // pod_worker_stop.cc: from running to exited
  void kill(std::size_t i, std::int64_t grace_seconds, Str event_message);
  void stop(std::size_t i, base::Instant asked, std::int64_t grace_seconds);
  void refresh(std::size_t i);
  void refreshed(std::size_t i, const Str& id, const base::Result<env::ContainerStatus>& status);
  void exited(std::size_t i, Exit exit);
  void run_hook(std::size_t i, const api::LifecycleHandler& hook, base::Nanos timeout, base::UniqueFunction<void(bool)> done);

  // pod_worker_probes.cc
  void watch_probes(std::size_t i);
  void watch(std::size_t i, env::ProbeKind kind, const api::Box<api::Probe>& probe, env::ProbeWatch ProbeWatches::*slot);
  void probed(std::size_t i, const Str& id, env::ProbeKind kind, env::ProbeResult result);
  void unwatch(ContainerRun& run, bool readiness_too);

  // pod_worker_adopt.cc
  void adopt_sandbox(std::vector<env::SandboxStatus>& sandboxes);
  void adopt_run(std::size_t i, const std::vector<env::ContainerStatus>& containers);
  void recall_run(std::size_t i);

  const api::PodSpec& spec() const { return *pod()->spec; }
  const api::Container& container(std::size_t i) const {
    return i < init_count_ ? spec().init_containers[i] : spec().containers[i - init_count_];
  }
  bool is_init(std::size_t i) const { return i < init_count_; }
  bool is_sidecar_run(std::size_t i) const;
  env::Environment& env() const { return host_.env(); }
  base::Instant now() const { return host_.env().clock.now(); }
  void event(bool warning, const char* reason, Str message) { host_.event(pod(), warning, reason, std::move(message)); }
  Str pod_text() const;                  ///< name_namespace(uid)
  const Str& ip() const { return spec().host_network ? host_.config().node_ip : sandbox_ip_; }
  bool fresh(std::uint32_t epoch) const { return !closed_ && epoch == epoch_; }

  PodHost& host_;
  PodStatusWriter writer_;
  PodHandle seen_;                       // as the API last told; what the writer knows may be newer
  std::vector<ContainerRun> runs_;       // init containers, then app containers, in the order of the spec
  std::size_t init_count_ = 0;
  Str sandbox_id_, sandbox_ip_;
  std::vector<Str> old_sandboxes_;       // to be removed with the pod
  std::uint32_t sandbox_attempt_ = 0;
  std::uint32_t epoch_ = 0;              // answers to what was asked before termination are ignored
  base::Box<Verdict> verdict_;
  base::Instant term_started_;
  std::int64_t grace_seconds_ = 0;
  env::TimerId wake_timer_ = env::TimerId::kNone;
  base::Instant wake_at_ = base::kNever;
  base::Nanos volume_delay_ = 0;
  Stage stage_ = Stage::kSyncing;
  Op op_ = Op::kNone;
  bool sandbox_ready_ = false, volumes_ready_ = false, initialized_ = false;
  bool gone_ = false, closed_ = false, removing_ = false;
};

}  // namespace orrery::kubelet
