// Nodes that take so many volumes: their kubelets say so, and the scheduler of the cluster keeps to it.
#include <doctest/doctest.h>

#include "scenarios/load/loader.h"
#include "tests/scenarios/fixture.h"

using namespace orrery::scenarios;

TEST_CASE("pods wait when the nodes' limits of volumes are reached") {
  const Scenario scenario = load_scenario(std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/volume-limits.yaml", {})[0];
  CHECK(orrery::scenarios_test::failures(run_scenario(scenario, {})) == "");
}
