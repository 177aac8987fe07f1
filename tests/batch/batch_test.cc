// Batch policies: hand-made cases, and properties over real and random traces.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/base/random.h"
#include "scenarios/batch/batch_run.h"
#include "scenarios/batch/batsim.h"
#include "scenarios/batch/swf.h"

namespace orrery::scenarios::batch {
namespace {

using base::kSecond;
using scheduler::batch::BatchPolicy;
using scheduler::batch::BatchState;
using scheduler::batch::Decision;
using scheduler::batch::make_batch_policy;

const std::filesystem::path kData = std::filesystem::path(ORRERY_SOURCE_DIR) / "../shared/data";

BatchJob job(int submitted, int requested, int run, int processors) {
  return {"", submitted * kSecond, requested * kSecond, run * kSecond, processors};
}

BatchTrace random_trace(std::uint64_t seed) {
  base::RandomStream random(seed * 0x9e3779b97f4a7c15u);
  const auto below = [&random](std::uint64_t n) { return static_cast<int>(random.below(n)); };
  BatchTrace t;
  t.processors = 16;
  int now = 0;
  for (int i = 0; i < 300; ++i) {
    now += below(40);
    const int requested = 1 + below(200);
    const int run = below(5) == 0 ? requested + below(50) : below(static_cast<std::uint64_t>(requested) + 1);
    t.jobs.push_back(job(now, requested, run, below(4) == 0 ? 1 + below(16) : 1 + below(4)));
  }
  return t;
}

struct Input {
  std::string name;
  BatchTrace trace;
};

std::vector<Input> inputs() {
  std::vector<Input> out;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) out.push_back({"random " + std::to_string(seed), random_trace(seed)});
  const std::string swf = kData / "swf/hpc2n.swf";
  if (std::filesystem::exists(swf)) out.push_back({"hpc2n", read_swf(read_text_file(swf), swf)});
  for (const char* file : {"example_workload_hpc_seed1_jobs250.json", "test_batsim_paper_workload_seed1.json"}) {
    const std::string path = kData / "batsim" / file;
    if (std::filesystem::exists(path)) out.push_back({file, read_batsim(read_yaml_file(path))});
  }
  if (out.size() < 23) MESSAGE("not all traces are at hand");
  return out;
}

/// The most processors in use at once.
std::int64_t most_used(const BatchTrace& trace, const BatchResult& r) {
  std::map<std::pair<Nanos, int>, std::int64_t> steps;
  for (std::size_t i = 0; i < r.jobs.size(); ++i) {
    if (r.jobs[i].end == r.jobs[i].start) continue;
    steps[{r.jobs[i].start, 1}] += trace.jobs[i].processors;
    steps[{r.jobs[i].end, 0}] -= trace.jobs[i].processors;
  }
  std::int64_t used = 0, most = 0;
  for (const auto& [at, change] : steps) most = std::max(most, used += change);
  return most;
}

void check_sane(const BatchTrace& trace, const BatchResult& r, const BatchOptions& options) {
  REQUIRE(r.jobs.size() == trace.jobs.size());
  CHECK(most_used(trace, r) <= options.processors);
  for (std::size_t i = 0; i < r.jobs.size(); ++i) {
    const BatchJob& j = trace.jobs[i];
    const JobOutcome& o = r.jobs[i];
    REQUIRE(o.start >= j.submitted);
    REQUIRE(o.killed == (options.kill_at_request && j.run > j.requested));
    REQUIRE(o.end - o.start == (o.killed ? j.requested : j.run));
  }
}

TEST_CASE("batch: no policy uses more processors than there are, and every job runs") {
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    for (const std::string_view name : scheduler::batch::batch_policy_names()) {
      CAPTURE(name);
      for (const bool kill : {true, false}) {
        const BatchOptions options{in.trace.processors, kill};
        const auto policy = make_batch_policy(name);
        check_sane(in.trace, batch_run(in.trace, *policy, options), options);
      }
    }
  }
}

TEST_CASE("batch: fcfs starts jobs in order of submission") {
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    const auto policy = make_batch_policy("fcfs");
    const BatchResult r = batch_run(in.trace, *policy, {in.trace.processors, true});
    CHECK(std::is_sorted(r.jobs.begin(), r.jobs.end(), [](const auto& a, const auto& b) { return a.start < b.start; }));
  }
}

