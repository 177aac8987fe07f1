#include "control/controllers/job.h"

#include "control/controllers/ttl_after_finished.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using namespace controllers;
using base::Instant;

TEST_CASE("index sets: parse, print, merge") {
  struct Row {
    const char* text;
    int completions;
    const char* printed;
    int total;
  };
  const Row rows[] = {{"", 5, "", 0},       {"0", 5, "0", 1},     {"0,1,3", 5, "0,1,3", 3},
                      {"0-3", 5, "0-3", 4}, {"1-7", 5, "1-4", 4}, {"1,2,3", 9, "1-3", 3},
                      {"5-6,9", 6, "5", 1}, {"x,2", 5, "2", 1},   {"3,5-6", 9, "3,5,6", 3}};
  for (const Row& r : rows) {
    const IndexSet s = IndexSet::parse(r.text, r.completions);
    CHECK(s.str() == r.printed);
    CHECK(s.total() == r.total);
  }
  const IndexSet s = IndexSet::of({1, 3, 4, 9});
  CHECK(s.merged(IndexSet::of({0, 2, 7})).str() == "0-4,7,9");
  CHECK(s.has(4));
  CHECK_FALSE(s.has(2));
  CHECK_FALSE(s.has(10));
  CHECK(s.first_missing(3, 10) == std::vector<int>{0, 2, 5});
  CHECK(IndexSet::of({0, 1}).first_missing(5, 3) == std::vector<int>{2});
  CHECK(s.overlap(IndexSet::parse("3-9", 20)) == 3);
}

TEST_CASE("back-off: 10 s doubling to 10 min, from the last failure") {
  const api::Time last(1000);
  const auto left = [&](int failures, std::int64_t after) {
    return remaining_backoff(failures, last, Instant{(1000 + after) * kSecond}) / kSecond;
  };
  CHECK(left(0, 0) == 0);
  CHECK(left(1, 0) == 10);
  CHECK(left(1, 4) == 6);
  CHECK(left(1, 11) == 0);
  CHECK(left(2, 0) == 20);
  CHECK(left(6, 0) == 320);
  CHECK(left(7, 0) == 600);
  CHECK(left(40, 0) == 600);
}

PodHandle ended(const char* phase, std::int64_t at) {
  api::Pod pod;
  pod.status.edit().phase = phase;
  api::ContainerStateTerminated t;
  t.finished_at = api::Time(at);
  t.exit_code = 3;
  api::ContainerStatus c;
  c.name = "c";
  c.state.terminated = t;
  pod.status.edit().container_statuses.push_back(c);
  pod.metadata.finalizers.push_back(kJobTrackingFinalizer);
  return PodHandle(api::make_object(std::move(pod)));
}

TEST_CASE("back-off record: failures since the last success") {
  const PodHandle f1 = ended("Failed", 10), f2 = ended("Failed", 30), s = ended("Succeeded", 20);
  const BackoffRecord two = next_backoff({}, {}, {f2, f1});
  CHECK(two.failures == 2);
  CHECK(two.last == api::Time(30));
  CHECK(next_backoff(two, {}, {f2}).failures == 3);
  const BackoffRecord one = next_backoff(two, {s}, {f1, f2});
  CHECK(one.failures == 1);
  CHECK(one.last == api::Time(30));
  CHECK(next_backoff(two, {s}, {}).failures == 0);
}

TEST_CASE("pod failure policy: the first rule that applies decides") {
  api::Job job;
  api::PodFailurePolicy policy;
  api::PodFailurePolicyRule ignore, fail;
  ignore.action = "Ignore";
  api::PodFailurePolicyOnPodConditionsPattern pattern;
  pattern.type = "DisruptionTarget";
  pattern.status = "True";
  ignore.on_pod_conditions.push_back(pattern);
  fail.action = "FailJob";
  api::PodFailurePolicyOnExitCodesRequirement codes;
  codes.operator_ = "In";
  codes.values = base::List<std::int32_t>{3, 4};
  fail.on_exit_codes = codes;
  policy.rules.push_back(ignore);
  policy.rules.push_back(fail);
  api::Pod pod = *ended("Failed", 1);
  pod.metadata.namespace_ = "ns";
  pod.metadata.name = "p";
  CHECK(match_failure_policy(job, pod).counts);
  job.spec.edit().pod_failure_policy = policy;
  CHECK(*match_failure_policy(job, pod).fail_job ==
        "Container c for pod ns/p failed with exit code 3 matching FailJob rule at index 1");
  api::PodCondition target;
  target.type = "DisruptionTarget";
  target.status = "True";
  pod.status.edit().conditions.push_back(target);
  CHECK_FALSE(match_failure_policy(job, pod).counts);
  CHECK_FALSE(match_failure_policy(job, pod).fail_job);
}

