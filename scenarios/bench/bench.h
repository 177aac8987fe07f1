// Bench: a bench file with its traces in memory, ready to run any part of its matrix. A run is a pure function of its cell,
// so cells may run in any order and in processes of their own.
#pragma once
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "control/scheduler/explain/decision_watcher.h"
#include "scenarios/bench/orders.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// Indices into the lists of BenchSpec.
struct Cell {
  std::size_t trace = 0, size = 0, policy = 0, seed = 0;
};

class Bench {
 public:
  /// Reads and checks every file the spec names. Throws InputError.
  explicit Bench(BenchSpec spec);
  const BenchSpec& spec() const { return spec_; }
  /// Traces, sizes, policies, seeds: the last changes fastest.
  const std::vector<Cell>& cells() const { return cells_; }
  /// Names what the cell's result depends on: the same key, the same result.
  std::string key(const Cell& cell) const;
  /// `watcher` (may be null) sees every decision about pods; the result is the same with it. `cpu` measures what does not go into
  /// the digest. `cut`: with a warm-up by MSER-5, when it ends; without it, nothing is cut and the record proposes an end. Policies
  /// that are compared are cut at one time, the latest that any of them proposes (CommonCuts).
  RunRecord run(const Cell& cell, const CpuClock& cpu = nullptr, scheduler::DecisionWatcher* watcher = nullptr,
                std::optional<base::Nanos> cut = {}) const;
  /// The warm-up of the cell is cut by MSER-5.
  bool finds_cut(const Cell& cell) const;
  /// The run once again, with the last attempt at each of its notable pods explained. `record` is what run() gave.
  void explain_notable(const Cell& cell, RunRecord& record) const;

 private:
  struct Loaded {
    Trace trace;                     // of pods
    JobLog log;                      // of batch jobs
    std::vector<ArrivalOrder> orders;  // as spec.seeds, with kOrders
    std::shared_ptr<const scheduler::FragmentationModel> model;
    std::uint64_t files = 0;         // hash of their bytes
  };
  Loaded load(const TraceSpec& spec, std::size_t index) const;
  /// With what a process needs to be one.
  scheduler::PolicySpec policy_of(const Cell& cell) const;
  void check_timeline(std::size_t trace, std::size_t size) const;
  void check_load(const TraceSpec& spec, const Trace& loaded) const;
  Trace draw(const Cell& cell) const;
  void run_pods(const Cell& cell, scheduler::DecisionWatcher* watcher, std::optional<base::Nanos> cut, RunRecord& out) const;

  BenchSpec spec_;
  std::vector<Loaded> loaded_;
  TimedParts tell_;                // that any policy has
  std::vector<std::uint64_t> policy_files_;   // by policy: hash of the bytes of its files
  std::vector<Cell> cells_;
};

/// Ends of warm-ups that MSER-5 proposes, one for all policies of a trace, cluster size and seed: the latest.
class CommonCuts {
 public:
  void propose(const Cell& cell, base::Nanos cut);
  /// Unset when nothing was proposed; -1 when all propose to cut nothing.
  std::optional<base::Nanos> of(const Cell& cell) const;

 private:
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, base::Nanos> cuts_;
};

/// "100%"
std::string size_name(double size);

}  // namespace orrery::scenarios::bench
