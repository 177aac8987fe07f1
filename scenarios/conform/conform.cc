#include "scenarios/conform/conform.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "scenarios/conform/envelope.h"
#include "scenarios/conform/replay.h"
#include "scenarios/conform/tolerances.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using Kind = Difference::Kind;

constexpr Nanos kRetry = 5 * base::kSecond;

std::string seconds(Nanos t) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(t) / 1e9);
  return text;
}

std::string shown(const std::string& value) { return value.empty() ? "nothing" : value; }

/// "FIELD from A to B", or what stands for it.
std::string transition(const Difference& d) {
  if (d.field == "object" || d.field.starts_with("event ")) return d.field == "object" ? d.value : d.field;
  return cat(d.field, " ", shown(d.before), " -> ", shown(d.value));
}

std::string line_of(const Verdict& v, const Difference& d) {
  std::string out = cat(v.scenario, ": ", d.resource, " ", d.object, ": t=", seconds(d.t), ": ");
  if (d.kind == Kind::kMissing) out += cat("recorded ", transition(d), ", simulated nothing");
  else if (d.kind == Kind::kExtra) out += cat("recorded nothing, simulated ", transition(d));
  else
    out += cat("recorded ", d.field, " = ", shown(d.value),
               " at this time, simulated at t=", seconds(d.t + d.off));
  if (!d.rule.empty()) out += cat(" [", d.rule, "]");
  return out + "\n";
}

bool undeclared(const Difference& d) { return d.rule.empty(); }

/// When the driver acted.
std::vector<Nanos> times_of(const std::vector<Step>& plan) {
  std::vector<Nanos> out;
  for (const Step& step : plan) {
    out.push_back(step.t);
    // A drain acts until it ends: it tries refused evictions again every 5 s.
    for (Nanos t = kRetry; t < step.took; t += kRetry) out.push_back(step.t + t);
  }
  return out;
}

std::size_t differences_outside(const Envelope& envelope, const Verdict& v) {
  const auto& all = v.comparison.differences;
  return v.refused.size() + static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Difference& d) {
           return undeclared(d) && !envelope.covers(d);
         }));
}

/// The first of those with the fewest differences.
std::size_t closest(const Envelope& envelope, const std::vector<Verdict>& runs) {
  std::size_t best = 0, least = SIZE_MAX;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::size_t n = differences_outside(envelope, runs[i]);
    if (n < least) best = i;
    least = std::min(least, n);
  }
  return best;
}

}  // namespace

std::size_t Verdict::differences() const {
  const auto& all = comparison.differences;
  return refused.size() + static_cast<std::size_t>(std::count_if(all.begin(), all.end(), undeclared));
}

Verdict conform(const std::string& file, std::uint64_t seed, int draws) {
  return conform(read_history(file), seed, draws);
}

Verdict conform(const History& history, std::uint64_t seed, int draws) {
  const std::vector<Step> plan = plan_of(history);
  const std::vector<Track> recorded = distill(observations_of(history));
  const std::vector<Nanos> actions = times_of(plan);
  std::vector<Verdict> runs;
  Envelope envelope(recorded);
  for (int i = 0; i < draws; ++i) {
    ReplayResult result = replay(history, plan, seed + static_cast<std::uint64_t>(i));
    Verdict v;
    v.seed = seed + static_cast<std::uint64_t>(i);
    v.scenario = history.scenario.empty() ? history.file : history.scenario;
    v.refused = std::move(result.refused);
    const std::vector<Track> simulated = distill(result.seen);
    v.comparison = compare(recorded, simulated, actions, history.duration);
    apply_tolerances(history.duration, v.comparison);
    envelope.add(v.comparison, simulated);
    runs.push_back(std::move(v));
    if (differences_outside(envelope, runs[closest(envelope, runs)]) == 0) break;
  }
  Verdict best = std::move(runs[closest(envelope, runs)]);
  best.draws = static_cast<int>(runs.size());
  for (Difference& d : best.comparison.differences)
    if (undeclared(d) && envelope.covers(d)) d.rule = "chance";
  return best;
}

std::string report(const Verdict& v, bool tolerated) {
  std::map<std::string, std::size_t> by_rule;
  for (const Difference& d : v.comparison.differences)
    if (!undeclared(d)) ++by_rule[d.rule];
  std::string rules;
  for (const auto& [rule, count] : by_rule)
    rules += cat(rules.empty() ? "" : ", ", rule, " ", std::to_string(count));
  std::string out =
      cat(v.scenario, ": ", std::to_string(v.comparison.objects), " objects, ",
          std::to_string(v.comparison.transitions), " transitions and ", std::to_string(v.comparison.timings),
          " timings equal or tolerated, tolerated: ", rules.empty() ? "none" : rules,
          "; differences: ", std::to_string(v.differences()), " (seed ", std::to_string(v.seed), " of ",
          std::to_string(v.draws), ")\n");
  for (const std::string& r : v.refused) out += cat(v.scenario, ": refused: ", r, "\n");
  for (const Difference& d : v.comparison.differences)
    if (undeclared(d) || tolerated) out += line_of(v, d);
  return out;
}

}  // namespace orrery::scenarios::conform
