#include "scenarios/bench/whole_cluster.h"

#include <algorithm>
#include <cmath>

#include "control/client/pod_util.h"
#include "control/scheduler/config/configuration.h"
#include "model/base/hash_map.h"
#include "model/base/str.h"
#include "scenarios/bench/load_meter.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/timed_measures.h"
#include "scenarios/bench/waits.h"
#include "scenarios/load/load_timeline.h"
#include "scenarios/run/timeline.h"
#include "sim/containers/behaviour.h"
#include "sim/world/trace_sink.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using base::Instant;
using base::Nanos;

constexpr sim::EventTag kUserTag{0, sim::EventKind::kWorld, 0};
/// A kubelet keeps so much memory for itself: machines have it on top, so that pods find what the trace says.
constexpr std::int64_t kKeptMemory = std::int64_t{100} << 20;

MachineSpec machine_of(const TraceNode& node, const std::string& zone) {
  MachineSpec out;
  out.name = node.name.str();
  out.zone = zone;
  out.cpu_milli = node.milli_cpu;
  out.memory_bytes = node.memory + kKeptMemory;
  out.pods = kMaxPodsOfNode;
  if (node.gpus > 0) {
    out.devices.emplace_back(scheduler::kGpuCount, node.gpus);
    out.labels.emplace_back(scheduler::kGpuModel, node.gpu_model.str());
  }
  return out;
}

Str name_of(std::uint32_t pod) { return cat("pod-", std::to_string(pod)); }

/// What a container does: it exits after `length`, and works as much as it asks for if that is `busy`.
std::string behaviour_of(const TracePod& pod, Nanos length, bool busy) {
  const Nanos us = std::max<Nanos>(length / base::kMicrosecond, 1);
  return cat("{\"kind\":\"exit\",\"code\":0,\"after\":\"", std::to_string(us), "us\"",
             busy && pod.milli_cpu > 0 ? cat(",\"busyMilli\":", std::to_string(pod.milli_cpu)) : std::string(), "}");
}

/// Pods whose end is told by their patience run until they are deleted.
api::ObjectRef pod_object(const TracePod& pod, std::uint32_t index, bool exits, std::optional<Nanos> busy_for) {
  api::Pod out = make_pod(pod, name_of(index))->pod();
  out.metadata.uid = Str();
  api::PodSpec& spec = out.spec.edit();
  spec.restart_policy = "Never";
  spec.containers.edit()[0].image = "job:1";
  if (exits) out.metadata.annotations.set(sim::kBehaviourAnnotation, behaviour_of(pod, pod.duration, busy_for.has_value()));
  else if (busy_for) out.metadata.annotations.set(sim::kBehaviourAnnotation, behaviour_of(pod, *busy_for, true));
  return api::make_object(std::move(out));
}

class WholeRun final : public sim::TraceSink {
 public:
  WholeRun(const Scenario& scenario, const Trace& trace, const TraceSpec& rules, const scheduler::FragmentationModel& model,
           const Measuring& measuring)
      : trace_(trace), rules_(rules), measuring_(measuring), cluster_(scenario, state_, this), timeline_(scenario, cluster_, state_, leaders_), until_(scenario.until) {
    for (const TraceNode& n : trace.nodes) committed_.set_node(make_node(n));
    meter_.emplace(committed_, model);
    facts_.resize(trace.pods.size());
    for (std::uint32_t i = 0; i < trace.pods.size(); ++i) plan(i);
    from_ = measuring.begin(first_);
    if (!order_.empty()) meter_->begin(first_, from_, last_);
  }
  ~WholeRun() override { cluster_.world().set_trace(nullptr); }

  void run() {
    timeline_.start();
    if (measuring_.energy) cluster_.world().kernel().at(Instant{kBootTime + from_}, kUserTag, [this] { before_ = drawn(); });
    cluster_.world().run_until(Instant{until_});
    meter_->measure_until(last_, waiting_);
  }
  void fill(RunRecord& out);

  bool recording() const override { return true; }
  void record(Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    leaders_.on_record(record);
    const std::vector<history::Change>& changes = state_.on_record(record);
    if (!changes.empty()) timeline_.on_changes(changes, now);
    for (const history::Change& c : changes) {
      const api::ObjectRef& any = c.now ? c.now : c.old;
      if (any->kind_id() == api::KindId::kPod) pod_changed(c);
    }
  }
  bool logs(env::LogLevel) const override { return false; }
  void log(Instant, const env::Process&, env::LogLevel, std::string_view) override {}

