// The cases of Google's simulator that it computes by hand (TestSimulations.scala), and what must hold of any run.
#include <doctest/doctest.h>

#include <numeric>

#include "model/base/random.h"
#include "scenarios/bench/omega.h"

namespace omega_test {

using namespace orrery::scenarios::bench;
using Conflict = OmegaCell::Conflict;

namespace {

/// Job i of n has i tasks of i seconds; it comes at time 0, or at time i.
std::vector<OmegaJob> staircase(int n, bool one_after_another) {
  std::vector<OmegaJob> out;
  for (int i = 1; i <= n; ++i) out.push_back({one_after_another ? double(i) : 0.0, i, double(i), 1, 1});
  return out;
}

}  // namespace

TEST_CASE("omega: four jobs at once through a monolithic scheduler end at 17") {
  const OmegaOutcome r = run_omega(OmegaArchitecture::kMonolithic, staircase(4, false), OmegaCell(1, 10, 20, Conflict::kSequence, true), 1, 1, 1);
  CHECK(r.end == 4 + 10 + 4 - 1);
  // 1, 2, 4, 3: think times 2, 3, 5, 4.
  CHECK(r.jobs[0].queued_until_first == 0);
  CHECK(r.jobs[1].queued_until_first == 2);
  CHECK(r.jobs[3].queued_until_first == 5);
  CHECK(r.jobs[2].queued_until_first == 10);
}

TEST_CASE("omega: think times and queueing of jobs that come one after another") {
  const OmegaOutcome r = run_omega(OmegaArchitecture::kMonolithic, staircase(4, true), OmegaCell(1, 10, 20, Conflict::kSequence, true), 1, 1, 1);
  std::vector<double> think, queued;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(r.jobs[i].useful_think == double(i + 2));
    think.push_back(r.jobs[i].useful_think);
    queued.push_back(r.jobs[i].queued_until_first);
  }
  CHECK(omega_percentile(think, 0.9) == 4);                                  // ((4 + 1) x 0.9), cut
  CHECK(std::accumulate(queued.begin(), queued.end(), 0.0) / 4 == (0.0 + 1 + 3 + 6) / 4);
  CHECK(omega_percentile(queued, 0.9) == 3);
}

TEST_CASE("omega: a shared-state scheduler of forty jobs ends at 121") {
  std::vector<OmegaJob> jobs;
  for (int i = 1; i <= 40; ++i) jobs.push_back({double(i), 1, double(i), 1, 1});
  for (const std::uint64_t seed : {1, 2, 3}) {
    CHECK(run_omega(OmegaArchitecture::kSharedState, jobs, OmegaCell(1000, 1, 1, Conflict::kSequence, true), 1, 1, seed).end == 121);
  }
}

TEST_CASE("omega: of two claims made of one state the second conflicts") {
  OmegaCell common(10, 1, 2, Conflict::kSequence, true);
  const auto claim_on_a_copy = [&] {
    OmegaCell copy = common;
    const OmegaClaim out{0, copy.sequence(0), 0.25, 0.75};
    copy.apply(out);
    CHECK(copy.sequence(0) == out.sequence + 1);
    CHECK(copy.free_cpu(0) == common.free_cpu(0) - 0.25);
    return out;
  };
  CHECK(common.commit({claim_on_a_copy()}).conflicted.empty());
  CHECK(common.free_cpu(0) == 0.75);
  const OmegaClaim one = claim_on_a_copy();
  const OmegaClaim two = claim_on_a_copy();
  CHECK(common.commit({one}).conflicted.empty());
  CHECK(common.commit({two}).conflicted.size() == 1);
  CHECK(common.free_cpu(0) == 1 - 2 * 0.25);
  CHECK(common.free_memory(0) == 2 - 2 * 0.75);
  CHECK(common.sequence(0) == 2);
  // The same claim would fit: judged by fit it does not conflict.
  OmegaCell by_fit(1, 1, 2, Conflict::kFit, true);
  CHECK(by_fit.commit({{0, 0, 0.25, 0.75}}).committed.size() == 1);
  CHECK(by_fit.commit({{0, 0, 0.25, 0.75}}).committed.size() == 1);
}

TEST_CASE("omega: all or nothing rolls back what was applied, incremental keeps it") {
  for (const bool all : {true, false}) {
    OmegaCell cell(2, 1, 1, Conflict::kSequence, all);
    const auto r = cell.commit({{0, 0, 0.5, 0.5}, {1, 9, 0.5, 0.5}});
    CHECK(r.committed.size() == (all ? 0 : 1));
    CHECK(r.conflicted.size() == (all ? 2 : 1));
    CHECK(cell.free_cpu(0) == (all ? 1 : 0.5));
  }
}

TEST_CASE("omega: every job is placed in the end, or abandoned, and nothing is used then") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    orrery::base::RandomStream random(seed);
    std::vector<OmegaJob> jobs;
    for (int i = 0; i < 30; ++i) {
      OmegaJob j;
      j.submitted = double(random.below(50));
      j.tasks = 1 + int(random.below(6));
      j.duration = double(1 + random.below(20));
      j.cpu = double(1 + random.below(3));
      jobs.push_back(j);
    }
    jobs.push_back({0, 1, 1, 99, 1});   // fits nowhere
    for (const auto architecture : {OmegaArchitecture::kMonolithic, OmegaArchitecture::kSharedState}) {
      const OmegaOutcome r = run_omega(architecture, jobs, OmegaCell(3, 4, 30, Conflict::kFit, false), 0.5, 0.1, seed);
      for (std::size_t j = 0; j + 1 < jobs.size(); ++j) CHECK(r.jobs[j].unplaced == 0);
      CHECK(r.jobs.back().abandoned);
      CHECK(r.jobs.back().attempts == 101);
    }
  }
}

}  // namespace omega_test
