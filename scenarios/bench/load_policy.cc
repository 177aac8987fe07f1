#include "scenarios/bench/load_policy.h"

#include <algorithm>
#include <array>
#include <set>

#include "control/scheduler/plugins/registry.h"
#include "model/base/str.h"
#include "scenarios/bench/input_file.h"
#include "scenarios/bench/load_agents.h"
#include "scenarios/outside/load_outside.h"

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

/// The library of `plugin: FILE`; its plugins may be named from here on.
void load_plugin_file(const YamlCursor& c, const Outside& outside, PolicyEntry& out) {
  const std::string file = input_file(c);
  out.policy.outside = load_library(c, file, outside);
  out.files.push_back(file);
}

/// YAML as the JSON value it is: plain scalars that read as numbers, true, false or null are those.
codec::JsonValue json_of(const YAML::Node& node) {
  codec::JsonValue out = codec::JsonValue::object();
  if (node.IsMap()) {
    for (const auto& e : node) out.set(e.first.Scalar(), json_of(e.second));
    return out;
  }
  if (node.IsSequence()) {
    out = codec::JsonValue::array();
    for (const auto& e : node) out.edit_items().push_back(json_of(e));
    return out;
  }
  if (node.IsNull()) return {};
  const bool plain = node.Tag() != "!";
  const auto read = codec::parse_json(node.Scalar());
  return plain && read.ok() && !read->is_array() && !read->is_object() ? *read : codec::JsonValue(node.Scalar());
}

const scheduler::OutsidePlugin* outside_named(const PolicyEntry& policy, std::string_view name) {
  for (const scheduler::OutsidePlugin* p : policy.policy.outside) {
    if (name == p->name) return p;
  }
  return nullptr;
}

void load_args(const YamlCursor& c, const scheduler::OutsidePlugin& plugin, PolicyEntry& out) {
  if (!c.is_map()) c.fail("must be a map");
  codec::JsonValue args = json_of(c.node());
  const std::string wrong = scheduler::outside_args_problem(plugin, args);
  if (!wrong.empty()) c.fail(cat("plugin \"", plugin.name, "\": ", wrong));
  out.policy.outside_args[Str(plugin.name)] = std::move(args);
}

void take_plugin(const std::string& name, std::int64_t weight, const scheduler::OutsidePlugin* plugin, PolicyEntry& out) {
  if (!plugin || plugin->default_weight > 0) out.policy.scores.push_back({name, weight});
  else out.policy.more.push_back(name);
  if (plugin && (plugin->points >> static_cast<unsigned>(scheduler::Point::kQueueSort) & 1) != 0) out.policy.own_queue = true;
}

void load_plugins(const YamlCursor& c, PolicyEntry& out) {
  std::vector<Str> all = scheduler::score_plugins();
  for (const scheduler::OutsidePlugin* p : out.policy.outside) all.push_back(p->name);
  std::set<std::string> before;
  for (const YamlCursor& item : c.items()) {
    item.keys({"name", "weight", "args"});
    const std::string name = item.at("name").text();
    if (std::find(all.begin(), all.end(), Str(name)) == all.end()) {
      item.at("name").fail(cat("\"", name, "\" is not a plugin that scores (known: ", listed(all), ")"));
    }
    if (!before.insert(name).second) item.at("name").fail(cat("\"", name, "\" is there twice; add up the weights"));
    const scheduler::OutsidePlugin* const plugin = outside_named(out, name);
    if (item.has("args") && !plugin) item.at("args").fail(cat("\"", name, "\" takes its arguments from the policy's other keys"));
    if (item.has("args")) load_args(item.at("args"), *plugin, out);
    if (item.has("weight") && plugin && plugin->default_weight == 0) item.at("weight").fail(cat("\"", name, "\" does not score"));
    take_plugin(name, item.integer_or("weight", plugin ? plugin->default_weight : 1, 1, kMaxWeight), plugin, out);
  }
}

/// What the policy is made of: a known one, plugins, a library's plugins, or a process.
PolicyEntry base_of(const YamlCursor& c, const Outside& outside) {
  const int sources = c.has("policy") + (c.has("plugins") || c.has("plugin")) + c.has("command");
  if (sources != 1) c.fail("must say one of policy, plugins (with or without a library, plugin), and command");
  PolicyEntry out;
  if (c.has("timeout") && !c.has("command")) c.at("timeout").fail("is for a `command`");
  if (c.has("policy")) return known(c.at("policy"));
  if (c.has("command")) {
    // Arguments that are files here or beside the bench file are part of the policy.
    out.command = load_command(c, outside, [&](const std::string& name) { return find_input_file(c.file(), name); }, out.files);
    out.policy.first_of_best = true;
  }
  if (c.has("plugin")) load_plugin_file(c.at("plugin"), outside, out);
  if (c.has("plugins")) {
    load_plugins(c.at("plugins"), out);
  } else {
    for (const scheduler::OutsidePlugin* p : out.policy.outside) take_plugin(p->name, p->default_weight, p, out);
  }
  return out;
}

/// As upstream's CoschedulingArgs.
scheduler::CoschedulingConfig load_coscheduling(const YamlCursor& c) {
  constexpr std::int64_t kLongest = 1'000'000'000;
  c.keys({"permitWaitingTimeSeconds", "podGroupBackoffSeconds"});
  scheduler::CoschedulingConfig out;
  out.permit_timeout = c.integer_or("permitWaitingTimeSeconds", out.permit_timeout / base::kSecond, 1, kLongest) * base::kSecond;
  out.group_backoff = c.integer_or("podGroupBackoffSeconds", out.group_backoff / base::kSecond, 0, kLongest) * base::kSecond;
  return out;
}

PolicyEntry composed(const YamlCursor& c, const Outside& outside) {
  c.keys({"name", "policy", "plugin", "plugins", "command", "timeout", "devices", "ties", "percentageOfNodesToScore", "scoringStrategy",
          "order", "together", "backfill", "preemption", "coscheduling", "descheduler", "autoscaler"});
  PolicyEntry out = base_of(c, outside);
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
  if (c.has("backfill")) out.policy.strict = c.at("backfill").one_of({"any", "none"}) == "none";
  out.policy.preemption = c.boolean_or("preemption", false);
  out.says_coscheduling = c.has("coscheduling");
  if (out.says_coscheduling) out.policy.coscheduling = load_coscheduling(c.at("coscheduling"));
  if (c.has("descheduler")) out.beside.descheduler = load_descheduler(c.at("descheduler"));
  if (c.has("autoscaler")) out.beside.autoscaler = load_autoscaler(c.at("autoscaler"));
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

std::vector<PolicyEntry> load_policies(const YamlCursor& c, const Outside& outside) {
  std::vector<PolicyEntry> out;
  std::set<std::string> labels;
  for (const YamlCursor& item : c.items()) {
    out.push_back(item.is_map() ? composed(item, outside) : known(item));
    out.back().source = YAML::Dump(item.node());
    const std::string& label = out.back().label;
    if (label.find_first_of(",\"\n") != label.npos) item.fail("a policy's name must not hold commas, quotes or line breaks");
    if (!labels.insert(label).second) item.fail(cat("a policy before is called \"", label, "\" too"));
  }
  if (out.empty()) c.fail("names no policy");
  return out;
}

}  // namespace orrery::scenarios::bench
