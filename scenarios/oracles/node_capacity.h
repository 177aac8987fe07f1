// P2: the pods that the scheduler put on a node fit its allocatable.
//
// Basis: [P] node allocatable; checked when a binding commits, for each resource and the number of pods. Only pods that
// were bound by a write after their creation count (static pods and pods created with a node name do not), until they end
// or are removed. Caveats: a node's allocatable counts with its largest value of the last minute; what in-place resizing
// changes is not followed; for 15 s after the scheduler's lease changed hands nothing is asserted, because bindings of the
// former leader may be on their way.
#pragma once
#include "model/api/resources.h"
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::api {
struct Node;
struct Pod;
}

namespace orrery::scenarios {

class NodeCapacity final : public BasicOracle {
 public:
  NodeCapacity() : BasicOracle("P2", "bound pods fit their node") {}
  void on_record(const history::Record& record, const Changes& changes) override;
  /// By resource; cpu in thousandths.
  using Amounts = base::SortedMap<Str, std::int64_t>;
  static Amounts requests_of(const api::Pod& pod);
  static Amounts amounts(const api::ResourceList& list);

 private:
  struct NodeState {
    Amounts allocatable, before;    // before: until `changed` + 1 minute also allowed
    Instant changed;
    Amounts used;
    bool known = false;
  };
  struct Bound {
    Str node;
    Amounts requests;
  };
  void on_node(const Change& c);
  void on_pod(const Change& c);
  void release(const Str& uid);

  base::SortedMap<Str, NodeState> nodes_;
  base::SortedMap<Str, Bound> bound_;   // by uid
  Instant unsure_until_;
};

}  // namespace orrery::scenarios
