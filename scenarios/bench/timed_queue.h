// TimedQueue: the pods of a timed run that wait, in the order in which they are tried. Pods of one gang stand together.
#pragma once
#include <functional>
#include <vector>

#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

class TimedQueue {
 public:
  /// `before` (optional): an order of the policy's own, by place in the trace; else by priority, then by arrival.
  /// `ranks`: of each pod, its turn among arrivals; pods of a gang share the first one's.
  TimedQueue(const std::vector<TracePod>& pods, std::vector<std::uint32_t> ranks,
             std::function<bool(std::uint32_t, std::uint32_t)> before = {})
      : pods_(pods), ranks_(std::move(ranks)), before_(std::move(before)), queued_(pods.size()) {}

  /// Its turn among arrivals is known only now.
  void rank(std::uint32_t pod, std::uint32_t turn) { ranks_[pod] = turn; }
  void add(std::uint32_t pod);
  bool has(std::uint32_t pod) const { return queued_[pod]; }
  const std::vector<std::uint32_t>& all() const { return waiting_; }
  /// Takes out those for which `gone` holds.
  void take_out(const std::function<bool(std::uint32_t)>& gone);

 private:
  bool before(std::uint32_t a, std::uint32_t b) const;

  const std::vector<TracePod>& pods_;
  std::vector<std::uint32_t> ranks_;
  std::function<bool(std::uint32_t, std::uint32_t)> before_;
  std::vector<bool> queued_;
  std::vector<std::uint32_t> waiting_;   // sorted
};

}  // namespace orrery::scenarios::bench
