// ProbeWatcher: one probe of one container, with its next change computed instead of polled.
#pragma once
#include "sim/containers/runtime.h"

namespace orrery::sim {

/// A probe under way; it ends with its destruction.
class Probe {
 public:
  virtual ~Probe() = default;
};

/// Attempts happen at start + initial_delay + phase + k * period; an attempt succeeds from the container's ready instant on.
/// The thresholded result changes at most twice per life of a container (to failure, to success), each one event.
class ProbeWatcher final : public Probe {
 public:
  ProbeWatcher(Runtime& runtime, ProcessGate& gate, env::ProbeSpec spec, base::UniqueFunction<void(env::ProbeResult)> on_change);
  ~ProbeWatcher() override;

 private:
  void plan();
  void report(base::Instant when, env::ProbeResult result);

  Runtime& runtime_;
  ProcessGate& gate_;
  env::ProbeSpec spec_;
  base::UniqueFunction<void(env::ProbeResult)> on_change_;
  base::Instant since_;                // no attempt before the watch began
  EventId failure_ = EventId::kNone, success_ = EventId::kNone;
  std::shared_ptr<bool> alive_;
};

/// The first of the attempts that does not lie before the watch began.
inline base::Instant first_attempt(base::Instant first, base::Nanos period, base::Instant since) {
  return first < since ? first + (since - first + period - 1) / period * period : first;
}

/// Instants of the change to failure and to success for a container that starts to succeed at `ready`; kNever when there is
/// none. `first` is the instant of the first attempt.
struct ProbeChanges {
  base::Instant failure = base::kNever, success = base::kNever;
};
ProbeChanges probe_changes(base::Instant first, base::Nanos period, base::Instant ready, int success_threshold,
                           int failure_threshold);

}  // namespace orrery::sim
