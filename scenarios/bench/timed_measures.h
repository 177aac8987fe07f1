// TimedMeasures: what a timed run comes to: areas under quantities, lines over time, waits, slowdowns, work lost.
#pragma once
#include <optional>

#include "control/scheduler/policies/dominant_share.h"
#include "model/base/hash.h"
#include "scenarios/bench/energy_meter.h"
#include "scenarios/bench/load_meter.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/spec.h"
#include "scenarios/bench/waits.h"

namespace orrery::scenarios::bench {

/// Which rows of the trace are incomplete, and what becomes of them, as notes.
void note_incomplete(const Trace& trace, const TraceSpec& rules, RunRecord& out);

enum class Evictor : std::uint8_t { kPreemption, kDescheduler, kAutoscaler, kMachine };

/// Pods are told by their place in the trace. Measured from the end of the warm-up to the last arrival, or to the end of a closed load.
class TimedMeasures {
 public:
  TimedMeasures(const Trace& trace, const TraceSpec& rules, const Placement& cluster, const scheduler::FragmentationModel& model,
                const TimedOptions& options);

  /// From when to when pods come.
  void begin(base::Nanos first, base::Nanos last);
  /// Nothing comes any more: it ends now already.
  void end(base::Nanos now);
  /// Nothing has changed since the last call until now.
  void hold_until(base::Nanos now, std::size_t waiting);

  /// Somebody looks where it could go.
  void tried(std::uint32_t pod) { ++attempts_[pod]; }
  void came_to(std::uint32_t pod, const Placement::Placed& placed, base::Nanos now);
  void ended(std::uint32_t pod, const scheduler::NodeInfo& node);
  /// It ran since `began`; what it did is lost.
  void evicted(std::uint32_t pod, const scheduler::NodeInfo& node, base::Nanos began, base::Nanos now, Evictor by);
  void gave_up(std::uint32_t pod, base::Nanos now);
  /// `first`: of its pods.
  void gang_started(std::uint32_t first, base::Nanos wait);
  /// A node has come.
  void node_came(const TraceNode& node);
  void node_went() { nodes_changed(-1); }
  void scaled_up() { scale_ups_ += now_ >= from_; }

  std::uint32_t tenant_of(std::uint32_t pod) const { return tenant_[pod]; }
  std::size_t tenants() const { return slowdown_of_.size(); }
  /// Of its dominant resource each tenant has so much.
  const scheduler::DominantShares& shares() const { return *shares_; }

  /// `order`: the pods that came, by arrival; `parts`: whose metrics are told.
  void finish(const std::vector<std::uint32_t>& order, const std::vector<std::uint32_t>& waiting, const TimedParts& parts, RunRecord& out);

 private:
  bool measured(std::uint32_t pod) const { return trace_.pods[pod].arrival >= from_; }
  std::vector<std::uint32_t> only_measured(const std::vector<std::uint32_t>& pods) const;
  void add_warmups(const std::vector<std::uint32_t>& all, RunRecord& out) const;
  void note_load(RunRecord& out) const;
  void add_responses(const std::vector<std::uint32_t>& order, RunRecord& out) const;
  void add_energy(RunRecord& out);
  void nodes_changed(int change);
  void change(std::uint32_t pod, const scheduler::NodeInfo& node, int sign);
  base::Nanos length_of(std::uint32_t pod, base::Nanos now) const;
  void count_slowdown(std::uint32_t pod, base::Nanos wait, base::Nanos length, int sign);
  double jain() const;
  double offered_load(const std::vector<std::uint32_t>& order) const;
  void add_parts(const TimedParts& parts, RunRecord& out) const;
  void name_notable(const std::vector<std::uint32_t>& order, const std::vector<std::uint32_t>& waiting, RunRecord& out) const;

  const Trace& trace_;
  const TraceSpec& rules_;
  const Placement& cluster_;
  const TimedOptions& options_;
  LoadMeter meter_;
  std::optional<EnergyMeter> energy_;
  std::vector<std::uint32_t> tenant_;                  // of each pod
  std::optional<scheduler::DominantShares> shares_;
  struct TenantSlowdown {
    double sum = 0, pods = 0;
  };
  std::vector<TenantSlowdown> slowdown_of_;            // by tenant
  std::vector<base::Nanos> waited_;                    // each pod, for its first start or until it gave up; -1: not yet
  std::vector<base::Nanos> left_;                      // each pod of a closed load: when it ended; -1: not yet
  std::vector<std::uint32_t> attempts_;                // at each pod
  base::Nanos first_ = 0, from_ = 0, last_ = 0, now_ = 0;
  std::size_t completed_ = 0;
  double slowdowns_ = 0, lost_pod_seconds_ = 0, lost_cpu_seconds_ = 0;
  std::size_t started_ = 0, gave_up_ = 0, gangs_ = 0, most_nodes_ = 0, added_ = 0, removed_ = 0, scale_ups_ = 0;
  std::size_t evicted_by_[4] = {0, 0, 0, 0};
  std::uint32_t first_to_give_up_ = 0, waited_longest_ = 0;   // of pods
  base::Nanos longest_wait_ = 0;
  double gang_wait_ = 0;                               // seconds, of all gangs
  Waits waits_;
  base::Digest digest_;
};

}  // namespace orrery::scenarios::bench
