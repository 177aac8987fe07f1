// BenchSpec: what a bench file asks for: traces x cluster sizes x policies x seeds.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "control/scheduler/policies/policy.h"
#include "scenarios/bench/batch.h"
#include "scenarios/bench/closed_load.h"
#include "scenarios/bench/measuring.h"
#include "scenarios/bench/operations.h"
#include "scenarios/outside/outside.h"
#include "scenarios/bench/synthetic.h"
#include "scenarios/bench/timed_options.h"
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios::bench {

enum class TraceFormat : std::uint8_t {
  kOpenb, kGoogle2011, kGoogle2019, kAlibaba2017, kAlibaba2018, kAzure2020, kSimkube, kDump, kAudit, kSynthetic, kSwf, kBatsim,
  kOperations,
};

/// Told in jobs, not in pods.
inline bool is_log(TraceFormat f) { return f == TraceFormat::kSwf || f == TraceFormat::kBatsim; }

/// When pods come.
enum class ArrivalKind : std::uint8_t {
  kOrders,      ///< one after another in the orders of a file; they stay for ever
  kShuffled,    ///< one after another, shuffled by seed and scaled to a demand; they stay for ever
  kTimed,       ///< at their times, for their durations
};

/// How a log of batch jobs becomes pods: each job a gang with a pod for each processor, which run as long as the job did.
struct GangSpec {
  std::vector<NodeGroup> nodes;
  std::int64_t milli_cpu = 1000, memory = 0;   ///< of each pod
};

/// What becomes of pods whose record is incomplete. The report names the rule and counts them.
enum class UnscheduledRule : std::uint8_t { kUntilDeletion, kDrop };
enum class CensoredRule : std::uint8_t { kAsRecorded, kToTheEnd };

enum class BenchMode : std::uint8_t {
  kPlacementOnly,   ///< pods are placed by the scheduler's code; nothing else is there
  kWholeCluster,    ///< a complete simulated cluster runs them
};

struct TraceSpec {
  std::string name;
  TraceFormat format = TraceFormat::kOpenb;
  std::string nodes, pods;             ///< files of the formats of several tables
  std::string instances, containers;   ///< of Alibaba's of 2017 and 2018: may be empty
  std::int64_t machines = 0, machine = -1;   ///< of azure-2020: how many of which type; -1: the first
  std::string file;                    ///< of the formats of one file
  SyntheticSpec synthetic;
  OperationsSpec operations;
  ArrivalKind arrivals = ArrivalKind::kTimed;
  std::string orders;                  ///< file, with kOrders
  double demand = 1.3;                 ///< with kShuffled: GPU demand that comes, in parts of the capacity
  UnscheduledRule unscheduled = UnscheduledRule::kUntilDeletion;
  CensoredRule censored = CensoredRule::kAsRecorded;
  std::optional<ClosedLoad> closed;    ///< with kTimed: pods are jobs of users instead
  WarmupRule warmup;                   ///< with kTimed
  double rate = 1;                     ///< with kTimed: pods come so many times as fast; durations stay
  base::Nanos window = 0;              ///< with kTimed: only the span of this length in which most pods come; 0: all
  base::Nanos resample = 0;            ///< with kTimed: blocks of this length are drawn anew per seed; 0: as recorded
  OverrunRule overrun = OverrunRule::kKill;   ///< of batch jobs
  std::int64_t processors = 0;         ///< of a batch machine; 0: as the trace says
  std::optional<GangSpec> gangs;       ///< set: batch jobs become gangs of pods
  std::string source;                  ///< the YAML it was read from
  int line = 0;
};

struct PolicyEntry {
  std::string label;
  scheduler::PolicySpec policy;
  std::optional<scheduler::BatchRule> batch;    ///< set: for traces of batch jobs
  std::optional<ExternalCommand> command;       ///< set: a process chooses among the nodes that fit
  TimedOptions beside;                 ///< the scheduler
  bool says_coscheduling = false;
  std::vector<std::string> files;      ///< libraries and programs it consists of
  std::string source;                  ///< the YAML it was read from
};

struct BenchSpec {
  std::string file, about;
  BenchMode mode = BenchMode::kPlacementOnly;
  bool either_mode = false;            ///< it is a parameter, so the file may hold what only the other one needs
  ClusterSpec cluster;                 ///< with kWholeCluster: its nodes are the trace's
  std::uint64_t cluster_hash = 0;      ///< of what cluster and timeline were read from
  bool kubelets = false;               ///< with kWholeCluster: nodes of operations are machines with kubelets, not only objects
  std::optional<YamlCursor> timeline;  ///< with kWholeCluster: as a scenario's, times since pods may come; read once the nodes are known
  std::vector<TraceSpec> traces;
  std::vector<double> sizes{1.0};      ///< parts of the nodes that are there
  std::vector<PolicyEntry> policies;
  std::vector<std::uint64_t> seeds;
  std::optional<EnergySpec> energy;    ///< set: timed runs tell it
  bool published_tables = false;       ///< write the FGD publication's tables
  Outside outside;
};

}  // namespace orrery::scenarios::bench
