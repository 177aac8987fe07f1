// Arrivals: pods come one after another in a given order and stay for ever; what fits nowhere is dropped. The method of the
// FGD publication (USENIX ATC 2023, section 6): allocation and fragmentation against the GPU demand that has arrived.
#pragma once
#include "scenarios/bench/orders.h"
#include "scenarios/bench/placement.h"

namespace orrery::scenarios::bench {

/// By whole per cent of the cluster's GPUs that pods have asked for so far: means over all arrivals at that per cent. A
/// per cent at which no pod arrived takes those of its neighbours.
struct ArrivalCurves {
  std::vector<double> allocation;          ///< per cent of all GPUs, with two decimals
  std::vector<double> fragmentation;       ///< per cent of all GPUs
  std::vector<double> fragmentation_ratio; ///< per cent of the idle GPUs; mean of values with two decimals
};

struct ArrivalRun {
  ArrivalCurves curves;
  std::int64_t gpus = 0;
  std::size_t arrived = 0, placed = 0;
  std::uint64_t digest = 0;                ///< of every placement
  std::string first, first_unplaced;       ///< pods by "NAME-ARRIVAL"; empty: there is none
  struct Where {
    std::uint32_t pod;                     ///< index into the trace
    Str node;                              ///< empty: nowhere
    scheduler::GpuIndices devices;
  };
  std::vector<Where> placements;           ///< in the order of arrival; only when asked for
};

ArrivalRun run_arrivals(const Trace& trace, const ArrivalOrder& order, const scheduler::PolicySpec& policy,
                        std::shared_ptr<const scheduler::FragmentationModel> model, bool keep_placements = false,
                        scheduler::DecisionWatcher* watcher = nullptr);

}  // namespace orrery::scenarios::bench
