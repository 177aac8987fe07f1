#include "scenarios/bench/energy_meter.h"

#include <algorithm>

namespace orrery::scenarios::bench {

EnergyMeter::EnergyMeter(const EnergySpec& spec, const scheduler::Snapshot& snapshot, std::size_t all)
    : spec_(spec), snapshot_(snapshot), all_(all) {
  take_nodes(0);
}

void EnergyMeter::know(const TraceNode& node) {
  const PowerSpec& power = power_of(spec_, node);
  if (&power != &spec_.power) known_[node.name] = power;
}

sim::PowerProfile EnergyMeter::profile_of(const scheduler::NodeInfo& node) const {
  const auto known = known_.find(node.name());
  const PowerSpec& p = known == known_.end() ? spec_.power : known->second;
  return {p.idle, p.any_core, p.all_cores};
}

double EnergyMeter::part_of(const scheduler::NodeInfo& node) {
  const std::int64_t has = node.allocatable().milli_cpu;
  return has > 0 ? std::min(1.0, static_cast<double>(node.requested().milli_cpu) / static_cast<double>(has)) : 0;
}

double EnergyMeter::gpu_watts_of(const GpuPower& each, const scheduler::GpuDevices& gpus) {
  const auto count = static_cast<double>(gpus.count());
  const double used = std::clamp(count - static_cast<double>(gpus.total_free()) / scheduler::kWholeGpu, 0.0, count);
  return each.idle * count + (each.busy - each.idle) * used;
}

double EnergyMeter::draw(const Machine& m) {
  return m.gpu_watts + (m.part > 0 ? m.power.any_core + (m.power.all_cores - m.power.any_core) * m.part : m.power.idle);
}

void EnergyMeter::settle(Machine& m, base::Nanos now) {
  const auto span = static_cast<double>(std::max<base::Nanos>(0, now - m.since));
  // All of its cores as one.
  joules_ += sim::joules(m.power, 1, span, {m.part * span, m.part > 0 ? span : 0}) + m.gpu_watts * span / static_cast<double>(base::kSecond);
  m.since = std::max(m.since, now);
}

void EnergyMeter::settle_all(base::Nanos now) {
  for (Machine& m : machines_) settle(m, now);
  const auto span = static_cast<double>(std::max<base::Nanos>(0, now - off_since_)) / static_cast<double>(base::kSecond);
  joules_ += spec_.off * static_cast<double>(off_) * span;
  off_since_ = std::max(off_since_, now);
}

void EnergyMeter::take_nodes(base::Nanos now) {
  machines_.clear();
  off_ = off();
  some_off_ |= off_ > 0;
  watts_ = spec_.off * static_cast<double>(off_);
  for (const scheduler::NodeInfo* n : snapshot_.nodes()) {
    const GpuPower& gpu = gpu_power_of(spec_, n->gpus().model().view());
    machines_.push_back({profile_of(*n), part_of(*n), gpu, gpu_watts_of(gpu, n->gpus()), now});
    watts_ += draw(machines_.back());
  }
}

void EnergyMeter::begin(base::Nanos from) {
  take_nodes(from);
  joules_ = 0;
  off_since_ = from;
}

void EnergyMeter::follow(const scheduler::NodeInfo& node, base::Nanos now) {
  Machine& m = machines_[node.index()];
  settle(m, now);
  watts_ -= draw(m);
  m.part = part_of(node);
  m.gpu_watts = gpu_watts_of(m.gpu, node.gpus());
  watts_ += draw(m);
}

void EnergyMeter::nodes_changed(base::Nanos now) {
  settle_all(now);
  const base::Nanos from = std::max(now, off_since_);
  take_nodes(from);
}

double EnergyMeter::joules(base::Nanos now) {
  settle_all(now);
  return joules_;
}

}  // namespace orrery::scenarios::bench
