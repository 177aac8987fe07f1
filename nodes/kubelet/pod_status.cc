#include "nodes/kubelet/pod_status.h"

#include <algorithm>

#include "model/api/pod_resources.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

api::ContainerStateTerminated terminated(const Exit& exit) {
  api::ContainerStateTerminated t;
  t.exit_code = exit.code;
  t.reason = exit.reason;
  t.message = exit.message;
  if (exit.started_wall.ns != 0) t.started_at = api::Time::from(exit.started_wall);
  if (exit.finished_wall.ns != 0) t.finished_at = api::Time::from(exit.finished_wall);
  if (!exit.id.empty()) t.container_id = base::cat(kContainerIdScheme, exit.id);
  return t;
}

/// The identifier is a text made once per instance: the last report has it already.
Str container_id(const ContainerRun& run, const api::ContainerStatus* previous) {
  if (run.id.empty()) return {};
  const std::string_view scheme = kContainerIdScheme;
  if (previous) {
    const std::string_view old = previous->container_id.view();
    if (old.size() == scheme.size() + run.id.size() && old.substr(scheme.size()) == run.id.view()) {
      return previous->container_id;
    }
  }
  return base::cat(scheme, run.id);
}

struct Describe {
  const StatusInput& in;
  Str waiting_reason;

  api::ContainerStatus operator()(const api::Container& c, const ContainerRun& run, bool init,
                                  const api::ContainerStatus* previous) const {
    api::ContainerStatus s;
    s.name = c.name;
    s.image = c.image;
    s.image_id = run.image_id;
    s.container_id = container_id(run, previous);
    s.restart_count = static_cast<std::int32_t>(run.restarts);
    if (run.previous) s.last_state.terminated = terminated(*run.previous);
    set_state(s, c, run, init);
    set_readiness(s, c, run, init);
    return s;
  }

  void set_state(api::ContainerStatus& s, const api::Container& c, const ContainerRun& run, bool init) const {
    switch (run.state) {
      case RunState::kRunning:
        s.state.running = api::ContainerStateRunning{api::Time::from(run.started_wall)};
        return;
      case RunState::kExited:
        if (!in.terminal && run.waiting && restarts(*in.pod.spec, c, init, run.exit->code)) {
          s.last_state.terminated = terminated(*run.exit);
          s.state.waiting = api::ContainerStateWaiting{run.waiting->reason, run.waiting->message};
        } else {
          s.state.terminated = terminated(*run.exit);
        }
        return;
      case RunState::kNone:
      case RunState::kCreated:
        break;
    }
    if (run.waiting) s.state.waiting = api::ContainerStateWaiting{run.waiting->reason, run.waiting->message};
    else s.state.waiting = api::ContainerStateWaiting{waiting_reason, {}};
  }

  void set_readiness(api::ContainerStatus& s, const api::Container& c, const ContainerRun& run, bool init) const {
    const bool running = run.state == RunState::kRunning;
    if (init && !is_sidecar(c)) {
      s.ready = run.state == RunState::kExited && run.exit->code == 0;
      s.started = running;
      return;
    }
    s.started = running && run.started;
    s.ready = running && run.started && run.ready;
  }
};

/// Upstream's end of a pod whose containers were never seen to end: they count as failed.
void close_statuses(const StatusInput& in, api::PodStatus& status) {
  const bool initialized = std::any_of(in.app.begin(), in.app.end(), [](const ContainerRun& r) { return !r.id.empty(); });
  if (!initialized) return;
  std::size_t i = 0;
  for (const api::ContainerStatus& s : status.container_statuses) {
    if (!s.state.terminated) {
      api::ContainerStateTerminated t;
      t.exit_code = 137;
      t.reason = "ContainerStatusUnknown";
      t.message = "The container could not be located when the pod was terminated";
      api::ContainerStatus& edit = status.container_statuses.edit()[i];
      edit.state = {};
      edit.state.terminated = t;
    }
    ++i;
  }
}

void set_phase(const StatusInput& in, api::PodStatus& status) {
  bool initialized = in.pod.spec->init_containers.empty();
  for (const ContainerRun& r : in.app) initialized = initialized || !r.id.empty();
  const char* computed = phase_of(*in.pod.spec, status.init_container_statuses, status.container_statuses, in.terminal,
                                  initialized);
  status.phase = computed;
  const auto final_phase = [](const Str& phase) { return phase == "Failed" || phase == "Succeeded"; };
  if (!final_phase(status.phase)) {
    if (final_phase(in.previous.phase)) status.phase = in.previous.phase;
    else if (final_phase(in.pod.status->phase)) status.phase = in.pod.status->phase;
    else if (in.verdict || in.terminal) status.phase = "Failed";
  }
  if (in.verdict) {
    status.phase = "Failed";
    status.reason = in.verdict->reason;
    status.message = in.verdict->message;
  } else if (status.phase == in.previous.phase) {
    status.reason = in.previous.reason;
    status.message = in.previous.message;
  }
}

}  // namespace

