#include "scenarios/bench/load_measuring.h"

#include <algorithm>

#include "model/base/str.h"
#include "scenarios/bench/load_synthetic.h"
#include "scenarios/load/load_cluster.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr std::int64_t kMostUsers = 1'000'000;

WarmupRule load_warmup(const YamlCursor& c) {
  const std::string text = c.text();
  if (text == "none") return {};
  if (text == "mser-5") return {WarmupRule::Kind::kMser5, 0};
  const auto span = parse_duration(text);
  if (!span.ok() || *span <= 0) c.fail(cat("\"", text, "\" is no warm-up (write mser-5, a span like 6h, or none)"));
  return {WarmupRule::Kind::kSpan, *span};
}

/// Pods come and go at times.
bool has_times(const TraceSpec& t) {
  return t.arrivals == ArrivalKind::kTimed && t.format != TraceFormat::kOperations && (!is_log(t.format) || t.gangs);
}

}  // namespace

std::optional<ClosedLoad> load_closed(const YamlCursor& trace) {
  if (!trace.has("load")) return {};
  const YamlCursor load = trace.at("load");
  if (load.is_scalar()) {
    if (load.text() == "closed") {
      load.fail("says nothing about its users; write {closed: {users: N, think: {law: exponential, scale: 5m}, for: 48h}}");
    }
    load.one_of({"open"});
    return {};
  }
  const YamlCursor c = load.keys({"closed"}).at("closed");
  c.keys({"users", "think", "for"});
  ClosedLoad out;
  out.users = static_cast<std::uint32_t>(c.at("users").integer(1, kMostUsers));
  c.at("think").keys({"law", "scale", "shape"});
  out.think = load_law(c.at("think"));
  out.length = c.at("for").duration();
  if (out.length <= 0) c.at("for").fail("must be above 0");
  return out;
}

/// What is not said stays.
void load_gpu_power(const YamlCursor& c, GpuPower& out) {
  if (c.has("gpuIdleWatts")) out.idle = c.at("gpuIdleWatts").number(0, 1e6);
  if (c.has("gpuBusyWatts")) out.busy = c.at("gpuBusyWatts").number(0, 1e6);
  if (out.busy < out.idle) c.fail("a GPU that works draws no less (gpuIdleWatts, gpuBusyWatts)");
}

EnergySpec load_energy(const YamlCursor& c) {
  c.keys({"idleWatts", "anyCoreWatts", "allCoresWatts", "offWatts", "gpuIdleWatts", "gpuBusyWatts", "models"});
  EnergySpec out;
  load_power(c, out.power);
  load_gpu_power(c, out.gpu);
  out.off = c.has("offWatts") ? c.at("offWatts").number(0, 1e6) : std::min(out.off, out.power.idle);
  if (c.has("models")) {
    for (const auto& [model, power] : c.at("models").entries()) {
      ModelPower& m = out.models.emplace_back(ModelPower{model, {}, out.gpu});
      load_power(power.keys({"idleWatts", "anyCoreWatts", "allCoresWatts", "gpuIdleWatts", "gpuBusyWatts"}), m.node);
      load_gpu_power(power, m.gpu);
    }
  }
  if (out.off > out.power.idle) c.at("offWatts").fail("a machine that is off draws no more than an idle one");
  return out;
}

void check_power(const YamlCursor& top, const BenchSpec& spec) {
  if (spec.energy) return;
  const auto fail = [&](const std::string& who) { top.fail(cat(who, " has nodes with a `power`, but the file has no `energy`")); };
  for (const TraceSpec& t : spec.traces) {
    for (const NodeGroup& g : t.gangs ? t.gangs->nodes : t.synthetic.nodes) {
      if (g.node.power) fail(cat("trace \"", t.name, "\""));
    }
  }
  for (const PolicyEntry& p : spec.policies) {
    if (!p.beside.autoscaler) continue;
    for (const AutoscalingGroup& g : p.beside.autoscaler->groups) {
      if (g.node.power) fail(cat("policy \"", p.label, "\""));
    }
  }
}

void load_warmups(const YamlCursor& top, std::vector<TraceSpec>& traces) {
  const std::optional<WarmupRule> said = top.has("warmup") ? std::optional(load_warmup(top.at("warmup"))) : std::nullopt;
  for (TraceSpec& t : traces) {
    const bool cut = said && said->kind != WarmupRule::Kind::kNone;
    if (cut && !has_times(t)) top.at("warmup").fail(cat("trace \"", t.name, "\" is not timed; a warm-up is cut of pods that come at times"));
    if (cut && t.closed && said->span >= t.closed->length) top.at("warmup").fail(cat("trace \"", t.name, "\" is over by then"));
    if (said) t.warmup = *said;
    else if (t.closed || t.format == TraceFormat::kSynthetic) t.warmup.kind = WarmupRule::Kind::kMser5;
  }
}

}  // namespace orrery::scenarios::bench
