#include "scenarios/bench/timed_measures.h"

#include <algorithm>
#include <map>

#include "scenarios/load/units.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

/// How many machines the groups of an autoscaler have at most.
std::size_t most_scaled(const std::optional<AutoscalingSpec>& spec) {
  std::size_t out = 0;
  if (!spec) return out;
  for (const AutoscalingGroup& g : spec->groups) out += g.max;
  return out;
}

constexpr double kHour = 3600, kKilowattHour = 3.6e6;

}  // namespace

void note_incomplete(const Trace& trace, const TraceSpec& rules, RunRecord& out) {
  const auto of_all = [&](auto flag) {
    const auto n = std::count_if(trace.pods.begin(), trace.pods.end(), [&](const TracePod& p) { return p.*flag; });
    return n == 0 ? std::string() : std::string(base::cat(std::to_string(n), " of ", std::to_string(trace.pods.size()), " pods "));
  };
  if (const std::string some = of_all(&TracePod::unscheduled); !some.empty()) {
    out.notes.push_back(base::cat(some, "never ran in the recorded cluster: ",
                                  rules.unscheduled == UnscheduledRule::kDrop
                                      ? "dropped (unscheduled: drop)"
                                      : "they wait until their recorded deletion and, if placed, run until then (unscheduled: until-deletion)"));
  }
  if (const std::string some = of_all(&TracePod::censored); !some.empty()) {
    out.notes.push_back(base::cat(some, "still ran when the recording ended, their durations are censored: ",
                                  rules.censored == CensoredRule::kToTheEnd
                                      ? "they stay to the end (censored: to-the-end)"
                                      : "the seen part is taken for all of it (censored: as-recorded)"));
  }
}

TimedMeasures::TimedMeasures(const Trace& trace, const TraceSpec& rules, const Placement& cluster,
                             const scheduler::FragmentationModel& model, const TimedOptions& options)
    : trace_(trace), rules_(rules), cluster_(cluster), options_(options), meter_(cluster.snapshot(), model),
      most_nodes_(cluster.snapshot().size()) {
  if (const auto& energy = options.measuring.energy) {
    energy_.emplace(*energy, cluster.snapshot(), trace.nodes.size() + most_scaled(options.autoscaler));
    for (const TraceNode& n : trace.nodes) energy_->know(n);
  }
  std::map<Str, std::uint32_t> tenants;
  for (const TracePod& p : trace.pods) {
    tenant_.push_back(tenants.try_emplace(p.tenant, static_cast<std::uint32_t>(tenants.size())).first->second);
  }
  shares_.emplace(scheduler::Amounts{meter_.milli_cpu(), meter_.memory(), meter_.gpu_milli()}, tenants.size());
  slowdown_of_.resize(tenants.size());
  attempts_.resize(trace.pods.size());
  waited_.assign(trace.pods.size(), -1);
  if (options.closed) left_.assign(trace.pods.size(), -1);
}

void TimedMeasures::node_came(const TraceNode& node) {
  if (energy_) energy_->know(node);
  nodes_changed(1);
}

void TimedMeasures::nodes_changed(int change) {
  if (now_ >= from_) (change > 0 ? added_ : removed_) += change != 0;
  meter_.nodes_changed();
  if (energy_) energy_->nodes_changed(now_);
  most_nodes_ = std::max(most_nodes_, cluster_.snapshot().size());
}

void TimedMeasures::begin(Nanos first, Nanos last) {
  first_ = now_ = first;
  from_ = options_.measuring.begin(first);
  last_ = last;
  meter_.begin(first, from_, last);
  if (energy_) energy_->begin(from_);
}

void TimedMeasures::end(Nanos now) {
  last_ = now;
  meter_.end(now);
}

void TimedMeasures::hold_until(Nanos now, std::size_t waiting) {
  if (now_ < from_ && now >= from_) most_nodes_ = cluster_.snapshot().size();
  now_ = now;
  meter_.measure_until(now, waiting, energy_ ? energy_->watts() : 0);
}

void TimedMeasures::change(std::uint32_t i, const scheduler::NodeInfo& node, int sign) {
  const TracePod& pod = trace_.pods[i];
  meter_.count(pod, node, sign);
  if (energy_) energy_->follow(node, now_);
  shares_->change(tenant_[i], {pod.milli_cpu, pod.memory, pod.gpu.total()}, sign);
}

Nanos TimedMeasures::length_of(std::uint32_t i, Nanos now) const {
  const TracePod& pod = trace_.pods[i];
  return pod.unscheduled ? pod.arrival + pod.patience - now : pod.duration;
}

void TimedMeasures::count_slowdown(std::uint32_t i, Nanos wait, Nanos length, int sign) {
  if (!measured(i)) return;
  const double slowdown = sign * bounded_slowdown(in_seconds(wait + length), in_seconds(length));
  slowdowns_ += slowdown;
  slowdown_of_[tenant_[i]].sum += slowdown;
  slowdown_of_[tenant_[i]].pods += sign;
}

