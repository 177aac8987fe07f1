// Batch queues: small cases by hand, then what must always hold, over drawn logs and, when they are at hand, real ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "model/base/random.h"
#include "model/base/str.h"
#include "scenarios/bench/batch.h"

using namespace orrery;
using namespace orrery::scenarios::bench;
using scheduler::BatchRule;

namespace {

constexpr base::Nanos kS = base::kSecond;
constexpr BatchRule kRules[] = {BatchRule::kFcfs, BatchRule::kEasy, BatchRule::kSjf, BatchRule::kEasySjf};

JobLog log_of(std::int64_t processors, std::initializer_list<LoggedJob> jobs) { return {processors, jobs, {}}; }

LoggedJob job(base::Nanos submitted, base::Nanos run, base::Nanos requested, std::int64_t processors) {
  return {"j", submitted * kS, run * kS, requested * kS, processors};
}

std::vector<base::Nanos> starts(const JobLog& log, BatchRule rule, OverrunRule overrun = OverrunRule::kKill) {
  std::vector<base::Nanos> out;
  for (const JobOutcome& o : run_batch(log, rule, overrun).jobs) out.push_back(o.start / kS);
  return out;
}

JobLog drawn_log(std::uint64_t seed) {
  base::RandomStream random(base::stream_key(seed, "test", "log"));
  JobLog log;
  log.processors = 1 + static_cast<std::int64_t>(random.below(40));
  base::Nanos now = 0;
  for (int i = 0; i < 150; ++i) {
    now += static_cast<base::Nanos>(random.below(60)) * kS;
    LoggedJob j;
    j.submitted = now;
    j.processors = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(log.processors)));
    if (random.below(3) != 0) j.processors = 1 + j.processors / 4;
    j.requested = static_cast<base::Nanos>(1 + random.below(400)) * kS;
    // Some end early, some would run longer than they said.
    j.run = static_cast<base::Nanos>(random.below(static_cast<std::uint64_t>(j.requested / kS * 3 / 2 + 2))) * kS;
    log.jobs.push_back(j);
  }
  return log;
}

/// Every job runs once, not before it is submitted; at no time are more processors in use than there are.
void check_capacity(const JobLog& log, const BatchRun& run) {
  std::vector<std::pair<base::Nanos, std::int64_t>> changes;
  for (std::size_t i = 0; i < log.jobs.size(); ++i) {
    const JobOutcome& o = run.jobs[i];
    REQUIRE(o.start >= log.jobs[i].submitted);
    REQUIRE(o.end >= o.start);
    changes.emplace_back(o.start, log.jobs[i].processors);
    changes.emplace_back(o.end, -log.jobs[i].processors);
  }
  std::sort(changes.begin(), changes.end());
  std::int64_t used = 0;
  for (const auto& [at, delta] : changes) {
    used += delta;
    REQUIRE(used <= log.processors);
  }
}

void check_rules(const JobLog& log) {
  for (const BatchRule rule : kRules) {
    for (const OverrunRule overrun : {OverrunRule::kKill, OverrunRule::kRunOn}) check_capacity(log, run_batch(log, rule, overrun));
  }
  const BatchRun fcfs = run_batch(log, BatchRule::kFcfs, OverrunRule::kRunOn);
  for (std::size_t i = 1; i < log.jobs.size(); ++i) REQUIRE(fcfs.jobs[i - 1].start <= fcfs.jobs[i].start);
  for (const BatchRule rule : {BatchRule::kEasy, BatchRule::kEasySjf}) {
    const BatchRun easy = run_batch(log, rule, OverrunRule::kKill);
    for (const JobOutcome& o : easy.jobs) {
      if (o.reserved < 0) continue;
      // No reservation that the head ever had is missed.
      REQUIRE(o.start <= o.reserved);
      REQUIRE(o.start <= o.latest_promise);
    }
  }
}

}  // namespace

