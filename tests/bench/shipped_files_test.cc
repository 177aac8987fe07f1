// The bench files that come with the project can be read, each with nothing set but what has no value of its own.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>

#include "scenarios/bench/load_bench.h"

namespace orrery::scenarios::bench {
namespace {

using Set = std::map<std::string, std::string>;

/// Traces must be there, and are not opened yet.
const std::string kTrace = ORRERY_SOURCE_DIR "/README.md";

const std::map<std::string, Set> kFiles = {
    {"batch-cluster.yaml", {{"log", kTrace}}},
    {"batch.yaml", {{"log", kTrace}}},
    {"closed.yaml", {}},
    {"clusters.yaml", {}},
    {"fgd.yaml", {{"pods", kTrace}, {"nodes", kTrace}, {"orders", kTrace}}},
    {"openb-cluster.yaml", {{"pods", kTrace}, {"nodes", kTrace}}},
    {"openb.yaml", {{"pods", kTrace}, {"nodes", kTrace}}},
    {"scheduler-perf.yaml", {}},
    {"synthetic.yaml", {}},
};

}  // namespace

TEST_CASE("bench files of the project: all are read") {
  const std::filesystem::path directory = ORRERY_SOURCE_DIR "/scenarios/bench";
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() != ".yaml") continue;
    ++found;
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    REQUIRE(kFiles.contains(name));
    CHECK_NOTHROW(load_bench(entry.path().string(), kFiles.at(name)));
  }
  CHECK(found == kFiles.size());
  const auto fewer = [&](const std::string& masters) {
    Set set = kFiles.at("openb-cluster.yaml");
    set["masters"] = masters;
    return load_bench((directory / "openb-cluster.yaml").string(), set);
  };
  CHECK(fewer("1").cluster.masters.size() == 1);
  CHECK_THROWS(fewer("some"));
}

}  // namespace orrery::scenarios::bench
