#include "sim/net/network_rules.h"

#include <algorithm>

namespace orrery::sim {

HostSet HostSet::complement(std::size_t count) const {
  HostSet out;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!contains(static_cast<HostId>(i))) out.add(static_cast<HostId>(i));
  }
  return out;
}

RuleId NetworkRules::add(HostSet from, HostSet to, bool both_ways, LinkEffect effect) {
  const auto id = static_cast<RuleId>(++last_id_);
  rules_.push_back({id, std::move(from), std::move(to), both_ways, effect});
  return id;
}

void NetworkRules::remove(RuleId id) {
  std::erase_if(rules_, [id](const Rule& r) { return r.id == id; });
}

bool NetworkRules::blocked(HostId from, HostId to) const {
  if (from == to) return false;
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& r) {
    return (r.effect.blocked || r.effect.loss_ppm >= 1'000'000) && r.covers(from, to);
  });
}

LinkEffect NetworkRules::effect(HostId from, HostId to) const {
  LinkEffect sum;
  if (from == to) return sum;
  for (const Rule& r : rules_) {
    if (!r.covers(from, to)) continue;
    const LinkEffect& e = r.effect;
    sum.blocked |= e.blocked || e.loss_ppm >= 1'000'000;
    sum.delay += e.delay;
    sum.delay_jitter += e.delay_jitter;
    sum.loss_ppm = std::min<std::uint32_t>(1'000'000, sum.loss_ppm + e.loss_ppm);
    sum.duplicate_ppm = std::min<std::uint32_t>(1'000'000, sum.duplicate_ppm + e.duplicate_ppm);
    sum.reorder_ppm = std::min<std::uint32_t>(1'000'000, sum.reorder_ppm + e.reorder_ppm);
    sum.reorder_window = std::max(sum.reorder_window, e.reorder_window);
    if (e.bandwidth > 0)
      sum.bandwidth = sum.bandwidth == 0 ? e.bandwidth : std::min(sum.bandwidth, e.bandwidth);
    sum.hold_until = std::max(sum.hold_until, e.hold_until);
  }
  return sum;
}

}  // namespace orrery::sim
