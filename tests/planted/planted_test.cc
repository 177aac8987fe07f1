// Every planted bug is caught by a full scenario, by the invariant that fault_sites.h names, and
// none of these scenarios raises an alarm without one. The two bugs of determinism itself (Z1) have
// tests of their own.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "model/env/fault_sites.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"
#include "tests/scenarios/fixture.h"

namespace {

using namespace orrery::scenarios;
using orrery::scenarios_test::failures;

constexpr std::uint64_t kMostSeeds = 50;

struct Site {
  const char* name;
  const char* invariant;
};

constexpr Site kSites[] = {
#define ORRERY_TEST_SITE(id, name, what, invariant) {name, invariant},
    ORRERY_FAULT_SITES(ORRERY_TEST_SITE)
#undef ORRERY_TEST_SITE
};

struct Row {
  const char* scenario;
  std::vector<const char*> bugs;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"api",
       {"update-ignores-resource-version", "uid-reuse", "lost-finalizer",
        "status-write-changes-spec", "no-op-writes", "dry-run-persists", "deletion-timestamp-reset",
        "watch-skips-event", "watch-duplicates", "watch-reorders", "bookmark-too-new",
        "create-in-terminating-namespace", "namespace-leaves-objects", "apply-divergence",
        "create-overwrites", "watch-sends-older", "list-omits-newest", "resumed-watch-skips"}},
      {"compaction", {"watch-drops-on-compact", "list-mixes-revisions"}},
      {"contention", {"write-trusts-cache"}},
      {"fencing", {"fence-not-compared"}},
      {"event-expiry", {"watch-splits-revision"}},
      {"kubelet",
       {"kubelet-restarts-containers", "kubelet-kills-before-grace", "phase-regresses",
        "kubelet-forgets-orphans", "proxy-keeps-removed-endpoint"}},
      {"stateful", {"statefulset-skips-ordinal-check", "creates-replacement-while-terminating"}},
      {"reregister", {"gc-trusts-cache"}},
      {"store-crash",
       {"ack-before-sync", "vote-not-persisted", "revision-reused-after-restart",
        "lease-expires-early"}},
      {"store-partition", {"commit-without-quorum-in-own-term", "stale-read"}},
      {"waiting", {"scheduler-ignores-assumed-pods", "scheduler-loses-wakeup"}},
      {"workloads",
       {"pdb-no-cas", "replicaset-ignores-expectations", "rolling-update-ignores-unavailable",
        "daemonset-duplicates", "quota-no-cas", "job-double-counts", "reconcile-oscillates",
        "scheduler-binds-twice"}},
      {"handover", {"bind-without-precondition", "lease-keeps-epoch", "lease-times-overflow"}},
      {"zone", {"zone-damping-ignored"}},
  };
  return kRows;
}

RunResult run(const std::string& scenario, std::uint64_t seed, std::vector<std::string> plant) {
  LoadOptions options;
  options.seed = seed;
  options.plant = std::move(plant);
  const std::string file =
      std::string(ORRERY_SOURCE_DIR) + "/tests/planted/data/" + scenario + ".yaml";
  return run_scenario(load_scenario(file, options)[0], {});
}

bool caught(const RunResult& r, const std::string& invariant) {
  const std::string start = "invariant " + invariant + " ";
  return std::any_of(r.verdicts.begin(), r.verdicts.end(), [&](const Verdict& v) {
    return !v.ok && v.what.compare(0, start.size(), start) == 0;
  });
}

std::string invariant_of(const std::string& bug) {
  for (const Site& s : kSites)
    if (bug == s.name) return s.invariant;
  return "";
}

}  // namespace

TEST_CASE("every planted bug has a scenario") {
  std::map<std::string, int> seen;
  for (const Row& row : rows())
    for (const char* bug : row.bugs) ++seen[bug];
  for (const Site& s : kSites) {
    CAPTURE(std::string(s.name));
    CHECK(seen[s.name] == (std::string(s.invariant) == "Z1" ? 0 : 1));
  }
}

TEST_CASE("every planted bug is caught by its invariant") {
  for (const Row& row : rows()) {
    for (const char* bug : row.bugs) {
      const std::string invariant = invariant_of(bug);
      CAPTURE(std::string(bug));
      CAPTURE(invariant);
      std::uint64_t seed = 1;
      while (seed <= kMostSeeds && !caught(run(row.scenario, seed, {bug}), invariant)) ++seed;
      CHECK(seed <= kMostSeeds);
    }
  }
}

TEST_CASE("without a bug there is no alarm") {
  for (const Row& row : rows()) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(std::string(row.scenario));
      CAPTURE(seed);
      const RunResult r = run(row.scenario, seed, {});
      CAPTURE(failures(r));
      CHECK(r.ok());
    }
  }
}