TEST_CASE("batch: sjf never starts a job while a shorter one waits") {
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    const auto policy = make_batch_policy("sjf");
    const BatchResult r = batch_run(in.trace, *policy, {in.trace.processors, true});
    int passed = 0;
    for (std::size_t a = 0; a < r.jobs.size(); ++a) {
      for (std::size_t b = 0; b < r.jobs.size(); ++b) {
        passed += in.trace.jobs[b].requested < in.trace.jobs[a].requested && in.trace.jobs[b].submitted <= r.jobs[a].start &&
                  r.jobs[b].start > r.jobs[a].start;
      }
    }
    CHECK(passed == 0);
  }
}

TEST_CASE("batch: easy keeps every promise when jobs are killed at their requested time") {
  int promised = 0;
  for (const Input& in : inputs()) {
    CAPTURE(in.name);
    for (const char* name : {"easy", "easy-sjbf"}) {
      const BatchOptions options{in.trace.processors, true};
      const auto policy = make_batch_policy(name);
      const BatchSummary s = summarize(in.trace, batch_run(in.trace, *policy, options), options);
      CHECK(s.late == 0);
      CHECK(s.worst_slippage <= 0);
      promised += s.promised;
    }
  }
  CHECK(promised > 200);
}

TEST_CASE("batch: without kills easy is late, and says by how much") {
  BatchTrace t;
  t.processors = 2;
  t.jobs = {job(0, 10, 25, 1), job(1, 10, 10, 2)};
  const BatchOptions options{2, false};
  const auto policy = make_batch_policy("easy");
  const BatchResult r = batch_run(t, *policy, options);
  CHECK(r.jobs[1].promised == 10 * kSecond);
  CHECK(r.jobs[1].start == 25 * kSecond);
  const BatchSummary s = summarize(t, r, options);
  CHECK(s.late == 1);
  CHECK(s.worst_slippage == 15 * kSecond);
}

/// Easy's promises, and then whatever fits: what the property above is there to catch.
class Greedy final : public BatchPolicy {
 public:
  Decision decide(const BatchState& state) override {
    Decision d = easy_->decide(state);
    std::int64_t free = state.free;
    d.start.clear();
    for (const auto& w : state.waiting) {
      if (w.processors > free) continue;
      free -= w.processors;
      d.start.push_back(w.id);
    }
    return d;
  }

 private:
  std::unique_ptr<BatchPolicy> easy_ = make_batch_policy("easy");
};

TEST_CASE("batch: backfilling that ignores the first job breaks promises") {
  const BatchTrace t = random_trace(3);
  const BatchOptions options{t.processors, true};
  Greedy greedy;
  CHECK(summarize(t, batch_run(t, greedy, options), options).late > 0);
}

struct Case {
  const char* policy;
  std::vector<int> starts;  ///< seconds
};

// 10 processors. A runs on 6 until 100; B needs 8 and waits for it; C (4 for 50 s) ends before that; D (2 for 500 s) fits beside
// B; E (4 for 500 s) would delay B.
TEST_CASE("batch: what each policy does with one queue") {
  BatchTrace t;
  t.processors = 10;
  t.jobs = {job(0, 100, 100, 6), job(1, 100, 100, 8), job(2, 500, 500, 4), job(3, 50, 50, 2), job(4, 500, 500, 2)};
  const Case cases[] = {
      {"fcfs", {0, 100, 200, 200, 200}},
      {"sjf", {0, 100, 200, 3, 200}},
      {"easy", {0, 100, 200, 3, 4}},
      {"conservative", {0, 100, 200, 3, 4}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.policy);
    const auto policy = make_batch_policy(c.policy);
    const BatchResult r = batch_run(t, *policy, {10, true});
    std::vector<int> starts;
    for (const JobOutcome& o : r.jobs) starts.push_back(static_cast<int>(o.start / kSecond));
    CHECK(starts == c.starts);
  }
  CHECK(make_batch_policy("lottery") == nullptr);
}

TEST_CASE("batch: measures of a run") {
  BatchTrace t;
  t.processors = 1;
  t.jobs = {job(0, 20, 20, 1), job(0, 5, 5, 1), job(10, 30, 40, 1)};
  const BatchOptions options{1, true};
  const auto policy = make_batch_policy("fcfs");
  const BatchSummary s = summarize(t, batch_run(t, *policy, options), options);
  CHECK(s.makespan == 55 * kSecond);
  CHECK(s.mean_wait == doctest::Approx((0 + 20 + 15) * 1e9 / 3));
  CHECK(s.median_wait == 15 * kSecond);
  CHECK(s.max_wait == 20 * kSecond);
  CHECK(s.mean_bounded_slowdown == doctest::Approx((1.0 + 25.0 / 10 + 45.0 / 30) / 3));
  CHECK(s.utilization == doctest::Approx(1));
  CHECK(s.killed == 1);
}

}  // namespace
}  // namespace orrery::scenarios::batch