TEST_CASE("success policy: indexes, a count, or both") {
  struct Row {
    std::optional<Str> indexes;
    std::optional<std::int32_t> count;
    const char* succeeded;
    bool met;
  };
  const Row rows[] = {
      {Str("0"), std::nullopt, "0,3", true}, {Str("0-2"), std::nullopt, "0,1", false},
      {Str("0-2"), 2, "0,1", true},          {std::nullopt, 2, "4", false},
      {std::nullopt, 2, "4,6", true},        {std::nullopt, 1, "", false}};
  for (const Row& r : rows) {
    api::Job job;
    job.spec.edit().completions = 10;
    api::SuccessPolicyRule rule;
    rule.succeeded_indexes = r.indexes;
    rule.succeeded_count = r.count;
    api::SuccessPolicy policy;
    policy.rules.push_back(rule);
    job.spec.edit().success_policy = policy;
    const auto message = match_success_policy(job, IndexSet::parse(r.succeeded, 10));
    CHECK(message.has_value() == r.met);
    if (message) CHECK(*message == "Matched rules at index 0");
  }
}

struct Jobs : Cluster {
  explicit Jobs(int completions, int parallelism) {
    add<JobController>();
    add<TtlAfterFinishedController>();
    job.metadata.namespace_ = "default";
    job.metadata.name = "j";
    api::JobSpec& spec = job.spec.edit();
    spec.completions = completions;
    spec.parallelism = parallelism;
    spec.backoff_limit = 6;
    spec.selector = web_selector();
    spec.template_ = web_template();
    spec.template_.spec.edit().restart_policy = "Never";
    every_tick = [this] { reap(); };
  }
  void begin() {
    api.put(job);
    start();
  }
  /// Pods end 2 s after they were made; `outcome` says how.
  void reap() {
    for (const auto& p : api.all<api::Pod>()) {
      if (client::is_pod_terminal(*p) || p->metadata.deleting() || !(p->status->phase == "Running"))
        continue;
      if (process.time.wall() - p->metadata.creation_timestamp.instant() < 2 * kSecond) continue;
      const int code = outcome(*p);
      if (code < 0) continue;
      api::Pod next = *p;
      next.status.edit().phase = code == 0 ? "Succeeded" : "Failed";
      next.status.edit().conditions.clear();
      api::ContainerStateTerminated t;
      t.exit_code = code;
      t.finished_at = api::Time::from(process.time.wall());
      api::ContainerStatus c;
      c.name = "c";
      c.state.terminated = t;
      next.status.edit().container_statuses.clear();
      next.status.edit().container_statuses.push_back(c);
      api.put(std::move(next));
    }
  }
  api::Handle<api::Job> now() { return api.get<api::Job>("default", "j"); }
  bool is(const char* condition) { return true_condition(*now()->status, condition) != nullptr; }
  api::Job job;
  std::function<int(const api::Pod&)> outcome = [](const api::Pod&) { return 0; };
};

TEST_CASE("Job: runs its completions, counts each once, and says so") {
  Jobs w(5, 2);
  w.begin();
  w.run(kSecond);
  CHECK(w.pods().size() == 2);
  CHECK(has_tracking_finalizer(*w.api.all<api::Pod>()[0]));
  w.run(40 * kSecond);
  CHECK(w.is("Complete"));
  CHECK(true_condition(*w.now()->status, "SuccessCriteriaMet")->reason == "CompletionsReached");
  CHECK(w.now()->status->succeeded == 5);
  CHECK(w.now()->status->failed == 0);
  CHECK(w.now()->status->active == 0);
  CHECK(w.now()->status->uncounted_terminated_pods->succeeded.empty());
  CHECK(w.pods().size() == 5);
  for (const auto& p : w.api.all<api::Pod>()) CHECK_FALSE(has_tracking_finalizer(*p));
  CHECK(w.events("Completed") == std::vector<std::string>{"Job completed"});
}

