#include "scenarios/bench/operations.h"

#include <algorithm>
#include <deque>

#include "scenarios/bench/csv.h"
#include "scenarios/bench/lone_scheduler.h"
#include "scenarios/bench/operation_objects.h"
#include "scenarios/bench/trace.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::Instant;
using base::Nanos;

class OperationsRun {
 public:
  OperationsRun(const OperationsSpec& spec, LoneScheduler& scheduler, const CpuClock& cpu) : spec_(spec), scheduler_(scheduler), cpu_(cpu) {}

  void run() {
    for (const Operation& op : spec_.operations) {
      switch (op.kind) {
        case Operation::Kind::kNodes: add_nodes(op); break;
        case Operation::Kind::kNamespaces: add_namespaces(op); break;
        case Operation::Kind::kObjects: add_objects(op); break;
        case Operation::Kind::kPods: add_pods(op); break;
        case Operation::Kind::kChurn: churns_.push_back({&op, scheduler_.now(), 0, {}}); break;
      }
    }
  }

  void fill(RunRecord& out) const {
    const LoneScheduler::Counts& counts = scheduler_.counts();
    auto& m = out.metrics;
    m.emplace_back("pods", static_cast<double>(measured_pods_));
    m.emplace_back("unscheduled", static_cast<double>(unscheduled_));
    m.emplace_back("unscheduled_before", static_cast<double>(unscheduled_init_));
    m.emplace_back("attempts", static_cast<double>(measured_attempts_));
    m.emplace_back("preempted", static_cast<double>(counts.preempted));
    m.emplace_back("churned", static_cast<double>(churned_));
    m.emplace_back("modelled_s", in_seconds(measured_span_));
    out.digest = scheduler_.digest();
    if (cpu_) fill_measured(spec_, measured_cpu_, measured_pods_ - unscheduled_, out);
  }

 private:
  struct Churn {
    const Operation* op;
    Instant next;
    std::size_t made;
    std::deque<api::ObjectRef> kept;
  };

  void add_nodes(const Operation& op) {
    for (std::int64_t i = 0; i < op.count; ++i) add_node(op, objects_.node(op, i));
  }
  void add_node(const Operation& op, const api::ObjectRef& node) {
    if (api::ObjectRef csi = objects_.csi_node(op, node->meta().name)) scheduler_.objects().set(std::move(csi));
    scheduler_.add_node(node);
  }

  void add_namespaces(const Operation& op) {
    for (std::int64_t i = 0; i < op.count; ++i) scheduler_.objects().set(objects_.name_space(op, i));
  }

  void add_objects(const Operation& op) {
    for (const Str& ns : op.namespaces) {
      for (std::int64_t i = 0; i < op.count; ++i) scheduler_.objects().set(objects_.named(op.objects[0], ns));
    }
  }

  api::ObjectRef make_pod(const Operation& op, const Str& ns) {
    const OperationObjects::PodObjects made = objects_.pod(op, ns);
    if (made.volume) scheduler_.objects().set(made.volume);
    if (made.claim) scheduler_.objects().set(made.claim);
    return made.pod;
  }

  /// Creates the pods at once and has them scheduled.
  void add_pods(const Operation& op) {
    std::vector<api::ObjectRef> pods;
    for (const Str& ns : op.namespaces) {
      for (std::int64_t i = 0; i < op.count; ++i) pods.push_back(make_pod(op, ns));
    }
    const double before = cpu_ ? cpu_() : 0;
    const Instant begin = scheduler_.now();
    const std::size_t attempts = scheduler_.counts().attempts;
    for (const api::ObjectRef& p : pods) scheduler_.add_pod(p);
    const std::size_t left = schedule(pods);
    if (!op.measured) {
      unscheduled_init_ += left;
      return;
    }
    if (cpu_) measured_cpu_ += cpu_() - before;
    measured_span_ += scheduler_.now() - begin;
    measured_attempts_ += scheduler_.counts().attempts - attempts;
    measured_pods_ += pods.size();
    unscheduled_ += left;
  }

  /// Until all are bound (or removed again by a preemption). Returns how many are not.
  std::size_t schedule(const std::vector<api::ObjectRef>& pods) {
    std::size_t next = 0;
    Instant last_progress = scheduler_.now();
    std::size_t progress = 0;
    while (true) {
      for (; next < pods.size() && done(pods[next]->meta().uid); ++next) {
      }
      if (next == pods.size()) return 0;
      if (scheduler_.begin()) {
        pass_until(scheduler_.ends_at());
        scheduler_.settle();
      } else {
        if (!scheduler_.anybody_waits() && churns_.empty()) break;
        pass_until(next_instant());
      }
      const std::size_t now_done = scheduler_.counts().bound + scheduler_.counts().preempted;
      if (now_done != progress) last_progress = scheduler_.now();
      progress = now_done;
      if (scheduler_.now() - last_progress > kOperationsPatience) break;
    }
    return static_cast<std::size_t>(std::count_if(pods.begin(), pods.end(), [&](const api::ObjectRef& p) { return !done(p->meta().uid); }));
  }
  bool done(const Str& uid) const { return !scheduler_.has_pod(uid) || scheduler_.is_bound(uid); }

