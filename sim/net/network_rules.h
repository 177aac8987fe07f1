// NetworkRules: the faults of the network that hold at this moment, each for all messages from one set of
// hosts to another.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/time.h"
#include "sim/net/topology.h"

namespace orrery::sim {

/// A set of hosts; hosts added later are not in it.
class HostSet {
 public:
  void add(HostId h) {
    const auto i = static_cast<std::uint32_t>(h);
    if (i >= bits_.size()) bits_.resize(i + 1);
    bits_[i] = true;
  }
  bool contains(HostId h) const {
    const auto i = static_cast<std::uint32_t>(h);
    return i < bits_.size() && bits_[i];
  }
  /// All hosts below `count` that are not in it.
  HostSet complement(std::size_t count) const;

 private:
  std::vector<bool> bits_;
};

/// What a rule does, and what several rules together do. Connections turn loss into retransmission (200 ms,
/// doubling) and never duplicate or reorder.
struct LinkEffect {
  bool blocked = false;
  base::Nanos delay = 0;            ///< added to the latency
  base::Nanos delay_jitter = 0;     ///< uniform in [0, this], added as well
  std::uint32_t loss_ppm = 0;
  std::uint32_t duplicate_ppm = 0;
  std::uint32_t reorder_ppm = 0;    ///< share of datagrams held back by up to reorder_window
  base::Nanos reorder_window = 0;
  std::int64_t bandwidth = 0;       ///< bytes/s, 0 is no bound
  base::Instant hold_until;         ///< clog: nothing arrives before this date
};

enum class RuleId : std::uint32_t { kNone = 0 };

class NetworkRules {
 public:
  /// From every host of `from` to every host of `to`, and back when `both_ways`.
  RuleId add(HostSet from, HostSet to, bool both_ways, LinkEffect effect);
  void remove(RuleId id);
  bool empty() const { return rules_.empty(); }
  /// The sum of all rules on this ordered pair. A host's traffic with itself is never touched.
  LinkEffect effect(HostId from, HostId to) const;
  bool blocked(HostId from, HostId to) const;

 private:
  struct Rule {
    RuleId id;
    HostSet from, to;
    bool both_ways;
    LinkEffect effect;
    bool covers(HostId a, HostId b) const {
      return (from.contains(a) && to.contains(b)) || (both_ways && from.contains(b) && to.contains(a));
    }
  };
  std::vector<Rule> rules_;
  std::uint32_t last_id_ = 0;
};

}  // namespace orrery::sim
