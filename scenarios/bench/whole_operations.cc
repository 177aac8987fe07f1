#include "scenarios/bench/whole_operations.h"

#include <algorithm>
#include <deque>

#include "model/api/node.h"
#include "model/api/persistent_volume_claim.h"
#include "model/base/hash_map.h"
#include "model/base/str.h"
#include "scenarios/bench/fake_nodes.h"
#include "scenarios/bench/object_writer.h"
#include "scenarios/bench/operation_objects.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/priority_classes.h"
#include "scenarios/bench/trace.h"
#include "scenarios/bench/whole_cluster.h"
#include "scenarios/bench/whole_objects.h"
#include "scenarios/run/cluster.h"
#include "sim/world/trace_sink.h"

namespace orrery::scenarios::bench {
namespace {

using api::KindId;
using base::cat;
using base::Instant;
using base::Nanos;

constexpr sim::EventTag kOperatorTag{0, sim::EventKind::kWorld, 0};
constexpr const char* kWriter = "operator";
constexpr const char* kFakeNodes = "fake-nodes";
constexpr base::Nanos kLongestRun = 30 * 24 * base::kHour;

Str key_of(KindId kind, const api::ObjectMeta& meta) { return cat(api::kind_of(kind).plural, " ", api::key_of(meta)); }

/// What a step waits for to be so.
bool is_settled(const api::ObjectRef& object) {
  switch (object->kind_id()) {
    case KindId::kPod: return !object->as<api::Pod>().spec->node_name.empty();
    case KindId::kPersistentVolumeClaim: return object->as<api::PersistentVolumeClaim>().status->phase == "Bound";
    case KindId::kNode: return may_take_pods(object->as<api::Node>());
    default: return true;
  }
}

class WholeOperations final : public sim::TraceSink {
 public:
  WholeOperations(const Scenario& scenario, const OperationsSpec& spec, bool kubelets, const CpuClock& cpu, scheduler::DecisionWatcher* watcher)
      : scenario_(scenario), spec_(spec), kubelets_(kubelets), cpu_(cpu), cluster_(scenario, state_, this, watcher),
        timeline_(scenario, cluster_, state_, leaders_) {
    const client::ClientConfig user = cluster_.user_client("kubernetes-admin", 0);
    cluster_.start_user_process(kWriter, [this, user](env::Environment& env) {
      return std::make_unique<ObjectWriter>(env, user, [this](const api::ObjectRef& o, const std::string& why) { refused(o, why); });
    });
    cluster_.start_user_process(kFakeNodes, [user](env::Environment& env) { return std::make_unique<FakeNodes>(env, user); });
  }
  ~WholeOperations() override { cluster_.world().set_trace(nullptr); }

  void run() {
    timeline_.start();
    sim::Kernel& kernel = cluster_.world().kernel();
    kernel.at(Instant{kBootTime}, kOperatorTag, [this] { create_priorities(); });
    while (!over_) {
      cluster_.world().run_for(base::kSecond);
      if (!over_ && in_step_ && cluster_.world().now() - last_progress_ > kOperationsPatience) end_step();
    }
  }
  void fill(RunRecord& out);

  bool recording(history::RecordKind kind) const override {
    return kind == history::RecordKind::kStoreCommit || Timeline::reads(scenario_, kind);
  }
  void record(Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    leaders_.on_record(record);
    const std::vector<history::Change>& changes = state_.on_record(record);
    if (!changes.empty()) timeline_.on_changes(changes, now);
    for (const history::Change& c : changes) changed(c);
  }
  bool logs(env::LogLevel) const override { return false; }
  void log(Instant, const env::Process&, env::LogLevel, std::string_view) override {}

 private:
  struct Churning {
    const Operation* op;
    std::size_t made;
    std::deque<api::ObjectRef> kept;
  };

  template <class Act>
  void soon(Act act) {
    cluster_.world().kernel().after(0, kOperatorTag, std::move(act));
  }
  ObjectWriter* writer() { return static_cast<ObjectWriter*>(cluster_.component_of_user(kWriter)); }
  FakeNodes* fake_nodes() { return static_cast<FakeNodes*>(cluster_.component_of_user(kFakeNodes)); }