  /// When something may become ready: the queue looks once a second, a churn comes at its times.
  Instant next_instant() const {
    Instant out{(scheduler_.now().ns / base::kSecond + 1) * base::kSecond};
    for (const Churn& c : churns_) out = std::min(out, std::max(c.next, scheduler_.now() + 1));
    return out;
  }

  void pass_until(Instant to) {
    while (true) {
      Churn* first = nullptr;
      for (Churn& c : churns_) {
        if (c.next <= to && (!first || c.next < first->next)) first = &c;
      }
      if (!first) break;
      scheduler_.advance(std::max(first->next, scheduler_.now()));
      turn(*first);
    }
    scheduler_.advance(to);
  }

  void turn(Churn& c) {
    const Operation& op = *c.op;
    if (op.keep > 0 && c.kept.size() == static_cast<std::size_t>(op.keep) * op.objects.size()) {
      remove(c.kept.front());
      c.kept.pop_front();
    }
    const api::ObjectRef made = objects_.named(op.objects[c.made++ % op.objects.size()], "default");
    create(op, made);
    if (op.keep > 0) c.kept.push_back(made);
    c.next = c.next + op.every;
    ++churned_;
  }
  void create(const Operation& op, const api::ObjectRef& object) {
    if (object->kind_id() == api::KindId::kNode) add_node(op, object);
    else if (object->kind_id() == api::KindId::kPod) scheduler_.add_pod(object);
    else scheduler_.objects().set(object);
  }
  void remove(const api::ObjectRef& object) {
    const api::ObjectMeta& meta = object->meta();
    if (object->kind_id() == api::KindId::kNode) scheduler_.remove_node(object);
    else if (object->kind_id() == api::KindId::kPod) scheduler_.remove_pod(meta.uid);
    else scheduler_.objects().remove(object->kind_id(), meta.namespace_, meta.name);
  }

  const OperationsSpec& spec_;
  LoneScheduler& scheduler_;
  const CpuClock& cpu_;
  std::vector<Churn> churns_;
  OperationObjects objects_{true};
  std::size_t churned_ = 0;
  std::size_t measured_pods_ = 0, measured_attempts_ = 0, unscheduled_ = 0, unscheduled_init_ = 0;
  Nanos measured_span_ = 0;
  double measured_cpu_ = 0;
};

}  // namespace

void fill_measured(const OperationsSpec& spec, double cpu_seconds, std::size_t scheduled, RunRecord& out) {
  const double rate = cpu_seconds > 0 ? static_cast<double>(scheduled) / cpu_seconds : 0;
  out.measured.emplace_back("cpu_s", cpu_seconds);
  out.measured.emplace_back("pods_per_cpu_s", rate);
  if (spec.threshold <= 0) return;
  out.measured.emplace_back("upstream_threshold_pods_per_s", spec.threshold);
  out.measured.emplace_back("times_threshold", rate / spec.threshold);
}

double read_threshold(const std::string& file, const std::string& test_case, const std::string& workload) {
  const CsvTable table = CsvTable::with_quotes(file, {"testcase", "workload", "threshold_pods_per_s"});
  double out = 0;
  bool known = false;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, "testcase") != test_case || table.text(row, "workload") != workload) continue;
    known = true;
    if (table.text(row, "threshold_pods_per_s").empty()) continue;
    out = std::max(out, table.number(row, "threshold_pods_per_s", 0, 1e9));
  }
  if (!known) throw InputError{file, 0, "", base::cat("has no row of test case ", test_case, ", workload ", workload)};
  return out;
}

void run_operations(const OperationsSpec& spec, const scheduler::PolicySpec& policy,
                    std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, const CpuClock& cpu,
                    RunRecord& out, bool incremental, scheduler::DecisionWatcher* watcher) {
  LoneScheduler scheduler(policy, std::move(model), seed, incremental);
  scheduler.watch(watcher);
  OperationsRun run(spec, scheduler, cpu);
  run.run();
  run.fill(out);
  out.notes.push_back("the pods of a step come at once; binding, conditions and evictions succeed at once; the scheduler's own path, "
                      "without API writes, which upstream's throughput includes");
}

}  // namespace orrery::scenarios::bench
