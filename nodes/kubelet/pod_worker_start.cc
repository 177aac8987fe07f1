#include <algorithm>

#include "control/client/volume_util.h"
#include "nodes/kubelet/container_spec.h"
#include "nodes/kubelet/pod_worker.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

constexpr base::Nanos kMountDelayFirst = 500 * base::kMillisecond;
/// How long a pod worker waits for its volumes before it says so (podAttachAndMountTimeout).
constexpr base::Nanos kMountTimeout = 2 * base::kMinute + 3 * base::kSecond;
constexpr base::Nanos kMountDelayMax = 2 * base::kMinute + 2 * base::kSecond;

std::string quoted(std::string_view s) { return base::cat("\"", s, "\""); }

struct Attachable {
  std::vector<Str> names;
  std::string volumes;   // their names in the pod, for messages
};

Attachable attachable(const std::vector<Reference>& asked, const ReferenceReader::Found& found) {
  Attachable out;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i].kind != api::KindId::kPersistentVolume) continue;
    const Str name = client::attachable_name(found.objects[i]->as<api::PersistentVolume>());
    if (name.empty()) continue;
    out.names.push_back(name);
    out.volumes += (out.volumes.empty() ? "" : " ") + asked[i].volume.str();
  }
  return out;
}

}  // namespace

void PodWorker::check_volumes() {
  std::vector<Reference> wanted = volume_references(spec());
  if (wanted.empty()) {
    volumes_ready_ = true;
    return advance();
  }
  op_ = Op::kVolumes;
  const bool claims = std::any_of(wanted.begin(), wanted.end(), [](const Reference& r) {
    return r.kind == api::KindId::kPersistentVolumeClaim;
  });
  if (claims) host_.volumes().expect(uid());
  host_.references().read(pod()->metadata.namespace_, std::move(wanted),
                          [self = Self(this), epoch = epoch_](const std::vector<Reference>& asked, const ReferenceReader::Found& found) {
                            if (!self->fresh(epoch)) return;
                            if (found.missing) return self->volumes_missing(asked, found);
                            self->await_attached(asked, found);
                          });
}

void PodWorker::await_attached(const std::vector<Reference>& asked, const ReferenceReader::Found& found) {
  const Attachable needed = attachable(asked, found);
  if (!needed.names.empty()) watch_mount(epoch_, needed.volumes);
  host_.volumes().want(uid(), needed.names, [self = Self(this), epoch = epoch_] {
    if (!self->fresh(epoch)) return;
    self->op_ = Op::kNone;
    self->volumes_ready_ = true;
    self->advance();
  });
}

/// What an earlier kubelet mounted is in use.
void PodWorker::recall_volumes() {
  std::vector<Reference> wanted = volume_references(spec());
  std::erase_if(wanted, [](const Reference& r) { return r.kind != api::KindId::kPersistentVolumeClaim; });
  if (wanted.empty()) return;
  host_.volumes().expect(uid());
  host_.references().read(pod()->metadata.namespace_, std::move(wanted),
                          [self = Self(this)](const std::vector<Reference>& asked, const ReferenceReader::Found& found) {
                            if (self->closed_ || self->stage_ == Stage::kTerminated) return;
                            if (!found.missing) {
                              return self->host_.volumes().want(self->uid(), attachable(asked, found).names, [] {});
                            }
                            self->env().timers.after(self->host_.config().retry_period, [self] {
                              if (!self->closed_ && self->stage_ != Stage::kTerminated) self->recall_volumes();
                            });
                          });
}

void PodWorker::watch_mount(std::uint32_t epoch, std::string volumes) {
  env().timers.after(kMountTimeout, [self = Self(this), epoch, volumes = std::move(volumes)]() mutable {
    if (!self->fresh(epoch) || self->volumes_ready_) return;
    self->event(true, "FailedMount", base::cat("Unable to attach or mount volumes: unmounted volumes=[", volumes,
                                               "], unattached volumes=[", volumes,
                                               "], failed to process volumes=[]: context deadline exceeded"));
    self->env().timers.after(self->host_.config().retry_period, [self, epoch, volumes = std::move(volumes)]() mutable {
      if (self->fresh(epoch) && !self->volumes_ready_) self->watch_mount(epoch, std::move(volumes));
    });
  });
}

