#include "scenarios/conform/replay.h"

#include <algorithm>
#include <memory>
#include <set>

#include "control/plane/plane.h"
#include "model/api/pod.h"
#include "model/api/request.h"
#include "model/base/random.h"
#include "model/codec/json_write.h"
#include "model/history/cluster_view.h"
#include "scenarios/conform/driver.h"
#include "scenarios/conform/fake_kubelet.h"
#include "scenarios/conform/placement.h"
#include "scenarios/conform/rollout_order.h"
#include "sim/world/trace_sink.h"
#include "sim/world/world.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using Type = HistoryRecord::Type;

/// From power-on to the start of the history: elections, registrations and first passes are over by then.
constexpr Nanos kLead = 90 * base::kSecond;
constexpr Nanos kNodesFrom = 6 * base::kSecond, kNodeStep = 137 * base::kMillisecond,
                kObjectsAt = 30 * base::kSecond;
/// The recorded control planes shared two busy cores: thinking took up to some times as long as on a machine of their
/// own. How busy they were is chance.
constexpr int kLeastSlowdownPercent = 150, kMostSlowdownPercent = 450;
/// A message waits until its receiver gets a core: mostly some, at times tens of milliseconds.
constexpr Nanos kHop = 100 * base::kMicrosecond, kMostWait = 30 * base::kMillisecond;
/// The longest period of a controller (the collector's of pods): where in its period a history begins is chance.
constexpr Nanos kLongestPeriod = 20 * base::kSecond;
/// Integer scores step by one at sizes of load; a pod that ends around the moment of a decision moves a node
/// over such a step.
constexpr std::int64_t kSlack = 5;
/// A change is taken for the cause of a scheduling attempt for this long.
constexpr Nanos kCauseReach = 1200 * base::kMillisecond, kReaction = 15 * base::kMillisecond;
constexpr const char *kMaster = "vm", *kDriver = "driver";
/// A node is given up 50 s after the pass of the node monitor, every 5 s, that saw its last lease: on average this long after it.
constexpr Nanos kSilence = 52'500 * base::kMillisecond;
constexpr Nanos kLongestSilence = 55'500 * base::kMillisecond, kLeasePeriod = 10 * base::kSecond,
                kSooner = 50 * base::kMillisecond;
/// How late a taint may come that was recorded.
constexpr Nanos kTaintReach = 30 * base::kSecond;

store::MemberConfig member_config() {
  store::MemberConfig c;
  c.id = 1;
  c.members.push_back({1, kMaster});
  c.write_cpu = 300 * base::kMicrosecond;
  c.read_cpu = 100 * base::kMicrosecond;
  return c;
}

sim::ProcessConfig process(const char* name, env::ComponentFactory factory, Nanos delay) {
  sim::ProcessConfig p;
  p.name = name;
  p.factory = std::move(factory);
  p.boot_delay = delay;
  return p;
}

client::ClientConfig client_config(const char* user) {
  client::ClientConfig c;
  c.user = user;
  c.user_agent = user;
  c.endpoints = {{kMaster, api::kApiserverPort}};
  return c;
}

/// "0/15 nodes are available" tells of nodes that the history's watcher left out.
std::size_t nodes_in_messages(const History& history) {
  std::size_t most = 0;
  for (const HistoryRecord& r : history.records) {
    if (r.resource != "events" || r.type == Type::kInitial) continue;
    const std::string_view text = r.object["message"].text_or("");
    const std::size_t end = text.find(" nodes are available");
    const std::size_t slash = text.find('/');
    if (end == text.npos || slash == text.npos || slash > end) continue;
    most =
        std::max<std::size_t>(most, std::strtoul(std::string(text.substr(slash + 1)).c_str(), nullptr, 10));
  }
  return most;
}

