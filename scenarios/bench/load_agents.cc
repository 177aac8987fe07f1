#include "scenarios/bench/load_agents.h"

#include <set>

#include "model/base/str.h"
#include "scenarios/bench/load_synthetic.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using scheduler::autoscaler::Expander;
namespace strategies = scheduler::descheduler;

constexpr std::int64_t kMostNodes = 100'000;

strategies::Thresholds load_thresholds(const YamlCursor& c) {
  c.keys({"cpu", "memory", "pods", "gpu"});
  strategies::Thresholds out;
  const auto read = [&](const char* key, std::optional<double>& value) {
    if (c.has(key)) value = c.at(key).number(0, 100);
  };
  read("cpu", out.cpu);
  read("memory", out.memory);
  read("pods", out.pods);
  read("gpu", out.gpu);
  if (out.empty()) c.fail("names no resource (cpu, memory, pods, gpu, in per cent)");
  return out;
}

/// Upstream demands the same resources on both sides, each target not below its threshold.
void check_pair(const YamlCursor& c, const strategies::LowNodeUtilizationArgs& args) {
  const auto check = [&](const char* name, const std::optional<double>& low, const std::optional<double>& high) {
    if (low.has_value() != high.has_value()) c.fail(cat("thresholds and targetThresholds must name the same resources (", name, ")"));
    if (low && *low > *high) c.fail(cat("the threshold of ", name, " is above its target"));
  };
  check("cpu", args.thresholds.cpu, args.target.cpu);
  check("memory", args.thresholds.memory, args.target.memory);
  check("pods", args.thresholds.pods, args.target.pods);
  check("gpu", args.thresholds.gpu, args.target.gpu);
}

base::Nanos positive_duration(const YamlCursor& c, const char* key, base::Nanos otherwise) {
  const base::Nanos out = c.duration_or(key, otherwise);
  if (out <= 0) c.at(key).fail("must be above 0");
  return out;
}

AutoscalingGroup load_scaled_group(const YamlCursor& c) {
  c.keys({"name", "min", "max", "priority", "cpu", "memory", "gpus", "model", "zone", "power"});
  AutoscalingGroup out;
  out.node = load_node(c);
  out.node.name = c.at("name").text();
  out.min = static_cast<std::size_t>(c.integer_or("min", 0, 0, kMostNodes));
  out.max = static_cast<std::size_t>(c.integer_or("max", 1000, 1, kMostNodes));
  if (out.max < out.min) c.at("max").fail("is below min");
  out.priority = c.integer_or("priority", 0, -1'000'000, 1'000'000);
  return out;
}

}  // namespace

DeschedulingSpec load_descheduler(const YamlCursor& c) {
  c.keys({"every", "mostEvictions", "removeDuplicates", "topologySpread", "lowNodeUtilization", "highNodeUtilization"});
  DeschedulingSpec out;
  out.every = positive_duration(c, "every", out.every);
  if (c.has("mostEvictions")) out.most_evictions = static_cast<std::size_t>(c.at("mostEvictions").integer(1, 1'000'000));
  out.remove_duplicates = c.boolean_or("removeDuplicates", false);
  if (c.has("topologySpread")) {
    const YamlCursor t = c.at("topologySpread");
    t.keys({"soft", "nodeFit"});
    out.topology_spread = strategies::TopologySpreadArgs{t.boolean_or("soft", false), t.boolean_or("nodeFit", true)};
  }
  const auto most = [](const YamlCursor& at) { return static_cast<std::size_t>(at.integer_or("numberOfNodes", 0, 0, 1'000'000)); };
  if (c.has("lowNodeUtilization")) {
    const YamlCursor l = c.at("lowNodeUtilization");
    l.keys({"thresholds", "targetThresholds", "numberOfNodes"});
    out.low_node_utilization = strategies::LowNodeUtilizationArgs{load_thresholds(l.at("thresholds")), load_thresholds(l.at("targetThresholds")), most(l)};
    check_pair(l, *out.low_node_utilization);
  }
  if (c.has("highNodeUtilization")) {
    const YamlCursor h = c.at("highNodeUtilization");
    h.keys({"thresholds", "numberOfNodes"});
    out.high_node_utilization = strategies::HighNodeUtilizationArgs{load_thresholds(h.at("thresholds")), most(h)};
  }
  if (!out.remove_duplicates && !out.topology_spread && !out.low_node_utilization && !out.high_node_utilization) c.fail("names no strategy");
  if (out.low_node_utilization && out.high_node_utilization) c.fail("lowNodeUtilization and highNodeUtilization work against each other; name one");
  return out;
}

AutoscalingSpec load_autoscaler(const YamlCursor& c) {
  c.keys({"groups", "expander", "traceNodes", "scanInterval", "utilizationThreshold", "unneededTime", "delayAfterAdd", "provisioning"});
  AutoscalingSpec out;
  std::set<Str> names;
  for (const YamlCursor& item : c.at("groups").items()) {
    out.groups.push_back(load_scaled_group(item));
    if (!names.insert(out.groups.back().node.name).second) item.at("name").fail("a group before has this name, too");
  }
  if (out.groups.empty()) c.at("groups").fail("names no group");
  if (c.has("expander")) {
    const std::string name = c.at("expander").one_of({"random", "least-waste", "most-pods", "priority"});
    out.expander = name == "least-waste" ? Expander::kLeastWaste
                   : name == "most-pods" ? Expander::kMostPods
                   : name == "priority"  ? Expander::kPriority
                                         : Expander::kRandom;
  }
  if (c.has("traceNodes")) out.keep_nodes = c.at("traceNodes").one_of({"keep", "drop"}) == "keep";
  out.scan = positive_duration(c, "scanInterval", out.scan);
  if (c.has("utilizationThreshold")) out.threshold = c.at("utilizationThreshold").number(0, 1);
  out.unneeded = c.duration_or("unneededTime", out.unneeded);
  out.after_add = c.duration_or("delayAfterAdd", out.after_add);
  out.provisioning = c.duration_or("provisioning", out.provisioning);
  if (out.unneeded < 0 || out.after_add < 0 || out.provisioning < 0) c.fail("times must not be negative");
  return out;
}

}  // namespace orrery::scenarios::bench
