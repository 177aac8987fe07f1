// Operations: a workload in the manner of Kubernetes' scheduler_perf (test/integration/scheduler_perf): nodes, namespaces and
// pods are created one step after another, each step waiting until its pods are scheduled; a churn goes on beside the later
// steps. What the pods of measured steps cost is measured.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "control/scheduler/explain/decision_watcher.h"
#include "control/scheduler/policies/policy.h"
#include "model/api/object.h"
#include "scenarios/bench/run_record.h"

namespace orrery::scenarios::bench {

using base::Str;

struct Operation {
  enum class Kind : std::uint8_t { kNodes, kNamespaces, kPods, kObjects, kChurn };
  Kind kind = Kind::kPods;
  std::vector<api::ObjectRef> objects;   ///< templates: names of what is made of them end in numbers. One but for a churn
  std::int64_t count = 1;
  // Nodes.
  Str label;                             ///< set on each node, to the values in turn
  std::vector<Str> values;
  std::vector<std::pair<Str, std::int64_t>> volume_limits;   ///< by CSI driver, of each node
  // Namespaces: PREFIX-0, PREFIX-1, ...
  Str prefix;
  // Pods and objects: `count` in each.
  std::vector<Str> namespaces;
  api::ObjectRef volume, claim;          ///< each pod gets a claim like this, bound to a volume like that; null: none
  bool measured = false;
  // Churn: one object after another, at this period, from the beginning of the next step to the end of the run.
  base::Nanos every = 0;
  std::int64_t keep = 0;                 ///< above 0: so many of each are there, the oldest goes for the next; 0: all stay
};

struct OperationsSpec {
  std::vector<Operation> operations;
  std::string workload;                  ///< its name in the file of thresholds
  double threshold = 0;                  ///< of upstream, measured pods a second; 0: none is known
};

/// Processor seconds of the process so far; null: not measured.
using CpuClock = std::function<double()>;

/// When nothing was bound or evicted for so long, the pods that are left never will be.
inline constexpr base::Nanos kOperationsPatience = 20 * base::kMinute;

/// The figures of the measured steps, and of the threshold.
void fill_measured(const OperationsSpec& spec, double cpu_seconds, std::size_t scheduled, RunRecord& out);

/// The highest threshold that `file` (columns testcase, workload, threshold_pods_per_s; one row for each release) has for
/// the workload; 0 when it has none. Throws InputError, also when it does not know the workload.
double read_threshold(const std::string& file, const std::string& test_case, const std::string& workload);

/// Fills metrics, measured figures, notes and digest. `watcher` may be null.
void run_operations(const OperationsSpec& spec, const scheduler::PolicySpec& policy,
                    std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, const CpuClock& cpu,
                    RunRecord& out, bool incremental = true, scheduler::DecisionWatcher* watcher = nullptr);

}  // namespace orrery::scenarios::bench