TEST_CASE("first come, first served does not overtake; EASY does where nobody is delayed") {
  // 4 processors: a long job of 3, then one of 4 that must wait, a short narrow one, a long narrow one.
  const JobLog log = log_of(4, {job(0, 100, 100, 3), job(1, 10, 10, 4), job(2, 50, 50, 1), job(3, 200, 200, 1)});
  CHECK(starts(log, BatchRule::kFcfs) == std::vector<base::Nanos>{0, 100, 110, 110});
  CHECK(starts(log, BatchRule::kEasy) == std::vector<base::Nanos>{0, 100, 2, 110});
  const BatchRun run = run_batch(log, BatchRule::kEasy, OverrunRule::kKill);
  CHECK(run.jobs[1].reserved == 100 * kS);
  CHECK(run.jobs[0].reserved == -1);
}

TEST_CASE("EASY fills what the head leaves free") {
  // The head of 3 will leave one processor free at its start: a job of any length may take it.
  const JobLog log = log_of(4, {job(0, 100, 100, 3), job(1, 10, 10, 3), job(2, 900, 900, 1), job(3, 900, 900, 1)});
  CHECK(starts(log, BatchRule::kEasy) == std::vector<base::Nanos>{0, 100, 2, 110});
}

TEST_CASE("early ends move the head forward") {
  const JobLog log = log_of(4, {job(0, 30, 100, 4), job(1, 10, 10, 4)});
  const BatchRun run = run_batch(log, BatchRule::kEasy, OverrunRule::kKill);
  CHECK(run.jobs[1].reserved == 100 * kS);
  CHECK(run.jobs[1].start == 30 * kS);
}

TEST_CASE("shortest job first sorts the queue") {
  const JobLog log = log_of(2, {job(0, 50, 50, 2), job(1, 40, 40, 2), job(2, 10, 10, 2), job(3, 20, 20, 2)});
  CHECK(starts(log, BatchRule::kSjf) == std::vector<base::Nanos>{0, 80, 50, 60});
}

TEST_CASE("EASY-SJF looks at short candidates first") {
  // One processor is free beside the long job until 100; two narrow jobs may use it.
  const JobLog log = log_of(4, {job(0, 100, 100, 3), job(1, 10, 10, 4), job(2, 60, 60, 1), job(2, 30, 30, 1)});
  CHECK(starts(log, BatchRule::kEasy) == std::vector<base::Nanos>{0, 100, 2, 62});
  CHECK(starts(log, BatchRule::kEasySjf) == std::vector<base::Nanos>{0, 100, 32, 2});
}

TEST_CASE("killing keeps EASY's promise, running on may break it and is measured") {
  const JobLog log = log_of(2, {job(0, 500, 100, 1), job(1, 10, 10, 2)});
  CHECK(starts(log, BatchRule::kEasy) == std::vector<base::Nanos>{0, 100});
  const BatchRun on = run_batch(log, BatchRule::kEasy, OverrunRule::kRunOn);
  CHECK(on.jobs[1].start == 500 * kS);
  RunRecord record;
  measure_batch(log, on, OverrunRule::kRunOn, record);
  CHECK(*record.metric("reservations_slipped") == 1);
  CHECK(*record.metric("worst_slippage_s") == 400);
}

TEST_CASE("drawn logs: capacity, order, no reservation is missed") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    check_rules(drawn_log(seed));
  }
}

TEST_CASE("real logs: capacity, order, no reservation is missed") {
  const std::string data = std::string(ORRERY_SOURCE_DIR) + "/../shared/data";
  int found = 0;
  if (std::filesystem::exists(data + "/swf/hpc2n.swf")) {
    check_rules(read_swf(data + "/swf/hpc2n.swf", 0));
    ++found;
  }
  for (const char* name : {"example_workload_hpc_seed1_jobs250.json", "test_batsim_paper_workload_seed1.json"}) {
    if (!std::filesystem::exists(data + "/batsim/" + name)) continue;
    check_rules(read_batsim(data + "/batsim/" + name, 0));
    ++found;
  }
  if (found == 0) MESSAGE("no logs are at hand; skipped");
}