  // --- steps
  void create_priorities();
  void begin_step();
  void end_step();
  void wait_for(const api::ObjectRef& object) { waiting_[key_of(object->kind_id(), object->meta())] = true; }
  void create(api::ObjectRef object) { writer()->create(std::move(object)); }
  void create_and_wait(api::ObjectRef object) {
    wait_for(object);
    create(std::move(object));
  }
  void add_node(const Operation& op, std::int64_t index);
  void prepare_pods(const Operation& op);
  void create_pods();
  void no_longer_waits(const Str& key);
  void refused(const api::ObjectRef& object, const std::string& why);

  // --- churn
  void turn(std::size_t churn);

  // --- what has been committed
  void changed(const history::Change& c);
  void node_changed(const history::Change& c);
  void pod_changed(const history::Change& c);

  const Scenario& scenario_;
  const OperationsSpec& spec_;
  bool kubelets_;
  const CpuClock& cpu_;
  WorldState state_;
  Leaders leaders_;
  Cluster cluster_;
  Timeline timeline_;
  OperationObjects objects_{false};
  std::size_t next_ = 0;                     // operation
  const Operation* op_ = nullptr;            // of the step; null: priority classes
  bool in_step_ = false, over_ = false;
  bool pods_created_ = false;                // of a step with pods; before, its claims are awaited
  std::vector<api::ObjectRef> pods_;         // of the step
  base::HashMap<Str, bool> waiting_;         // objects of the step that are not as they should be
  std::vector<Churning> churns_;
  base::HashMap<Str, bool> taken_away_;      // pods that a churn has removed
  Instant begun_{}, last_progress_{};
  double cpu_before_ = 0, cpu_at_progress_ = 0;   // until the last pod that was bound: what is given up costs nothing
  std::size_t measured_pods_ = 0, unscheduled_ = 0, unscheduled_init_ = 0, preempted_ = 0, churned_ = 0, refused_ = 0;
  std::string first_refusal_;
  Nanos span_ = 0;
  double measured_cpu_ = 0;
};

void WholeOperations::create_priorities() {
  in_step_ = true;
  last_progress_ = cluster_.world().now();
  std::vector<std::int32_t> values;
  for (const Operation& op : spec_.operations) {
    for (const api::ObjectRef& o : op.objects) {
      if (o->kind_id() == KindId::kPod) values.push_back(o->as<api::Pod>().spec->priority.value_or(0));
    }
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (const std::int32_t v : values) {
    if (v != 0) create_and_wait(make_priority_class(v));
  }
  if (waiting_.empty()) end_step();
}

void WholeOperations::begin_step() {
  if (next_ == spec_.operations.size()) {
    over_ = true;
    cluster_.world().kernel().stop();
    return;
  }
  op_ = &spec_.operations[next_++];
  in_step_ = true;
  last_progress_ = cluster_.world().now();
  switch (op_->kind) {
    case Operation::Kind::kNodes:
      for (std::int64_t i = 0; i < op_->count; ++i) add_node(*op_, i);
      break;
    case Operation::Kind::kNamespaces:
      for (std::int64_t i = 0; i < op_->count; ++i) {
        const api::ObjectRef ns = objects_.name_space(*op_, i);
        // Pods are admitted once their account is there.
        waiting_[cat("serviceaccounts ", ns->meta().name, "/default")] = true;
        create(ns);
      }
      break;
    case Operation::Kind::kObjects:
      for (const Str& ns : op_->namespaces) {
        for (std::int64_t i = 0; i < op_->count; ++i) create_and_wait(objects_.named(op_->objects[0], ns));
      }
      break;
    case Operation::Kind::kPods: prepare_pods(*op_); break;
    case Operation::Kind::kChurn:
      churns_.push_back({op_, 0, {}});
      soon([this, churn = churns_.size() - 1] { turn(churn); });
      break;
  }
  if (waiting_.empty()) end_step();
}

void WholeOperations::add_node(const Operation& op, std::int64_t index) {
  const api::ObjectRef node = objects_.node(op, index);
  if (!kubelets_) {
    if (api::ObjectRef csi = objects_.csi_node(op, node->meta().name)) create_and_wait(std::move(csi));
    return create_and_wait(node);
  }
  const api::ObjectRef there = state_.objects().get(KindId::kNode, {}, node->meta().name);
  if (!there || !is_settled(there)) wait_for(node);
}

void WholeOperations::prepare_pods(const Operation& op) {
  pods_.clear();
  pods_created_ = false;
  for (const Str& ns : op.namespaces) {
    for (std::int64_t i = 0; i < op.count; ++i) {
      const OperationObjects::PodObjects made = objects_.pod(op, ns);
      pods_.push_back(with_class(made.pod));
      if (made.volume) create(made.volume);
      if (made.claim) create_and_wait(made.claim);
    }
  }
  if (waiting_.empty()) create_pods();
}

void WholeOperations::create_pods() {
  pods_created_ = true;
  begun_ = last_progress_ = cluster_.world().now();
  if (cpu_) cpu_before_ = cpu_at_progress_ = cpu_();
  for (const api::ObjectRef& p : pods_) create_and_wait(p);
}

void WholeOperations::end_step() {
  const bool pods = op_ && op_->kind == Operation::Kind::kPods;
  if (pods && !pods_created_) {
    waiting_ = {};
    return create_pods();
  }
  if (pods && op_->measured) {
    measured_cpu_ += cpu_at_progress_ - cpu_before_;
    span_ += last_progress_ - begun_;
    measured_pods_ += pods_.size();
    unscheduled_ += waiting_.size();
  } else if (pods) {
    unscheduled_init_ += waiting_.size();
  }
  waiting_ = {};
  in_step_ = false;
  op_ = nullptr;
  soon([this] { begin_step(); });
}

void WholeOperations::no_longer_waits(const Str& key) {
  if (!waiting_.find(key)) return;
  waiting_.erase(key);
  last_progress_ = cluster_.world().now();
  if (cpu_ && op_ && op_->measured) cpu_at_progress_ = cpu_();
  if (waiting_.empty() && in_step_) end_step();
}

void WholeOperations::refused(const api::ObjectRef& object, const std::string& why) {
  if (refused_++ == 0) first_refusal_ = why;
  if (object->kind_id() == KindId::kPod && waiting_.find(key_of(KindId::kPod, object->meta()))) {
    ++(op_ && op_->measured ? unscheduled_ : unscheduled_init_);
  }
  soon([this, key = key_of(object->kind_id(), object->meta())] { no_longer_waits(key); });
}

void WholeOperations::turn(std::size_t churn) {
  if (over_) return;
  Churning& c = churns_[churn];
  const Operation& op = *c.op;
  if (op.keep > 0 && c.kept.size() == static_cast<std::size_t>(op.keep) * op.objects.size()) {
    const api::ObjectRef oldest = c.kept.front();
    c.kept.pop_front();
    if (oldest->kind_id() == KindId::kPod) taken_away_[api::key_of(oldest->meta())] = true;
    writer()->remove_first(oldest);
  }
  const api::ObjectRef made = with_class(objects_.named(op.objects[c.made++ % op.objects.size()], "default"));
  writer()->create_first(made);
  if (op.keep > 0) c.kept.push_back(made);
  ++churned_;
  cluster_.world().kernel().after(op.every, kOperatorTag, [this, churn] { turn(churn); });
}

void WholeOperations::changed(const history::Change& c) {
  const api::ObjectRef& any = c.now ? c.now : c.old;
  const KindId kind = any->kind_id();
  if (kind == KindId::kNode) node_changed(c);
  if (kind == KindId::kPod) pod_changed(c);
  if (waiting_.empty()) return;
  // A pod that is gone again waits no longer.
  if (c.now ? is_settled(c.now) : kind == KindId::kPod) no_longer_waits(key_of(kind, any->meta()));
}

void WholeOperations::node_changed(const history::Change& c) {
  const Str& name = (c.now ? c.now : c.old)->meta().name;
  if (c.now && c.old) return;
  if (!c.now) return soon([this, name] {
    if (FakeNodes* f = fake_nodes()) f->forget(name);
  });
  // Masters and machines have kubelets of their own.
  sim::MachineId machine{};
  if (cluster_.world().find_machine(name, machine)) return;
  soon([this, node = c.now] {
    if (FakeNodes* f = fake_nodes()) f->keep(node);
  });
}

void WholeOperations::pod_changed(const history::Change& c) {
  const api::ObjectRef& before = c.old;
  if (!before || before->as<api::Pod>().spec->node_name.empty()) return;
  const bool goes = !before->meta().deleting() && (!c.now || c.now->meta().deleting());
  if (!goes) return;
  if (!taken_away_.find(api::key_of(before->meta()))) ++preempted_;
  if (!c.now) return;
  soon([this, pod = c.now] {
    FakeNodes* const f = fake_nodes();
    if (f && f->keeps(pod->as<api::Pod>().spec->node_name)) f->end_pod(*pod);
  });
}

void WholeOperations::fill(RunRecord& out) {
  const std::size_t scheduled = measured_pods_ - unscheduled_;
  const double seconds = in_seconds(span_);
  auto& m = out.metrics;
  m.emplace_back("pods", static_cast<double>(measured_pods_));
  m.emplace_back("unscheduled", static_cast<double>(unscheduled_));
  m.emplace_back("unscheduled_before", static_cast<double>(unscheduled_init_));
  m.emplace_back("preempted", static_cast<double>(preempted_));
  m.emplace_back("churned", static_cast<double>(churned_));
  m.emplace_back("modelled_s", seconds);
  m.emplace_back("pods_per_virtual_s", seconds > 0 ? static_cast<double>(scheduled) / seconds : 0);
  m.emplace_back("user_requests_undone", static_cast<double>(refused_));
  note_faults(timeline_, out);
  if (!first_refusal_.empty()) out.notes.push_back(cat("the API refused for good: ", first_refusal_));
  if (cpu_) fill_measured(spec_, measured_cpu_, scheduled, out);
  out.digest = cluster_.world().digest();
}

/// Nodes with kubelets are there from the beginning.
void add_machines(const OperationsSpec& spec, Scenario& out) {
  OperationObjects names(false);
  for (const Operation& op : spec.operations) {
    if (op.kind == Operation::Kind::kNodes) {
      for (std::int64_t i = 0; i < op.count; ++i) {
        MachineSpec& m = out.cluster.nodes.emplace_back(machine_of_node(names.node(op, i)->as<api::Node>()));
        for (const auto& [driver, limit] : op.volume_limits) m.volume_limits.emplace_back(driver.str(), static_cast<std::int32_t>(limit));
      }
    } else if (op.kind == Operation::Kind::kPods || op.kind == Operation::Kind::kObjects) {
      // They take their numbers.
      for (std::size_t i = 0; i < static_cast<std::size_t>(op.count) * op.namespaces.size(); ++i) (void)names.named(op.objects[0], {});
    }
  }
}

}  // namespace

Scenario operations_scenario(const BenchSpec& bench, const OperationsSpec& spec, const scheduler::PolicySpec& policy, std::uint64_t seed) {
  Scenario out;
  out.file = bench.file;
  out.about = bench.about;
  out.seed = seed;
  out.until = kLongestRun;
  out.cluster = bench.cluster;
  // Without a zone: its label would make masters one more domain of spreading, which the workloads do not have.
  for (MachineSpec& m : out.cluster.masters) m.zone.clear();
  out.cluster.scheduler = policy_configuration(policy, nullptr, seed);
  if (bench.kubelets) add_machines(spec, out);
  plan_timeline(bench, out);
  return out;
}

void run_whole_operations(const BenchSpec& bench, const OperationsSpec& spec, const scheduler::PolicySpec& policy, std::uint64_t seed,
                          const CpuClock& cpu, RunRecord& out, scheduler::DecisionWatcher* watcher) {
  const Scenario scenario = operations_scenario(bench, spec, policy, seed);
  WholeOperations run(scenario, spec, bench.kubelets, cpu, watcher);
  run.run();
  run.fill(out);
  out.notes.push_back(cat("the pods of a step are created through the API, ", std::to_string(ObjectWriter::kParallel),
                          " requests at a time; a step ends with the commit of its last binding; "
                          "API writes are included, as in upstream's throughput; CPU is that of the whole simulation"));
  out.notes.push_back(bench.kubelets ? "nodes are machines with kubelet and proxy, which run the pods"
                                     : "nodes are Node objects with leases and no kubelet: pods are bound and not run, as in scheduler_perf");
}

}  // namespace orrery::scenarios::bench
