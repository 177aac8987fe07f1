// The CronJob controller over a fake apiserver, with the Job controller; Jobs run 2 s.
#include "control/controllers/cron_job.h"

#include <algorithm>

#include "control/controllers/job.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using controllers::CronJobController;
using controllers::JobController;

struct CronWorld : Cluster {
  explicit CronWorld(const char* schedule) {
    add<CronJobController>();
    add<JobController>();
    cron.metadata.namespace_ = "default";
    cron.metadata.name = "tick";
    cron.metadata.uid = "uid-tick";
    cron.metadata.creation_timestamp = api::Time::from(process.time.wall());
    api::CronJobSpec& spec = cron.spec.edit();
    spec.schedule = schedule;
    spec.concurrency_policy = "Allow";
    spec.successful_jobs_history_limit = 3;
    spec.failed_jobs_history_limit = 1;
    spec.job_template.metadata.labels.set("app", "tick");
    api::JobSpec& job = spec.job_template.spec;
    job.completions = job.parallelism = 1;
    job.backoff_limit = 0;
    job.selector = web_selector();
    job.template_ = web_template();
    job.template_.spec.edit().restart_policy = "Never";
    every_tick = [this] { finish(); };
  }
  void begin() {
    api.put(cron);
    start();
  }
  /// To `seconds` after the next full minute.
  void to_minute(int seconds) {
    const std::int64_t into = process.time.wall().ns % (60 * kSecond);
    run(60 * kSecond - into + seconds * kSecond);
  }
  void finish() {
    for (const auto& p : api.all<api::Pod>()) {
      if (exit_code < 0 || !(p->status->phase == "Running")) continue;
      if (process.time.wall() - p->metadata.creation_timestamp.instant() < 2 * kSecond) continue;
      api::Pod next = *p;
      next.status.edit().phase = exit_code == 0 ? "Succeeded" : "Failed";
      api.put(std::move(next));
    }
  }
  api::Handle<api::CronJob> now() { return api.get<api::CronJob>("default", "tick"); }
  std::size_t jobs() { return api.all<api::Job>().size(); }
  template <class F>
  void change(F f) {
    api.edit<api::CronJob>("default", "tick", [&f](auto& x) { f(x.spec.edit()); });
  }
  api::CronJob cron;
  int exit_code = 0;  ///< < 0: pods go on for ever
};

TEST_CASE("CronJob: a Job at each start, its end noted, old ones deleted") {
  CronWorld w("* * * * *");
  w.begin();
  CHECK(w.jobs() == 0);
  w.to_minute(1);
  REQUIRE(w.jobs() == 1);
  const auto job = w.api.all<api::Job>()[0];
  const std::int64_t minute = w.process.time.wall().ns / (60 * kSecond);
  CHECK(job->metadata.name == base::cat("tick-", std::to_string(minute)));
  CHECK(job->metadata.labels.get("app") == "tick");
  CHECK(job->metadata.annotations.get("batch.kubernetes.io/cronjob-scheduled-timestamp") == api::Time(minute * 60).str());
  CHECK(api::controller_of(job->metadata)->kind == "CronJob");
  CHECK(w.now()->status->last_schedule_time == api::Time(minute * 60));
  REQUIRE(w.now()->status->active.size() == 1);
  CHECK(w.now()->status->active[0].name == job->metadata.name);
  const auto made = w.events("SuccessfulCreate");
  CHECK(std::count(made.begin(), made.end(), base::cat("Created job ", job->metadata.name)) == 1);
  w.to_minute(-20);
  CHECK(w.now()->status->active.empty());
  CHECK_FALSE(w.now()->status->last_successful_time.is_zero());
  CHECK(w.events("SawCompletedJob") == std::vector<std::string>{base::cat("Saw completed job: ", job->metadata.name, ", condition: Complete")});
  for (int i = 0; i < 4; ++i) w.to_minute(10);
  CHECK(w.jobs() == 3);
  CHECK(w.events("SuccessfulDelete").size() >= 1);
}

TEST_CASE("CronJob: what a start does while the last Job runs") {
  struct Row {
    const char* policy;
    std::size_t jobs, active;
  };
  for (const Row& r : {Row{"Allow", 3, 3}, Row{"Forbid", 1, 1}, Row{"Replace", 1, 1}}) {
    CAPTURE(r.policy);
    CronWorld w("* * * * *");
    w.exit_code = -1;
    w.cron.spec.edit().concurrency_policy = r.policy;
    w.begin();
    for (int i = 0; i < 3; ++i) w.to_minute(10);
    CHECK(w.jobs() == r.jobs);
    CHECK(w.now()->status->active.size() == r.active);
    CHECK(w.events("JobAlreadyActive").empty() == (std::string_view(r.policy) != "Forbid"));
    const std::string newest = base::cat("tick-", std::to_string(w.process.time.wall().ns / (60 * kSecond)));
    const auto& active = w.now()->status->active;
    CHECK((active[active.size() - 1].name == newest) == (std::string_view(r.policy) != "Forbid"));
  }
}

