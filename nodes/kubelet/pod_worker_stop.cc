#include <algorithm>

#include "nodes/kubelet/pod_worker.h"
#include "nodes/kubelet/probe_specs.h"

namespace orrery::kubelet {
namespace {


}  // namespace

/// SIGTERM after the preStop hook; both share the grace period.
void PodWorker::kill(std::size_t i, std::int64_t grace_seconds, Str event_message) {
  ContainerRun& run = runs_[i];
  run.stopping = true;
  event(false, "Killing", std::move(event_message));
  const base::Instant asked = now();
  const auto& lifecycle = container(i).lifecycle;
  if (run.state != RunState::kRunning || !lifecycle || !lifecycle->pre_stop) return stop(i, asked, grace_seconds);
  run_hook(i, *lifecycle->pre_stop, grace_seconds * base::kSecond, [self = Self(this), i, asked, grace_seconds, id = run.id](bool ok) {
    if (self->closed_ || !(self->runs_[i].id == id) || !self->runs_[i].live()) return;
    if (!ok) self->event(true, "FailedPreStopHook", "PreStopHook failed");
    // A grace period shortened meanwhile counts.
    const bool terminating = self->stage_ == Stage::kTerminating;
    self->stop(i, asked, terminating ? std::min(grace_seconds, self->grace_seconds_) : grace_seconds);
  });
}

void PodWorker::stop(std::size_t i, base::Instant asked, std::int64_t grace_seconds) {
  const base::Nanos left = grace_seconds * base::kSecond - (now() - asked);
  base::Nanos grace = std::max(kMinimumGraceSeconds * base::kSecond, left);
  if (env().faults.here(env::Site::kKubeletKillsBeforeGrace)) grace = 0;
  env().containers.stop_container(runs_[i].id, grace, [self = Self(this), i, id = runs_[i].id](base::Status stopped) {
    if (self->closed_ || !(self->runs_[i].id == id) || !self->runs_[i].live()) return;
    if (stopped || stopped.error().code == base::ErrorCode::kNotFound) return self->refresh(i);
    self->runs_[i].stopping = false;
    self->retry_later();
  });
}

void PodWorker::refresh(std::size_t i) {
  const Str id = runs_[i].id;
  env().containers.container_status(id, [self = Self(this), i, id](base::Result<env::ContainerStatus> status) {
    if (!self->closed_) self->refreshed(i, id, status);
  });
}

void PodWorker::refreshed(std::size_t i, const Str& id, const base::Result<env::ContainerStatus>& status) {
  const ContainerRun& run = runs_[i];
  if (!(run.id == id) || !run.live()) return;
  if (!status) {
    if (status.error().code != base::ErrorCode::kNotFound) {
      env().timers.after(host_.config().retry_period, [self = Self(this), i] {
        if (!self->closed_ && self->runs_[i].live()) self->refresh(i);
      });
      return;
    }
    exited(i, Exit{id, "ContainerStatusUnknown", "The container could not be located when the pod was terminated", 137,
                   run.started_wall, env().clock.wall(), now()});
    return sync();
  }
  if (status->state != env::ContainerState::kExited) return;
  exited(i, Exit{id, status->reason, {}, status->exit_code, status->started_wall, status->finished_wall, now()});
  // While a step is under way its end reports everything; termination reports once, at the end.
  if (stage_ == Stage::kSyncing && op_ == Op::kNone && !finished()) publish();
  sync();
}

void PodWorker::exited(std::size_t i, Exit exit) {
  ContainerRun& run = runs_[i];
  unwatch(run, true);
  if (exit.reason.empty()) exit.reason = exit.code == 0 ? "Completed" : "Error";
  run.exit = std::move(exit);
  run.state = RunState::kExited;
  run.stopping = run.ready = run.started = false;
  // A hook's failure is told as long as the container waits for its restart.
  if (run.waiting && !(run.waiting->reason == "PostStartHookError")) run.waiting.reset();
}

void PodWorker::container_event(const env::ContainerEvent& event) {
  if (closed_) return;
  if (event.kind == env::ContainerEventKind::kSandboxDied) {
    if (!(event.sandbox_id == sandbox_id_) || stage_ != Stage::kSyncing) return;
    sandbox_ready_ = false;
    return sync();
  }
  if (event.kind != env::ContainerEventKind::kStopped && event.kind != env::ContainerEventKind::kRemoved) return;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (runs_[i].id == event.container_id && runs_[i].live()) return refresh(i);
  }
}

void PodWorker::run_hook(std::size_t i, const api::LifecycleHandler& hook, base::Nanos timeout,
                         base::UniqueFunction<void(bool)> done) {
  if (hook.sleep) {
    const base::Nanos length = std::min(timeout, hook.sleep->seconds * base::kSecond);
    env().timers.after(length, [done = std::move(done)]() mutable { done(true); });
    return;
  }
  if (hook.exec) {
    env().containers.exec(runs_[i].id, hook.exec->command, timeout, [done = std::move(done)](base::Result<int> code) mutable {
      done(code && *code == 0);
    });
    return;
  }
  // One attempt of a probe is one request. It may answer in the call only by the queue, so the watch is known by then.
  struct Once : base::RefCounted {
    env::ProbeWatch watch = env::ProbeWatch::kNone;
    base::UniqueFunction<void(bool)> done;
  };
  auto once = base::make_ref<Once>();
  once->done = std::move(done);
  once->watch = env().containers.watch_probe(hook_spec(container(i), hook, runs_[i].id, ip()),
                                             [self = Self(this), once](env::ProbeResult result) {
    if (!once->done || result == env::ProbeResult::kUnknown) return;
    auto finish = std::move(once->done);
    once->done = nullptr;
    // Not unwatched from inside its own callback.
    self->env().timers.after(0, [self, once] { self->env().containers.unwatch_probe(once->watch); });
    finish(result == env::ProbeResult::kSuccess);
  });
}

}  // namespace orrery::kubelet
