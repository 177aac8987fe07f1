#include "scenarios/conform/tolerances.h"

#include <algorithm>
#include <cstdlib>

#include "scenarios/conform/fields.h"

namespace orrery::scenarios::conform {
namespace {

constexpr Nanos kAny = INT64_MAX;
constexpr Nanos kMillisecond = base::kMillisecond;
constexpr Nanos kEnd = 1500 * kMillisecond;

/// Calls `fits` with the items of a list separated by ';' until one fits; an empty list fits.
template <class Fits>
bool any_word(std::string_view list, Fits&& fits) {
  if (list.empty()) return true;
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(';'));
    if (fits(word)) return true;
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return false;
}

bool fits(const Tolerance& t, const std::string& scenario, const Difference& d) {
  using Kind = Difference::Kind;
  if (!std::string_view(scenario).starts_with(t.scenario)) return false;
  if (d.kind == Kind::kMissing ? !t.missing : d.kind == Kind::kExtra ? !t.extra : !t.timing) return false;
  const double at = static_cast<double>(d.t) / 1e9;
  if (at < t.from || at > t.to) return false;
  if (d.held >= t.held && !d.returned) return false;
  if (d.kind == Kind::kTiming && std::abs(d.off) > t.off) return false;
  if (!any_word(t.resources, [&d](std::string_view w) { return d.resource == w; })) return false;
  return any_word(t.fields, [&d](std::string_view w) {
    return w == "#" ? is_counter(d.resource, d.field) : std::string_view(d.field).starts_with(w);
  });
}

}  // namespace

const std::vector<Tolerance>& tolerances() {
  static const std::vector<Tolerance> kTable = {
      {"steps", "", "", "#", true, true, true, 2 * base::kSecond, 15 * base::kSecond,
       "counts that stood for less than 2 s: how many steps a count takes depends on which watch events a "
       "sync happens to see"},
      {"steps", "", "jobs", "status.uncountedTerminatedPods.", true, true, true, kAny, 2 * base::kSecond,
       "what one flush of the Job controller has in flight: see above"},
      {"steps", "", "replicasets", "spec.replicas", true, true, true, 2 * base::kSecond, 15 * base::kSecond,
       "sizes that a rollout passes through: how many pods became available between two syncs is chance"},
      {"steps", "", "deployments", "event Normal ScalingReplicaSet", true, true, false, 3 * base::kSecond, 0,
       "an event for each such step; the last of a rollout has to agree"},
      {"writes", "", "replicasets", "metadata.generation;status.observedGeneration", true, true, true, kAny,
       kAny, "the generation of a ReplicaSet counts the steps of its rollouts"},
      {"writes", "", "endpointslices", "metadata.generation", true, true, true, kAny, kAny,
       "the generation of a slice counts its writes: see steps"},
      {"pass", "", "nodes", "event Normal RegisteredNode;status.conditions.;spec.taints.", false, false, true,
       kAny, 6 * base::kSecond, "done by the node monitor's pass every 5 s, whose phase is chance"},
      {"remade", "03-statefulset", "controllerrevisions", "object;revision", true, true, false,
       1500 * kMillisecond, 0,
       "a StatefulSet that is being deleted makes its revision again between the garbage collector's passes"},
      {"binding race", "", "pods",
       "event Warning FailedScheduling «0/18 nodes are available: pod has unbound immediate", true, true,
       true, kAny, 2 * base::kSecond,
       "whether the volume binder or the scheduler comes first to a new claim is chance"},
      {"binding race", "03-statefulset", "pods", "status.conditions.PodScheduled", true, true, false,
       base::kSecond, 0, "see above"},
      {"claim race", "03-statefulset", "statefulsets",
       "event Warning FailedUpdate;event Normal SuccessfulCreate «create Pod vol-1", true, true, false, kAny,
       0,
       "the binder wrote the claim between the StatefulSet controller's read and write, and the sync ended "
       "with a conflict"},
      {"burst", "11-endpoints", "pods", "metadata.deletionTimestamp;metadata.generation", false, false, true,
       kAny, 5 * base::kSecond,
       "which of 170 pods is deleted first; the deletions drain through a client limited to 20 requests a "
       "second"},
      {"pause race", "01-rolling-update", "deployments;replicasets", "status.;spec.replicas", true, true,
       true, kAny, 6 * base::kSecond,
       "the driver pauses at 42.167 s while the first pods become ready: how far the rollout came is a "
       "matter of milliseconds",
       41, 48},
      {"pause race", "01-rolling-update", "pods", "metadata.deletionTimestamp;metadata.generation",
       false, false, true, kAny, 6 * base::kSecond, "see above", 41, 48},
      {"rollover", "01-rolling-update", "deployments;replicasets", "status.;spec.replicas", true, true,
       true, 4 * base::kSecond, 6 * base::kSecond,
       "a rollout that overtakes another deletes pods in the moment they become ready", 14, 21},
      {"rollover", "01-rolling-update", "pods", "metadata.deletionTimestamp;metadata.generation",
       false, false, true, kAny, 6 * base::kSecond, "see above", 14, 21},
      {"rollover", "01-rolling-update", "deployments;replicasets;pods", "status.;spec.replicas",
       true, true, true, 4 * base::kSecond, 6 * base::kSecond, "see above", 53, 58},
      {"rollover", "01-rolling-update", "deployments;replicasets", "status.;spec.replicas", true,
       true, true, 4 * base::kSecond, 6 * base::kSecond, "see above", 70, 78},
      {"churn", "01-rolling-update", "pods", "spec.nodeName", true, true, false, kAny, 0,
       "with surge and scale-down at once every pod that comes or goes moves the scores of the next by tens",
       53, 122},
      {"rollover", "01-rolling-update", "deployments", "status.unavailableReplicas", true, true,
       false, kAny, 0, "see above", 18, 21},
      {"race", "10-preemption", "pods", "event Warning FailedScheduling", true, true, true, kAny,
       6 * base::kSecond,
       "which pods are tried between the end of one victim and that of the next is a race; the real cluster "
       "ran it both ways",
       15, 70},
      {"race", "10-preemption", "pods", "event Normal Preempted", true, true, false, kAny, 0,
       "two preemptors chose one victim at the same time", 60, 66},
      {"late events", "", "", "event Normal SuccessfulCreate «(combined", false, false, true, kAny,
       3 * base::kSecond, "a burst of events drains through a client limited to 20 requests a second"},
      {"order", "06-node-loss", "statefulsets", "event Normal SuccessfulCreate", true, true, true, kAny,
       2 * base::kSecond,
       "pods made in parallel: which ones come last and are combined in one event is chance"},
  };
  return kTable;
}

void apply_tolerances(const std::string& scenario, Nanos duration, Comparison& comparison) {
  for (Difference& d : comparison.differences) {
    if (!d.rule.empty()) continue;
    if (d.t > duration - kEnd) {
      d.rule = "end";
      continue;
    }
    for (const Tolerance& t : tolerances()) {
      if (!fits(t, scenario, d)) continue;
      d.rule = t.name;
      break;
    }
  }
}

}  // namespace orrery::scenarios::conform