void TimedMeasures::came_to(std::uint32_t i, const Placement::Placed& placed, Nanos now) {
  const TracePod& pod = trace_.pods[i];
  change(i, *placed.node, 1);
  digest_.add(i);
  digest_.add(static_cast<std::uint64_t>(now));
  digest_.add(placed.node->name());
  for (const std::uint8_t d : placed.pod->gpu_indices) digest_.add(d);
  if (waited_[i] < 0 && measured(i)) {
    waits_.add(now - pod.arrival, true);
    ++started_;
    if (now - pod.arrival > longest_wait_) {
      longest_wait_ = now - pod.arrival;
      waited_longest_ = i;
    }
  }
  if (waited_[i] < 0) waited_[i] = now - pod.arrival;
  count_slowdown(i, now - pod.arrival, length_of(i, now), 1);
}

void TimedMeasures::ended(std::uint32_t i, const scheduler::NodeInfo& node) {
  change(i, node, -1);
  completed_ += now_ >= from_;
  if (options_.closed) left_[i] = now_;
}

void TimedMeasures::evicted(std::uint32_t i, const scheduler::NodeInfo& node, Nanos began, Nanos now, Evictor by) {
  change(i, node, -1);
  const TracePod& pod = trace_.pods[i];
  // Its slowdown is that of the run that is not evicted.
  count_slowdown(i, began - pod.arrival, length_of(i, began), -1);
  if (now >= from_) {
    ++evicted_by_[static_cast<std::size_t>(by)];
    lost_pod_seconds_ += in_seconds(now - began);
    lost_cpu_seconds_ += in_seconds(now - began) * static_cast<double>(pod.milli_cpu) / 1000;
  }
  digest_.add(i);
  digest_.add(~static_cast<std::uint64_t>(now));
}

void TimedMeasures::gave_up(std::uint32_t i, Nanos now) {
  const Nanos waited = now - trace_.pods[i].arrival;
  if (waited_[i] < 0 && measured(i)) waits_.add(waited, false);
  if (waited_[i] < 0) waited_[i] = waited;
  digest_.add(i);
  if (!measured(i)) return;
  if (gave_up_ == 0) first_to_give_up_ = i;
  ++gave_up_;
}

void TimedMeasures::gang_started(std::uint32_t first, Nanos wait) {
  if (!measured(first)) return;
  ++gangs_;
  gang_wait_ += in_seconds(wait);
}

/// Jain's index over the tenants' mean bounded slowdowns: 1 when all are slowed down alike.
double TimedMeasures::jain() const {
  double sum = 0, squares = 0, n = 0;
  for (const TenantSlowdown& t : slowdown_of_) {
    if (t.pods == 0) continue;
    const double mean = t.sum / t.pods;
    sum += mean;
    squares += mean * mean;
    n += 1;
  }
  return n > 0 ? sum * sum / (n * squares) : 1;
}

double TimedMeasures::offered_load(const std::vector<std::uint32_t>& order) const {
  std::vector<std::pair<const TracePod*, Nanos>> pods;
  for (const std::uint32_t i : order) pods.emplace_back(&trace_.pods[i], trace_.pods[i].unscheduled ? trace_.pods[i].patience : trace_.pods[i].duration);
  return meter_.offered_load(pods);
}

std::vector<std::uint32_t> TimedMeasures::only_measured(const std::vector<std::uint32_t>& pods) const {
  std::vector<std::uint32_t> out;
  std::copy_if(pods.begin(), pods.end(), std::back_inserter(out), [this](std::uint32_t i) { return measured(i); });
  return out;
}

void TimedMeasures::finish(const std::vector<std::uint32_t>& all, const std::vector<std::uint32_t>& all_waiting, const TimedParts& parts,
                           RunRecord& out) {
  for (const std::uint32_t i : all_waiting) {
    if (waited_[i] >= 0) continue;
    waited_[i] = last_ - trace_.pods[i].arrival;
    if (measured(i)) waits_.add(waited_[i], false);
  }
  const std::vector<std::uint32_t> order = only_measured(all), waiting = only_measured(all_waiting);
  auto& m = out.metrics;
  m.emplace_back("pods", static_cast<double>(order.size()));
  m.emplace_back("placed", static_cast<double>(started_));
  m.emplace_back("gave_up", static_cast<double>(gave_up_));
  m.emplace_back("waiting_at_end", static_cast<double>(waiting.size()));
  meter_.fill_metrics(out);
  add_waits(out, "wait", waits_);
  m.emplace_back("bounded_slowdown_mean", started_ > 0 ? slowdowns_ / static_cast<double>(started_) : 0);
  m.emplace_back("jain_of_tenants", jain());
  m.emplace_back("offered_load", offered_load(order));
  meter_.fill_series(out);
  add_parts(parts, out);
  if (options_.closed) add_responses(order, out);
  if (energy_) add_energy(out);
  add_warmups(all, out);
  if (cluster_.advice() != 0) digest_.add(cluster_.advice());
  out.digest = digest_.value();
  name_notable(order, waiting, out);
  note_incomplete(trace_, rules_, out);
  note_load(out);
}

