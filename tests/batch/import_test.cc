// Importers of batch traces: what they read, and every way in which a file can be wrong.
#include <doctest/doctest.h>

#include <string>

#include "scenarios/batch/batsim.h"
#include "scenarios/batch/swf.h"

namespace orrery::scenarios::batch {
namespace {

using base::kMillisecond;
using base::kSecond;

constexpr const char* kRow = "7 100 3 20.5 4 -1 -1 8 60 -1 1 1 1 -1 -1 1 -1 -1";

std::string edited(std::string row, const std::string& from, const std::string& to) {
  return row.replace(row.find(from), from.size(), to);
}

template <class F>
std::string refusal(F read) {
  try {
    read();
  } catch (const InputError& e) {
    return e.text();
  }
  return "accepted";
}

std::string swf_refusal(const std::string& text) {
  return refusal([&text] { read_swf(text, "log.swf"); });
}

TEST_CASE("swf: columns, comments and rows that are left out") {
  const std::string text = std::string("; Version: 2.2\n; MaxProcs: 64\n\n") + kRow + "\r\n" +
                           edited(kRow, "20.5 4 -1 -1 8 60", "-1 4 -1 -1 8 60") + "\n  " +
                           edited(edited(kRow, "100", "40"), "8 60", "-1 -1") + "\n";
  const BatchTrace t = read_swf(text, "log.swf");
  CHECK(t.processors == 64);
  CHECK(t.never_started == 1);
  CHECK(t.no_request == 1);
  REQUIRE(t.jobs.size() == 2);
  CHECK(t.jobs[0].submitted == 40 * kSecond);
  CHECK(t.jobs[0].processors == 4);
  CHECK(t.jobs[0].requested == t.jobs[0].run);
  CHECK(t.jobs[1].name == "7");
  CHECK(t.jobs[1].run == 20'500 * kMillisecond);
  CHECK(t.jobs[1].requested == 60 * kSecond);
  CHECK(t.jobs[1].processors == 8);
}

TEST_CASE("swf: what is wrong, with its line") {
  struct Row {
    std::string text, says;
  };
  const Row rows[] = {
      {"", "log.swf: no job in it"},
      {"; MaxProcs: 4\n", "log.swf: no job in it"},
      {"1 2 3\n", "log.swf:1: 3 columns instead of 18"},
      {std::string(kRow) + " 5", "log.swf:1: more than 18 columns"},
      {"; hello\n" + edited(kRow, "20.5", "2O"), "log.swf:2: run time: no number: 2O; columns are separated by blanks and -1 stands for unknown"},
      {edited(kRow, "100", "1e99"), "log.swf:1: submit time: too large: 1e99"},
      {edited(kRow, "100", "nan"), "log.swf:1: submit time: no number: nan; columns are separated by blanks and -1 stands for unknown"},
      {edited(kRow, "100", "-5"), "log.swf:1: submit time: negative"},
      {edited(edited(kRow, "20.5 4", "20.5 -1"), "8 60", "-1 60"), "log.swf:1: requested processors: neither requested nor allocated processors"},
      {std::string("; MaxProcs: 4\n") + kRow, "log.swf:2: requested processors: 8 of 4 processors (MaxProcs)"},
  };
  for (const Row& row : rows) CHECK(swf_refusal(row.text) == row.says);
}

YamlCursor yaml(const std::string& text) { return YamlCursor(YAML::Load(text), "w.json", "", 1); }

constexpr const char* kBatsim = R"({"nb_res": 8,
"jobs": [{"id": "w0!1", "subtime": 10.25, "res": 4, "walltime": 100, "profile": "twice"},
         {"id": 2, "subtime": 3, "res": 1, "profile": "one"}],
"profiles": {"one": {"type": "delay", "delay": 20.4},
             "twice": {"type": "composed", "repeat": 2, "seq": ["one", "one"]}}})";

TEST_CASE("batsim: jobs, delays and compositions") {
  const BatchTrace t = read_batsim(yaml(kBatsim));
  CHECK(t.processors == 8);
  CHECK(t.no_request == 1);
  REQUIRE(t.jobs.size() == 2);
  CHECK(t.jobs[0].name == "2");
  CHECK(t.jobs[0].requested == 20'400 * kMillisecond);
  CHECK(t.jobs[1].submitted == 10'250 * kMillisecond);
  CHECK(t.jobs[1].run == 81'600 * kMillisecond);
  CHECK(t.jobs[1].requested == 100 * kSecond);
}

TEST_CASE("batsim: what is wrong, with its line") {
  struct Row {
    const char *from, *to, *says;
  };
  const Row rows[] = {
      {"\"res\": 4", "\"res\": 9", "w.json:2: jobs[0].res: "},
      {"\"res\": 4", "\"res\": 0", "w.json:2: jobs[0].res: "},
      {"\"subtime\": 3", "\"subtime\": -3", "w.json:3: jobs[1].subtime: "},
      {"\"subtime\": 3,", "", "w.json:3: jobs[1]"},
      {"\"walltime\": 100", "\"walltime\": 0", "w.json:2: jobs[0].walltime: "},
      {"\"profile\": \"one\"", "\"profile\": \"two\"", "w.json:3: jobs[1].profile: no such profile: two"},
      {"\"delay\": 20.4", "\"delay\": -1", "w.json:4: profiles.one.delay: "},
      {"\"type\": \"delay\"", "\"type\": \"parallel\"", "w.json:4: profiles.one.type: no duration without a platform: parallel"},
      {"[\"one\", \"one\"]", "[\"one\", \"twice\"]", "profiles are composed of themselves"},
      {"\"repeat\": 2", "\"repeat\": 0", "w.json:5: profiles.twice.repeat: "},
      {"\"jobs\"", "\"tasks\"", "jobs"},
  };
  for (const Row& row : rows) {
    const std::string text = refusal([&] { read_batsim(yaml(edited(kBatsim, row.from, row.to))); });
    CAPTURE(row.to);
    CAPTURE(text);
    CHECK(text.find(row.says) != text.npos);
  }
}

}  // namespace
}  // namespace orrery::scenarios::batch