void PodWorker::volumes_missing(const std::vector<Reference>&, const ReferenceReader::Found& found) {
  op_ = Op::kNone;
  host_.volumes().release(uid());
  const Reference& r = *found.missing;
  if (r.kind == api::KindId::kPersistentVolumeClaim || r.kind == api::KindId::kPersistentVolume) {
    event(true, "FailedMount", base::cat("Unable to attach or mount volumes: unmounted volumes=[", r.volume,
                                         "], unattached volumes=[], failed to process volumes=[", r.volume, "]: ", found.error));
  } else {
    event(true, "FailedMount", base::cat("MountVolume.SetUp failed for volume ", quoted(r.volume), " : ", found.error));
  }
  volume_delay_ = volume_delay_ == 0 ? kMountDelayFirst : std::min(kMountDelayMax, 2 * volume_delay_);
  wake_at(now() + volume_delay_);
}

void PodWorker::make_sandbox() {
  op_ = Op::kSandbox;
  if (!sandbox_id_.empty()) return renew_sandbox();
  env::SandboxSpec s;
  const api::ObjectMeta& meta = pod()->metadata;
  s.pod_namespace = meta.namespace_;
  s.pod_name = meta.name;
  s.pod_uid = meta.uid;
  s.attempt = sandbox_attempt_;
  s.host_network = spec().host_network;
  s.labels = meta.labels;
  s.annotations = meta.annotations;
  env().containers.run_sandbox(std::move(s), [self = Self(this)](base::Result<env::SandboxStatus> made) {
    if (!self->closed_) self->sandbox_made(made);
  });
}