TEST_CASE("CronJob: suspended ones start nothing, and too late is too late") {
  CronWorld w("* * * * *");
  w.cron.spec.edit().suspend = true;
  w.cron.spec.edit().starting_deadline_seconds = 30;
  w.begin();
  w.to_minute(1);
  w.to_minute(40);
  CHECK(w.jobs() == 0);
  w.change([](auto& s) { s.suspend = false; });
  w.run(2 * kSecond);
  CHECK(w.jobs() == 0);
  w.to_minute(2);
  CHECK(w.jobs() == 1);
}

TEST_CASE("CronJob: a start missed within its deadline is made up for") {
  CronWorld w("* * * * *");
  w.cron.spec.edit().suspend = true;
  w.begin();
  w.to_minute(1);
  w.to_minute(20);
  w.change([](auto& s) { s.suspend = false; });
  w.run(2 * kSecond);
  CHECK(w.jobs() == 1);
}

TEST_CASE("CronJob: a new schedule counts from now on, an impossible one is told") {
  CronWorld w("0 0 1 1 *");
  w.begin();
  w.to_minute(10);
  CHECK(w.jobs() == 0);
  w.change([](auto& s) { s.schedule = "*/1 * * * *"; });
  w.to_minute(10);
  CHECK(w.jobs() == 1);
  w.change([](auto& s) { s.schedule = "0 0 30 2 *"; });
  w.to_minute(10);
  CHECK(w.jobs() == 1);
}

TEST_CASE("CronJob: a Job that vanishes is forgotten") {
  CronWorld w("* * * * *");
  w.exit_code = -1;
  w.begin();
  w.to_minute(5);
  REQUIRE(w.jobs() == 1);
  const std::string name = w.api.all<api::Job>()[0]->metadata.name.str();
  w.api.erase(api::KindId::kJob, "default", name);
  w.run(2 * kSecond);
  CHECK(w.now()->status->active.empty());
  CHECK(w.events("MissingJob") == std::vector<std::string>{"Active job went missing: " + name});
}

TEST_CASE("CronJob: times of starts") {
  const auto at = [](const char* text) { return *api::Time::parse(text); };
  api::CronJob c;
  c.metadata.creation_timestamp = at("2020-01-01T10:00:00Z");
  struct Row {
    const char *schedule, *last, *now;
    const char* newest;  ///< "": none is due
    controllers::MissedStarts missed;
    std::int64_t seconds_left;
  };
  using controllers::MissedStarts;
  const Row rows[] = {
      {"0 * * * *", "", "2020-01-01T10:30:00Z", "", MissedStarts::kNone, 1800},
      {"0 * * * *", "", "2020-01-01T11:00:00Z", "2020-01-01T11:00:00Z", MissedStarts::kNone, 3600},
      {"0 * * * *", "", "2020-01-01T15:30:00Z", "2020-01-01T15:00:00Z", MissedStarts::kFew, 1800},
      {"0 * * * *", "2020-01-01T11:00:00Z", "2020-01-01T11:30:00Z", "", MissedStarts::kNone, 1800},
      {"* * * * *", "", "2020-01-01T13:00:30Z", "2020-01-01T13:00:00Z", MissedStarts::kMany, 30},
      {"30 6-16/4 * * 1-5", "2020-01-01T10:30:00Z", "2020-01-02T10:31:00Z", "2020-01-02T10:30:00Z", MissedStarts::kFew, 14340},
      {"59 23 31 2 *", "", "2020-01-01T10:30:00Z", "", MissedStarts::kNone, 0},
  };
  for (const Row& r : rows) {
    CAPTURE(r.schedule);
    CAPTURE(r.now);
    c.status.edit().last_schedule_time = *r.last ? at(r.last) : api::Time();
    const auto schedule = api::CronSchedule::parse(r.schedule);
    const auto recent = controllers::recent_start(c, at(r.now).instant(), *schedule, false);
    CHECK((recent.newest ? recent.newest->str() : "") == r.newest);
    CHECK(recent.missed == r.missed);
    CHECK(recent.impossible == (r.seconds_left == 0));
    if (r.seconds_left > 0)
      CHECK(controllers::until_next_start(c, at(r.now).instant(), *schedule) == r.seconds_left * kSecond + 100 * kMillisecond);
  }
  CHECK(controllers::rfc1123(at("2006-01-02T15:04:05Z")) == "Mon, 02 Jan 2006 15:04:05 +0000");
}

}  // namespace
}  // namespace orrery::test
