#include "nodes/kubelet/pod_worker.h"

#include <algorithm>
#include <utility>

#include "model/api/pod_resources.h"
#include "nodes/kubelet/container_spec.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

/// Whether anything but what a kubelet itself reports is new.
bool asks_for_more(const api::Pod& before, const api::Pod& now) {
  return !before.spec.shares(now.spec) || before.metadata.deleting() != now.metadata.deleting() ||
         before.metadata.deletion_grace_period_seconds != now.metadata.deletion_grace_period_seconds;
}

bool is_terminal(const Str& phase) { return phase == "Succeeded" || phase == "Failed"; }

std::int64_t deletion_grace(const api::Pod& pod) {
  std::int64_t grace = pod.spec->termination_grace_period_seconds.value_or(30);
  if (pod.metadata.deleting() && pod.metadata.deletion_grace_period_seconds) {
    grace = *pod.metadata.deletion_grace_period_seconds;
  }
  return std::max<std::int64_t>(1, grace);
}

}  // namespace

PodWorker::PodWorker(PodHost& host, PodHandle pod)
    : host_(host), writer_(host, pod, *this, [this] { publish(); }), seen_(std::move(pod)) {
  init_count_ = spec().init_containers.size();
  runs_.resize(init_count_ + spec().containers.size());
}

bool PodWorker::is_sidecar_run(std::size_t i) const { return is_init(i) && is_sidecar(container(i)); }

Str PodWorker::pod_text() const {
  const api::ObjectMeta& m = pod()->metadata;
  return base::cat(m.name, "_", m.namespace_, "(", m.uid, ")");
}

bool PodWorker::has_history() const {
  if (!sandbox_id_.empty()) return true;
  return std::any_of(runs_.begin(), runs_.end(), [](const ContainerRun& r) { return !r.id.empty(); });
}

void PodWorker::start() {
  if (volumes_ready_) recall_volumes();
  if (gone_) return terminate(deletion_grace(*pod()));
  if (pod()->metadata.deleting() || is_terminal(pod()->status->phase)) return terminate(deletion_grace(*pod()));
  // Nobody has seen this pod yet: its start is reported before anything is done.
  publish();
  sync();
}

void PodWorker::reject(Str reason, Str message) {
  verdict_ = Verdict{std::move(reason), std::move(message), {}};
  ended();
}

void PodWorker::pod_changed(const PodHandle& pod) {
  const PodHandle before = std::exchange(seen_, pod);
  // The echo of this kubelet's own write. It may be the first to show what others wrote before that.
  const bool echo = pod.object()->revision() == writer_.pod().object()->revision();
  if (closed_ || (echo && !asks_for_more(*before, *pod))) return;
  writer_.observe(pod);
  if (stage_ == Stage::kTerminated) {
    publish();
    if (pod->metadata.deleting()) writer_.confirm_removal();
    return;
  }
  if (pod->metadata.deleting()) {
    const std::int64_t grace = deletion_grace(*pod);
    if (stage_ == Stage::kSyncing) return terminate(grace);
    if (grace < grace_seconds_) {
      grace_seconds_ = grace;
      for (std::size_t i = 0; i < runs_.size(); ++i) {
        if (runs_[i].live() && runs_[i].stopping) stop(i, term_started_, grace);
      }
    }
    return publish();
  }
  if (is_terminal(pod->status->phase) && !is_terminal(writer_.reported().phase)) return terminate(deletion_grace(*pod));
  publish();
  if (before->spec.shares(pod->spec) || stage_ != Stage::kSyncing) return;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const auto& old_list = is_init(i) ? before->spec->init_containers : before->spec->containers;
    const api::Container& old = old_list[is_init(i) ? i : i - init_count_];
    if (runs_[i].state == RunState::kRunning && definition_changed(old, container(i))) {
      kill(i, deletion_grace(*pod), base::cat("Container ", container(i).name, " definition changed, will be restarted"));
    }
  }
  sync();
}

void PodWorker::pod_gone(const PodHandle& last) {
  if (gone_) return;
  writer_.observe(last);
  gone_ = true;
  writer_.close();
  if (stage_ == Stage::kTerminated) return remove();
  if (env().faults.here(env::Site::kKubeletForgetsOrphans)) {
    close();
    return host_.worker_removed(*this);
  }
  if (stage_ == Stage::kSyncing) terminate(deletion_grace(*pod()));
}

void PodWorker::evict(Verdict verdict, std::int64_t grace_seconds) {
  if (stage_ != Stage::kSyncing) return;
  verdict_ = std::move(verdict);
  terminate(std::max<std::int64_t>(1, grace_seconds));
}

void PodWorker::close() {
  closed_ = true;
  writer_.close();
  for (ContainerRun& run : runs_) run.probes.reset();
  if (wake_timer_ != env::TimerId::kNone) env().timers.cancel(wake_timer_);
  wake_timer_ = env::TimerId::kNone;
}

void PodWorker::sync() {
  if (closed_) return;
  if (stage_ == Stage::kSyncing) advance();
  else if (stage_ == Stage::kTerminating) drain();
}

