#include "nodes/kubelet/eviction.h"

#include <algorithm>
#include <string>

namespace orrery::kubelet {
namespace {

std::int64_t share(std::int64_t capacity, double fraction) {
  return static_cast<std::int64_t>(static_cast<double>(capacity) * fraction);
}

std::string text(std::int64_t bytes) { return api::Quantity(bytes, api::QuantityFormat::kBinarySI).str(); }

}  // namespace

const char* resource_of(Signal signal) { return signal == Signal::kMemoryAvailable ? "memory" : "ephemeral-storage"; }

const char* to_string(Signal signal) {
  switch (signal) {
    case Signal::kMemoryAvailable: return "memory.available";
    case Signal::kNodefsAvailable: return "nodefs.available";
    case Signal::kImagefsAvailable: break;
  }
  return "imagefs.available";
}

std::vector<Observation> observe(const env::UsageStats& s, const KubeletConfig& config) {
  return {
      {Signal::kMemoryAvailable, s.memory_available_bytes, config.memory_available_bytes, s.memory_capacity_bytes},
      {Signal::kNodefsAvailable, s.nodefs_available_bytes, share(s.nodefs_capacity_bytes, config.nodefs_available),
       s.nodefs_capacity_bytes},
      {Signal::kImagefsAvailable, s.imagefs_available_bytes, share(s.imagefs_capacity_bytes, config.imagefs_available),
       s.imagefs_capacity_bytes},
  };
}

base::Nanos next_look(const std::vector<Observation>& observations, const KubeletConfig& config) {
  const bool plenty = std::all_of(observations.begin(), observations.end(), [](const Observation& o) {
    return o.capacity == 0 || o.available - o.threshold > o.capacity / 2;
  });
  return plenty ? config.eviction_period_relaxed : config.eviction_period;
}

bool evicted_before(const PodUse& a, const PodUse& b) {
  const bool a_exceeds = a.usage > a.request, b_exceeds = b.usage > b.request;
  if (a_exceeds != b_exceeds) return a_exceeds;
  if (a.priority != b.priority) return a.priority < b.priority;
  return a.usage - a.request > b.usage - b.request;
}

void rank(std::vector<PodUse>& pods) { std::stable_sort(pods.begin(), pods.end(), evicted_before); }

Str eviction_message(const Observation& o, const PodUse& pod) {
  const char* resource = resource_of(o.signal);
  std::string out = base::cat("The node was low on resource: ", resource, ". Threshold quantity: ", text(o.threshold),
                              ", available: ", text(o.available), ". ");
  for (const ContainerUse& c : pod.containers) {
    if (c.usage <= c.request) continue;
    out += base::cat("Container ", c.name, " was using ", text(c.usage), ", request is ", c.request_text,
                     ", has larger consumption of ", resource, ". ");
  }
  return out;
}

}  // namespace orrery::kubelet