const api::ContainerStatus* find_status(const api::List<api::ContainerStatus>& list, std::string_view name) {
  for (const api::ContainerStatus& s : list) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

bool restarts(const api::PodSpec& spec, const api::Container& container, bool init, int exit_code) {
  if (init && is_sidecar(container)) return true;
  if (spec.restart_policy == "Never") return false;
  if (init || spec.restart_policy == "OnFailure") return exit_code != 0;
  return true;
}

api::PodStatus compute_status(const StatusInput& in) {
  const api::PodSpec& spec = *in.pod.spec;
  api::PodStatus status;
  status.observed_generation = in.pod.status->observed_generation;
  status.nominated_node_name = in.pod.status->nominated_node_name;
  status.resize = in.pod.status->resize;
  status.resource_claim_statuses = in.pod.status->resource_claim_statuses;
  status.ephemeral_container_statuses = in.pod.status->ephemeral_container_statuses;
  status.qos_class = in.previous.qos_class.empty() ? Str(to_string(qos_of(in.pod))) : in.previous.qos_class;
  status.start_time = in.previous.start_time.is_zero() ? api::Time::from(in.wall) : in.previous.start_time;

  static const Str kCreating("ContainerCreating"), kInitializing("PodInitializing");
  const Describe describe{in, spec.init_containers.empty() ? kCreating : kInitializing};
  for (std::size_t i = 0; i < in.init.size(); ++i) {
    const api::Container& c = spec.init_containers[i];
    status.init_container_statuses.push_back(describe(c, in.init[i], true, find_status(in.previous.init_container_statuses, c.name)));
  }
  for (std::size_t i = 0; i < in.app.size(); ++i) {
    const api::Container& c = spec.containers[i];
    status.container_statuses.push_back(describe(c, in.app[i], false, find_status(in.previous.container_statuses, c.name)));
  }
  if (in.terminal) close_statuses(in, status);
  if (in.app.size() > 1) {
    auto& list = status.container_statuses.edit();
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  }
  set_phase(in, status);

  status.host_ip = in.host_ip;
  if (!in.host_ip.empty()) status.host_ips.push_back({in.host_ip});
  status.pod_ip = in.pod_ip.empty() ? in.previous.pod_ip : in.pod_ip;
  if (!status.pod_ip.empty()) status.pod_ips.push_back({status.pod_ip});
  append_conditions(in, status);
  return status;
}

namespace {

struct Counts {
  int pending_init = 0, pending_sidecar = 0, failed_init = 0;
  int unknown = 0, running = 0, waiting = 0, stopped = 0, succeeded = 0;
};

void count_init(const api::ContainerStatus* s, Counts& n) {
  if (!s || s->state.running) {
    ++n.pending_init;
  } else if (s->state.terminated) {
    if (s->state.terminated->exit_code != 0) ++n.failed_init;
  } else if (s->state.waiting && s->last_state.terminated) {
    if (s->last_state.terminated->exit_code != 0) ++n.failed_init;
  } else {
    ++n.pending_init;
  }
}

void count_sidecar(const api::ContainerStatus* s, Counts& n) {
  if (!s) {
    ++n.unknown;
  } else if (s->state.running) {
    if (!s->started.value_or(false)) ++n.pending_sidecar;
    ++n.running;
  } else if (s->state.waiting && !s->last_state.terminated) {
    ++n.pending_sidecar;
    ++n.waiting;
  }
}

void count_app(const api::ContainerStatus* s, Counts& n) {
  if (!s) {
    ++n.unknown;
  } else if (s->state.running) {
    ++n.running;
  } else if (s->state.terminated) {
    ++n.stopped;
    if (s->state.terminated->exit_code == 0) ++n.succeeded;
  } else if (s->last_state.terminated) {
    ++n.stopped;
  } else {
    ++n.waiting;
  }
}

}  // namespace

const char* phase_of(const api::PodSpec& spec, const api::List<api::ContainerStatus>& init,
                     const api::List<api::ContainerStatus>& app, bool terminal, bool initialized) {
  Counts n;
  for (const api::Container& c : spec.init_containers) {
    if (is_sidecar(c)) count_sidecar(find_status(init, c.name), n);
    else count_init(find_status(init, c.name), n);
  }
  for (const api::Container& c : spec.containers) count_app(find_status(app, c.name), n);
  if (n.failed_init > 0 && spec.restart_policy == "Never") return "Failed";
  if (n.pending_init > 0 || (!initialized && n.pending_sidecar > 0)) return "Pending";
  if (n.waiting > 0) return "Pending";
  if (n.running > 0 && n.unknown == 0) return "Running";
  if (n.running == 0 && n.stopped > 0 && n.unknown == 0) {
    if (terminal) return n.stopped == n.succeeded ? "Succeeded" : "Failed";
    if (spec.restart_policy == "Always") return "Running";
    if (n.stopped == n.succeeded) return "Succeeded";
    return spec.restart_policy == "Never" ? "Failed" : "Running";
  }
  return "Pending";
}

}  // namespace orrery::kubelet
