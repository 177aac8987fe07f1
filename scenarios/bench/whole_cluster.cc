#include "scenarios/bench/whole_cluster.h"

#include <algorithm>
#include <cmath>

#include "control/client/pod_util.h"
#include "model/base/hash_map.h"
#include "model/base/sorted_map.h"
#include "model/base/str.h"
#include "scenarios/bench/load_meter.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/priority_classes.h"
#include "scenarios/bench/timed_measures.h"
#include "scenarios/bench/waits.h"
#include "scenarios/bench/whole_agents.h"
#include "scenarios/bench/whole_objects.h"
#include "scenarios/load/load_timeline.h"
#include "scenarios/run/timeline.h"
#include "sim/world/trace_sink.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using base::Instant;
using base::Nanos;

constexpr sim::EventTag kUserTag{0, sim::EventKind::kWorld, 0};
/// Before the first pod may come.
constexpr Nanos kClassesAt = kBootTime - 20 * base::kSecond;

bool has_gangs(const Trace& trace) {
  return std::any_of(trace.pods.begin(), trace.pods.end(), [](const TracePod& p) { return !p.gang.empty(); });
}

class WholeRun final : public sim::TraceSink {
 public:
  WholeRun(const Scenario& scenario, const Trace& trace, const TraceSpec& rules, const scheduler::FragmentationModel& model,
           const TimedOptions& beside, TimedParts tell)
      : trace_(trace), rules_(rules), measuring_(beside.measuring), masters_(scenario.cluster.masters), tell_(tell), names_(names_of(trace.pods)),
        cluster_(scenario, state_, this, beside.watcher), timeline_(scenario, cluster_, state_, leaders_), until_(scenario.until) {
    for (const TraceNode& n : trace.nodes) committed_.set_node(make_node(n));
    meter_.emplace(committed_, model);
    if (beside.descheduler || beside.autoscaler) {
      agents_ = std::make_unique<WholeAgents>(beside, scenario.seed, cluster_, committed_, [this](const Str& pod, Evictor by) { evict(pod, by); },
                                              [this] { hold_and_count_nodes(); });
    }
    facts_.resize(trace.pods.size());
    for (std::uint32_t i = 0; i < trace.pods.size(); ++i) plan(i);
    from_ = measuring_.begin(first_);
    if (!order_.empty()) meter_->begin(first_, from_, last_);
    cluster_.world().kernel().at(Instant{kClassesAt}, kUserTag, [this] { create_classes(); });
  }
  ~WholeRun() override { cluster_.world().set_trace(nullptr); }

  void run() {
    timeline_.start();
    if (measuring_.energy) cluster_.world().kernel().at(Instant{kBootTime + from_}, kUserTag, [this] { before_ = drawn(); });
    if (agents_) agents_->start(Instant{kBootTime + first_});
    cluster_.world().run_until(Instant{until_});
    meter_->measure_until(last_, waiting_);
  }
  void fill(RunRecord& out);
  void fill_gangs(RunRecord& out) const;
  void fill_parts(RunRecord& out) const;

