#include "scenarios/bench/load_policy.h"

#include <algorithm>
#include <array>
#include <set>

#include "model/base/str.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using scheduler::BatchRule;

constexpr std::int64_t kMaxWeight = 100;   // upstream's: a node's total stays far below 2^31
constexpr std::array<std::pair<const char*, BatchRule>, 4> kBatchPolicies{
    {{"FCFS", BatchRule::kFcfs}, {"EASY", BatchRule::kEasy}, {"SJF", BatchRule::kSjf}, {"EASY-SJF", BatchRule::kEasySjf}}};

template <class Names>
std::string listed(const Names& names) {
  std::string out;
  for (const auto& n : names) out += cat(out.empty() ? "" : ", ", n);
  return out;
}

PolicyEntry known(const YamlCursor& c) {
  PolicyEntry out;
  out.label = c.text();
  for (const auto& [name, rule] : kBatchPolicies) {
    if (out.label == name) out.batch = rule;
  }
  if (out.batch) return out;
  const auto policy = scheduler::known_policy(out.label);
  if (!policy) {
    c.fail(cat("\"", out.label, "\" is not a policy (known: ", listed(scheduler::known_policies()),
               "; for batch jobs FCFS, EASY, SJF, EASY-SJF)"));
  }
  out.policy = *policy;
  return out;
}

std::vector<scheduler::PluginLayout::Entry> load_plugins(const YamlCursor& c) {
  std::vector<scheduler::PluginLayout::Entry> out;
  const std::vector<Str> all = scheduler::score_plugins();
  for (const YamlCursor& item : c.items()) {
    item.keys({"name", "weight"});
    const std::string name = item.at("name").text();
    if (std::find(all.begin(), all.end(), Str(name)) == all.end()) {
      item.at("name").fail(cat("\"", name, "\" is not a plugin that scores (known: ", listed(all), ")"));
    }
    for (const scheduler::PluginLayout::Entry& before : out) {
      if (before.plugin == name) item.at("name").fail(cat("\"", name, "\" is there twice; add up the weights"));
    }
    out.push_back({name, item.integer_or("weight", 1, 1, kMaxWeight)});
  }
  return out;
}

PolicyEntry composed(const YamlCursor& c) {
  c.keys({"name", "policy", "plugins", "devices", "ties", "percentageOfNodesToScore", "scoringStrategy", "order", "together", "preemption"});
  if (c.has("policy") && c.has("plugins")) c.fail("must name a policy or plugins, not both");
  PolicyEntry out;
  if (c.has("policy")) out = known(c.at("policy"));
  else out.policy.scores = load_plugins(c.at("plugins"));
  out.label = c.at("name").text();
  if (out.batch) return out;
  if (c.has("devices")) {
    const std::string rule = c.at("devices").one_of({"least-free", "random", "fragmentation"});
    out.policy.devices = rule == "random"          ? scheduler::DeviceRule::kRandom
                         : rule == "fragmentation" ? scheduler::DeviceRule::kFragmentation
                                                   : scheduler::DeviceRule::kLeastFree;
  }
  if (c.has("order") && c.at("order").one_of({"arrival", "dominant-share"}) == "dominant-share") {
    out.policy.order = scheduler::WaitOrder::kDominantShare;
  }
  out.policy.preemption = c.boolean_or("preemption", out.policy.preemption);
  out.policy.together = c.boolean_or("together", out.policy.together);
  if (c.has("ties")) out.policy.first_of_best = c.at("ties").one_of({"first", "random"}) == "first";
  out.policy.percentage_of_nodes_to_score =
      static_cast<int>(c.integer_or("percentageOfNodesToScore", out.policy.percentage_of_nodes_to_score, 0, 100));
  if (c.has("scoringStrategy") && c.at("scoringStrategy").one_of({"LeastAllocated", "MostAllocated"}) == "MostAllocated") {
    out.policy.fit.strategy = scheduler::ScoringStrategy::kMostAllocated;
  }
  return out;
}

}  // namespace

std::vector<PolicyEntry> load_policies(const YamlCursor& c) {
  std::vector<PolicyEntry> out;
  std::set<std::string> labels;
  for (const YamlCursor& item : c.items()) {
    out.push_back(item.is_map() ? composed(item) : known(item));
    out.back().source = YAML::Dump(item.node());
    const std::string& label = out.back().label;
    if (label.find_first_of(",\"\n") != label.npos) item.fail("a policy's name must not hold commas, quotes or line breaks");
    if (!labels.insert(label).second) item.fail(cat("a policy before is called \"", label, "\" too"));
  }
  if (out.empty()) c.fail("names no policy");
  return out;
}

}  // namespace orrery::scenarios::bench
