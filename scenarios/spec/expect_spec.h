// ExpectSpec: what a scenario asserts.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/base/time.h"
#include "scenarios/spec/timeline_spec.h"

namespace orrery::scenarios {

/// A predicate of the cluster's state and the arguments it looks at.
struct Predicate {
  std::string what;                    ///< "rollout-complete", "node-condition", ...
  ObjectName object;
  std::string node, service, client, lease, process;
  std::string via;                     ///< writes-accepted: the machine whose apiserver took the write
  std::string condition, status, reason, message;
  std::string without;                 ///< object-condition: a condition that is not True
  std::string taint_key, taint_effect;
  std::string selector;                ///< label selector of pods
  std::string namespace_;
  std::string phase;
  std::int64_t count = 0;
  bool has_count = false;
  std::string field, value;
};

/// Must become true between after + not_before and after + within, and then stay so for `hold`.
struct ConvergeSpec {
  int line = 0;
  Predicate predicate;
  base::Nanos after = 0, within = 0, not_before = 0, hold = 0;
  bool judged = true;                  ///< false: the run was cut short before the line could be decided
};

/// A metric and its bounds. `always` items hold at every moment from `from` to `until`, `final` items at the end.
struct MetricSpec {
  int line = 0;
  std::string metric;
  Predicate scope;
  std::optional<double> min, max, equals;
  base::Nanos from = 0, until = 0;
  bool windowed = false;               ///< from or until was given
  bool judged = true;
};

struct ExpectSpec {
  bool all_invariants = true;
  std::vector<std::string> invariants; ///< ids, when not all
  std::vector<ConvergeSpec> converge;
  std::vector<MetricSpec> always, final;
  std::vector<ConvergeSpec> final_conditions;  ///< predicates that hold at the end
};

}  // namespace orrery::scenarios
