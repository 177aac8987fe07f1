// Questions about pods that several components ask (pkg/api/v1/pod, pkg/controller/controller_utils.go).
#pragma once
#include <vector>

#include "model/api/conditions.h"
#include "model/api/object.h"
#include "model/api/pod.h"
#include "model/api/pod_template.h"

namespace orrery::client {

using base::Str;
using PodHandle = api::Handle<api::Pod>;

/// Adds or replaces the condition of its type; lastTransitionTime is `now` unless the status stays the same. False when
/// nothing changed.
bool set_condition(api::PodStatus& status, api::PodCondition condition, api::Time now);

bool is_pod_ready(const api::Pod& pod);
/// Ready for at least `min_ready_seconds` at `wall`.
bool is_pod_available(const api::Pod& pod, std::int32_t min_ready_seconds, base::Instant wall);
/// Succeeded or Failed.
bool is_pod_terminal(const api::Pod& pod);
/// Neither terminal nor being deleted.
bool is_pod_active(const api::Pod& pod);
/// Being deleted and not yet terminal.
bool is_pod_terminating(const api::Pod& pod);

/// controller.kubernetes.io/pod-deletion-cost; 0 when absent or not a number.
std::int32_t deletion_cost(const api::Pod& pod);

/// A pod that may be deleted, with the number of related active pods on its node.
struct RankedPod {
  PodHandle pod;
  std::int32_t rank = 0;
};
/// True when `a` is to be deleted before `b` (ActivePodsWithRanks.Less). Not transitive where upstream's is not.
bool delete_before(const RankedPod& a, const RankedPod& b, base::Instant wall);

/// Hash of a template as a label value: upstream's number (pkg/controller.ComputeHash), FNV-1a of the template's Go dump
/// (codec::go_dump) and of the collision count.
Str template_hash(const api::PodTemplateSpec& pod_template, std::optional<std::int32_t> collision_count);

/// 32-bit Fowler-Noll-Vo, variants 1 and 1a.
std::uint32_t fnv32(std::string_view bytes, std::uint32_t hash = 2166136261u);
std::uint32_t fnv32a(std::string_view bytes, std::uint32_t hash = 2166136261u);

/// What a template makes: a pod with its labels, annotations and finalizers, named by `generate_name` and controlled by
/// `owner` (GetPodFromTemplate).
api::Pod pod_from_template(const api::PodTemplateSpec& pod_template, const api::Object& owner);

}  // namespace orrery::client
