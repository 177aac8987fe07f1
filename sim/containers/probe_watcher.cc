#include "sim/containers/probe_watcher.h"

namespace orrery::sim {

using base::Instant;

ProbeChanges probe_changes(Instant first, base::Nanos period, Instant ready, int success_threshold, int failure_threshold) {
  ProbeChanges out;
  std::int64_t failures = INT64_MAX;   // attempts before the container answers
  if (ready <= first) failures = 0;
  else if (ready != base::kNever) failures = (ready - first + period - 1) / period;
  if (failures >= failure_threshold) out.failure = first + (failure_threshold - 1) * period;
  if (failures != INT64_MAX) out.success = first + (failures + success_threshold - 1) * period;
  return out;
}

ProbeWatcher::ProbeWatcher(Runtime& runtime, ProcessGate& gate, env::ProbeSpec spec,
                           base::UniqueFunction<void(env::ProbeResult)> on_change)
    : runtime_(runtime), gate_(gate), spec_(std::move(spec)), on_change_(std::move(on_change)),
      since_(runtime.world().now()), alive_(std::make_shared<bool>(true)) {
  plan();
}

ProbeWatcher::~ProbeWatcher() {
  *alive_ = false;
  runtime_.world().kernel().cancel(failure_);
  runtime_.world().kernel().cancel(success_);
}

void ProbeWatcher::report(Instant when, env::ProbeResult result) {
  const EventId id = runtime_.world().kernel().at(when, {gate_.owner(), EventKind::kProbe, 0},
                                                  [this, result, alive = alive_] { if (*alive) on_change_(result); });
  (result == env::ProbeResult::kFailure ? failure_ : success_) = id;
}

void ProbeWatcher::plan() {
  runtime_.world().kernel().cancel(failure_);
  runtime_.world().kernel().cancel(success_);
  const auto it = runtime_.all_containers().find(spec_.container_id);
  if (it == runtime_.all_containers().end()) return;
  Runtime::Container& c = it->second;
  if (c.status.state == env::ContainerState::kExited) return;
  c.watchers.push_back([this, alive = alive_] { if (*alive) plan(); });
  if (c.status.state != env::ContainerState::kRunning) return;
  const base::Nanos period = spec_.period > 0 ? spec_.period : base::kSecond;
  const Instant first = first_attempt(c.started + spec_.initial_delay + spec_.phase, period, since_);
  const ProbeChanges changes = probe_changes(first, period, c.ready_at, spec_.success_threshold, spec_.failure_threshold);
  if (changes.failure != base::kNever) report(changes.failure, env::ProbeResult::kFailure);
  if (changes.success != base::kNever) report(changes.success, env::ProbeResult::kSuccess);
}

}  // namespace orrery::sim
