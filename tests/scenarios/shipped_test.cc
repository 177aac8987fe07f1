// The shipped scenarios: every one loads, holds, and every line of its `expect` can fail. One run of a copy that has a broken
// twin beside each line: the lines must hold and the twins must not.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"

namespace {

namespace fs = std::filesystem;
using namespace orrery::scenarios;

/// Twins carry lines from here on, so that their verdicts can be told apart.
constexpr int kTwin = 1'000'000;

std::vector<std::string> shipped() {
  std::vector<std::string> out;
  for (const auto& e : fs::recursive_directory_iterator(ORRERY_SOURCE_DIR "/scenarios")) {
    if (e.path().extension() != ".yaml") continue;
    std::ifstream in(e.path());
    std::ostringstream text;
    text << in.rdbuf();
    if (text.str().find("\nkind: Scenario") != std::string::npos) out.push_back(e.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The same line, but nothing that happens before the last moment is late enough.
ConvergeSpec too_early(ConvergeSpec c) {
  c.line += kTwin;
  c.not_before = c.within;
  return c;
}

/// The same line about something that is not so.
ConvergeSpec never(ConvergeSpec c) {
  Predicate& p = c.predicate;
  c.line += kTwin;
  if (p.has_count) p.count += 1'000'000;
  else if (!p.condition.empty()) p.status = "Never";
  else if (!p.value.empty()) p.value += "?";
  else if (p.object.kind != orrery::api::KindId::kNone) p.object.name += "-of-another-cluster";
  else if (!p.taint_key.empty()) p.node = "nobody";
  else if (!p.lease.empty() || p.what == "lease-held-by-live-master") p.lease = "nothing";
  else if (p.what == "writes-accepted") p.via = "nobody";
  else c = too_early(c);
  return c;
}

MetricSpec shifted(MetricSpec m) {
  m.line += kTwin;
  if (m.equals) *m.equals += 1;
  else if (m.min) *m.min += 1e9;
  else *m.max = -1;
  return m;
}

/// A bound on both sides has two ways to fail.
std::vector<MetricSpec> twins(const MetricSpec& m) {
  std::vector<MetricSpec> out{shifted(m)};
  if (m.min && m.max) {
    out.push_back(m);
    out.back().line += kTwin;
    out.back().min.reset();
    out.back().max = -1;
  }
  return out;
}

Scenario with_twins(Scenario s) {
  ExpectSpec& e = s.expect;
  const ExpectSpec lines = e;
  for (const ConvergeSpec& c : lines.converge) {
    if (c.predicate.what != "object-gone") e.converge.push_back(never(c));
    e.converge.push_back(too_early(c));
  }
  for (const MetricSpec& m : lines.always)
    for (MetricSpec& t : twins(m)) e.always.push_back(t);
  for (const MetricSpec& m : lines.final)
    for (MetricSpec& t : twins(m)) e.final.push_back(t);
  for (const ConvergeSpec& c : lines.final_conditions) e.final_conditions.push_back(never(c));
  return s;
}

void check(const Scenario& s) {
  const RunResult r = run_scenario(with_twins(s), {});
  CAPTURE(s.file);
  std::size_t wrong = 0;
  for (const Verdict& v : r.verdicts) {
    const bool twin = v.line >= kTwin;
    wrong += twin == v.ok;
    CHECK_MESSAGE(twin != v.ok, (twin ? "cannot fail: " : "failed: "), v.what, " (line ", v.line % kTwin, "), ", v.wanted, ": ", v.measured);
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("every shipped scenario holds, and each of its lines can fail") {
  const std::vector<std::string> files = shipped();
  CHECK(files.size() >= 13);
  for (const std::string& file : files) {
    LoadOptions options;
    options.seed = 1;
    const std::vector<Scenario> runs = load_scenario(file, options);
    // The lines of the others differ for StatefulSets only; their runs are cheap.
    const std::size_t count = file.find("/ha/") != std::string::npos ? 1 : runs.size();
    for (std::size_t i = 0; i < count; ++i) check(runs[i]);
  }
}
