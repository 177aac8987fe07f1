// TenantTurns: the order of dominant shares (dominant_share.h) in a scheduler's queue: of the pods that are ready the first one of the
// tenant that has least goes next. Shares change with every binding, so the queue cannot be sorted by them: it asks at each turn.
//
// A pod says whose it is by the label kTenantLabel; pods without it are of one tenant. What tenants have is what their pods on nodes
// ask for, assumed ones among them; the capacity is that of the nodes without a taint that keeps pods away.
#pragma once
#include <span>

#include "control/scheduler/framework/snapshot.h"
#include "control/scheduler/policies/dominant_share.h"
#include "model/base/btree_map.h"

namespace orrery::scheduler {

inline constexpr std::string_view kTenantLabel = "orrery.dev/tenant";

class TenantTurns {
 public:
  /// The snapshot outlives it.
  explicit TenantTurns(const Snapshot& snapshot) : snapshot_(snapshot), shares_({0, 0, 0}, 0) {}
  /// Whose turn it is: a place in `ready`, which is not empty and in the order of each tenant's pods.
  std::size_t next(std::span<const PodInfo* const> ready);

 private:
  struct Holding {
    std::size_t tenant;
    Amounts amounts;
  };
  struct Node {
    std::uint64_t generation = 0;
    Amounts capacity{};
    std::vector<Holding> pods;
  };
  std::size_t tenant_of(const PodInfo& pod);
  void follow();
  void count(Node& node, int sign);

  const Snapshot& snapshot_;
  DominantShares shares_;
  Amounts capacity_{};
  base::BTreeMap<Str, std::size_t> tenants_;      // in the order in which they were first seen
  std::vector<Node> nodes_;                       // by position in the snapshot, as they were counted
  std::uint64_t order_version_ = UINT64_MAX;
};

}  // namespace orrery::scheduler
