// What a bench writes besides means: figures of the machine, marked and outside the digest; load and warm-up in every file.
#include <doctest/doctest.h>

#include "model/codec/json_value.h"
#include "scenarios/bench/html_report.h"
#include "scenarios/bench/tables.h"

namespace orrery::scenarios::bench {
namespace {

RunRecord record_with(double rate) {
  RunRecord r;
  r.trace = "Basic";
  r.size = "100%";
  r.policy = "Default";
  r.seed = 1;
  r.load = "batch";
  r.warmup = "mser-5";
  r.metrics = {{"pods", 5}, {"attempts", 7}};
  r.measured = {{"pods_per_cpu_s", rate}, {"upstream_threshold_pods_per_s", 270}, {"times_threshold", rate / 270}};
  r.seal();
  return r;
}

BenchSpec spec_with_policy() {
  BenchSpec out;
  out.file = "b.yaml";
  out.policies.resize(1);
  out.policies[0].label = "Default";
  out.seeds = {1};
  return out;
}

bool holds(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("measured figures are in table, JSON and report, marked, and not in the digest") {
  const std::vector<RunRecord> slow{record_with(54'000)}, fast{record_with(108'000)};
  CHECK(digest_of(slow) == digest_of(fast));
  const BenchSpec spec = spec_with_policy();
  const auto rows = summarise(slow);
  const std::string html = html_report(spec, rows, slow), json = results_json(spec, rows, slow), text = text_table(spec, rows, slow);
  for (const std::string* out : {&html, &json, &text}) {
    CHECK(holds(*out, kMeasuredAbout));
    CHECK(holds(*out, "times_threshold"));
    CHECK(holds(*out, "54"));
  }
  const auto parsed = codec::parse_json(json);
  REQUIRE(parsed.ok());
  REQUIRE((*parsed)["measured"].items().size() == 1);
  CHECK((*parsed)["measured"].items()[0]["times_threshold"].double_or(0) == 200);
  CHECK((*parsed)["measured"].items()[0]["trace"].text_or("") == "Basic");
  CHECK((*parsed)["runs"].items()[0]["metrics"].find("times_threshold") == nullptr);
  CHECK(holds(html, "<td>200.0"));
  RunRecord none = record_with(1);
  none.measured.clear();
  CHECK_FALSE(holds(results_json(spec, summarise({none}), {none}), "measured"));
  CHECK_FALSE(holds(html_report(spec, summarise({none}), {none}), "<h3>Measured"));
}

TEST_CASE("every row of the CSV and every run of the JSON says load and warm-up; records keep them") {
  RunRecord r = record_with(1);
  r.cut = 5'000'000'000;
  r.proposed_cut = 4'000'000'000;
  r.notable = {{"the first pod", "p", "", 3}};
  CHECK(results_csv({r}) == "trace,size,policy,seed,metric,value,load,warmup\nBasic,100%,Default,1,pods,5,batch,mser-5\n"
                            "Basic,100%,Default,1,attempts,7,batch,mser-5\n");
  CHECK(result_json(r)["warmup"].text_or("") == "mser-5");
  const auto again = read_record(to_json(r));
  REQUIRE(again.ok());
  CHECK(again->load == "batch");
  CHECK(again->warmup == "mser-5");
  CHECK(again->cut == r.cut);
  CHECK(again->proposed_cut == r.proposed_cut);
  CHECK(again->notable[0].attempts == 3);
}

}  // namespace orrery::scenarios::bench
