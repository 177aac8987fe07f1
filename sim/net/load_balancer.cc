#include "sim/net/load_balancer.h"

#include "model/base/random.h"

namespace orrery::sim {

std::size_t LoadBalancer::pick() {
  const std::size_t n = states_.size();
  if (n == 0) return kNone;
  const std::uint64_t turn = picks_++;
  const std::size_t start =
      static_cast<std::size_t>((config_.round_robin ? turn : base::RandomStream::at(key_, turn)) % n);
  for (std::size_t i = 0; i < n; ++i) {
    if (states_[(start + i) % n].up) return (start + i) % n;
  }
  return kNone;
}

bool LoadBalancer::checked(std::size_t backend, bool answered) {
  State& s = states_[backend];
  if (answered == s.up) {
    s.in_a_row = 0;
    return false;
  }
  if (++s.in_a_row < (s.up ? config_.failures_to_down : config_.successes_to_up)) return false;
  s.in_a_row = 0;
  s.up = answered;
  return !answered;
}

}  // namespace orrery::sim
