// PolledProbe: one probe of one container, attempt by attempt, as the real world makes it.
#pragma once
#include "sim/containers/probe_watcher.h"

namespace orrery::sim {

/// Attempts at the same instants as ProbeWatcher's, each an event; reports the same changes at the same
/// instants.
class PolledProbe final : public Probe {
 public:
  PolledProbe(Runtime& runtime, ProcessGate& gate, env::ProbeSpec spec,
              base::UniqueFunction<void(env::ProbeResult)> on_change);
  ~PolledProbe() override;

 private:
  void begin();
  void attempt();
  void count(bool success);

  Runtime& runtime_;
  ProcessGate& gate_;
  env::ProbeSpec spec_;
  base::UniqueFunction<void(env::ProbeResult)> on_change_;
  base::Instant since_;
  EventId next_ = EventId::kNone;
  env::ProbeResult result_ = env::ProbeResult::kUnknown;
  int successes_ = 0, failures_ = 0;  // in a row
  std::shared_ptr<bool> alive_;
};

}  // namespace orrery::sim
