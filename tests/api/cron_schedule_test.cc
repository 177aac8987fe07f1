// Schedules of CronJobs: the language of robfig/cron's ParseStandard and its next starts. Rows after that project's parser_test.go
// and spec_test.go.
#include "model/api/cron_schedule.h"

#include <doctest/doctest.h>

#include <string>

namespace orrery::api {
namespace {

std::string next_of(const char* schedule, const char* time) {
  const auto s = CronSchedule::parse(schedule);
  REQUIRE(s.ok());
  const Time next = s->next(*Time::parse(time));
  return next.is_zero() ? "never" : next.str();
}

TEST_CASE("cron: the next start") {
  struct Row {
    const char *schedule, *after, *next;
  };
  const Row rows[] = {
      {"0/15 * * * *", "2012-07-09T14:45:00Z", "2012-07-09T15:00:00Z"},
      {"0/15 * * * *", "2012-07-09T14:59:00Z", "2012-07-09T15:00:00Z"},
      {"0/15 * * * *", "2012-07-09T14:59:59Z", "2012-07-09T15:00:00Z"},
      {"20-35/15 * * * *", "2012-07-09T15:45:00Z", "2012-07-09T16:20:00Z"},
      {"*/15 * * * *", "2012-07-09T23:46:00Z", "2012-07-10T00:00:00Z"},
      {"20-35/15 * * * *", "2012-07-09T23:45:00Z", "2012-07-10T00:20:00Z"},
      {"20-35/15 1/2 * * *", "2012-07-09T23:35:51Z", "2012-07-10T01:20:00Z"},
      {"20-35/15 10-12 * * *", "2012-07-09T23:35:51Z", "2012-07-10T10:20:00Z"},
      {"20-35/15 1/2 */2 * *", "2012-07-09T23:35:51Z", "2012-07-11T01:20:00Z"},
      {"20-35/15 * 9-20 * *", "2012-07-09T23:35:51Z", "2012-07-10T00:20:00Z"},
      {"20-35/15 * 9-20 Jul *", "2012-07-09T23:35:51Z", "2012-07-10T00:20:00Z"},
      {"* * 9 Apr-Oct ?", "2012-07-09T23:35:00Z", "2012-07-09T23:36:00Z"},
      {"0 0 9 Apr-Oct ?", "2012-07-09T23:35:00Z", "2012-08-09T00:00:00Z"},
      {"0 0 */5 Apr,Aug,Oct Mon", "2012-07-09T23:35:00Z", "2012-08-01T00:00:00Z"},
      {"0 0 */5 Oct Mon", "2012-07-09T23:35:00Z", "2012-10-01T00:00:00Z"},
      {"0 0 * Feb Mon", "2012-07-09T23:35:00Z", "2013-02-04T00:00:00Z"},
      {"0 0 * Feb Mon/2", "2012-07-09T23:35:00Z", "2013-02-01T00:00:00Z"},
      {"59 23 31 Dec *", "2012-12-31T23:59:45Z", "2013-12-31T23:59:00Z"},
      {"0 0 29 Feb ?", "2012-07-09T23:35:00Z", "2016-02-29T00:00:00Z"},
      {"0 0 30 Feb ?", "2012-07-09T23:35:00Z", "never"},
      {"0 0 31 Apr ?", "2012-07-09T23:35:00Z", "never"},
      {"0 0 1,15 * Sun", "2012-07-15T00:00:00Z", "2012-07-22T00:00:00Z"},
      {"0 0 * * Mon", "2012-07-15T00:00:00Z", "2012-07-16T00:00:00Z"},
      {"0 0 1,15 * *", "2012-07-09T00:00:00Z", "2012-07-15T00:00:00Z"},
      {"0 0 */2 * Sun", "2012-07-15T00:00:00Z", "2012-07-17T00:00:00Z"},
      {"@hourly", "2012-07-09T14:45:00Z", "2012-07-09T15:00:00Z"},
      {"@weekly", "2012-07-09T14:45:00Z", "2012-07-15T00:00:00Z"},
      {"@yearly", "2012-07-09T14:45:00Z", "2013-01-01T00:00:00Z"},
      {"@every 1h30m", "2012-07-09T14:45:00Z", "2012-07-09T16:15:00Z"},
      {"@every 10ms", "2012-07-09T14:45:00Z", "2012-07-09T14:45:01Z"},
      {"TZ=UTC 0 5 * * *", "2012-07-09T14:45:00Z", "2012-07-10T05:00:00Z"},
      {"CRON_TZ=Etc/UTC @daily", "2012-07-09T14:45:00Z", "2012-07-10T00:00:00Z"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.schedule);
    CHECK(next_of(r.schedule, r.after) == r.next);
  }
}

// As SpecSchedule.Next goes on by instants: rows of spec_test.go ("Daylight savings time") and by the zones' clocks.
TEST_CASE("cron: zones, and hours that their clocks skip or repeat") {
  struct Row {
    const char *schedule, *after, *next;
  };
  const Row rows[] = {
      {"TZ=America/New_York 30 2 11 Mar ?", "2012-03-11T05:00:00Z", "2013-03-11T06:30:00Z"},
      {"TZ=America/New_York 0 * * * ?", "2012-03-11T05:00:00Z", "2012-03-11T06:00:00Z"},
      {"TZ=America/New_York 0 * * * ?", "2012-03-11T06:00:00Z", "2012-03-11T07:00:00Z"},
      {"TZ=America/New_York 0 2 * * ?", "2012-03-11T05:00:00Z", "2012-03-12T06:00:00Z"},
      {"TZ=America/New_York 0 1 * * ?", "2012-11-04T04:00:00Z", "2012-11-04T05:00:00Z"},
      {"TZ=America/New_York 0 1 * * ?", "2012-11-04T05:45:00Z", "2012-11-04T06:00:00Z"},
      {"TZ=Europe/Berlin 0 5 * * *", "2026-11-22T18:00:00Z", "2026-11-23T04:00:00Z"},
      {"TZ=Europe/Berlin 0 5 * * *", "2026-07-01T00:00:00Z", "2026-07-01T03:00:00Z"},
      {"TZ=Asia/Kolkata 0 0 * * *", "2026-11-22T18:00:00Z", "2026-11-22T18:30:00Z"},
      {"TZ=Australia/Sydney 0 0 1 1 *", "2026-07-01T00:00:00Z", "2026-12-31T13:00:00Z"},
      {"TZ=America/Sao_Paulo @daily", "2026-11-22T18:00:00Z", "2026-11-23T03:00:00Z"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.schedule);
    CHECK(next_of(r.schedule, r.after) == r.next);
  }
  const Time at = *Time::parse("2026-11-22T18:25:00Z");
  CHECK(TimeZone::find("Europe/Berlin")->text(at) == "2026-11-22T19:25:00+01:00");
  CHECK(TimeZone::find("America/St_Johns")->text(at) == "2026-11-22T14:55:00-03:30");
  CHECK(TimeZone::find("Australia/Lord_Howe")->text(at) == "2026-11-23T05:25:00+11:00");
  CHECK(TimeZone::find("Africa/Cairo")->offset(*Time::parse("2026-07-01T00:00:00Z")) == 3 * 3600);
  CHECK(TimeZone::find("Etc/UTC")->text(at) == "2026-11-22T18:25:00Z");
  CHECK_FALSE(TimeZone::find("Berlin"));
  CHECK_FALSE(TimeZone::find("europe/berlin"));
}

TEST_CASE("cron: what cannot be read") {
  struct Row {
    const char *schedule, *says;
  };
  const Row rows[] = {
      {"", "empty spec string"},
      {"xyz", "expected exactly 5 fields, found 1: [xyz]"},
      {"60 0 * *", "expected exactly 5 fields, found 4: [60 0 * *]"},
      {"60 0 * * *", "end of range (60) above maximum (59): 60"},
      {"0 60 * * *", "end of range (60) above maximum (23): 60"},
      {"0 0 0 * *", "beginning of range (0) below minimum (1): 0"},
      {"0 0 * * 7", "end of range (7) above maximum (6): 7"},
      {"0 0 * * XYZ", "failed to parse int from XYZ: strconv.Atoi: parsing \"XYZ\": invalid syntax"},
      {"5j * * * *", "failed to parse int from 5j: strconv.Atoi: parsing \"5j\": invalid syntax"},
      {"1-2-3 * * * *", "too many hyphens: 1-2-3"},
      {"1/2/3 * * * *", "too many slashes: 1/2/3"},
      {"5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"},
      {"*/0 * * * *", "step of range should be a positive number: */0"},
      {"@unrecognized", "unrecognized descriptor: @unrecognized"},
      {"@every 5minutes", "failed to parse duration @every 5minutes: time: unknown unit \"minutes\" in duration \"5minutes\""},
      {"TZ=Mars/Base 0 5 * * *", "provided bad location Mars/Base: unknown time zone Mars/Base"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.schedule);
    const auto s = CronSchedule::parse(r.schedule);
    REQUIRE_FALSE(s.ok());
    CHECK(s.error().message == r.says);
  }
}

}  // namespace
}  // namespace orrery::api