void PodWorker::advance() {
  if (op_ != Op::kNone) return;
  if (past_deadline()) {
    verdict_ = Verdict{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline", {}};
    return terminate(deletion_grace(*pod()));
  }
  if (finished()) return terminate(deletion_grace(*pod()));
  if (!volumes_ready_) return check_volumes();
  if (!sandbox_ready_) return make_sandbox();
  const int next = next_to_start();
  if (next >= 0) return start_run(static_cast<std::size_t>(next));
  publish();
}

bool PodWorker::finished() const {
  bool all = true;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const ContainerRun& run = runs_[i];
    const bool over = run.state == RunState::kExited && !restarts(spec(), container(i), is_init(i), run.exit->code);
    if (is_init(i)) {
      if (over && !is_sidecar_run(i) && run.exit->code != 0) return true;
    } else {
      all = all && over;
    }
  }
  return all;
}

bool PodWorker::past_deadline() {
  if (!spec().active_deadline_seconds || writer_.reported().start_time.is_zero()) return false;
  const base::Nanos allowed = *spec().active_deadline_seconds * base::kSecond;
  const base::Nanos active = env().clock.wall() - writer_.reported().start_time.instant();
  if (active >= allowed) return true;
  wake_at(now() + (allowed - active));
  return false;
}

void PodWorker::publish() {
  if (closed_ || gone_) return;
  StatusInput in{*pod(), writer_.reported(), {}, {}, host_.config().node_ip, ip(), sandbox_ready_,
                 stage_ == Stage::kTerminated, verdict_.get(), env().clock.wall()};
  in.init = std::span<const ContainerRun>(runs_.data(), init_count_);
  in.app = std::span<const ContainerRun>(runs_.data() + init_count_, runs_.size() - init_count_);
  api::PodStatus status = compute_status(in);
  const bool told = is_terminal(writer_.reported().phase);
  if (told && env().faults.here(env::Site::kPhaseRegresses)) status.phase = "Running";
  writer_.report(std::move(status));
}

void PodWorker::wake_at(base::Instant when) {
  if (wake_at_ <= when) return;
  if (wake_timer_ != env::TimerId::kNone) env().timers.cancel(wake_timer_);
  wake_at_ = when;
  wake_timer_ = env().timers.after(std::max<base::Nanos>(0, when - now()), [self = Self(this)] {
    self->wake_timer_ = env::TimerId::kNone;
    self->wake_at_ = base::kNever;
    self->sync();
  });
}

void PodWorker::terminate(std::int64_t grace_seconds) {
  stage_ = Stage::kTerminating;
  grace_seconds_ = grace_seconds;
  term_started_ = now();
  // What is being prepared is given up; a container that is just being made is waited for, so that it is stopped properly.
  if (op_ != Op::kCreate && op_ != Op::kSandbox) {
    ++epoch_;
    op_ = Op::kNone;
  }
  for (ContainerRun& run : runs_) unwatch(run, false);
  // An eviction is visible before its containers have stopped.
  if (verdict_) publish();
  drain();
}

void PodWorker::drain() {
  if (op_ != Op::kNone) return;
  const base::Nanos used = now() - term_started_;
  const std::int64_t left = std::max(kMinimumGraceSeconds, grace_seconds_ - used / base::kSecond);
  bool waits = false;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (!runs_[i].live() || is_sidecar_run(i)) continue;
    waits = true;
    if (!runs_[i].stopping) kill(i, left, base::cat("Stopping container ", container(i).name));
  }
  for (std::size_t i = init_count_; !waits && i-- > 0;) {
    if (!runs_[i].live()) continue;
    waits = true;
    if (!runs_[i].stopping) kill(i, left, base::cat("Stopping container ", container(i).name));
  }
  if (waits) return;
  if (sandbox_id_.empty()) return ended();
  op_ = Op::kStopSandbox;
  env().containers.stop_sandbox(sandbox_id_, [self = Self(this)](base::Status stopped) {
    if (self->closed_) return;
    self->op_ = Op::kNone;
    if (!stopped && stopped.error().code != base::ErrorCode::kNotFound) return self->retry_later();
    self->sandbox_ready_ = false;
    self->ended();
  });
}

void PodWorker::ended() {
  if (stage_ == Stage::kTerminated) return;
  stage_ = Stage::kTerminated;
  sandbox_ready_ = false;
  for (ContainerRun& run : runs_) unwatch(run, true);
  publish();
  const Self self(this);
  host_.worker_ended(*this);
  if (gone_) remove();
  else if (pod()->metadata.deleting()) writer_.confirm_removal();
}

void PodWorker::remove() {
  if (removing_ || closed_) return;
  removing_ = true;
  if (!sandbox_id_.empty()) old_sandboxes_.push_back(sandbox_id_);
  remove_next();
}

void PodWorker::remove_next() {
  if (closed_) return;
  if (old_sandboxes_.empty()) {
    close();
    return host_.worker_removed(*this);
  }
  env().containers.remove_sandbox(old_sandboxes_.back(), [self = Self(this)](base::Status removed) {
    if (self->closed_) return;
    if (removed || removed.error().code == base::ErrorCode::kNotFound) {
      self->old_sandboxes_.pop_back();
      return self->remove_next();
    }
    self->env().timers.after(self->host_.config().retry_period, [self] { self->remove_next(); });
  });
}

}  // namespace orrery::kubelet
