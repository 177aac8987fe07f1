// N7: a zone in disruption is not emptied.
//
// Basis: [I] nodelifecycle ComputeZoneState, ReducedQPSFunc. A zone where at least 55 % and more
// than two nodes are not ready while some are is partial: its nodes get NoExecute taints at 0.01/s
// if it has more than 50 nodes, else not at all; while every zone has no ready node, none get one.
// A first NoExecute taint for an unreachable or not ready node is a violation when its zone has
// been in such a state for 15 s (or, in large zones, when it is the second within 90 s). Caveats: a
// node that is tainted already may change its taint; for 15 s after the controller manager's lease
// changed hands nothing is asserted; nodes labelled node.kubernetes.io/exclude-disruption do not
// count.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/allowance.h"

namespace orrery::scenarios {

class ZoneDamping final : public BasicOracle {
 public:
  ZoneDamping() : BasicOracle("N7", "disrupted zones are damped") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  enum class State : std::uint8_t { kNormal, kPartial, kFull };
  struct Zone {
    std::int64_t ready = 0, unready = 0;
    State state = State::kNormal;
    Instant since, last_taint{-base::kMinute};
  };
  struct Node {
    Str zone;
    bool ready = false, counted = false, tainted = false;
  };
  void on_node(const Change& c);
  void judge(Zone& zone, const Change& c);
  void renew(Zone& zone, Instant at);
  base::SortedMap<Str, Node> nodes_;
  base::SortedMap<Str, Zone> zones_;
  Instant dark_since_ = base::kNever;  // no zone has a ready node
  Handover handover_{"kube-controller-manager"};
};

}  // namespace orrery::scenarios
