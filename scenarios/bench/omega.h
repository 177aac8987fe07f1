// Omega: a small simulator of schedulers that think (Schwarzkopf et al., "Omega: flexible, scalable schedulers for large compute
// clusters", EuroSys 2013), to compare with the cases that Google's published simulator computes by hand in its tests
// (google/cluster-scheduler-simulator, src/test/scala/TestSimulations.scala). One scheduler; a decision about a job takes
// `think_job` plus `think_task` for each task that is not placed yet; tasks go to machines drawn at random among those that fit.
//
// Events of one time: Google's agenda is Scala's binary heap (collection.mutable.PriorityQueue), which is not stable. The same
// rule holds here: an event is added at the end and rises while its parent is strictly later; the first is taken by putting the
// last into its place, which sinks to the earlier child, the left one of equals, while that is not later than it. Four jobs at time
// 0 are thought about in the order 1, 2, 4, 3, and so the monolithic case ends at 17; first in first out would end at 18.
//
// Not part of `orrery bench`: its results say something about queueing for a scheduler, nothing about placement.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace orrery::scenarios::bench {

/// Times in seconds.
struct OmegaJob {
  double submitted = 0;
  int tasks = 1;
  double duration = 0, cpu = 1, memory = 1;   ///< of each task
};

/// One task's claim to part of a machine.
struct OmegaClaim {
  std::size_t machine = 0;
  std::uint64_t sequence = 0;      ///< of the machine when it was looked at
  double cpu = 0, memory = 0;
};

/// Machines, each with a number that grows with every claim.
class OmegaCell {
 public:
  enum class Conflict : std::uint8_t { kSequence, kFit };   ///< any change of the machine conflicts; or only what no longer fits
  OmegaCell(std::size_t machines, double cpu, double memory, Conflict conflict, bool all_or_nothing)
      : machines_(machines, {cpu, memory, 0}), conflict_(conflict), all_or_nothing_(all_or_nothing) {}

  std::size_t size() const { return machines_.size(); }
  double free_cpu(std::size_t m) const { return machines_[m].cpu; }
  double free_memory(std::size_t m) const { return machines_[m].memory; }
  std::uint64_t sequence(std::size_t m) const { return machines_[m].sequence; }

  void apply(const OmegaClaim& claim);
  void release(const OmegaClaim& claim);
  struct Commit {
    std::vector<OmegaClaim> committed, conflicted;
  };
  /// A transaction: those that do not conflict, or all or nothing.
  Commit commit(const std::vector<OmegaClaim>& claims);

 private:
  bool conflicts(const OmegaClaim& claim) const;
  struct Machine {
    double cpu, memory;
    std::uint64_t sequence;
  };
  std::vector<Machine> machines_;
  Conflict conflict_;
  bool all_or_nothing_;
};

enum class OmegaArchitecture : std::uint8_t {
  kMonolithic,     ///< looks at the cell when it has thought
  kSharedState,    ///< thinks about a copy, then commits
};

struct OmegaOutcome {
  struct Job {
    double queued_until_first = 0, useful_think = 0, wasted_think = 0;
    int attempts = 0, unplaced = 0;
    bool abandoned = false;        ///< after 100 tries without a task placed, or 1000 tries
  };
  double end = 0;                  ///< of the last event
  std::vector<Job> jobs;
};

/// Until nothing happens any more.
OmegaOutcome run_omega(OmegaArchitecture architecture, const std::vector<OmegaJob>& jobs, OmegaCell cell, double think_job,
                       double think_task, std::uint64_t seed);

/// The value at position (n - 1) x p, cut, of the sorted values; -1 of none.
double omega_percentile(std::vector<double> values, double p);

}  // namespace orrery::scenarios::bench