  bool recording() const override { return true; }
  void record(Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    leaders_.on_record(record);
    const std::vector<history::Change>& changes = state_.on_record(record);
    if (!changes.empty()) timeline_.on_changes(changes, now);
    for (const history::Change& c : changes) {
      const api::ObjectRef& any = c.now ? c.now : c.old;
      if (any->kind_id() == api::KindId::kPod) pod_changed(c);
      if (any->kind_id() == api::KindId::kNode && agents_) agents_->node_changed(c);
      if (any->kind_id() == api::KindId::kPodGroup && !c.old) group_created(any->meta().name);
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
    const auto is_master = [this](std::string_view name) {
      return std::any_of(masters_.begin(), masters_.end(), [name](const MachineSpec& m) { return m.name == name; });
    };
    for (const auto& [machine, joules] : state_.energy_joules()) (is_master(machine) ? out.masters : out.nodes) += joules;
    return out;
  }

  struct Facts {
    Nanos created = -1, bound = -1, running = -1, ended = -1;   // since pods may come; the first time each
    Nanos began = -1;                                           // on its present node
    bool gone = false, failed = false, over = false;            // over: it has ended or is gone
    bool waits = false;                                         // for a node
    bool removing = false, evicted = false;                     // asked to go by the user, by others
    Evictor by = Evictor::kPreemption;
    std::size_t gang = kAlone;
    scheduler::PodInfoRef info;                                 // while it counts on its node
  };

  struct Gang {
    std::vector<std::uint32_t> members;
    Nanos created = -1, first_bound = -1, last_bound = -1;
    std::size_t bound = 0, over = 0, gone = 0;
  };
  static constexpr std::size_t kAlone = SIZE_MAX;

  void plan(std::uint32_t i) {
    const TracePod& pod = trace_.pods[i];
    if (pod.unscheduled && rules_.unscheduled == UnscheduledRule::kDrop) return;
    priorities_.insert(pod.priority);
    first_ = order_.empty() ? pod.arrival : std::min(first_, pod.arrival);
    last_ = std::max(last_, pod.arrival);
    order_.push_back(i);
    by_name_[names_[i]] = i;
    sim::Kernel& kernel = cluster_.world().kernel();
    if (pod.unscheduled) kernel.at(Instant{kBootTime + pod.arrival + pod.patience}, kUserTag, [this, i] { remove(i); });
    if (!pod.gang.empty() && !joins(i)) return;
    kernel.at(Instant{kBootTime + pod.arrival}, kUserTag, [this, i] { come(i); });
  }
  /// True for the first of its gang: with it the gang comes.
  bool joins(std::uint32_t i) {
    const auto [at, first] = gang_of_.try_emplace(trace_.pods[i].gang, gangs_.size());
    if (first) {
      by_group_[group_name(gangs_.size())] = gangs_.size();
      gangs_.emplace_back();
    }
    facts_[i].gang = at->second;
    gangs_[at->second].members.push_back(i);
    return first;
  }

  std::shared_ptr<ActionReport> report() {
    reports_.push_back(std::make_shared<ActionReport>());
    return reports_.back();
  }
  void create_classes() {
    std::vector<api::ObjectRef> classes;
    for (const std::int32_t p : priorities_) {
      if (p != 0) classes.push_back(make_priority_class(p));
    }
    UserAgent* const user = cluster_.user();
    if (user && !classes.empty()) user->create(std::move(classes), report());
  }
  /// Alone, or the group of its gang; the gang's pods follow when that is there.
  void come(std::uint32_t i) {
    const std::size_t gang = facts_[i].gang;
    if (gang == kAlone) return create(i);
    if (UserAgent* user = cluster_.user()) user->create({group_object(gang, gangs_[gang].members.size())}, report());
  }
  void group_created(const Str& name) {
    const std::size_t* gang = by_group_.find(name);
    if (!gang) return;
    cluster_.world().kernel().after(0, kUserTag, [this, gang = *gang] {
      for (const std::uint32_t i : gangs_[gang].members) create(i);
    });
  }
  void create(std::uint32_t i) {
    const TracePod& pod = trace_.pods[i];
    const bool stays = pod.censored && rules_.censored == CensoredRule::kToTheEnd;
    const auto done = report();
    const std::optional<Nanos> busy_for = measuring_.energy ? std::optional(until_) : std::nullopt;
    if (UserAgent* user = cluster_.user())
      user->create({pod_object(pod, names_[i], group_of(i), !pod.unscheduled && !stays, busy_for)}, done);
  }
  Str group_of(std::uint32_t i) const { return facts_[i].gang == kAlone ? Str() : group_name(facts_[i].gang); }
  void remove(std::uint32_t i) {
    if (facts_[i].gone) return;
    facts_[i].removing = true;
    remove(api::KindId::kPod, names_[i]);
  }
  void remove(api::KindId kind, const Str& name) {
    UserAction action;
    action.kind = UserAction::Kind::kDelete;
    action.object.kind = kind;
    action.object.namespace_ = "default";
    action.object.name = name.str();
    const auto done = report();
    if (UserAgent* user = cluster_.user()) user->perform(std::move(action), done);
  }
  template <class Act>
  void soon(Act act) {
    cluster_.world().kernel().after(0, kUserTag, std::move(act));
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
      if (f.gang != kAlone && gangs_[f.gang].created < 0) gangs_[f.gang].created = at;
    }
    if (agents_) agents_->changed();
    if (!c.now) return pod_gone(*index, at);
    if (!c.old) {
      f.waits = true;
      ++waiting_;
    }
    const api::Pod& pod = c.now->as<api::Pod>();
    f.evicted |= pod.metadata.deleting() && !f.removing && !f.over;
    if (f.waits && !pod.spec->node_name.empty()) pod_bound(*index, c.now, at);
    if (f.waits && agents_) agents_->pod_waits(c.now);
    if (f.running < 0 && pod.status->phase == "Running") f.running = at;
    if (!client::is_pod_terminal(pod)) return;
    leave(*index);
    if (f.evicted || f.ended >= 0) return;
    f.ended = at;
    f.failed = pod.status->phase == "Failed";
    if (f.gang == kAlone) soon([this, i = *index] { remove(i); });
    is_over(*index);
  }
  void pod_bound(std::uint32_t i, const api::ObjectRef& pod, Nanos at) {
    Facts& f = facts_[i];
    no_longer_waits(i);
    if (f.bound < 0) {
      f.bound = at;
      if (f.gang != kAlone) gang_bound(gangs_[f.gang], at);
    }
    f.began = at;
    f.info = base::make_ref<scheduler::PodInfo>(pod);
    const Str& node = f.info->spec().node_name;
    committed_.add_pod(f.info, node);
    meter_->count(trace_.pods[i], *committed_.find(node), 1);
    if (agents_) agents_->pod_came(f.info->meta().name, node);
  }
  void no_longer_waits(std::uint32_t i) {
    if (!std::exchange(facts_[i].waits, false)) return;
    --waiting_;
    if (agents_) agents_->pod_waits_no_more(names_[i]);
  }
  void pod_gone(std::uint32_t i, Nanos at) {
    Facts& f = facts_[i];
    no_longer_waits(i);
    leave(i);
    if (std::exchange(f.evicted, false) && !f.over) return come_again(i, at);
    if (std::exchange(f.gone, true)) return;
    if (f.ended < 0) f.ended = at;
    is_over(i);
    if (f.gang == kAlone || ++gangs_[f.gang].gone < gangs_[f.gang].members.size()) return;
    soon([this, gang = f.gang] { remove(api::KindId::kPodGroup, group_name(gang)); });
  }
  void come_again(std::uint32_t i, Nanos at) {
    Facts& f = facts_[i];
    ++evictions_[static_cast<std::size_t>(std::exchange(f.by, Evictor::kPreemption))];
    if (f.began >= 0) {
      lost_pod_seconds_ += in_seconds(at - f.began);
      lost_cpu_seconds_ += in_seconds(at - f.began) * static_cast<double>(trace_.pods[i].milli_cpu) / 1000;
    }
    f.began = -1;
    soon([this, i] { create(i); });
  }
  void evict(const Str& pod, Evictor by) {
    const std::uint32_t i = *by_name_.find(pod);
    facts_[i].by = by;
    remove(api::KindId::kPod, pod);
  }
  void hold_and_count_nodes() {
    const Nanos at = cluster_.world().now().ns - kBootTime;
    meter_->measure_until(std::min(at, last_), waiting_);
    meter_->nodes_changed();
  }
  static void gang_bound(Gang& gang, Nanos at) {
    if (gang.bound++ == 0) gang.first_bound = at;
    if (gang.bound == gang.members.size()) gang.last_bound = at;
  }
  /// The pods of a gang are deleted when all have ended.
  void is_over(std::uint32_t i) {
    Facts& f = facts_[i];
    if (std::exchange(f.over, true) || f.gang == kAlone) return;
    Gang& gang = gangs_[f.gang];
    if (++gang.over < gang.members.size()) return;
    soon([this, &gang] {
      for (const std::uint32_t m : gang.members) remove(m);
    });
  }

