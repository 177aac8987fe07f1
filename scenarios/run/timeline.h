// Timeline: makes the faults and actions of a scenario happen when they should.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/load/target.h"
#include "scenarios/run/cluster.h"
#include "scenarios/run/leaders.h"
#include "sim/faults/fault_executor.h"

namespace orrery::scenarios {

class Timeline {
 public:
  Timeline(const Scenario& scenario, Cluster& cluster, WorldState& state, const Leaders& leaders);
  /// Plans every `at` and `every` entry and the creation of the workloads.
  void start();
  /// True for records that say more than on_changes about when to act and where; only of a timeline that plans something.
  static bool reads(const Scenario& scenario, history::RecordKind kind) {
    return !scenario.timeline.empty() && (WorldState::reads(kind) || Leaders::reads(kind));
  }
  /// Looks for `when` entries.
  void on_changes(const std::vector<history::Change>& changes, base::Instant now);
  const std::vector<std::shared_ptr<ActionReport>>& reports() const { return reports_; }
  /// The faults done, in order, as lines of a plan that the simulator reads.
  const std::vector<std::string>& plan() const { return plan_; }

 private:
  void fire(const TimelineEntry& entry);
  void do_fault(const FaultSpec& fault, int line);
  void apply(const sim::Fault& fault, int line);
  std::shared_ptr<ActionReport> report(int line, std::string what);
  /// The machines or "machine/process" terms that a target means now, comma separated.
  std::string resolve(const std::string& text, const std::string& remember);
  bool matches(const Trigger& trigger, const history::Change& change) const;

  const Scenario& scenario_;
  Cluster& cluster_;
  WorldState& state_;
  const Leaders& leaders_;
  sim::FaultExecutor executor_;
  std::map<std::string, std::string> named_;   // `as` names to resolved targets
  std::set<std::string> names_;
  std::vector<int> seen_;                      // occurrences of each entry's `when`
  std::vector<std::shared_ptr<ActionReport>> reports_;
  std::vector<std::string> plan_;
};

}  // namespace orrery::scenarios
