#include "scenarios/bench/load_synthetic.h"

#include "model/base/str.h"
#include "scenarios/load/load_cluster.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::int64_t kMaxGang = 100'000;
constexpr std::int64_t kMaxNodes = 1'000'000, kMaxPods = 20'000'000;

base::Nanos positive(const YamlCursor& c) {
  const base::Nanos out = c.duration();
  if (out <= 0) c.fail("must be above 0");
  return out;
}

/// "4", or "2..8": drawn for each.
void load_gang(const YamlCursor& c, ShapeShare& out) {
  const auto range = parse_range(c.text());
  if (!range.ok()) c.fail(range.error().message);
  out.gang_least = range->front();
  out.gang_most = range->back();
  if (out.gang_least < 1 || out.gang_most > kMaxGang) c.fail("must be within 1 and 100,000");
}

ShapeShare load_shape(const YamlCursor& c) {
  c.keys({"share", "cpu", "memory", "gpus", "gpuMilli", "models", "tenant", "app", "zoneSkew", "priority", "gang"});
  ShapeShare out;
  out.tenant = c.text_or("tenant", "");
  out.app = c.text_or("app", "");
  out.zone_skew = static_cast<std::int32_t>(c.integer_or("zoneSkew", 0, 1, 1'000'000));
  if (out.zone_skew > 0 && out.app.empty()) c.at("zoneSkew").fail("spreads the replicas of an `app`; name one");
  out.priority = static_cast<std::int32_t>(c.integer_or("priority", 0, -1'000'000'000, 1'000'000'000));
  if (c.has("gang")) load_gang(c.at("gang"), out);
  if (c.has("share")) out.share = c.at("share").number(1e-9, 1e9);
  out.milli_cpu = c.at("cpu").milli_cpu();
  out.memory = c.at("memory").bytes();
  out.gpu.count = static_cast<std::int32_t>(c.integer_or("gpus", 0, 0, scheduler::kMaxGpus));
  if (out.gpu.count == 0) return out;
  out.gpu.milli = static_cast<std::int32_t>(c.integer_or("gpuMilli", scheduler::kWholeGpu, 1, scheduler::kWholeGpu));
  out.gpu.models = c.text_or("models", "");
  return out;
}

void load_arrival_law(const YamlCursor& between, ArrivalLaw& out) {
  between.keys({"law", "scale", "shape", "swing", "period", "burst"});
  out.between = load_law(between);
  if (between.has("swing")) out.swing = between.at("swing").number(0, 1);
  if (between.has("period")) out.period = positive(between.at("period"));
  out.burst = between.integer_or("burst", 1, 1, kMaxPods);
}

}  // namespace

Law load_law(const YamlCursor& c) {
  Law out;
  const std::string kind = c.at("law").one_of({"fixed", "exponential", "weibull", "lognormal"});
  if (kind == "fixed" || kind == "exponential") c.keys({"law", "scale", "swing", "period", "burst"});
  out.kind = kind == "fixed"         ? LawKind::kFixed
             : kind == "exponential" ? LawKind::kExponential
             : kind == "weibull"     ? LawKind::kWeibull
                                     : LawKind::kLognormal;
  out.scale = positive(c.at("scale"));
  if (c.has("shape")) out.shape = c.at("shape").number(0.05, 20);
  return out;
}

TraceNode load_node(const YamlCursor& c) {
  TraceNode out;
  out.milli_cpu = c.at("cpu").milli_cpu();
  out.memory = c.at("memory").bytes();
  out.gpus = static_cast<std::int32_t>(c.integer_or("gpus", 0, 0, scheduler::kMaxGpus));
  out.gpu_model = c.text_or("model", "");
  out.zone = c.text_or("zone", "");
  if (c.has("power")) load_power(c.at("power").keys({"idleWatts", "anyCoreWatts", "allCoresWatts"}), out.power.emplace());
  return out;
}

std::vector<NodeGroup> load_node_groups(const YamlCursor& c) {
  std::vector<NodeGroup> out;
  std::int64_t nodes = 0;
  for (const YamlCursor& item : c.items()) {
    item.keys({"count", "cpu", "memory", "gpus", "model", "zone", "power"});
    NodeGroup group;
    group.count = item.integer_or("count", 1, 1, kMaxNodes);
    group.node = load_node(item);
    nodes += group.count;
    out.push_back(std::move(group));
    if (nodes > kMaxNodes) item.fail("makes over a million nodes");
  }
  if (nodes == 0) c.fail("names no nodes");
  return out;
}

SyntheticSpec load_synthetic(const YamlCursor& c, bool closed) {
  c.keys({"format", "name", "nodes", "pods", "between", "durations", "shapes", "load"});
  SyntheticSpec out;
  out.nodes = load_node_groups(c.at("nodes"));
  if (closed) {
    for (const char* key : {"pods", "between"}) {
      if (c.has(key)) c.at(key).fail("is decided by the users of a closed load; leave it out");
    }
  } else {
    out.pods = c.at("pods").integer(1, kMaxPods);
    load_arrival_law(c.at("between"), out.arrivals);
  }
  c.at("durations").keys({"law", "scale", "shape"});
  out.durations = load_law(c.at("durations"));
  for (const YamlCursor& item : c.at("shapes").items()) out.shapes.push_back(load_shape(item));
  if (out.shapes.empty()) c.at("shapes").fail("names no shape");
  return out;
}

}  // namespace orrery::scenarios::bench
