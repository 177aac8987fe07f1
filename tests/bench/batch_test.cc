// Batch rules: hand-made cases, and properties over real and random logs.
#include "scenarios/bench/batch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/base/random.h"

namespace orrery::scenarios::bench {
namespace {

using base::kSecond;
using base::Nanos;
using scheduler::BatchRule;

const std::filesystem::path kShared = std::filesystem::path(ORRERY_SOURCE_DIR) / "../shared/data";
constexpr BatchRule kRules[] = {BatchRule::kFcfs, BatchRule::kEasy, BatchRule::kSjf, BatchRule::kEasySjf};

LoggedJob job(int submitted, int requested, int run, int processors) {
  return {"", submitted * kSecond, run * kSecond, requested * kSecond, processors};
}

JobLog random_log(std::uint64_t seed) {
  base::RandomStream random(seed * 0x9e3779b97f4a7c15u);
  const auto below = [&random](std::uint64_t n) { return static_cast<int>(random.below(n)); };
  JobLog log;
  log.processors = 16;
  int now = 0;
  for (int i = 0; i < 300; ++i) {
    now += below(40);
    const int requested = 1 + below(200);
    const int run = below(5) == 0 ? requested + below(50) : below(static_cast<std::uint64_t>(requested) + 1);
    log.jobs.push_back(job(now, requested, run, below(4) == 0 ? 1 + below(16) : 1 + below(4)));
  }
  return log;
}

struct Input {
  std::string name;
  JobLog log;
};

const std::vector<Input>& inputs() {
  static const std::vector<Input> kInputs = [] {
    std::vector<Input> out;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) out.push_back({"random " + std::to_string(seed), random_log(seed)});
    const std::string swf = kShared / "swf/hpc2n.swf";
    if (std::filesystem::exists(swf)) out.push_back({"hpc2n", read_swf(swf, 0)});
    for (const char* file : {"example_workload_hpc_seed1_jobs250.json", "test_batsim_paper_workload_seed1.json"}) {
      const std::string path = kShared / "batsim" / file;
      if (std::filesystem::exists(path)) out.push_back({file, read_batsim(path, 0)});
    }
    if (out.size() < 23) MESSAGE("not all logs are at hand");
    return out;
  }();
  return kInputs;
}

/// The most processors in use at once.
std::int64_t most_used(const JobLog& log, const BatchRun& run) {
  std::map<std::pair<Nanos, int>, std::int64_t> steps;
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    if (run.jobs[i].end == run.jobs[i].start) continue;
    steps[{run.jobs[i].start, 1}] += log.jobs[i].processors;
    steps[{run.jobs[i].end, 0}] -= log.jobs[i].processors;
  }
  std::int64_t used = 0, most = 0;
  for (const auto& [at, change] : steps) most = std::max(most, used += change);
  return most;
}

/// Jobs with a reservation that started after the smallest they were given.
int late(const BatchRun& run) {
  return static_cast<int>(std::count_if(run.jobs.begin(), run.jobs.end(),
                                        [](const JobOutcome& o) { return o.reserved >= 0 && o.start > o.latest_promise; }));
}

TEST_CASE("batch: no rule uses more processors than there are, and every job runs") {
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    for (const BatchRule rule : kRules) {
      for (const OverrunRule overrun : {OverrunRule::kKill, OverrunRule::kRunOn}) {
        const BatchRun run = run_batch(in.log, rule, overrun);
        CHECK(most_used(in.log, run) <= in.log.processors);
        REQUIRE(run.jobs.size() == in.log.jobs.size());
        int wrong = 0;
        for (std::size_t i = 0; i < run.jobs.size(); ++i) {
          const LoggedJob& j = in.log.jobs[i];
          const Nanos length = overrun == OverrunRule::kKill ? std::min(j.run, j.requested) : j.run;
          wrong += run.jobs[i].start < j.submitted || run.jobs[i].end - run.jobs[i].start != length;
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("batch: fcfs starts jobs in order of submission") {
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    const BatchRun run = run_batch(in.log, BatchRule::kFcfs, OverrunRule::kKill);
    CHECK(std::is_sorted(run.jobs.begin(), run.jobs.end(), [](const auto& a, const auto& b) { return a.start < b.start; }));
  }
}

TEST_CASE("batch: sjf never starts a job while a shorter one waits") {
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    const BatchRun run = run_batch(in.log, BatchRule::kSjf, OverrunRule::kKill);
    int passed = 0;
    for (std::size_t a = 0; a < run.jobs.size(); ++a) {
      for (std::size_t b = 0; b < run.jobs.size(); ++b) {
        passed += in.log.jobs[b].requested < in.log.jobs[a].requested && in.log.jobs[b].submitted <= run.jobs[a].start &&
                  run.jobs[b].start > run.jobs[a].start;
      }
    }
    CHECK(passed == 0);
  }
}

TEST_CASE("batch: easy keeps every reservation when jobs are killed at their requested time") {
  std::ptrdiff_t reserved = 0;
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    for (const BatchRule rule : {BatchRule::kEasy, BatchRule::kEasySjf}) {
      const BatchRun run = run_batch(in.log, rule, OverrunRule::kKill);
      CHECK(late(run) == 0);
      reserved += std::count_if(run.jobs.begin(), run.jobs.end(), [](const JobOutcome& o) { return o.reserved >= 0; });
    }
  }
  CHECK(reserved > 200);
}

TEST_CASE("batch: without kills a reservation may slip, and it is told by how much") {
  JobLog log;
  log.processors = 2;
  log.jobs = {job(0, 10, 25, 1), job(1, 10, 10, 2)};
  const BatchRun run = run_batch(log, BatchRule::kEasy, OverrunRule::kRunOn);
  CHECK(run.jobs[1].reserved == 10 * kSecond);
  CHECK(run.jobs[1].start == 25 * kSecond);
  CHECK(late(run) == 1);
  RunRecord record;
  measure_batch(log, run, OverrunRule::kRunOn, record);
  const auto metric = [&record](std::string_view name) {
    for (const auto& [key, value] : record.metrics)
      if (key == name) return value;
    return -1.0;
  };
  CHECK(metric("reservations_slipped") == 1);
  CHECK(metric("worst_slippage_s") == 15);
  CHECK(metric("utilisation_pct") == doctest::Approx((25.0 + 20) * 100 / 70));
}

struct Case {
  BatchRule rule;
  std::vector<int> starts;  ///< seconds
};

// 10 processors. The first job runs on 6 until 100; the second needs 8 and waits for it; the third would delay it; the fourth
// ends before; the fifth fits beside it.
TEST_CASE("batch: what each rule does with one queue") {
  JobLog log;
  log.processors = 10;
  log.jobs = {job(0, 100, 100, 6), job(1, 100, 100, 8), job(2, 500, 500, 4), job(3, 50, 50, 2), job(4, 500, 500, 2)};
  const Case cases[] = {
      {BatchRule::kFcfs, {0, 100, 200, 200, 200}},
      {BatchRule::kSjf, {0, 100, 200, 3, 200}},
      {BatchRule::kEasy, {0, 100, 200, 3, 4}},
      {BatchRule::kEasySjf, {0, 100, 200, 3, 4}},
  };
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.rule));
    std::vector<int> starts;
    for (const JobOutcome& o : run_batch(log, c.rule, OverrunRule::kKill).jobs) starts.push_back(static_cast<int>(o.start / kSecond));
    CHECK(starts == c.starts);
  }
}

}  // namespace
}  // namespace orrery::scenarios::bench
