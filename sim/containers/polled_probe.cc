#include "sim/containers/polled_probe.h"

namespace orrery::sim {

PolledProbe::PolledProbe(Runtime& runtime, ProcessGate& gate, env::ProbeSpec spec,
                         base::UniqueFunction<void(env::ProbeResult)> on_change)
    : runtime_(runtime),
      gate_(gate),
      spec_(std::move(spec)),
      on_change_(std::move(on_change)),
      since_(runtime.world().now()),
      alive_(std::make_shared<bool>(true)) {
  if (spec_.period <= 0) spec_.period = base::kSecond;
  begin();
}

PolledProbe::~PolledProbe() {
  *alive_ = false;
  runtime_.world().kernel().cancel(next_);
}

/// At the container's start, and again at its end.
void PolledProbe::begin() {
  runtime_.world().kernel().cancel(next_);
  const auto it = runtime_.all_containers().find(spec_.container_id);
  if (it == runtime_.all_containers().end() || it->second.status.state == env::ContainerState::kExited)
    return;
  Runtime::Container& c = it->second;
  c.watchers.push_back([this, alive = alive_] {
    if (*alive) begin();
  });
  if (c.status.state != env::ContainerState::kRunning) return;
  const base::Instant first =
      first_attempt(c.started + spec_.initial_delay + spec_.phase, spec_.period, since_);
  next_ = runtime_.world().kernel().at(first, {gate_.owner(), EventKind::kProbe, 0}, [this] { attempt(); });
}

void PolledProbe::attempt() {
  Kernel& kernel = runtime_.world().kernel();
  const auto it = runtime_.all_containers().find(spec_.container_id);
  if (it == runtime_.all_containers().end() || it->second.status.state != env::ContainerState::kRunning)
    return;
  next_ = kernel.after(spec_.period, {gate_.owner(), EventKind::kProbe, 0}, [this] { attempt(); });
  count(it->second.ready_at <= kernel.now());
}

void PolledProbe::count(bool success) {
  successes_ = success ? successes_ + 1 : 0;
  failures_ = success ? 0 : failures_ + 1;
  env::ProbeResult now = result_;
  if (successes_ >= spec_.success_threshold) now = env::ProbeResult::kSuccess;
  if (failures_ >= spec_.failure_threshold) now = env::ProbeResult::kFailure;
  if (now == result_) return;
  result_ = now;
  on_change_(now);  // last: it may end this probe
}

}  // namespace orrery::sim
