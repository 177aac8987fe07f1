// Judge: follows a run and decides every line of `expect`.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "scenarios/expect/world_state.h"
#include "scenarios/oracles/oracle.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// One row of the verdict table.
struct Verdict {
  std::string what;      ///< "converge writes-accepted"
  std::string wanted;    ///< "within 5s of 60s"
  std::string measured;  ///< "1.402s"
  bool ok = false;
  int line = 0;          ///< of the scenario file; 0 for invariants
};

class Judge {
 public:
  Judge(const Scenario& scenario, WorldState& state, std::vector<std::unique_ptr<Oracle>> oracles);
  /// After the state has taken the record.
  void on_record(const history::Record& record, const std::vector<history::Change>& changes);
  /// Time has come to `now`: bounds that begin or end by the clock are looked at.
  void on_time(base::Instant now);
  /// Instants at which on_time() wants to be called.
  std::vector<base::Instant> moments() const;
  std::vector<Verdict> finish(const RunFacts& facts);

 private:
  struct Converge {
    const ConvergeSpec* spec;
    bool reached = false, too_early = false, broken = false;
    base::Instant reached_at, broken_at;
  };
  struct Always {
    const MetricSpec* spec;
    std::uint64_t looked = 0;
    double lowest = 0, highest = 0;
    base::Instant violated_at = base::kNever;
    double violation = 0;
  };
  void look(Converge& c, base::Instant now);
  void look(Always& a, base::Instant now);
  Verdict verdict(const Converge& c) const;
  Verdict verdict(const Always& a) const;
  Verdict final_metric(const MetricSpec& m) const;
  Verdict final_condition(const ConvergeSpec& c) const;
  Verdict invariant(Oracle& o) const;

  const Scenario& scenario_;
  WorldState& state_;
  std::vector<std::unique_ptr<Oracle>> oracles_;
  std::vector<Converge> converge_;
  std::vector<Always> always_;
};

/// The value of a metric in this state. `found` is false when nothing in scope exists (no such service, no request made).
double metric_value(const std::string& metric, const Predicate& scope, const WorldState& state, bool& found);

}  // namespace orrery::scenarios
