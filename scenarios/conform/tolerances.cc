#include "scenarios/conform/tolerances.h"

#include <algorithm>
#include <cstdlib>

#include "scenarios/conform/fields.h"

namespace orrery::scenarios::conform {
namespace {

constexpr Nanos kAny = INT64_MAX;
constexpr Nanos kMillisecond = base::kMillisecond;
constexpr Nanos kEnd = 1500 * kMillisecond;
/// Whether two clients write an object at the same time is chance: the one that comes second is told so.
constexpr const char* kConflict = "conflict";
constexpr std::string_view kModified = "the object has been modified; please apply your changes to the latest version";
constexpr Nanos kSameWrite = 2 * base::kSecond;

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

bool fits(const Tolerance& t, const Difference& d) {
  using Kind = Difference::Kind;
  if (d.kind == Kind::kMissing ? !t.missing : d.kind == Kind::kExtra ? !t.extra : !t.timing) return false;
  if (d.held >= t.held && !d.returned) return false;
  if (d.kind == Kind::kTiming && std::abs(d.off) > t.off) return false;
  if (!any_word(t.resources, [&d](std::string_view w) { return d.resource == w; })) return false;
  return any_word(t.fields, [&d](std::string_view w) {
    return w == "#" ? is_counter(d.resource, d.field) : std::string_view(d.field).starts_with(w);
  });
}

/// Events that tell of one write instead of another: of the same object, at about the same time.
bool stands_for(const Difference& conflict, const Difference& d) {
  return conflict.rule == kConflict && conflict.kind != d.kind && d.kind != Difference::Kind::kTiming &&
         d.field.starts_with("event ") && conflict.resource == d.resource && conflict.object == d.object &&
         std::abs(conflict.t - d.t) < kSameWrite;
}

/// A write that met a conflict ends its sync: what that sync would have told is missing where the conflict was told.
void excuse_conflicts(Comparison& comparison) {
  auto& all = comparison.differences;
  for (Difference& d : all)
    if (d.rule.empty() && d.kind != Difference::Kind::kTiming && d.field.starts_with("event Warning ") &&
        d.field.find(kModified) != std::string::npos)
      d.rule = kConflict;
  for (Difference& d : all)
    if (d.rule.empty() && std::any_of(all.begin(), all.end(), [&d](const Difference& c) { return stands_for(c, d); }))
      d.rule = kConflict;
}

}  // namespace

const std::vector<Tolerance>& tolerances() {
  static const std::vector<Tolerance> kTable = {
      {"steps", "", "#", true, true, true, 2 * base::kSecond, 5 * base::kSecond,
       "counts that stood for less than 2 s: how many steps a count takes depends on which watch events a "
       "sync happens to see"},
      {"steps", "endpoints;endpointslices", "endpoints.", true, true, true, 2 * base::kSecond, 10 * base::kSecond,
       "the same of the addresses of a service, of which there may be hundreds"},
      {"steps", "jobs", "status.uncountedTerminatedPods.", true, true, true, kAny, 2 * base::kSecond,
       "what one flush of the Job controller has in flight: see above"},
      {"steps", "replicasets", "spec.replicas", true, true, true, 2 * base::kSecond, 3 * base::kSecond,
       "sizes that a rollout passes through: how many pods became available between two syncs is chance"},
      {"steps", "deployments", "event Normal ScalingReplicaSet", true, true, false, 3 * base::kSecond, 0,
       "an event for each such step; the last of a rollout has to agree"},
      {"writes", "replicasets", "metadata.generation;status.observedGeneration", true, true, true, kAny, kAny,
       "the generation of a ReplicaSet counts the steps of its rollouts"},
      {"writes", "endpointslices", "metadata.generation", true, true, true, kAny, kAny,
       "the generation of a slice counts its writes: see steps"},
      {"pass", "nodes", "event Normal RegisteredNode;event Normal RemovingNode;status.conditions.;spec.taints.", false, false, true, kAny,
       6 * base::kSecond, "done by the node monitor's pass every 5 s, whose phase is chance"},
      {"resync", "persistentvolumeclaims",
       "event Normal WaitFor;event Normal ExternalProvisioning;event Normal FailedBinding;event Warning ProvisioningFailed", false,
       false, true, kAny, 15 * base::kSecond, "told again by the volume controller's pass every 15 s, whose phase is chance"},
      {"remade", "controllerrevisions", "object;revision", true, true, false, 1500 * kMillisecond, 0,
       "a StatefulSet that is being deleted makes its revision again between the garbage collector's passes"},
      {"attempt", "pods", "status.conditions.PodScheduled", true, true, false, base::kSecond, 0,
       "whether the scheduler tries a pod just before or just after what it waits for (a volume is bound) is chance"},
      {"late events", "", "event Normal SuccessfulCreate «(combined", false, false, true, kAny,
       3 * base::kSecond, "a burst of events drains through a client limited to 20 requests a second"},
  };
  return kTable;
}

void apply_tolerances(Nanos duration, Comparison& comparison) {
  for (Difference& d : comparison.differences) {
    if (!d.rule.empty()) continue;
    if (d.t > duration - kEnd) {
      d.rule = "end";
      continue;
    }
    for (const Tolerance& t : tolerances()) {
      if (!fits(t, d)) continue;
      d.rule = t.name;
      break;
    }
  }
  excuse_conflicts(comparison);
}

}  // namespace orrery::scenarios::conform