void TimedMeasures::add_warmups(const std::vector<std::uint32_t>& all, RunRecord& out) const {
  std::vector<Arrival> arrivals;
  for (const std::uint32_t i : all) arrivals.push_back({trace_.pods[i].arrival, waited_[i]});
  tell_warmup(options_.measuring, arrivals, out);
  add_warmup(options_.measuring, arrivals, first_, from_, out);
}

void TimedMeasures::note_load(RunRecord& out) const {
  const bool cut = options_.measuring.warmup.kind != WarmupRule::Kind::kNone;
  std::string text = options_.closed ? closed_load_text(*options_.closed) : "open load";
  out.load = options_.closed ? "closed" : "open";
  text += base::cat("; ", warmup_text(options_.measuring), "; measured from the ",
                    cut ? "end of the warm-up" : options_.closed ? "beginning" : "first",
                    options_.closed ? " until no pod may come any more" : " to the last arrival", "; waits by Kaplan-Meier");
  out.notes.push_back(std::move(text));
}

/// From the arrival to the end; who has not ended is censored.
void TimedMeasures::add_responses(const std::vector<std::uint32_t>& order, RunRecord& out) const {
  Waits responses;
  for (const std::uint32_t i : order) responses.add((left_[i] >= 0 ? left_[i] : last_) - trace_.pods[i].arrival, left_[i] >= 0);
  const double hours = in_seconds(last_ - from_) / kHour;
  out.metrics.emplace_back("throughput_per_h", hours > 0 ? static_cast<double>(completed_) / hours : 0);
  add_waits(out, "response", responses);
}

void TimedMeasures::add_energy(RunRecord& out) {
  const EnergySpec& spec = *options_.measuring.energy;
  const double kwh = energy_->joules(last_) / kKilowattHour;
  out.metrics.emplace_back("energy_kwh", kwh);
  out.metrics.emplace_back("energy_wh_per_pod", completed_ > 0 ? kwh * 1000 / static_cast<double>(completed_) : 0);
  meter_.fill_power_series(out);
  std::string text = energy_text(spec);
  if (energy_->some_are_off()) text += base::cat("; machines draw ", shortest(spec.off), " W until they are there and after they have gone");
  out.notes.push_back(std::move(text));
}

/// The first pod to come, the one that waited longest before it was placed, and the first that still waits or gave up.
void TimedMeasures::name_notable(const std::vector<std::uint32_t>& order, const std::vector<std::uint32_t>& waiting, RunRecord& out) const {
  if (order.empty()) return;
  const auto name = [&](const char* why, std::uint32_t i) { out.notable.push_back({why, trace_.pods[i].name.str(), "", attempts_[i]}); };
  name("the first pod", order.front());
  if (longest_wait_ > 0) name("waited longest before it was placed", waited_longest_);
  if (!waiting.empty()) name("still waits at the end", waiting.front());
  else if (gave_up_ > 0) name("gave up", first_to_give_up_);
}

void TimedMeasures::add_parts(const TimedParts& parts, RunRecord& out) const {
  auto& m = out.metrics;
  const auto evictions = [&](Evictor by) { return static_cast<double>(evicted_by_[static_cast<std::size_t>(by)]); };
  if (parts.gangs) {
    m.emplace_back("gangs_started", static_cast<double>(gangs_));
    m.emplace_back("gang_wait_mean_s", gangs_ > 0 ? gang_wait_ / static_cast<double>(gangs_) : 0);
  }
  if (parts.preemption) m.emplace_back("preempted_pods", evictions(Evictor::kPreemption));
  if (parts.descheduling) m.emplace_back("descheduled_pods", evictions(Evictor::kDescheduler));
  if (parts.machines) m.emplace_back("machine_lost_pods", evictions(Evictor::kMachine));
  if (parts.nodes) {
    m.emplace_back("drained_pods", evictions(Evictor::kAutoscaler));
    m.emplace_back("node_hours", meter_.nodes().total() / kHour);
    m.emplace_back("nodes_mean", meter_.nodes().mean(meter_.span()));
    m.emplace_back("nodes_max", static_cast<double>(most_nodes_));
    m.emplace_back("nodes_added", static_cast<double>(added_));
    m.emplace_back("nodes_removed", static_cast<double>(removed_));
    m.emplace_back("scale_ups", static_cast<double>(scale_ups_));
    meter_.fill_node_series(out);
  }
  if (!parts.preemption && !parts.descheduling && !parts.nodes && !parts.machines) return;
  m.emplace_back("lost_pod_hours", lost_pod_seconds_ / kHour);
  m.emplace_back("lost_cpu_hours", lost_cpu_seconds_ / kHour);
  out.notes.push_back("evicted pods go back to the queue and begin anew: what they did until then is lost work; their slowdown is that of "
                      "the run that is not evicted");
}

}  // namespace orrery::scenarios::bench