class Replay final : public sim::TraceSink, private Names {
 public:
  Replay(const History& history, const std::vector<Step>& plan, std::uint64_t seed)
      : history_(history),
        plan_(plan),
        recorded_(distill(observations_of(history))),
        placement_(recorded_, "spec.nodeName"),
        nominations_(recorded_, "status.nominatedNodeName"),
        bindings_(recorded_),
        rollouts_(recorded_, base::RandomStream(base::stream_key(seed, "rollouts", history.scenario))),
        chance_(base::stream_key(seed, "conform", history.scenario)) {
    sim::WorldConfig config;
    config.seed = seed;
    config.epoch = history.wall_start - kLead;
    config.network.loopback = config.network.same_zone = kHop;
    const double busy = chance_.unit();
    config.network.jitter_percent = static_cast<int>(busy * busy * static_cast<double>(kMostWait / kHop * 100));
    config.work_percent =
        kLeastSlowdownPercent + static_cast<int>(chance_.below(kMostSlowdownPercent - kLeastSlowdownPercent + 1));
    world_ = std::make_unique<sim::World>(config);
    world_->set_trace(this);
    build();
    schedule();
  }
  ~Replay() override { world_.reset(); }

  ReplayResult run() {
    world_->run_until(base::Instant{kLead + history_.duration});
    return std::move(result_);
  }

  bool recording(history::RecordKind) const override { return true; }
  bool logs(env::LogLevel) const override { return false; }
  void log(base::Instant, const env::Process&, env::LogLevel, std::string_view) override {}
  void record(base::Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    for (const history::Change& c : view_.on_record(record)) observe(now.ns - kLead, c);
  }

 private:
  void build() {
    const auto add = [this](const char* name, const char* ip) {
      sim::MachineConfig m;
      m.name = name;
      m.address = ip;
      m.cores = 8;
      return world_->add_machine(m);
    };
    const sim::MachineId master = add(kMaster, "10.0.0.1"), other = add(kDriver, "10.0.255.1");
    world_->start_process(master, process("etcd", plane::make_store_member(member_config()), base::kSecond));
    plane::ApiserverProcess apiserver;
    apiserver.config.advertise_address = "10.0.0.1";
    apiserver.store_endpoints = {{kMaster, api::kStoreClientPort}};
    world_->start_process(master,
                          process("kube-apiserver", plane::make_apiserver(apiserver), 2 * base::kSecond));
    plane::ControllerManagerProcess manager;
    manager.apiservers = {{kMaster, api::kApiserverPort}};
    manager.qps = 20;
    manager.burst = 30;
    manager.config.provision_delay = -1;  // what the recorded driver did not make is not there
    manager.config.node_order = [this](std::vector<base::Str>& nodes) { order_by_taint(nodes); };
    manager.config.rollout_order = [this](const base::Str& ns, const base::Str& set, std::vector<base::Str>& nodes) {
      rollouts_.sort(cat("pods/", ns, "/", set, "-*@"), nodes);
    };
    const Nanos phase = static_cast<Nanos>(chance_.below(kLongestPeriod));
    world_->start_process(master, process("kube-controller-manager", plane::make_controller_manager(manager),
                                          2 * base::kSecond + phase));
    plane::SchedulerProcess scheduler;
    scheduler.apiservers = {{kMaster, api::kApiserverPort}};
    scheduler.qps = 50;
    scheduler.burst = 100;
    scheduler.tie_break = [this](const api::ObjectRef& pod, const std::vector<scheduler::ScoredNode>& nodes) {
      return choose(*pod, nodes);
    };
    scheduler.next_pod = [this](const std::vector<api::ObjectRef>& waiting) { return next_of(waiting); };
    scheduler.preemption_tie_break = [this](const api::ObjectRef& pod,
                                            const std::vector<scheduler::ScoredNode>& nodes) {
      return nominations_.choose(group_of(*pod), nodes, kSlack);
    };
    world_->start_process(master,
                          process("kube-scheduler", plane::make_scheduler(scheduler), 2 * base::kSecond));
    world_->start_process(other, process(
                                     "fake-kubelet",
                                     [](env::Environment& env) {
                                       return std::make_unique<FakeKubelet>(env,
                                                                            client_config("fake-kubelet"));
                                     },
                                     3 * base::kSecond));
    world_->start_process(other, process(
                                     "driver",
                                     [](env::Environment& env) {
                                       return std::make_unique<Driver>(env,
                                                                       client_config("kubernetes-admin"));
                                     },
                                     3 * base::kSecond));
    world_->find_process(other, "fake-kubelet", kubelet_);
    world_->find_process(other, "driver", driver_);
  }