TEST_CASE("Job: fails after its back-off limit, with growing pauses") {
  Jobs w(1, 1);
  w.job.spec.edit().backoff_limit = 2;
  w.outcome = [](const api::Pod&) { return 1; };
  w.begin();
  w.run(10 * kSecond);
  CHECK(w.pods().size() == 1);
  w.run(15 * kSecond);
  CHECK(w.pods().size() == 2);
  w.run(30 * kSecond);
  CHECK(w.pods().size() == 3);
  w.run(60 * kSecond);
  CHECK(w.pods().size() == 3);
  CHECK(w.is("Failed"));
  CHECK(w.is("FailureTarget"));
  CHECK(true_condition(*w.now()->status, "Failed")->reason == "BackoffLimitExceeded");
  CHECK(w.now()->status->failed == 3);
}

TEST_CASE("Job: indexed pods carry their index; a failed one is replaced, one index each") {
  Jobs w(4, 2);
  w.job.spec.edit().completion_mode = Str("Indexed");
  int failures = 0;
  w.outcome = [&failures](const api::Pod& p) {
    return completion_index(p) == 1 && failures++ == 0 ? 1 : 0;
  };
  w.begin();
  const auto first = w.api.all<api::Pod>()[0];
  CHECK(first->metadata.generate_name == "j-0-");
  CHECK(first->spec->hostname == "j-0");
  CHECK(first->metadata.labels.get(kCompletionIndex) == "0");
  CHECK(first->spec->containers[0].env[0].name == "JOB_COMPLETION_INDEX");
  w.run(60 * kSecond);
  CHECK(w.is("Complete"));
  CHECK(w.now()->status->completed_indexes == "0-3");
  CHECK(w.now()->status->failed == 1);
  CHECK(w.pods().size() == 5);
}

TEST_CASE("Job: an index that fails too often fails the Job, the others finish") {
  Jobs w(3, 3);
  w.job.spec.edit().completion_mode = Str("Indexed");
  w.job.spec.edit().backoff_limit = INT32_MAX;
  w.job.spec.edit().backoff_limit_per_index = 1;
  w.outcome = [](const api::Pod& p) { return completion_index(p) == 2 ? 1 : 0; };
  w.begin();
  w.run(60 * kSecond);
  REQUIRE(w.is("Failed"));
  CHECK(true_condition(*w.now()->status, "Failed")->reason == "FailedIndexes");
  CHECK(w.now()->status->completed_indexes == "0,1");
  CHECK(*w.now()->status->failed_indexes == "2");
  CHECK(w.pods().size() == 4);
  int counts = 0;
  for (const auto& p : w.api.all<api::Pod>()) counts += index_failures(*p);
  CHECK(counts == 1);
}

TEST_CASE("Job: suspension takes the pods away and resuming starts its time anew") {
  Jobs w(2, 2);
  w.outcome = [](const api::Pod&) { return -1; };
  w.begin();
  w.run(3 * kSecond);
  CHECK(w.now()->status->ready == 2);
  const api::Time started = w.now()->status->start_time;
  w.api.edit<api::Job>("default", "j", [](api::Job& j) {
    j.spec.edit().suspend = true;
    ++j.metadata.generation;
  });
  w.run(5 * kSecond);
  CHECK(w.pods().empty());
  CHECK(w.is("Suspended"));
  w.api.edit<api::Job>("default", "j", [](api::Job& j) {
    j.spec.edit().suspend = false;
    ++j.metadata.generation;
  });
  w.run(5 * kSecond);
  CHECK(w.pods().size() == 2);
  CHECK(find_condition(*w.now()->status, "Suspended")->reason == "JobResumed");
  CHECK(w.now()->status->start_time > started);
}

TEST_CASE("Job: the deadline and the time to live") {
  Jobs w(1, 1);
  w.job.spec.edit().active_deadline_seconds = 5;
  w.job.spec.edit().ttl_seconds_after_finished = 10;
  w.outcome = [](const api::Pod&) { return -1; };
  w.begin();
  w.run(12 * kSecond);
  REQUIRE(w.now());
  CHECK(true_condition(*w.now()->status, "Failed")->reason == "DeadlineExceeded");
  w.run(12 * kSecond);
  CHECK_FALSE(w.now());
}

}  // namespace
}  // namespace orrery::test
