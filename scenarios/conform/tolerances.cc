#include "scenarios/conform/tolerances.h"

#include <algorithm>
#include <cstdlib>

#include "scenarios/conform/fields.h"

namespace orrery::scenarios::conform {
namespace {

constexpr Nanos kAny = INT64_MAX;
constexpr Nanos kMillisecond = base::kMillisecond;
/// How far back a delay may have begun.
constexpr Nanos kMemory = 3500 * kMillisecond;
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
  if (d.kind == Kind::kTiming ? std::abs(d.off) > t.off : d.held >= t.held && !d.returned) return false;
  if (!any_word(t.resources, [&d](std::string_view w) { return d.resource == w; })) return false;
  return any_word(t.fields, [&d](std::string_view w) {
    return w == "#" ? is_counter(d.resource, d.field) : std::string_view(d.field).starts_with(w);
  });
}

/// Late (or early) by what a transition just before, or the object's own last one, was: the cause stood there, not here.
void excuse_followers(Comparison& c) {
  std::vector<Comparison::Offset> offsets = c.offsets;
  std::stable_sort(offsets.begin(), offsets.end(), [](const auto& a, const auto& b) { return a.t < b.t; });
  for (Difference& d : c.differences) {
    if (d.kind != Difference::Kind::kTiming || !d.rule.empty()) continue;
    const auto end = std::lower_bound(offsets.begin(), offsets.end(), d.t, [](const auto& o, Nanos t) { return o.t < t; });
    bool own_seen = false;
    for (auto it = end; it != offsets.begin() && d.rule.empty();) {
      --it;
      const bool own = it->pair == d.pair && !own_seen;
      const bool recent = it->t >= d.t - kMemory;
      if (!recent && own_seen) break;
      own_seen = own_seen || own;
      if ((recent || own) && std::abs(it->off - d.off) <= kPunctual) d.rule = "lag";
    }
  }
}

}  // namespace

const std::vector<Tolerance>& tolerances() {
  static const std::vector<Tolerance> kTable = {
      {"steps", "", "", "#", true, true, false, 1500 * kMillisecond, 0,
       "counts that stood for less than 1.5 s: how many steps a count takes depends on which watch events a sync happens to see"},
      {"steps", "", "jobs", "status.uncountedTerminatedPods.", true, true, true, kAny, 2 * base::kSecond,
       "what one flush of the Job controller has in flight: see above"},
      {"steps", "", "replicasets", "spec.replicas", true, true, false, 1500 * kMillisecond, 0,
       "sizes that a rollout passes through: how many pods became available between two syncs is chance"},
      {"steps", "", "deployments", "event Normal ScalingReplicaSet", true, true, false, 3 * base::kSecond, 0,
       "an event for each such step; the last of a rollout has to agree"},
      {"writes", "", "replicasets", "metadata.generation;status.observedGeneration", true, true, true, kAny, kAny,
       "the generation of a ReplicaSet counts the steps of its rollouts"},
      {"writes", "", "endpointslices", "metadata.generation", true, true, true, kAny, kAny,
       "the generation of a slice counts its writes: see steps"},
      {"pass", "", "nodes", "event Normal RegisteredNode;status.conditions.;spec.taints.", false, false, true, 0, 6 * base::kSecond,
       "done by the node monitor's pass every 5 s, whose phase is chance"},
      {"remade", "03-statefulset", "controllerrevisions", "object;revision", true, true, false, 1500 * kMillisecond, 0,
       "a StatefulSet that is being deleted makes its revision again between the garbage collector's passes"},
      {"binding race", "", "pods", "event Warning FailedScheduling «0/18 nodes are available: pod has unbound immediate",
       true, true, true, kAny, 2 * base::kSecond,
       "whether the volume binder or the scheduler comes first to a new claim is chance"},
      {"binding race", "03-statefulset", "pods", "status.conditions.PodScheduled", true, true, false, base::kSecond, 0, "see above"},
      {"claim race", "03-statefulset", "statefulsets", "event Warning FailedUpdate;event Normal SuccessfulCreate «create Pod vol-1", true, true,
       false, kAny, 0, "the binder wrote the claim between the StatefulSet controller's read and write, and the sync ended with a conflict"},
      {"exchange", "02-job-failures", "pods", "spec.nodeName", true, true, false, 7 * base::kSecond, 0,
       "pods of one Job that live for five seconds and were made within one exchange their places"},
      {"order", "06-node-loss", "statefulsets", "event Normal SuccessfulCreate", true, true, true, kAny, 2 * base::kSecond,
       "pods made in parallel: which ones come last and are combined in one event is chance"},
  };
  return kTable;
}

void apply_tolerances(const std::string& scenario, Nanos duration, Comparison& comparison) {
  for (Difference& d : comparison.differences) {
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
  excuse_followers(comparison);
}

}  // namespace orrery::scenarios::conform