  FakeKubelet& kubelet() { return static_cast<FakeKubelet&>(*world_->component(kubelet_)); }
  Driver& driver() { return static_cast<Driver&>(*world_->component(driver_)); }
  void at(Nanos t, base::UniqueFunction<void()> what) {
    world_->kernel().at(base::Instant{t}, {0, sim::EventKind::kWorld, 0}, std::move(what));
  }

  void schedule() {
    std::size_t nodes = 0;
    std::set<std::string, std::less<>> present, posted;
    for (const Step& s : plan_)
      if (s.kind == Step::Kind::kAddNode) posted.insert(node_name(s));
    for (const HistoryRecord& r : history_.records) {
      const bool fresh = r.type == Type::kInitial || r.type == Type::kAdded;
      const std::string_view name = meta_text(r.object, "name");
      if (r.resource == "nodes" && r.type == Type::kDeleted && present.contains(name)) present.erase(present.find(name));
      if (r.resource == "nodes" && fresh && history_.covers_node(name)) {
        const bool new_here = present.emplace(name).second;
        if (!new_here || (r.type == Type::kAdded && posted.contains(name))) continue;
        const Nanos when =
            r.type == Type::kInitial ? kNodesFrom + static_cast<Nanos>(nodes) * kNodeStep : kLead + r.t;
        add_node(r.object, when);
        ++nodes;
      } else if (r.type == Type::kInitial && r.resource != "events" && r.resource != "leases" &&
                 r.resource != "endpoints" && covered(history_, r.resource, r.object) &&
                 r.object["metadata"]["ownerReferences"].items().empty()) {
        const bool inside = r.object["metadata"]["namespace"].is_string();
        at(inside ? kObjectsAt + base::kSecond : kObjectsAt, [this, object = r.object] { driver().create(object); });
      }
    }
    for (std::size_t i = nodes; i < nodes_in_messages(history_); ++i)
      add_node(unrecorded_node(i), kNodesFrom + static_cast<Nanos>(i) * kNodeStep);
    if (nodes < nodes_in_messages(history_))
      wake_where_unexplained(cat("unrecorded-", std::to_string(nodes)));
    for (const Step& s : plan_) at(kLead + s.t, [this, &s] { perform(s); });
    for (const Step& s : plan_)
      if (s.kind == Step::Kind::kStopNodes)
        for (const std::string& node : s.words) end_lease(node, s.t);
  }

  const Track* node_track(std::string_view name) const {
    const auto it = std::find_if(recorded_.begin(), recorded_.end(),
                                 [name](const Track& t) { return t.resource == "nodes" && t.name == name; });
    return it == recorded_.end() ? nullptr : &*it;
  }

  /// The first change of a field of a node to a value that begins so, at or after `since`; none: -1.
  Nanos when_node(std::string_view name, const std::string& field, std::string_view value, Nanos since) const {
    const Track* track = node_track(name);
    const auto it = track ? track->fields.find(field) : std::map<std::string, std::vector<Change>>::const_iterator();
    if (!track || it == track->fields.end()) return -1;
    for (const Change& c : it->second)
      if (c.t >= since && !c.value.empty() && std::string_view(c.value).starts_with(value)) return c.t;
    return -1;
  }

