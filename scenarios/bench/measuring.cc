#include "scenarios/bench/measuring.h"

#include <algorithm>
#include <vector>

#include "model/base/str.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/trace.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::size_t kBatch = 5;

/// Null when the file says nothing about it.
const ModelPower* model_of(const EnergySpec& spec, std::string_view name) {
  const auto model = std::find_if(spec.models.begin(), spec.models.end(), [&](const ModelPower& m) { return m.model == name; });
  return model == spec.models.end() ? nullptr : &*model;
}

}  // namespace

std::string name_of(const WarmupRule& rule) {
  if (rule.kind == WarmupRule::Kind::kNone) return "none";
  return rule.kind == WarmupRule::Kind::kMser5 ? "mser-5" : format_duration(rule.span);
}

std::size_t mser5(std::span<const double> series) {
  std::vector<double> batches;
  for (std::size_t at = 0; at + kBatch <= series.size(); at += kBatch) {
    double sum = 0;
    for (std::size_t i = at; i < at + kBatch; ++i) sum += series[i];
    batches.push_back(sum / static_cast<double>(kBatch));
  }
  std::size_t best = 0;
  double least = -1, mean = 0, squares = 0, n = 0;
  // From the last batch backwards, by Welford's update.
  for (std::size_t d = batches.size(); d-- > 0;) {
    n += 1;
    const double off = batches[d] - mean;
    mean += off / n;
    squares += off * (batches[d] - mean);
    const double error = squares / (n * n);
    if (d > batches.size() / 2 || (least >= 0 && error > least)) continue;
    least = error;
    best = d;
  }
  return best * kBatch;
}

base::Nanos Measuring::begin(base::Nanos first) const {
  if (warmup.kind == WarmupRule::Kind::kSpan) return first + warmup.span;
  return warmup.kind == WarmupRule::Kind::kMser5 ? std::max(first, cut.value_or(first)) : first;
}

void tell_warmup(const Measuring& measuring, const std::vector<Arrival>& arrivals, RunRecord& out) {
  out.warmup = name_of(measuring.warmup);
  if (measuring.warmup.kind != WarmupRule::Kind::kMser5) return;
  out.cut = measuring.cut.value_or(-1);
  if (arrivals.empty()) return;
  std::vector<double> waits;
  for (const Arrival& a : arrivals) waits.push_back(in_seconds(a.waited));
  const std::size_t cut = mser5(waits);
  if (cut > 0) out.proposed_cut = arrivals[cut].at;
  if (cut > 0 && cut / kBatch == waits.size() / kBatch / 2) {
    out.notes.push_back("MSER-5 finds the least error in the middle, where it stops looking: such a run may be too short, or never settles");
  }
}

void add_warmup(const Measuring& measuring, const std::vector<Arrival>& arrivals, base::Nanos first, base::Nanos from, RunRecord& out) {
  if (measuring.warmup.kind == WarmupRule::Kind::kNone) return;
  const auto before = std::count_if(arrivals.begin(), arrivals.end(), [&](const Arrival& a) { return a.at < from; });
  out.metrics.emplace_back("warmup_pods", static_cast<double>(before));
  out.metrics.emplace_back("warmup_s", in_seconds(from - first));
}

bool EnergySpec::gpus_draw() const {
  return gpu.draws() || std::any_of(models.begin(), models.end(), [](const ModelPower& m) { return m.gpu.draws(); });
}

EnergySpec EnergySpec::gpus_alone() const {
  EnergySpec out = *this;
  out.power = {0, 0, 0};
  out.off = 0;
  for (ModelPower& m : out.models) m.node = {0, 0, 0};
  return out;
}

const PowerSpec& power_of(const EnergySpec& spec, const TraceNode& node) {
  if (node.power) return *node.power;
  const ModelPower* model = model_of(spec, node.gpu_model.view());
  return model ? model->node : spec.power;
}

const GpuPower& gpu_power_of(const EnergySpec& spec, std::string_view name) {
  const ModelPower* model = model_of(spec, name);
  return model ? model->gpu : spec.gpu;
}

std::string energy_text(const EnergySpec& spec) {
  const auto watts = [](const PowerSpec& p) { return base::cat(shortest(p.idle), ":", shortest(p.any_core), ":", shortest(p.all_cores), " W"); };
  std::string models, gpus = "GPUs are not in it";
  for (const ModelPower& m : spec.models) models += base::cat(", with ", m.model, " ", watts(m.node));
  if (spec.gpus_draw()) {
    const auto each = [](const GpuPower& p) { return base::cat(shortest(p.idle), ":", shortest(p.busy), " W"); };
    gpus = base::cat("a GPU draws ", each(spec.gpu));
    for (const ModelPower& m : spec.models) gpus += base::cat(", ", m.model, " ", each(m.gpu));
    gpus += " more (idle : linearly up to all of it allocated)";
  }
  return base::cat("energy: a node draws ", watts(spec.power), models, " (idle : as soon as its CPU is allocated : linearly up to all of it allocated; "
                   "SimGrid's host energy model) unless its group says other; ", gpus);
}

std::string warmup_text(const Measuring& measuring) {
  static constexpr const char* kRest = "; pods that came in it are counted (warmup_pods), not measured";
  switch (measuring.warmup.kind) {
    case WarmupRule::Kind::kNone: return "no warm-up is cut";
    case WarmupRule::Kind::kSpan: return base::cat("warm-up: the first ", format_duration(measuring.warmup.span), " are cut", kRest);
    case WarmupRule::Kind::kMser5: break;
  }
  return base::cat("warm-up cut by MSER-5 over the waits in the order of arrival, at the latest of the policies' ends for each seed", kRest);
}

}  // namespace orrery::scenarios::bench
