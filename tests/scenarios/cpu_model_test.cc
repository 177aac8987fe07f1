// Which solver a scenario gets, and that both tell the same story.
#include "scenarios/run/cpu_model.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "scenarios/load/loader.h"
#include "scenarios/run/cluster.h"
#include "scenarios/run/runner.h"
#include "scenarios/run/timeline.h"

using namespace orrery;
using namespace orrery::scenarios;

namespace {

Scenario load(const char* name) {
  return load_scenario(std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/" + name, {})[0];
}

}  // namespace

TEST_CASE("the solver is chosen by the greatest possible concurrency, unless the scenario says") {
  Scenario s = load("contention.yaml");
  // Two revisions of two pods with two threads, six workers, three pulls.
  CHECK(greatest_concurrency(s) == 2 * 2 * 2 + 6 + 3);
  CHECK(cpu_model(s) == CpuModel::kSimgrid);
  TimelineEntry& later = s.timeline.emplace_back();
  UserAction& a = later.actions.emplace_back();
  a.kind = UserAction::Kind::kScale;
  a.object = {"shop", "web", api::KindId::kDeployment};
  a.replicas = 248;
  CHECK(greatest_concurrency(s) == 1001);
  CHECK(cpu_model(s) == CpuModel::kHost);
  s.cluster.cpu_model = CpuModel::kSimgrid;
  CHECK(cpu_model(s) == CpuModel::kSimgrid);
}

TEST_CASE("a run under contention holds, and is the same with either solver") {
  Scenario s = load("contention.yaml");
  std::vector<std::uint64_t> digests;
  for (const CpuModel model : {CpuModel::kSimgrid, CpuModel::kHost, CpuModel::kSimgrid}) {
    s.cluster.cpu_model = model;
    const RunResult r = run_scenario(s, {});
    for (const Verdict& v : r.verdicts) {
      CAPTURE(v.what);
      CAPTURE(v.measured);
      CHECK(v.ok);
    }
    digests.push_back(r.digest);
  }
  CHECK(digests[0] == digests[1]);
  CHECK(digests[0] == digests[2]);
}

TEST_CASE("requests wait longer while workers are on the same machine") {
  Scenario s = load("contention.yaml");
  WorldState state;
  Cluster cluster(s, state, nullptr);
  Leaders leaders;
  Timeline timeline(s, cluster, state, leaders);
  timeline.start();
  ClientTally& users = state.tally("users");
  cluster.world().run_until(base::Instant{70 * base::kSecond});
  const std::size_t busy = users.latencies.size();
  cluster.world().run_until(base::Instant{150 * base::kSecond});
  const std::size_t quiet = users.latencies.size();
  cluster.world().run_until(base::Instant{180 * base::kSecond});
  const auto median = [&](std::size_t from, std::size_t to) {
    std::vector<base::Nanos> part(users.latencies.begin() + static_cast<std::ptrdiff_t>(from),
                                  users.latencies.begin() + static_cast<std::ptrdiff_t>(to));
    REQUIRE(part.size() > 1000);
    std::sort(part.begin(), part.end());
    return part[part.size() / 2];
  };
  const base::Nanos with = median(0, busy), without = median(quiet, users.latencies.size());
  CHECK(without >= 5 * base::kMillisecond);
  CHECK(without < 7 * base::kMillisecond);
  CHECK(with > without + base::kMillisecond);
}
