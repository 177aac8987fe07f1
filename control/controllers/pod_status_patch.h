// Patches of a pod's status that announce its disruption (pkg/util/pod, PatchPodStatus).
#pragma once
#include "model/api/pod.h"

namespace orrery::controllers {

using base::Str;

/// A strategic merge patch for pods/status: sets the condition (lastTransitionTime `now` unless the
/// pod has it with the same status) and, when not empty, the phase. Holds only for this pod's uid.
/// Empty when it would change nothing.
Str pod_condition_patch(const api::Pod& pod, api::PodCondition condition, api::Time now,
                        std::string_view phase = {});

/// The same with the phase alone.
Str pod_phase_patch(const api::Pod& pod, std::string_view phase);

/// DisruptionTarget=True.
api::PodCondition disruption_target(std::string_view reason, std::string_view message);

}  // namespace orrery::controllers
