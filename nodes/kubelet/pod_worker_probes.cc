#include <algorithm>

#include "nodes/kubelet/pod_worker.h"
#include "nodes/kubelet/probe_specs.h"

namespace orrery::kubelet {
namespace {

const char* title(env::ProbeKind kind) {
  switch (kind) {
    case env::ProbeKind::kStartup: return "Startup";
    case env::ProbeKind::kLiveness: return "Liveness";
    case env::ProbeKind::kReadiness: break;
  }
  return "Readiness";
}

}  // namespace

/// The startup probe goes before the others; without one the container has started. Without a readiness probe it is ready.
void PodWorker::watch_probes(std::size_t i) {
  ContainerRun& run = runs_[i];
  const api::Container& c = container(i);
  if (c.startup_probe && !run.started) {
    return watch(i, env::ProbeKind::kStartup, c.startup_probe, &ProbeWatches::startup);
  }
  run.started = true;
  run.ready = !c.readiness_probe;
  if (c.liveness_probe) watch(i, env::ProbeKind::kLiveness, c.liveness_probe, &ProbeWatches::liveness);
  if (c.readiness_probe) watch(i, env::ProbeKind::kReadiness, c.readiness_probe, &ProbeWatches::readiness);
}

void PodWorker::watch(std::size_t i, env::ProbeKind kind, const api::Box<api::Probe>& probe, env::ProbeWatch ProbeWatches::*slot) {
  ContainerRun& run = runs_[i];
  if (!run.probes) run.probes = std::make_unique<ProbeWatches>();
  const base::Nanos elapsed = std::max<base::Nanos>(0, env().clock.wall() - run.started_wall);
  env::ProbeSpec spec = probe_spec(container(i), *probe, kind, run.id, ip(), elapsed);
  spec.phase = host_.probe_phase(kind, spec.period);
  (*run.probes).*slot = env().containers.watch_probe(std::move(spec), [self = Self(this), i, kind, id = run.id](env::ProbeResult result) {
    if (!self->closed_) self->probed(i, id, kind, result);
  });
}

void PodWorker::probed(std::size_t i, const Str& id, env::ProbeKind kind, env::ProbeResult result) {
  ContainerRun& run = runs_[i];
  if (!(run.id == id) || run.state != RunState::kRunning || run.stopping || result == env::ProbeResult::kUnknown) return;
  const bool ok = result == env::ProbeResult::kSuccess;
  if (!ok) event(true, "Unhealthy", base::cat(title(kind), " probe failed: "));
  const api::Container& c = container(i);
  if (kind == env::ProbeKind::kReadiness) {
    run.ready = ok;
    return publish();
  }
  if (!ok) {
    if (stage_ != Stage::kSyncing) return;
    const bool startup = kind == env::ProbeKind::kStartup;
    const api::Probe& probe = startup ? *c.startup_probe : *c.liveness_probe;
    const std::int64_t grace = probe.termination_grace_period_seconds.value_or(spec().termination_grace_period_seconds.value_or(30));
    unwatch(run, false);
    return kill(i, grace, base::cat("Container ", c.name, startup ? " failed startup probe, will be restarted"
                                                                  : " failed liveness probe, will be restarted"));
  }
  if (kind != env::ProbeKind::kStartup || run.started) return;
  run.started = true;
  const env::ProbeWatch done = run.probes->startup;
  run.probes->startup = env::ProbeWatch::kNone;
  env().timers.after(0, [self = Self(this), done] { self->env().containers.unwatch_probe(done); });
  watch_probes(i);
  publish();
  sync();
}

void PodWorker::unwatch(ContainerRun& run, bool readiness_too) {
  if (!run.probes) return;
  const auto end = [this](env::ProbeWatch& w) {
    if (w == env::ProbeWatch::kNone) return;
    env().containers.unwatch_probe(w);
    w = env::ProbeWatch::kNone;
  };
  end(run.probes->startup);
  end(run.probes->liveness);
  if (!readiness_too) return;
  end(run.probes->readiness);
  run.probes.reset();
}

}  // namespace orrery::kubelet