/// A dead sandbox is stopped before the next attempt; its containers are seen to have ended.
void PodWorker::renew_sandbox() {
  event(false, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  env().containers.stop_sandbox(sandbox_id_, [self = Self(this)](base::Status) {
    if (self->closed_) return;
    self->old_sandboxes_.push_back(self->sandbox_id_);
    self->sandbox_id_ = {};
    self->sandbox_ip_ = {};
    ++self->sandbox_attempt_;
    self->initialized_ = false;
    for (std::size_t i = 0; i < self->runs_.size(); ++i) {
      ContainerRun& run = self->runs_[i];
      if (run.live()) {
        self->exited(i, Exit{run.id, "ContainerStatusUnknown", {}, 137, run.started_wall, self->env().clock.wall(), self->now()});
      }
      // Initialisation is done anew in every sandbox.
      if (self->is_init(i) && run.state == RunState::kExited) {
        run.previous = run.exit;
        run.exit.reset();
        run.state = RunState::kNone;
      }
    }
    self->op_ = Op::kNone;
    self->sync();
  });
}

void PodWorker::sandbox_made(const base::Result<env::SandboxStatus>& made) {
  op_ = Op::kNone;
  if (made) {
    sandbox_id_ = made->id;
    sandbox_ip_ = made->ip;
    sandbox_ready_ = true;
  } else {
    ++sandbox_attempt_;
    event(true, "FailedCreatePodSandBox", base::cat("Failed to create pod sandbox: ", made.error().message));
    if (stage_ == Stage::kSyncing) return retry_later();
  }
  sync();
}

/// The next container whose turn it is: init containers one after another, a sidecar once the one before has started, then all
/// others. -1: nothing can be started now.
int PodWorker::next_to_start() {
  for (std::size_t i = 0; i < init_count_; ++i) {
    const ContainerRun& run = runs_[i];
    const bool sidecar = is_sidecar_run(i);
    if (!sidecar && (initialized_ || (run.state == RunState::kExited && run.exit->code == 0))) continue;
    if (run.live()) {
      if (sidecar && (initialized_ || run.started)) continue;
      return -1;
    }
    if (startable(i)) return static_cast<int>(i);
    if (!initialized_) return -1;
  }
  for (std::size_t i = init_count_; i < runs_.size(); ++i) {
    if (!runs_[i].live() && startable(i)) return static_cast<int>(i);
  }
  return -1;
}

bool PodWorker::startable(std::size_t i) {
  ContainerRun& run = runs_[i];
  if (run.waiting && run.waiting->retry_at > now()) {
    wake_at(run.waiting->retry_at);
    return false;
  }
  if (run.state != RunState::kExited) return true;
  if (!restarts(spec(), container(i), is_init(i), run.exit->code)) return false;
  const BackOffLimits limits{host_.config().crash_back_off, host_.config().crash_back_off_max};
  const base::Nanos left = run.back_off.remaining(run.exit->seen, now(), limits);
  if (left == 0) return true;
  const Str& name = container(i).name;
  event(true, "BackOff", base::cat("Back-off restarting failed container ", name, " in pod ", pod_text()));
  hold(i, "CrashLoopBackOff", base::cat("back-off ", api::duration_str(run.back_off.delay()), " restarting failed container=", name,
                                        " pod=", pod_text()), now() + left);
  return false;
}

void PodWorker::hold(std::size_t i, const char* reason, Str message, base::Instant retry_at) {
  runs_[i].waiting = Waiting{reason, std::move(message), retry_at};
  wake_at(retry_at);
}

void PodWorker::start_run(std::size_t i) {
  op_ = Op::kPrepare;
  ContainerRun& run = runs_[i];
  if (run.state == RunState::kExited) {
    run.back_off.next(run.exit->seen, now(), {host_.config().crash_back_off, host_.config().crash_back_off_max});
  }
  fetch_image(i, epoch_);
}

void PodWorker::fetch_image(std::size_t i, std::uint32_t epoch) {
  const Self self(this);
  host_.images().ensure(
      container(i).image, pull_policy(container(i)),
      [self, i, epoch] {
        if (self->fresh(epoch)) self->event(false, "Pulling", base::cat("Pulling image ", quoted(self->container(i).image)));
      },
      [self, i, epoch](const PullOutcome& outcome) {
        if (self->fresh(epoch)) self->image_ready(i, epoch, outcome);
      });
}

void PodWorker::image_ready(std::size_t i, std::uint32_t epoch, const PullOutcome& outcome) {
  const Str& image = container(i).image;
  using Kind = PullOutcome::Kind;
  if (outcome.kind == Kind::kNeverPull || outcome.kind == Kind::kFailed) return image_failed(i, outcome);
  if (outcome.kind == Kind::kPresent) {
    event(false, "Pulled", base::cat("Container image ", quoted(image), " already present on machine"));
  } else {
    const auto rounded = [](base::Nanos d) { return api::duration_str(d - d % base::kMillisecond); };
    event(false, "Pulled", base::cat("Successfully pulled image ", quoted(image), " in ", rounded(outcome.pull_time), " (",
                                     rounded(outcome.total_time), " including waiting). Image size: ",
                                     std::to_string(outcome.size_bytes), " bytes."));
  }
  runs_[i].image_id = outcome.image_id;
  std::vector<Reference> wanted = env_references(container(i));
  if (wanted.empty()) return create(i, wanted, {});
  host_.references().read(pod()->metadata.namespace_, std::move(wanted),
                          [self = Self(this), i, epoch](const std::vector<Reference>& asked, const ReferenceReader::Found& found) {
                            if (!self->fresh(epoch)) return;
                            if (!found.missing) return self->create(i, asked, found.objects);
                            self->event(true, "Failed", base::cat("Error: ", found.error));
                            self->hold(i, "CreateContainerConfigError", found.error, self->now() + self->host_.config().retry_period);
                            self->end_step(i);
                          });
}

void PodWorker::image_failed(std::size_t i, const PullOutcome& outcome) {
  const Str& image = container(i).image;
  ContainerRun& run = runs_[i];
  const KubeletConfig& config = host_.config();
  if (outcome.kind == PullOutcome::Kind::kNeverPull) {
    const Str message = base::cat("Container image ", quoted(image), " is not present with pull policy of Never");
    event(true, "ErrImageNeverPull", message);
    event(true, "Failed", "Error: ErrImageNeverPull");
    hold(i, "ErrImageNeverPull", message, now() + config.retry_period);
    return end_step(i);
  }
  run.pull_back_off.next(now(), now(), {config.pull_back_off, config.pull_back_off_max});
  event(true, "Failed", base::cat("Failed to pull image ", quoted(image), ": ", outcome.error));
  event(true, "Failed", "Error: ErrImagePull");
  const base::Nanos delay = run.pull_back_off.delay();
  hold(i, "ErrImagePull", outcome.error, now() + delay);
  if (delay > config.retry_period) {
    // The pod is looked at again before the back-off is over, and then shows that it waits.
    env().timers.after(config.retry_period, [self = Self(this), i, epoch = epoch_] {
      if (!self->fresh(epoch) || !self->runs_[i].waiting || !(self->runs_[i].waiting->reason == "ErrImagePull")) return;
      const Str text = base::cat("Back-off pulling image ", quoted(self->container(i).image));
      self->event(false, "BackOff", text);
      self->event(true, "Failed", "Error: ImagePullBackOff");
      const Waiting before = *self->runs_[i].waiting;
      self->runs_[i].waiting = Waiting{"ImagePullBackOff", base::cat(text, ": ErrImagePull: ", before.message), before.retry_at};
      self->publish();
    });
  }
  end_step(i);
}

void PodWorker::create(std::size_t i, const std::vector<Reference>& references, const std::vector<api::ObjectRef>& objects) {
  using Type = env::ContainerType;
  const Type type = !is_init(i) ? Type::kApp : is_sidecar_run(i) ? Type::kSidecar : Type::kInit;
  ContainerRun& run = runs_[i];
  const std::uint32_t attempt = run.id.empty() ? 0 : run.restarts + 1;
  const KubeletConfig& config = host_.config();
  auto made = container_spec({*pod(), container(i), type, attempt, host_.memory_capacity(), ip(), config.node_ip,
                              config.node_name, references, objects});
  if (!made) {
    event(true, "Failed", base::cat("Error: ", made.error().message));
    hold(i, "CreateContainerConfigError", made.error().message, now() + config.retry_period);
    return end_step(i);
  }
  made->image = with_default_tag(made->image);
  op_ = Op::kCreate;
  env().containers.create_container(sandbox_id_, std::move(*made), [self = Self(this), i](base::Result<Str> id) {
    if (!self->closed_) self->created(i, id);
  });
}

void PodWorker::created(std::size_t i, const base::Result<Str>& id) {
  ContainerRun& run = runs_[i];
  if (!id) {
    if (id.error().code == base::ErrorCode::kNotFound) host_.images().removed(with_default_tag(container(i).image));
    event(true, "Failed", base::cat("Error: ", id.error().message));
    hold(i, "CreateContainerError", id.error().message, now() + host_.config().retry_period);
    return end_step(i);
  }
  keep_one_dead(run);
  run.restarts = run.id.empty() ? 0 : run.restarts + 1;
  if (run.exit) run.previous = run.exit;
  run.exit.reset();
  run.id = *id;
  run.state = RunState::kCreated;
  run.stopping = run.hooked = run.ready = run.started = false;
  event(false, "Created", base::cat("Created container: ", container(i).name));
  if (stage_ != Stage::kSyncing) {
    // It is removed with the sandbox.
    run.state = RunState::kNone;
    return end_step(i);
  }
  env().containers.start_container(run.id, [self = Self(this), i](base::Status result) {
    if (!self->closed_) self->started(i, result);
  });
}

/// Upstream's MaxPerPodContainer = 1: of the ended instances of a container the newest is kept.
void PodWorker::keep_one_dead(ContainerRun& run) {
  if (!run.previous || run.previous->id.empty() || !run.exit) return;
  env().containers.remove_container(run.previous->id, [](base::Status) {});
}

void PodWorker::started(std::size_t i, const base::Status& result) {
  ContainerRun& run = runs_[i];
  if (!result) {
    event(true, "Failed", base::cat("Error: ", result.error().message));
    Exit exit{run.id, "StartError", result.error().message, 128, {}, env().clock.wall(), now()};
    run.exit = std::move(exit);
    run.state = RunState::kExited;
    hold(i, "RunContainerError", result.error().message, now());
    return end_step(i);
  }
  event(false, "Started", base::cat("Started container ", container(i).name));
  run.waiting.reset();
  if (!is_init(i)) initialized_ = true;
  if (run.state == RunState::kCreated) {
    run.state = RunState::kRunning;
    run.started_wall = env().clock.wall();
  }
  const auto& lifecycle = container(i).lifecycle;
  if (stage_ != Stage::kSyncing || run.state != RunState::kRunning || !lifecycle || !lifecycle->post_start) {
    return post_started(i, true, {});
  }
  op_ = Op::kPostStart;
  // postStart has no limit of its own; the pod's grace period ends it when the pod is deleted.
  run_hook(i, *lifecycle->post_start, base::kHour, [self = Self(this), i, epoch = epoch_](bool ok) {
    if (self->fresh(epoch)) self->post_started(i, ok, "PostStartHook failed");
  });
}

void PodWorker::post_started(std::size_t i, bool ok, const Str& message) {
  ContainerRun& run = runs_[i];
  run.hooked = true;
  if (!ok && run.state == RunState::kRunning) {
    event(true, "FailedPostStartHook", message);
    hold(i, "PostStartHookError", message, now());
    kill(i, spec().termination_grace_period_seconds.value_or(30), "FailedPostStartHook");
  } else if (run.state == RunState::kRunning) {
    watch_probes(i);
  }
  end_step(i);
}

void PodWorker::end_step(std::size_t) {
  op_ = Op::kNone;
  sync();
}

}  // namespace orrery::kubelet
