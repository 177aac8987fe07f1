// What is told of a run in a whole cluster.
#include <algorithm>

#include "model/base/str.h"
#include "scenarios/bench/submitted_objects.h"
#include "scenarios/bench/timed_measures.h"
#include "scenarios/bench/waits.h"
#include "scenarios/bench/whole_run.h"

namespace orrery::scenarios::bench {

using base::cat;
using base::Nanos;

namespace {

void add_waits_and_longest(RunRecord& out, const std::string& name, const Waits& waits) {
  add_waits(out, name, waits);
  out.metrics.emplace_back(name + "_max_s", waits.quantile(1));
}

}  // namespace

WholeRun::Drawn WholeRun::drawn() {
  cluster_.measure_energy();
  Drawn out;
  const auto is_master = [this](std::string_view name) {
    return std::any_of(scenario_.cluster.masters.begin(), scenario_.cluster.masters.end(), [name](const MachineSpec& m) { return m.name == name; });
  };
  for (const auto& [machine, joules] : state_.energy_joules()) (is_master(machine) ? out.masters : out.nodes) += joules;
  if (gpu_energy_) out.nodes += gpu_energy_->joules(measured_now());
  return out;
}

void WholeRun::fill_gangs(RunRecord& out) const {
  Waits waits;
  std::size_t started = 0, in_part = 0;
  Nanos longest_start = 0;
  for (const Gang& g : gangs_) {
    const bool whole = g.last_bound >= 0;
    const Nanos created = g.created >= 0 ? g.created : last_;
    waits.add((whole ? g.last_bound : std::max(last_, created)) - created, whole);
    started += whole;
    in_part += !whole && g.bound > 0;
    if (whole) longest_start = std::max(longest_start, g.last_bound - g.first_bound);
  }
  out.metrics.emplace_back("gangs", static_cast<double>(gangs_.size()));
  out.metrics.emplace_back("gangs_started", static_cast<double>(started));
  out.metrics.emplace_back("gangs_in_part", static_cast<double>(in_part));
  out.metrics.emplace_back("gang_binding_max_s", in_seconds(longest_start));
  add_waits_and_longest(out, "gang_wait", waits);
  out.notes.push_back("gangs are PodGroups: a pod waits at Permit until its whole gang has nodes, one minute at most, then the gang is tried "
                      "again; gang_wait is from the first creation to the last binding, gang_binding from the first binding to the last");
}

void WholeRun::fill_parts(RunRecord& out) const {
  auto& m = out.metrics;
  const auto evictions = [&](Evictor by) { return static_cast<double>(evictions_[static_cast<std::size_t>(by)]); };
  if (tell_.preemption) m.emplace_back("preempted_pods", evictions(Evictor::kPreemption));
  if (tell_.descheduling) m.emplace_back("descheduled_pods", evictions(Evictor::kDescheduler));
  if (tell_.nodes) {
    m.emplace_back("drained_pods", evictions(Evictor::kAutoscaler));
    m.emplace_back("node_hours", meter_->nodes().total() / 3600);
    m.emplace_back("nodes_mean", meter_->nodes().mean(meter_->span()));
    const WholeAgents::Counts nodes = agents_ ? agents_->counts() : WholeAgents::Counts{0, 0, committed_.size(), 0};
    m.emplace_back("nodes_max", static_cast<double>(nodes.most));
    m.emplace_back("nodes_added", static_cast<double>(nodes.added));
    m.emplace_back("nodes_removed", static_cast<double>(nodes.removed));
    m.emplace_back("scale_ups", static_cast<double>(nodes.scale_ups));
    meter_->fill_node_series(out);
    out.notes.push_back("nodes_mean and node_hours count a node from its machine's start until it is switched off");
  }
  if (agents_) agents_->note(out);
  if (!tell_.preemption && !tell_.descheduling && !tell_.nodes) return;
  m.emplace_back("lost_pod_hours", lost_pod_seconds_ / 3600);
  m.emplace_back("lost_cpu_hours", lost_cpu_seconds_ / 3600);
  out.notes.push_back("evicted pods, which are told to go and have their grace period, come again and begin anew: what they did until then is "
                      "lost work");
}

void WholeRun::fill(RunRecord& out) {
  Waits to_node, to_running;
  double slowdowns = 0;
  std::size_t bound = 0, gave_up = 0, failed = 0;
  std::vector<Arrival> arrivals;
  std::vector<std::pair<const TracePod*, Nanos>> work;
  for (const std::uint32_t i : order_) {
    const TracePod& pod = trace_.pods[i];
    const Facts& f = facts_[i];
    const Nanos length = pod.unscheduled ? pod.patience : pod.duration;
    const Nanos created = f.created >= 0 ? f.created : last_;
    const Nanos end = f.gone ? f.ended : std::max(last_, created);
    arrivals.push_back({pod.arrival, (f.bound >= 0 ? f.bound : end) - created});
    if (pod.arrival < from_) continue;
    work.emplace_back(&pod, length);
    to_node.add((f.bound >= 0 ? f.bound : end) - created, f.bound >= 0);
    to_running.add((f.running >= 0 ? f.running : end) - created, f.running >= 0);
    failed += f.failed;
    gave_up += f.gone && f.bound < 0;
    if (f.bound < 0) continue;
    ++bound;
    slowdowns += bounded_slowdown(in_seconds(f.bound - created + length), in_seconds(length));
  }
  auto& m = out.metrics;
  m.emplace_back("pods", static_cast<double>(work.size()));
  m.emplace_back("placed", static_cast<double>(bound));
  m.emplace_back("gave_up", static_cast<double>(gave_up));
  m.emplace_back("waiting_at_end", static_cast<double>(work.size() - bound - gave_up));
  m.emplace_back("pods_failed", static_cast<double>(failed));
  meter_->fill_metrics(out);
  add_waits_and_longest(out, "wait", to_node);
  add_waits_and_longest(out, "to_running", to_running);
  if (!gangs_.empty()) fill_gangs(out);
  fill_parts(out);
  if (closed_) fill_responses(out);
  m.emplace_back("bounded_slowdown_mean", bound > 0 ? slowdowns / static_cast<double>(bound) : 0);
  m.emplace_back("offered_load", meter_->offered_load(work));
  m.emplace_back("user_requests_undone", static_cast<double>(undone()));
  m.emplace_back("events", static_cast<double>(cluster_.world().kernel().executed()));
  if (measuring_.energy) fill_energy(out);
  meter_->fill_series(out);
  note_incomplete(trace_, rules_, out);
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  tell_warmup(measuring_, arrivals, out);
  add_warmup(measuring_, arrivals, first_, from_, out);
  note_load(out);
  note_faults(timeline_, out);
  out.digest = cluster_.world().digest();
}

void WholeRun::fill_energy(RunRecord& out) {
  const Drawn end = all_over_ ? *all_over_ : drawn();
  out.metrics.emplace_back("energy_kwh", (end.nodes - before_.nodes) / 3.6e6);
  out.metrics.emplace_back("energy_masters_kwh", (end.masters - before_.masters) / 3.6e6);
  out.notes.push_back(cat(energy_text(*measuring_.energy), ": of the simulated machines, whose containers work on what they ask for and which draw "
                          "nothing without power", gpu_energy_ ? "; of GPUs by the pods that are bound to them" : "", "; masters apart"));
}

std::size_t WholeRun::undone() const {
  return static_cast<std::size_t>(std::count_if(reports_.begin(), reports_.end(), [](const auto& r) { return !r->done && !r->error.empty(); }));
}

/// From the commit of the creation to that of the end; who has not ended is censored.
void WholeRun::fill_responses(RunRecord& out) const {
  Waits responses;
  std::size_t completed = 0;
  for (const std::uint32_t i : order_) {
    const Facts& f = facts_[i];
    const bool ended = f.bound >= 0 && f.ended >= 0;
    completed += ended && f.ended >= from_;
    const Nanos created = f.created >= 0 ? f.created : last_;
    if (trace_.pods[i].arrival >= from_) responses.add((f.ended >= 0 ? f.ended : std::max(last_, created)) - created, ended);
  }
  const double hours = in_seconds(last_ - from_) / 3600;
  out.metrics.emplace_back("throughput_per_h", hours > 0 ? static_cast<double>(completed) / hours : 0);
  add_waits(out, "response", responses);
}

void WholeRun::note_load(RunRecord& out) const {
  out.load = closed_ ? "closed" : "open";
  const bool cut = measuring_.warmup.kind != WarmupRule::Kind::kNone;
  out.notes.push_back(cat(closed_ ? closed_load_text(*closed_) : std::string("open load"), "; ", warmup_text(measuring_), "; measured from the ",
                          cut ? "end of the warm-up" : closed_ ? "beginning" : "first",
                          closed_ ? " until no pod may come any more" : " to the last arrival",
                          "; waits by Kaplan-Meier, from the commit of the creation to that of the binding, to_running to that of the phase"));
  if (order_by_.strict) {
    out.notes.push_back("nobody passes a pod or gang that waits (backfill: none): pods are created with a scheduling gate, which is taken from the "
                        "first one when the one before is bound");
  }
  if (order_by_.by_tenant) out.notes.push_back(cat("pods say whose they are by a label; the scheduler takes the next pod of the tenant with the smallest dominant share"));
  if (const std::string text = note_objects(trace_); !text.empty()) out.notes.push_back(text);
  if (elsewhere_ > 0) out.notes.push_back(cat(std::to_string(elsewhere_), " bindings to masters are not in what is allocated"));
}

void WholeRun::fill_batch(const JobLog& log, OverrunRule overrun, RunRecord& out) {
  measure_batch(log, order_by_.batch->outcome(last_), overrun, out);
  out.load = "open";
  out.warmup = "none";
  Waits to_running;
  std::size_t failed = 0;
  for (const std::uint32_t i : order_) {
    const Facts& f = facts_[i];
    failed += f.failed;
    const Nanos created = f.created >= 0 ? f.created : last_;
    to_running.add((f.running >= 0 ? f.running : std::max(last_, created)) - created, f.running >= 0);
  }
  auto& m = out.metrics;
  m.emplace_back("jobs_unfinished", static_cast<double>(order_by_.batch->unfinished()));
  m.emplace_back("pods", static_cast<double>(order_.size()));
  m.emplace_back("pods_failed", static_cast<double>(failed));
  add_waits_and_longest(out, "to_running", to_running);
  m.emplace_back("user_requests_undone", static_cast<double>(undone()));
  m.emplace_back("events", static_cast<double>(cluster_.world().kernel().executed()));
  if (measuring_.energy) fill_energy(out);
  out.notes.push_back("a job is a pod for each processor, all created with a scheduling gate; the queue takes the gates of a job away when the policy "
                      "starts it, and counts its processors until its last pod has ended; a job starts with the commit of its last binding, so it is "
                      "later than was promised by what scheduling, starting and ending take");
  note_faults(timeline_, out);
  out.digest = cluster_.world().digest();
}

}  // namespace orrery::scenarios::bench