  /// Leases are not recorded; when the last one of a stopped node was renewed is concluded from when it was given up, unless that
  /// was later than it can be.
  void end_lease(const std::string& node, Nanos stopped) {
    const Nanos lost = when_node(node, "status.conditions.Ready", "Unknown", stopped);
    if (lost < 0 || lost - stopped > kLongestSilence) return;
    const Nanos last = std::clamp(lost - kSilence, stopped - kLeasePeriod, stopped - kSooner);
    at(kLead + last, [this, node] { kubelet().renew_last(node); });
  }

  /// Those that the recording taints first come first.
  void order_by_taint(std::vector<base::Str>& nodes) const {
    const Nanos since = world_->now().ns - kLead - kTaintReach;
    const auto tainted = [&](const base::Str& node) {
      for (const char* taint : {"unreachable", "not-ready"}) {
        const Nanos t = when_node(node, cat("spec.taints.node.kubernetes.io/", taint, ":NoExecute"), "", since);
        if (t >= 0) return t;
      }
      return Nanos{INT64_MAX};
    };
    std::stable_sort(nodes.begin(), nodes.end(),
                     [&](const base::Str& a, const base::Str& b) { return tainted(a) < tainted(b); });
  }

  /// A pod that was tried again though nothing that the watcher saw had changed was woken by something on the
  /// nodes that it left out: there, something happens in the replay, too.
  void wake_where_unexplained(const std::string& node) {
    Nanos last_cause = -kCauseReach;
    for (const HistoryRecord& r : history_.records) {
      if (r.type == Type::kInitial) continue;
      if (r.resource == "pods" || r.resource == "nodes" || r.type == Type::kAction) last_cause = r.t;
      if (r.resource != "events" || r.object["reason"].text_or("") != "FailedScheduling" ||
          r.t - last_cause < kCauseReach)
        continue;
      at(kLead + r.t - kReaction, [this, node] { kubelet().grow_node(node); });
      last_cause = r.t;
    }
  }

  void add_node(const JsonValue& object, Nanos when) {
    at(when, [this, object] { kubelet().add_node(object, 0); });
  }

