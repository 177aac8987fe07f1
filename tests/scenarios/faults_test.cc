// Every fault that a scenario can name reaches the world and is recorded in the plan.
#include <doctest/doctest.h>

#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"
#include "sim/faults/fault_plan.h"

using namespace orrery;
using namespace orrery::scenarios;

TEST_CASE("every fault line does what it names") {
  const std::string file = std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/faults.yaml";
  const Scenario scenario = load_scenario(file, {})[0];
  const RunResult result = run_scenario(scenario, {});
  for (const Verdict& v : result.verdicts) {
    CAPTURE(v.what);
    CAPTURE(v.measured);
    CHECK(v.ok);
  }
  std::vector<bool> seen(static_cast<std::size_t>(sim::FaultKind::kCount));
  for (const std::string& line : result.plan) {
    const auto fault = sim::parse_fault(line);
    REQUIRE(fault.ok());
    seen[static_cast<std::size_t>(fault->kind)] = true;
  }
  // The rest are for drawn plans only.
  using K = sim::FaultKind;
  for (const K k : {K::kNetworkRing, K::kNetworkClog, K::kDiskMisdirected})
    seen[static_cast<std::size_t>(k)] = true;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    CAPTURE(sim::to_string(static_cast<K>(k)));
    CHECK(seen[k]);
  }
}
