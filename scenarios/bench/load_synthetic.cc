#include "scenarios/bench/load_synthetic.h"

#include "model/base/str.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::int64_t kMaxNodes = 1'000'000, kMaxPods = 20'000'000;

base::Nanos positive(const YamlCursor& c) {
  const base::Nanos out = c.duration();
  if (out <= 0) c.fail("must be above 0");
  return out;
}

/// {law: fixed | exponential | weibull | lognormal, scale: 30s, shape: 0.7}
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

NodeGroup load_group(const YamlCursor& c) {
  c.keys({"count", "cpu", "memory", "gpus", "model"});
  NodeGroup out;
  out.count = c.integer_or("count", 1, 1, kMaxNodes);
  out.node.milli_cpu = c.at("cpu").milli_cpu();
  out.node.memory = c.at("memory").bytes();
  out.node.gpus = static_cast<std::int32_t>(c.integer_or("gpus", 0, 0, scheduler::kMaxGpus));
  out.node.gpu_model = c.text_or("model", "");
  return out;
}

ShapeShare load_shape(const YamlCursor& c) {
  c.keys({"share", "cpu", "memory", "gpus", "gpuMilli", "models", "tenant"});
  ShapeShare out;
  out.tenant = c.text_or("tenant", "");
  if (c.has("share")) out.share = c.at("share").number(1e-9, 1e9);
  out.milli_cpu = c.at("cpu").milli_cpu();
  out.memory = c.at("memory").bytes();
  out.gpu.count = static_cast<std::int32_t>(c.integer_or("gpus", 0, 0, scheduler::kMaxGpus));
  if (out.gpu.count == 0) return out;
  out.gpu.milli = static_cast<std::int32_t>(c.integer_or("gpuMilli", scheduler::kWholeGpu, 1, scheduler::kWholeGpu));
  out.gpu.models = c.text_or("models", "");
  return out;
}

}  // namespace

SyntheticSpec load_synthetic(const YamlCursor& c) {
  c.keys({"format", "name", "nodes", "pods", "between", "durations", "shapes"});
  SyntheticSpec out;
  std::int64_t nodes = 0;
  for (const YamlCursor& item : c.at("nodes").items()) {
    out.nodes.push_back(load_group(item));
    nodes += out.nodes.back().count;
    if (nodes > kMaxNodes) item.fail("makes over a million nodes");
  }
  if (nodes == 0) c.at("nodes").fail("names no nodes");
  out.pods = c.at("pods").integer(1, kMaxPods);
  const YamlCursor between = c.at("between");
  between.keys({"law", "scale", "shape", "swing", "period", "burst"});
  out.arrivals.between = load_law(between);
  if (between.has("swing")) out.arrivals.swing = between.at("swing").number(0, 1);
  if (between.has("period")) out.arrivals.period = positive(between.at("period"));
  out.arrivals.burst = between.integer_or("burst", 1, 1, kMaxPods);
  c.at("durations").keys({"law", "scale", "shape"});
  out.durations = load_law(c.at("durations"));
  for (const YamlCursor& item : c.at("shapes").items()) out.shapes.push_back(load_shape(item));
  if (out.shapes.empty()) c.at("shapes").fail("names no shape");
  return out;
}

}  // namespace orrery::scenarios::bench
