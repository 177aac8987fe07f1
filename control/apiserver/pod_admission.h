// What the built-in admission plugins do to a new pod, as far as it depends on the pod and one other object.
#pragma once
#include "control/apiserver/failure.h"
#include "model/api/pod.h"
#include "model/api/priority_class.h"

namespace orrery::apiserver {

/// The name that a refusal speaks of: names are generated after admission.
const Str& spoken_name(const api::ObjectMeta& meta);

/// DefaultTolerationSeconds: nodes that are not ready or unreachable are borne for 300 s.
api::List<api::Toleration> default_tolerations();
/// Those that the pod does not tolerate in its own way.
void add_tolerations(api::Pod& pod, const api::List<api::Toleration>& defaults);

/// Priority: whether a pod that names `wanted` (perhaps "") takes class `c` rather than `chosen` (null: none so far).
bool is_better_priority_class(const Str& wanted, const api::PriorityClass& c, const api::PriorityClass* chosen);
/// Priority, with the class found (null: none).
Failure set_priority(api::Pod& pod, const api::PriorityClass* chosen);

/// The pod strategy of 1.33: matchLabelKeys and mismatchLabelKeys of pod affinity become requirements of the selectors.
void merge_affinity_label_keys(api::Pod& pod);

}  // namespace orrery::apiserver
