// Measuring: what of a timed run is measured: how its warm-up is cut, and whether energy is told.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/base/time.h"
#include "scenarios/bench/trace.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios::bench {

/// Pods that come before the end of the warm-up are placed and counted, not measured; time-weighted measures begin at its end.
struct WarmupRule {
  enum class Kind : std::uint8_t { kNone, kSpan, kMser5 } kind = Kind::kNone;
  base::Nanos span = 0;               ///< since the first arrival; with kSpan
};

/// "none", "6h", "mser-5".
std::string name_of(const WarmupRule& rule);

/// MSER-5 (White, 1997; White, Cobb and Spratt, 2000): how many of the first observations are cut. The series is put into batches of
/// five (what is left over counts for nothing); of all beginnings in the first half the one is taken for which the squared
/// standard error of the mean of the batches from there on, sum((z - mean)^2) / n^2, is least; the earliest of equals. A multiple
/// of 5; 0 for fewer than ten observations.
std::size_t mser5(std::span<const double> series);

/// What a pod's arrival is to a warm-up: pods that come at one time are on one side of its end.
struct Arrival {
  base::Nanos at;
  base::Nanos waited;                 ///< before it first started; or until it gave up, or the measurement ended
};

/// Watts of one GPU: `idle` with nothing of it allocated, from there linearly to `busy` with all of it.
struct GpuPower {
  double idle = 0, busy = 0;
  bool draws() const { return busy > 0; }
};
struct ModelPower {
  std::string model;                  ///< of GPU
  PowerSpec node;                     ///< what a node with such devices draws besides them
  GpuPower gpu;
};
/// Watts of nodes. What the pods of a node are allocated counts as the work of its cores: the draw is that of
/// sim/cost/power.h (SimGrid's host energy plugin). Machines of an autoscaler's groups draw `off` while they are not there.
struct EnergySpec {
  PowerSpec power;
  double off = 10;                    ///< SimGrid's example platform
  GpuPower gpu = {};
  std::vector<ModelPower> models = {};

  bool gpus_draw() const;
  /// The same without what nodes draw besides their GPUs.
  EnergySpec gpus_alone() const;
};
/// The node's own, its model's or every node's.
const PowerSpec& power_of(const EnergySpec& spec, const TraceNode& node);
/// The model's or every GPU's.
const GpuPower& gpu_power_of(const EnergySpec& spec, std::string_view model);

struct Measuring {
  WarmupRule warmup;
  /// With kMser5: when the warm-up ends, since the beginning of the trace; unset: nothing is cut, the run says where it would be.
  std::optional<base::Nanos> cut;
  std::optional<EnergySpec> energy;

  /// When the warm-up of pods that come from `first` on ends.
  base::Nanos begin(base::Nanos first) const;
};

struct RunRecord;
/// Says which rule holds and, with MSER-5, where this run alone would be cut; `arrivals` of all its pods, in order.
void tell_warmup(const Measuring& measuring, const std::vector<Arrival>& arrivals, RunRecord& out);
/// Metrics warmup_pods (those that came before `from`) and warmup_s (from `first` until then), where there is a rule.
void add_warmup(const Measuring& measuring, const std::vector<Arrival>& arrivals, base::Nanos first, base::Nanos from, RunRecord& out);
/// What draws how much, as a note.
std::string energy_text(const EnergySpec& spec);
/// "no warm-up is cut", or what is.
std::string warmup_text(const Measuring& measuring);

}  // namespace orrery::scenarios::bench
