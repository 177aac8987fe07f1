// WholeRun: one run of a trace in a complete simulated cluster; whole_cluster.h says what it does. What happens is in whole_run.cc, what
// is told of it in whole_record.cc.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "model/base/hash_map.h"
#include "model/base/sorted_map.h"
#include "scenarios/bench/closed_load.h"
#include "scenarios/bench/energy_meter.h"
#include "scenarios/bench/load_meter.h"
#include "scenarios/bench/timed_options.h"
#include "scenarios/bench/whole_agents.h"
#include "scenarios/bench/whole_cluster.h"
#include "scenarios/bench/whole_objects.h"
#include "scenarios/bench/whole_queue.h"
#include "scenarios/run/cluster.h"
#include "scenarios/run/leaders.h"
#include "scenarios/run/timeline.h"
#include "sim/world/trace_sink.h"

namespace orrery::scenarios::bench {

class WholeRun final : public sim::TraceSink {
 public:
  /// What the policy does besides being a profile of the scheduler.
  struct Order {
    bool strict = false;                     ///< nobody passes who waits (StrictQueue)
    bool by_tenant = false;                  ///< pods say whose they are
    BatchGate* batch = nullptr;              ///< jobs of a log; the run ends with the last one, and outlives neither
  };
  /// The references outlive it.
  WholeRun(const Scenario& scenario, const Trace& trace, const TraceSpec& rules, const scheduler::FragmentationModel& model,
           const TimedOptions& beside, TimedParts tell, Order order);
  ~WholeRun() override { cluster_.world().set_trace(nullptr); }

  void run();
  /// Metrics, lines, notes and digest of pods that come at times, or of users.
  void fill(RunRecord& out);
  /// Of a log of batch jobs.
  void fill_batch(const JobLog& log, OverrunRule overrun, RunRecord& out);

  /// Committed state is all that is measured; faults are triggered and aimed by more.
  bool recording(history::RecordKind kind) const override {
    return kind == history::RecordKind::kStoreCommit || Timeline::reads(scenario_, kind);
  }
  void record(base::Instant now, const env::Process& process, const history::Record& record) override;
  bool logs(env::LogLevel) const override { return false; }
  void log(base::Instant, const env::Process&, env::LogLevel, std::string_view) override {}

 private:
  struct Facts {
    base::Nanos created = -1, bound = -1, running = -1, ended = -1;   // since pods may come; the first time each
    base::Nanos began = -1;                                           // on its present node
    bool gone = false, failed = false, over = false;                  // over: it has ended or is gone
    bool waits = false;                                               // for a node
    bool removing = false, evicted = false;                           // asked to go by the user, by others
    Evictor by = Evictor::kPreemption;
    std::size_t gang = kAlone;
    scheduler::PodInfoRef info;                                       // while it counts on its node
  };
  struct Gang {
    std::vector<std::uint32_t> members;
    base::Nanos created = -1, first_bound = -1, last_bound = -1;
    std::size_t bound = 0, over = 0, gone = 0;
  };
  static constexpr std::size_t kAlone = SIZE_MAX;
  struct Drawn {
    double nodes = 0, masters = 0;   // joules since the world began
  };

  // --- who comes when
  void plan();
  void plan(std::uint32_t i);
  bool joins(std::uint32_t i);
  void create_first_objects();
  void come(std::uint32_t i);
  void group_created(const Str& name);
  void create(std::uint32_t i);
  void arm_users();
  void bring_users();

  // --- what has been committed
  void pod_changed(const history::Change& c);
  void pod_bound(std::uint32_t i, const api::ObjectRef& pod, base::Nanos at);
  void no_longer_waits(std::uint32_t i);
  void pod_gone(std::uint32_t i, base::Nanos at);
  void come_again(std::uint32_t i, base::Nanos at);
  void is_over(std::uint32_t i, base::Nanos at);
  void count(std::uint32_t i, const Str& node, int sign);
  void leave(std::uint32_t i);
  void let_through();

  // --- acting
  void remove(std::uint32_t i);
  void remove(api::KindId kind, const PodName& name);
  void perform(UserAction action);
  void evict(const Str& pod, Evictor by);
  void hold_and_count_nodes();
  std::shared_ptr<ActionReport> report();
  Str group_of(std::uint32_t i) const { return facts_[i].gang == kAlone ? Str() : group_name(facts_[i].gang); }
  base::Nanos now() { return cluster_.world().now().ns - kBootTime; }
  /// Batch jobs are measured until the last has ended, others until the last arrival.
  base::Nanos measured_now() { return order_by_.batch ? now() : std::min(now(), last_); }
  template <class Act>
  void soon(Act act);

  // --- whole_record.cc
  Drawn drawn();
  void fill_gangs(RunRecord& out) const;
  void fill_parts(RunRecord& out) const;
  void fill_responses(RunRecord& out) const;
  void fill_energy(RunRecord& out);
  void note_load(RunRecord& out) const;
  std::size_t undone() const;

  const Scenario& scenario_;
  std::optional<Trace> own_;                       // of a closed load: arrivals are found as it goes
  const Trace& trace_;
  const TraceSpec& rules_;
  const Measuring& measuring_;
  const TimedParts tell_;                          // whose metrics are told
  const Order order_by_;
  const std::optional<ClosedLoad>& closed_;
  const std::function<void(std::uint32_t, base::Nanos)>& on_start_;
  const std::vector<PodName> names_;               // by pod
  WorldState state_;
  Leaders leaders_;
  Cluster cluster_;
  Timeline timeline_;
  scheduler::Snapshot committed_;                  // nodes of the trace with the pods that are bound and have not ended
  std::optional<LoadMeter> meter_;
  base::HashMap<Str, std::uint32_t> by_name_;      // "NAMESPACE/NAME"
  std::vector<std::uint32_t> order_;               // pods that come
  std::vector<Facts> facts_;                       // by pod
  std::vector<Gang> gangs_;
  base::SortedMap<Str, std::size_t> gang_of_;      // by the trace's name of it
  base::HashMap<Str, std::size_t> by_group_;       // by the PodGroup's name
  base::SortedSet<std::int32_t> priorities_;
  std::vector<std::shared_ptr<ActionReport>> reports_;
  std::unique_ptr<StrictQueue> strict_;
  WholeQueue* queue_ = nullptr;                    // null: pods come without a gate
  std::optional<ClosedUsers> users_;
  std::unique_ptr<WholeAgents> agents_;            // null: nobody acts beside the scheduler
  Drawn before_;                                   // when measuring begins
  std::optional<Drawn> all_over_;                  // when the last batch job has ended
  std::optional<EnergyMeter> gpu_energy_;          // of GPUs that draw something: the simulated machines have none
  std::size_t waiting_ = 0;                        // created, not bound, not gone
  std::size_t elsewhere_ = 0;                      // bound to nodes that are not the trace's
  std::size_t evictions_[3] = {0, 0, 0};           // by Evictor
  double lost_pod_seconds_ = 0, lost_cpu_seconds_ = 0;
  base::Nanos users_come_ = INT64_MAX;             // when it is looked who of them has thought
  base::Nanos last_change_ = 0;                    // of any pod
  base::Nanos first_ = 0, from_ = 0, last_ = 0;    // pods come in [first_, last_], from_ on they are measured
};

}  // namespace orrery::scenarios::bench
