#include "model/api/time.h"

#include <doctest/doctest.h>

using namespace orrery::api;
using orrery::base::Instant;

TEST_CASE("time: print and parse") {
  struct Case {
    const char* text;
    std::int64_t seconds;
  };
  for (const Case& c :
       {Case{"1970-01-01T00:00:00Z", 0}, Case{"2025-01-01T00:00:00Z", 1735689600},
        Case{"2024-02-29T23:59:59Z", 1709251199}, Case{"1969-12-31T23:59:59Z", -1},
        Case{"2000-03-01T00:00:00Z", 951868800}, Case{"0001-01-01T00:00:00Z", kZeroTimeSeconds},
        Case{"9999-12-31T23:59:59Z", 253402300799}, Case{"1900-02-28T12:00:00Z", -2203934400}}) {
    CHECK(Time(c.seconds).str() == c.text);
    CHECK(Time::parse(c.text)->seconds == c.seconds);
  }
  CHECK(Time().is_zero());
  CHECK(Time::parse("0001-01-01T00:00:00Z")->is_zero());
  CHECK(Time::parse("2025-01-01T02:30:00+02:30")->seconds == 1735689600);
  CHECK(Time::parse("2024-12-31T19:00:00.999-05:00")->seconds == 1735689600);
  CHECK(Time::parse("2025-01-01T0:00:00,5Z")->seconds == 1735689600);
  CHECK(Time::from(Instant{1'999'999'999}).seconds == 1);
  CHECK(Time::from(Instant{-1}).seconds == -1);
  CHECK(Time(5).instant() == Instant{5'000'000'000});
  CHECK(Time().instant().ns == INT64_MIN);
}

TEST_CASE("time: errors") {
  const auto error = [](const char* s) { return Time::parse(s).error().message; };
  const std::string layout = " as \"2006-01-02T15:04:05Z07:00\": cannot parse ";
  CHECK(error("") == "parsing time \"\"" + layout + "\"\" as \"2006\"");
  CHECK(error("now") == "parsing time \"now\"" + layout + "\"now\" as \"2006\"");
  CHECK(error("2025-01-01") == "parsing time \"2025-01-01\"" + layout + "\"\" as \"T\"");
  CHECK(error("2025-01-01T00:00:00") ==
        "parsing time \"2025-01-01T00:00:00\"" + layout + "\"\" as \"Z07:00\"");
  CHECK(error("2025-13-01T00:00:00Z") ==
        "parsing time \"2025-13-01T00:00:00Z\": month out of range");
  CHECK(error("2025-02-29T00:00:00Z") == "parsing time \"2025-02-29T00:00:00Z\": day out of range");
  CHECK(error("2025-02-20T24:00:00Z") ==
        "parsing time \"2025-02-20T24:00:00Z\": hour out of range");
  CHECK(error("2025-01-01T00:00:00Zx") ==
        "parsing time \"2025-01-01T00:00:00Zx\": extra text: \"x\"");
}

TEST_CASE("time: micro") {
  CHECK(MicroTime(1735689600'000001).str() == "2025-01-01T00:00:00.000001Z");
  CHECK(MicroTime(-1).str() == "1969-12-31T23:59:59.999999Z");
  CHECK(MicroTime::parse("2025-01-01T00:00:00.000001Z")->micros == 1735689600'000001);
  CHECK(MicroTime::parse("2025-01-01T01:00:00.500000+01:00")->micros == 1735689600'500000);
  CHECK(MicroTime::from(Instant{-1}).micros == -1);
  CHECK(MicroTime::from(Instant{1999}).micros == 1);
  CHECK(MicroTime::parse("0001-01-01T00:00:00.000000Z")->is_zero());
  for (const char* bad :
       {"2025-01-01T00:00:00Z", "2025-01-01T00:00:00.00000Z", "2025-01-01T00:00:00.0000000Z"}) {
    CHECK_FALSE(MicroTime::parse(bad).ok());
  }
}

TEST_CASE("time: every day of eight centuries") {
  std::int64_t day = days_from_civil(1600, 1, 1);
  int wrong = 0;
  for (std::int64_t year = 1600; year < 2400; ++year) {
    for (unsigned month = 1; month <= 12; ++month) {
      for (unsigned d = 1;; ++d, ++day) {
        const CivilDate date = civil_from_days(day);
        if (date.month != month) break;
        if (date.year != year || date.day != d || days_from_civil(year, month, d) != day) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(day == days_from_civil(2400, 1, 1));
  CHECK(day == days_from_civil(1600, 1, 1) + 2 * 146097);
}

TEST_CASE("time: durations") {
  using namespace orrery::base;
  struct Case {
    Nanos d;
    const char* text;
  };
  for (const Case& c :
       {Case{0, "0s"}, Case{1, "1ns"}, Case{1100, "1.1\u00b5s"}, Case{2'200'000, "2.2ms"},
        Case{3'300'000'000, "3.3s"}, Case{4 * kMinute + 5 * kSecond, "4m5s"},
        Case{4 * kMinute + 5 * kSecond + kMillisecond, "4m5.001s"}, Case{kHour, "1h0m0s"},
        Case{kHour + 2 * kMinute + 3'500 * kMillisecond, "1h2m3.5s"}, Case{-kSecond, "-1s"},
        Case{INT64_MAX, "2562047h47m16.854775807s"},
        Case{INT64_MIN, "-2562047h47m16.854775808s"}}) {
    CHECK(duration_str(c.d) == c.text);
    CHECK(parse_duration(c.text).value() == c.d);
  }
  struct Other {
    const char* text;
    Nanos d;
  };
  for (const Other& c :
       {Other{"0", 0}, Other{"+5s", 5 * kSecond}, Other{"1.5h", 90 * kMinute},
        Other{".5s", kSecond / 2}, Other{"10us", 10 * kMicrosecond}, Other{"3m2s1m", 242 * kSecond},
        Other{"0.3333333333333333333h", 20 * kMinute}, Other{"39h9m14.425s", 140954425000000}}) {
    CHECK(parse_duration(c.text).value() == c.d);
  }
  const auto error = [](const char* s) { return parse_duration(s).error().message; };
  CHECK(error("") == "time: invalid duration \"\"");
  CHECK(error("3") == "time: missing unit in duration \"3\"");
  CHECK(error("1x") == "time: unknown unit \"x\" in duration \"1x\"");
  CHECK(error(".s") == "time: invalid duration \".s\"");
  CHECK(error("9223372036854775808ns") == "time: invalid duration \"9223372036854775808ns\"");
}