  /// What it had is free.
  void leave(std::uint32_t i) {
    Facts& f = facts_[i];
    if (!f.info) return;
    const Str node = f.info->spec().node_name;
    committed_.remove_pod(f.info->pod(), node);
    meter_->count(trace_.pods[i], *committed_.find(node), -1);
    f.info = {};
    if (agents_) agents_->pod_left(node);
  }

  const Trace& trace_;
  const TraceSpec& rules_;
  const Measuring& measuring_;
  const std::vector<MachineSpec>& masters_;
  const TimedParts tell_;                          // whose metrics are told
  const std::vector<Str> names_;                   // by pod
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
  std::vector<Gang> gangs_;
  base::SortedMap<Str, std::size_t> gang_of_;      // by the trace's name of it
  base::HashMap<Str, std::size_t> by_group_;       // by the PodGroup's name
  base::SortedSet<std::int32_t> priorities_;
  std::vector<std::shared_ptr<ActionReport>> reports_;
  Drawn before_;                                   // when measuring begins
  std::size_t waiting_ = 0;                        // created, not bound, not gone
  std::size_t evictions_[3] = {0, 0, 0};           // by Evictor
  double lost_pod_seconds_ = 0, lost_cpu_seconds_ = 0;
  std::unique_ptr<WholeAgents> agents_;            // null: nobody acts beside the scheduler
  Nanos first_ = 0, from_ = 0, last_ = 0;          // pods come in [first_, last_], from_ on they are measured
};

void add_waits_and_longest(RunRecord& out, const std::string& name, const Waits& waits) {
  add_waits(out, name, waits);
  out.metrics.emplace_back(name + "_max_s", waits.quantile(1));
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
  if (!gangs_.empty()) fill_gangs(out);
  fill_parts(out);
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

std::shared_ptr<const scheduler::Configuration> policy_configuration(scheduler::PolicySpec policy,
                                                                     std::shared_ptr<const scheduler::FragmentationModel> model,
                                                                     std::uint64_t seed, bool gangs) {
  if (gangs) policy.more.push_back("Coscheduling");
  scheduler::Configuration out = scheduler::default_configuration();
  out.profiles[0].research = scheduler::Profile::Research{std::move(policy), std::move(model), seed};
  return std::make_shared<const scheduler::Configuration>(std::move(out));
}

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
  out.cluster.scheduler = policy_configuration(policy, std::move(model), seed, has_gangs(trace));
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
                       std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out,
                       const TimedOptions& beside) {
  Scenario scenario = scenario_of(bench, trace, policy, model, seed);
  // Machines that join while it runs are beyond SimGrid.
  if (beside.autoscaler) scenario.cluster.cpu_model = CpuModel::kHost;
  TimedParts tell = beside.tell;
  tell.preemption |= policy.preemption;
  tell.descheduling |= beside.descheduler.has_value();
  tell.nodes |= beside.autoscaler.has_value();
  WholeRun run(scenario, trace, rules, *model, beside, tell);
  run.run();
  run.fill(out);
}

}  // namespace orrery::scenarios::bench