 private:
  struct Drawn {
    double nodes = 0, masters = 0;   // joules since the world began
  };
  Drawn drawn() {
    cluster_.measure_energy();
    Drawn out;
    for (const auto& [machine, joules] : state_.energy_joules()) (committed_.find(machine) ? out.nodes : out.masters) += joules;
    return out;
  }

  struct Facts {
    Nanos created = -1, bound = -1, running = -1, ended = -1;   // since pods may come
    bool gone = false, failed = false;
    scheduler::PodInfoRef info;                                 // while it counts on its node
  };

  void plan(std::uint32_t i) {
    const TracePod& pod = trace_.pods[i];
    if (pod.unscheduled && rules_.unscheduled == UnscheduledRule::kDrop) return;
    first_ = order_.empty() ? pod.arrival : std::min(first_, pod.arrival);
    last_ = std::max(last_, pod.arrival);
    order_.push_back(i);
    by_name_[name_of(i)] = i;
    sim::Kernel& kernel = cluster_.world().kernel();
    kernel.at(Instant{kBootTime + pod.arrival}, kUserTag, [this, i] { create(i); });
    if (pod.unscheduled) kernel.at(Instant{kBootTime + pod.arrival + pod.patience}, kUserTag, [this, i] { remove(i); });
  }

  std::shared_ptr<ActionReport> report() {
    reports_.push_back(std::make_shared<ActionReport>());
    return reports_.back();
  }
  void create(std::uint32_t i) {
    const TracePod& pod = trace_.pods[i];
    const bool stays = pod.censored && rules_.censored == CensoredRule::kToTheEnd;
    const auto done = report();
    const std::optional<Nanos> busy_for = measuring_.energy ? std::optional(until_) : std::nullopt;
    if (UserAgent* user = cluster_.user()) user->create({pod_object(pod, i, !pod.unscheduled && !stays, busy_for)}, done);
  }
  void remove(std::uint32_t i) {
    if (facts_[i].gone) return;
    UserAction action;
    action.kind = UserAction::Kind::kDelete;
    action.object.kind = api::KindId::kPod;
    action.object.namespace_ = "default";
    action.object.name = name_of(i).str();
    const auto done = report();
    if (UserAgent* user = cluster_.user()) user->perform(std::move(action), done);
  }

  void pod_changed(const history::Change& c) {
    const api::ObjectRef& any = c.now ? c.now : c.old;
    const std::uint32_t* index = by_name_.find(any->meta().name);
    if (!index || !(any->meta().namespace_ == "default")) return;
    Facts& f = facts_[*index];
    const Nanos at = c.at.ns - kBootTime;
    meter_->measure_until(std::min(at, last_), waiting_);
    if (f.created < 0) {
      f.created = at;
      ++waiting_;
    }
    if (!c.now) {
      f.gone = true;
      if (f.bound < 0) --waiting_;
      leave(*index, at);
      return;
    }
    const api::Pod& pod = c.now->as<api::Pod>();
    if (f.bound < 0 && !pod.spec->node_name.empty()) {
      f.bound = at;
      --waiting_;
      f.info = base::make_ref<scheduler::PodInfo>(c.now);
      committed_.add_pod(f.info, pod.spec->node_name);
      meter_->count(trace_.pods[*index], *committed_.find(pod.spec->node_name), 1);
    }
    if (f.running < 0 && pod.status->phase == "Running") f.running = at;
    if (!client::is_pod_terminal(pod) || f.ended >= 0) return;
    f.failed = pod.status->phase == "Failed";
    leave(*index, at);
    cluster_.world().kernel().after(0, kUserTag, [this, i = *index] { remove(i); });
  }

  /// It has ended or is gone: what it had is free.
  void leave(std::uint32_t i, Nanos at) {
    Facts& f = facts_[i];
    if (f.ended < 0) f.ended = at;
    if (!f.info) return;
    const Str node = f.info->spec().node_name;
    committed_.remove_pod(f.info->pod(), node);
    meter_->count(trace_.pods[i], *committed_.find(node), -1);
    f.info = {};
  }

  const Trace& trace_;
  const TraceSpec& rules_;
  const Measuring& measuring_;
  WorldState state_;
  Leaders leaders_;
  Cluster cluster_;
  Timeline timeline_;
  Nanos until_;
  scheduler::Snapshot committed_;                  // nodes of the trace with the pods that are bound and have not ended
  std::optional<LoadMeter> meter_;
  base::HashMap<Str, std::uint32_t> by_name_;
  std::vector<std::uint32_t> order_;               // pods that come
  std::vector<Facts> facts_;                       // by pod
  std::vector<std::shared_ptr<ActionReport>> reports_;
  Drawn before_;                                   // when measuring begins
  std::size_t waiting_ = 0;                        // created, not bound, not gone
  Nanos first_ = 0, from_ = 0, last_ = 0;          // pods come in [first_, last_], from_ on they are measured
};

