// Node-pressure eviction as pure functions: which thresholds are met, who goes first, what is said about it.
// After pkg/kubelet/eviction/helpers.go.
#pragma once
#include <vector>

#include "model/api/pod.h"
#include "model/env/containers.h"
#include "nodes/kubelet/kubelet_config.h"

namespace orrery::kubelet {

enum class Signal : std::uint8_t { kMemoryAvailable, kNodefsAvailable, kImagefsAvailable };
const char* resource_of(Signal signal);         ///< "memory" or "ephemeral-storage"
const char* to_string(Signal signal);           ///< "memory.available", ...

struct Observation {
  Signal signal = Signal::kMemoryAvailable;
  std::int64_t available = 0, threshold = 0, capacity = 0;
  bool met() const { return capacity > 0 && available < threshold; }
};
/// One for each hard threshold, memory first as upstream reclaims it first.
std::vector<Observation> observe(const env::UsageStats& stats, const KubeletConfig& config);

/// The next look: the regular period when something is near its threshold, later when there is plenty of everything.
base::Nanos next_look(const std::vector<Observation>& observations, const KubeletConfig& config);

struct ContainerUse {
  Str name;
  std::int64_t usage = 0, request = 0;
  Str request_text;                             ///< as written in the pod
};

/// One pod's use of the starved resource.
struct PodUse {
  std::size_t index = 0;                        ///< the caller's
  std::int32_t priority = 0;
  std::int64_t usage = 0, request = 0;
  std::vector<ContainerUse> containers;
};

/// Order of eviction: usage above request first, then lower priority, then the larger excess.
bool evicted_before(const PodUse& a, const PodUse& b);
void rank(std::vector<PodUse>& pods);

/// The status message of an evicted pod.
Str eviction_message(const Observation& observation, const PodUse& pod);

/// A threshold's condition stays for the transition period after it was last met.
class Pressure {
 public:
  void observe(bool met, base::Instant now) {
    if (!met) return;
    seen_ = true;
    last_met_ = now;
  }
  bool holds(base::Instant now, base::Nanos transition) const { return seen_ && now - last_met_ < transition; }

 private:
  base::Instant last_met_;
  bool seen_ = false;
};

}  // namespace orrery::kubelet
