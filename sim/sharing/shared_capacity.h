// SharedCapacity: work in progress that shares CPUs and network links. Rates come from a RateSolver, dates
// from the kernel's integer clock; the kernel asks for the next date only while something is under way.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "model/base/btree_map.h"
#include "sim/cost/power.h"
#include "sim/kernel/kernel.h"
#include "sim/kernel/lazy_model.h"
#include "sim/sharing/rate_solver.h"

namespace orrery::sim {

enum class ShareId : std::uint64_t { kNone = 0 };

/// Changes of one instant are solved together, once, before time moves. A change costs one pass over the work
/// of the CPU concerned, or over all flows. The end of an activity is a kernel event at its date, rounded up
/// to the nanosecond.
class SharedCapacity final : public LazyModel {
 public:
  SharedCapacity(Kernel& kernel, std::unique_ptr<RateSolver> solver);
  ~SharedCapacity() override;
  SharedCapacity(const SharedCapacity&) = delete;

  const char* solver_name() const { return solver_->name(); }
  /// See RateSolver.
  void set_trunks(double capacity) { solver_->set_trunks(capacity); }
  /// Before anything starts.
  ShareNode add_node(const NodeCapacity& capacity);
  /// Everything on this node runs at `percent` of its rate from now on (100 is normal).
  void set_speed(ShareNode node, int percent);

  /// `amount` > 0: CPU nanoseconds or bytes. `done` runs once, as a kernel event of `tag`, unless cancelled.
  ShareId start(const ShareDemand& demand, double amount, EventTag tag, Kernel::Fire done);
  /// Gives what was left of it; 0 for unknown and ended ones.
  double cancel(ShareId id);
  /// A new weight and bound for what is under way.
  void adjust(ShareId id, double weight, double bound);
  double remaining(ShareId id) const;
  /// Whether work of this node's CPU is under way.
  bool works(ShareNode node) const { return !groups_[static_cast<std::uint32_t>(node) + 1].members.empty(); }
  /// What the cores of this node have worked here so far, whatever their speed.
  CoreUse use(ShareNode node) const;
  /// Units per second at this instant.
  double rate(ShareId id);
  std::size_t active() const { return active_; }

  // LazyModel
  base::Instant next() override;
  void advance(base::Instant to) override;

 private:
  struct Slot {
    std::uint64_t serial = 0;  // 0: free
    ShareDemand demand;
    double left = 0, rate = 0;  // rate per nanosecond
    base::Instant since;        // when `left` was true
    base::Instant end = base::kNever;
    std::uint32_t group = 0;
    EventTag tag;
    Kernel::Fire done;
  };
  /// The work of one CPU (node number + 1), or all flows (0).
  struct Group {
    std::vector<std::uint32_t> members;  // in order of start
    base::Instant first = base::kNever;  // as it stands in dates_
    double load = 0;                     // sum of the rates at normal speed, per nanosecond
    CoreUse used;                        // until `counted`
    base::Instant counted;
    bool dirty = false;
  };
  std::uint32_t group_of(const ShareDemand& d) const;
  const Slot* find(ShareId id) const;
  void touch(std::uint32_t group);
  CoreUse used(const Group& group) const;
  void count(Group& group);
  void settle();
  void settle_group(Group& group, std::uint32_t index);
  void set_first(Group& group, std::uint32_t index, base::Instant first);
  void release(std::uint32_t slot);
  void detach_when_idle();
  double left_now(const Slot& s) const;

  Kernel& kernel_;
  std::unique_ptr<RateSolver> solver_;
  std::vector<int> speed_percent_;
  std::vector<Group> groups_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_, dirty_;
  base::BTreeSet<std::pair<std::int64_t, std::uint32_t>> dates_;  // first end of each group
  std::vector<double> rates_;
  std::uint64_t next_serial_ = 1;
  std::size_t active_ = 0;
  bool attached_ = false;
};

}  // namespace orrery::sim
