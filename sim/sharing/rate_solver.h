// RateSolver: who gets how much of what at one moment, by weighted max-min fairness. Two of them: SimGrid's
// (SimgridSolver) and the project's own (MaxMinSolver), which a differential test holds to SimGrid's.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace orrery::sim {

/// A machine, or the image registry. Numbered from 0 in the order of add_node.
enum class ShareNode : std::uint32_t {};

/// One core: CPU nanoseconds per second.
inline constexpr double kCore = 1e9;

/// Units per second: CPU nanoseconds (1e9 is one core), bytes out of and into the node. 0 is for what nothing asks for.
struct NodeCapacity {
  static constexpr std::uint32_t kNoZone = UINT32_MAX;  ///< beside all zones: nothing between it and them is shared
  static constexpr std::uint32_t kNoRack = UINT32_MAX;  ///< at the zone's own switch
  double cpu = 0, up = 0, down = 0;
  std::uint32_t zone = kNoZone;
  std::uint32_t rack = kNoRack;                         ///< of all zones one numbering
};

/// CPU work of `node` when `to` is the same node, else a flow of bytes from `node` to `to`.
struct ShareDemand {
  ShareNode node{}, to{};
  double weight = 1;                                       ///< of CPU work; flows are equals
  double bound = std::numeric_limits<double>::infinity();  ///< CPU nanoseconds or bytes per second
  bool is_flow() const { return node != to; }
};

/// Weighted max-min: no activity can get more without one that has less per weight getting less. Each is at
/// most at its bound; each CPU, up and down link carries at most its capacity, and so do the trunks: from one
/// zone to another, out of a rack, and into it.
class RateSolver {
 public:
  virtual ~RateSolver() = default;
  virtual const char* name() const = 0;
  /// Of every trunk, bytes per second; unbounded without. Before the first start().
  virtual void set_trunks(double capacity) = 0;
  /// Before the first start().
  virtual void add_node(const NodeCapacity& capacity) = 0;
  /// `slot` is free; small numbers, used again after stop().
  virtual void start(std::uint32_t slot, const ShareDemand& demand) = 0;
  virtual void stop(std::uint32_t slot) = 0;
  /// All changes of this moment have been told; rates() follows.
  virtual void settle() = 0;
  /// Units per second of each member, in order. The members are all work of one node's CPU, or all flows.
  virtual void rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) = 0;
};

std::unique_ptr<RateSolver> make_max_min_solver();
/// SimGrid exists once per process: a second one while the first lives is refused (check). Costs about 10 us
/// per change at 100 concurrent activities, 400 us at 1,000.
std::unique_ptr<RateSolver> make_simgrid_solver();

}  // namespace orrery::sim