void add_waits_and_longest(RunRecord& out, const std::string& name, const Waits& waits) {
  add_waits(out, name, waits);
  out.metrics.emplace_back(name + "_max_s", waits.quantile(1));
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
  const auto undone = std::count_if(reports_.begin(), reports_.end(), [](const auto& r) { return !r->done && !r->error.empty(); });
  auto& m = out.metrics;
  m.emplace_back("pods", static_cast<double>(work.size()));
  m.emplace_back("placed", static_cast<double>(bound));
  m.emplace_back("gave_up", static_cast<double>(gave_up));
  m.emplace_back("waiting_at_end", static_cast<double>(work.size() - bound - gave_up));
  m.emplace_back("pods_failed", static_cast<double>(failed));
  meter_->fill_metrics(out);
  add_waits_and_longest(out, "wait", to_node);
  add_waits_and_longest(out, "to_running", to_running);
  m.emplace_back("bounded_slowdown_mean", bound > 0 ? slowdowns / static_cast<double>(bound) : 0);
  m.emplace_back("offered_load", meter_->offered_load(work));
  m.emplace_back("user_requests_undone", static_cast<double>(undone));
  m.emplace_back("events", static_cast<double>(cluster_.world().kernel().executed()));
  if (measuring_.energy) {
    const Drawn now = drawn();
    m.emplace_back("energy_kwh", (now.nodes - before_.nodes) / 3.6e6);
    m.emplace_back("energy_masters_kwh", (now.masters - before_.masters) / 3.6e6);
    out.notes.push_back(cat(energy_text(*measuring_.energy), ": of the simulated machines, whose containers work on what they ask for; without "
                            "power they draw nothing; masters apart"));
  }
  meter_->fill_series(out);
  note_incomplete(trace_, rules_, out);
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  tell_warmup(measuring_, arrivals, out);
  add_warmup(measuring_, arrivals, first_, from_, out);
  out.load = "open";
  const bool cut = measuring_.warmup.kind != WarmupRule::Kind::kNone;
  out.notes.push_back(cat("open load; ", warmup_text(measuring_), "; measured from the ", cut ? "end of the warm-up" : "first",
                          " to the last arrival; waits by Kaplan-Meier, from the commit of the creation to that of the binding, to_running to "
                          "that of the phase"));
  if (!timeline_.plan().empty()) out.notes.push_back(cat(std::to_string(timeline_.plan().size()), " faults were done"));
  out.digest = cluster_.world().digest();
}

}  // namespace

Scenario scenario_of(const BenchSpec& bench, const Trace& trace, const scheduler::PolicySpec& policy,
                     std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed) {
  Scenario out;
  out.file = bench.file;
  out.about = bench.about;
  out.seed = seed;
  out.cluster = bench.cluster;
  for (std::size_t i = 0; i < trace.nodes.size(); ++i) {
    out.cluster.nodes.push_back(machine_of(trace.nodes[i], out.cluster.masters[i % out.cluster.masters.size()].zone));
    if (bench.energy) out.cluster.nodes.back().power = power_of(*bench.energy, trace.nodes[i]);
  }
  scheduler::Configuration configuration = scheduler::default_configuration();
  configuration.profiles[0].research = scheduler::Profile::Research{policy, std::move(model), seed};
  out.cluster.scheduler = std::make_shared<const scheduler::Configuration>(std::move(configuration));
  Nanos last = 0;
  for (const TracePod& p : trace.pods) last = std::max(last, p.arrival);
  out.until = kBootTime + last;
  if (!bench.timeline) return out;
  out.timeline = load_timeline(*bench.timeline, out);
  for (TimelineEntry& e : out.timeline) {
    for (Nanos* t : {&e.trigger.at, &e.trigger.from, &e.trigger.until, &e.trigger.after}) *t += kBootTime;
  }
  return out;
}

void run_whole_cluster(const BenchSpec& bench, const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
                       std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed,
                       const Measuring& measuring, RunRecord& out) {
  const Scenario scenario = scenario_of(bench, trace, policy, model, seed);
  WholeRun run(scenario, trace, rules, *model, measuring);
  run.run();
  run.fill(out);
}

}  // namespace orrery::scenarios::bench
