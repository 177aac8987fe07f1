// Whole small runs: the same twice, different when determinism is broken on purpose, and mutants that must fail.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "control/scheduler/explain/explanation.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"
#include "tests/scenarios/fixture.h"

namespace {

namespace fs = std::filesystem;
using namespace orrery::scenarios;
using orrery::scenarios_test::failures;

const std::string kSmall = std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/small.yaml";

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct RunDirectory {
  fs::path path;
  explicit RunDirectory(const char* name) : path(fs::temp_directory_path() / (std::string("orrery-test-") + name)) { fs::remove_all(path); }
  ~RunDirectory() { fs::remove_all(path); }
};

RunResult run(std::uint64_t seed, std::vector<std::string> plant = {}, const std::string& out = {}) {
  LoadOptions options;
  options.seed = seed;
  options.plant = std::move(plant);
  options.outside.machine_clock = [] { return std::int64_t{std::chrono::steady_clock::now().time_since_epoch().count()}; };
  RunOptions run_options;
  run_options.out_dir = out;
  return run_scenario(load_scenario(kSmall, options)[0], run_options);
}

/// What explanations say of each pod's last attempt.
class LastChosen final : public orrery::scheduler::DecisionWatcher {
 public:
  void deciding(const orrery::scheduler::Decision& d) override {
    const auto e = orrery::scheduler::explain(d.framework, d.snapshot, d.nominated, *d.pod, d.memory);
    chosen[orrery::api::key_of(d.pod->meta())] = e.chosen;
  }
  std::map<std::string, orrery::base::Str, std::less<>> chosen;
};

}  // namespace

TEST_CASE("pods go where explanations say, and nothing changes when they are asked for") {
  LoadOptions load;
  load.seed = 1;
  const Scenario scenario = std::move(load_scenario(kSmall, load)[0]);
  LastChosen watcher;
  std::map<std::string, orrery::base::Str, std::less<>> bound;
  RunOptions options;
  options.watcher = &watcher;
  options.on_progress = [&](orrery::base::Instant, const WorldState& state) {
    for (const auto& [key, o] : state.objects().all(orrery::api::KindId::kPod)) {
      const orrery::base::Str& node = o->as<orrery::api::Pod>().spec->node_name;
      if (!node.empty()) bound[std::string(key.view())] = node;
    }
  };
  CHECK(run_scenario(scenario, options).digest == run(1).digest);
  std::size_t compared = 0;
  for (const auto& [key, chosen] : watcher.chosen) {
    const auto found = bound.find(key);
    if (found == bound.end()) continue;
    CAPTURE(key);
    CHECK(found->second == chosen);
    ++compared;
  }
  CHECK(compared >= 5);
}

TEST_CASE("a small cluster boots, rolls out and loses its leading master") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const RunResult r = run(seed);
    CAPTURE(seed);
    CAPTURE(failures(r));
    CHECK(r.ok());
    CHECK(r.verdicts.size() >= 6);
  }
}

TEST_CASE("two runs of a seed agree in the digest and in every byte of events.jsonl") {
  const RunDirectory a("a"), b("b");
  const RunResult first = run(3, {}, a.path.string());
  const RunResult second = run(3, {}, b.path.string());
  CHECK(first.digest == second.digest);
  const std::string events = slurp(a.path / "events.jsonl");
  CHECK(events.size() > 10'000);
  CHECK(events == slurp(b.path / "events.jsonl"));
  CHECK(slurp(a.path / "metrics.csv") == slurp(b.path / "metrics.csv"));
  CHECK(run(4).digest != first.digest);
}

TEST_CASE("a wall-clock read breaks determinism, and the digest shows it") {
  CHECK(run(5, {"wall-clock-read"}).digest != run(5, {"wall-clock-read"}).digest);
}
