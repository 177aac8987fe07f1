// Masters too small for their control plane: the greatest process dies, comes back, and nothing acknowledged
// is lost.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"

using namespace orrery::scenarios;

TEST_CASE("an apiserver that outgrows its master is killed for it and starts again") {
  const std::string out = (std::filesystem::temp_directory_path() / "orrery-test-small-master").string();
  std::filesystem::remove_all(out);
  RunOptions options;
  options.out_dir = out;
  const RunResult r = run_scenario(
      load_scenario(std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/small-master.yaml", {})[0],
      options);
  for (const Verdict& v : r.verdicts) {
    CAPTURE(v.what);
    CAPTURE(v.measured);
    CHECK(v.ok);
  }
  int killed = 0, others = 0, restarted = 0;
  std::ifstream events(out + "/events.jsonl");
  for (std::string line; std::getline(events, line);) {
    const bool apiserver = line.find("\"process\":\"kube-apiserver\"") != line.npos;
    if (line.find("\"what\":\"oom-killed\"") != line.npos) ++(apiserver ? killed : others);
    if (apiserver && killed > 0 && line.find("\"what\":\"started\"") != line.npos) ++restarted;
  }
  CHECK(killed >= 2);
  CHECK(others == 0);
  CHECK(restarted >= killed - 3);
  std::filesystem::remove_all(out);
}
