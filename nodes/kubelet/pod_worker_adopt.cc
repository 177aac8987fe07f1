#include <algorithm>

#include "nodes/kubelet/pod_status.h"
#include "nodes/kubelet/pod_worker.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

Exit exit_of(const env::ContainerStatus& c, base::Instant now) {
  Exit e{c.id, c.reason, {}, c.exit_code, c.started_wall, c.finished_wall, now};
  if (e.reason.empty()) e.reason = e.code == 0 ? "Completed" : "Error";
  return e;
}

Str plain_id(const Str& container_id) {
  const std::size_t at = container_id.view().find("://");
  return at == std::string_view::npos ? container_id : Str(container_id.view().substr(at + 3));
}

Exit exit_of(const api::ContainerStateTerminated& t, base::Instant now) {
  Exit e{plain_id(t.container_id), t.reason, t.message, t.exit_code, {}, {}, now};
  if (!t.started_at.is_zero()) e.started_wall = t.started_at.instant();
  if (!t.finished_at.is_zero()) e.finished_wall = t.finished_at.instant();
  return e;
}

}  // namespace

void PodWorker::adopt(RuntimePod found) {
  adopt_sandbox(found.sandboxes);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    adopt_run(i, found.containers);
    if (runs_[i].id.empty()) recall_run(i);
  }
  if (env().faults.here(env::Site::kKubeletRestartsContainers)) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (runs_[i].state == RunState::kRunning) kill(i, 2, base::cat("Container ", container(i).name, " definition changed, will be restarted"));
    }
  }
}

/// The newest sandbox is the pod's; what is left of earlier ones goes with the pod.
void PodWorker::adopt_sandbox(std::vector<env::SandboxStatus>& sandboxes) {
  const env::SandboxStatus* newest = nullptr;
  for (const env::SandboxStatus& s : sandboxes) {
    if (!newest || s.spec.attempt >= newest->spec.attempt) newest = &s;
  }
  if (!newest) return;
  for (const env::SandboxStatus& s : sandboxes) {
    if (&s == newest) continue;
    env().containers.stop_sandbox(s.id, [](base::Status) {});
    old_sandboxes_.push_back(s.id);
  }
  sandbox_id_ = newest->id;
  sandbox_ip_ = newest->ip;
  sandbox_attempt_ = newest->spec.attempt;
  sandbox_ready_ = newest->ready;
  volumes_ready_ = newest->ready;
}

void PodWorker::adopt_run(std::size_t i, const std::vector<env::ContainerStatus>& containers) {
  const env::ContainerStatus* newest = nullptr;
  const env::ContainerStatus* before = nullptr;
  for (const env::ContainerStatus& c : containers) {
    if (!(c.spec.name == container(i).name)) continue;
    if (!newest || c.spec.attempt >= newest->spec.attempt) {
      before = newest;
      newest = &c;
    }
  }
  if (!newest) return;
  ContainerRun& run = runs_[i];
  run.id = newest->id;
  run.image_id = newest->image_id;
  run.restarts = newest->spec.attempt;
  run.started_wall = newest->started_wall;
  run.hooked = true;
  if (before && before->state == env::ContainerState::kExited) run.previous = exit_of(*before, now());
  const bool here = newest->sandbox_id == sandbox_id_ && sandbox_ready_;
  if (newest->state == env::ContainerState::kRunning) {
    run.state = RunState::kRunning;
  } else if (newest->state == env::ContainerState::kExited) {
    run.exit = exit_of(*newest, now());
    run.state = RunState::kExited;
  } else {
    // Made but never started: a fresh one takes its place.
    env().containers.remove_container(newest->id, [](base::Status) {});
  }
  if (here && !is_init(i) && newest->state != env::ContainerState::kCreated) initialized_ = true;
  if (run.state == RunState::kRunning) watch_probes(i);
}

/// The runtime has forgotten a container that the API knows: a container that ran counts as ended with status unknown.
void PodWorker::recall_run(std::size_t i) {
  const api::PodStatus& status = *pod()->status;
  const api::ContainerStatus* known = find_status(is_init(i) ? status.init_container_statuses : status.container_statuses, container(i).name);
  if (!known || known->container_id.empty()) return;
  ContainerRun& run = runs_[i];
  run.id = plain_id(known->container_id);
  run.image_id = known->image_id;
  run.restarts = static_cast<std::uint32_t>(std::max(0, known->restart_count));
  run.hooked = true;
  run.state = RunState::kExited;
  if (known->state.terminated) {
    run.exit = exit_of(*known->state.terminated, now());
  } else if (known->state.waiting && known->last_state.terminated) {
    run.exit = exit_of(*known->last_state.terminated, now());
  } else {
    Exit e{run.id, "ContainerStatusUnknown",
           "The container could not be located when the pod was deleted.  The container used to be Running", 137, {}, {}, now()};
    if (known->state.running) e.started_wall = known->state.running->started_at.instant();
    run.exit = std::move(e);
  }
  // Initialisation has to be done anew in a new sandbox.
  const bool over = status.phase == "Succeeded" || status.phase == "Failed";
  if (is_init(i) && !sandbox_ready_ && !over) {
    run.previous = run.exit;
    run.exit.reset();
    run.state = RunState::kNone;
  }
}

}  // namespace orrery::kubelet