  /// A node of another group: nothing of the history runs there.
  static JsonValue unrecorded_node(std::size_t number) {
    const std::string name = cat("unrecorded-", std::to_string(number));
    return *codec::parse_json(cat(
        R"({"metadata":{"name":")", name, R"(","labels":{"grp":"unrecorded","kubernetes.io/hostname":")",
        name,
        R"(","kubernetes.io/os":"linux","kubernetes.io/arch":"amd64"}},"spec":{},"status":{"allocatable":)",
        R"({"cpu":"4","memory":"16Gi","pods":"110"},"capacity":{"cpu":"4","memory":"16Gi","pods":"110"}}})"));
  }

  void act_on_process(const std::string& name, const std::string& what) {
    sim::MachineId machine{};
    sim::ProcessId process{};
    if (!world_->find_machine(kMaster, machine) || !world_->find_process(machine, name, process)) return;
    if (what == "kill") world_->kill(process);
    else if (what == "stop") world_->stop(process);
    else if (what == "start") world_->start(process);
    else if (what == "pause") world_->pause(process);
    else world_->resume(process);
  }

  void perform(const Step& step) {
    if (step.kind == Step::Kind::kProcess) return act_on_process(step.words[0], step.words[1]);
    if (step.kind == Step::Kind::kStopNodes || step.kind == Step::Kind::kStartNodes) {
      for (const std::string& node : step.words)
        step.kind == Step::Kind::kStopNodes ? kubelet().stop_node(node) : kubelet().start_node(node);
      return;
    }
    if (step.kind == Step::Kind::kAddNode) return kubelet().add_node(*codec::parse_json(step.body), 0);
    driver().perform(step, *this, [this](std::string line) { result_.refused.push_back(std::move(line)); });
  }

  static std::string node_name(const Step& step) {
    return std::string(meta_text(*codec::parse_json(step.body), "name"));
  }

  std::string name(const std::string& resource, const std::string& ns, const std::string& name) override {
    if (drawn_suffix(name) == std::string::npos) return name;
    return counterpart(recorded_, distill(result_.seen), resource, ns, name, world_->now().ns - kLead,
                       counterparts_);
  }

  std::string uid(const std::string& uid) override {
    for (const HistoryRecord& r : history_.records) {
      if (r.type == Type::kAction || meta_text(r.object, "uid") != uid) continue;
      const std::string ns(meta_text(r.object, "namespace"));
      const std::string here = name(r.resource.str(), ns, std::string(meta_text(r.object, "name")));
      for (auto o = result_.seen.rbegin(); o != result_.seen.rend(); ++o)
        if (o->resource == r.resource && meta_text(o->object, "namespace") == ns &&
            meta_text(o->object, "name") == here)
          return std::string(meta_text(o->object, "uid"));
      return uid;
    }
    return uid;
  }

  void observe(Nanos t, const history::Change& c) {
    const api::ObjectRef& object = c.now ? c.now : c.old;
    const char* resource = object->kind().plural;
    if (object->kind_id() == api::KindId::kLease && object->meta().namespace_ != "kube-system") return;
    JsonValue json = *codec::parse_json(codec::to_json(*object));
    if (!covered(history_, resource, json)) return;
    names_.see(resource, json);
    if (object->kind_id() == api::KindId::kPod) {
      const auto has_node = [](const api::ObjectRef& o) { return o && !o->as<api::Pod>().spec->node_name.empty(); };
      if (!c.old) rollouts_.made(group_of(*object));
      if (has_node(c.now) && !has_node(c.old)) bindings_.bound(group_of(*object));
    }
    Observation o;
    o.t = t;
    o.resource = resource;
    o.type = t < 0 ? Type::kInitial : !c.now ? Type::kDeleted : c.old ? Type::kModified : Type::kAdded;
    o.object = std::move(json);
    if (t >= 0) return result_.seen.push_back(std::move(o));
    // Before the history only the last state counts.
    if (c.old)
      std::erase_if(result_.seen, [&o](const Observation& x) {
        return meta_text(x.object, "uid") == meta_text(o.object, "uid");
      });
    o.t = 0;
    if (c.now) result_.seen.push_back(std::move(o));
  }

  /// Only a pod of higher priority goes before the one whose turn it is: it would have, had both backed off alike.
  std::optional<std::size_t> next_of(const std::vector<api::ObjectRef>& waiting) const {
    const auto priority = [](const api::ObjectRef& pod) { return pod->as<api::Pod>().spec->priority.value_or(0); };
    std::vector<std::string> groups;
    for (const api::ObjectRef& pod : waiting)
      groups.push_back(groups.empty() || priority(pod) > priority(waiting[0]) ? group_of(*pod) : std::string());
    const Nanos t = world_->now().ns - kLead;
    if (bindings_.next({groups[0]}, t)) return std::nullopt;
    return bindings_.next(groups, t);
  }

  std::optional<std::size_t> choose(const api::Object& pod, const std::vector<scheduler::ScoredNode>& nodes) {
    return placement_.choose(group_of(pod), nodes, kSlack);
  }
  std::string group_of(const api::Object& pod) const {
    return conform::group_of("pods", *codec::parse_json(codec::to_json(pod)), names_.mask());
  }

  const History& history_;
  const std::vector<Step>& plan_;
  const std::vector<Track> recorded_;
  Placement placement_, nominations_;
  BindingTimes bindings_;
  RolloutOrder rollouts_;
  base::RandomStream chance_;
  history::ClusterView view_;
  RevisionNames names_;
  std::map<std::string, std::string> counterparts_;
  ReplayResult result_;
  std::unique_ptr<sim::World> world_;
  sim::ProcessId kubelet_{}, driver_{};
};

}  // namespace

ReplayResult replay(const History& history, const std::vector<Step>& plan, std::uint64_t seed) {
  return Replay(history, plan, seed).run();
}

}  // namespace orrery::scenarios::conform
