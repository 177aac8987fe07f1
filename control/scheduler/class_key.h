// class_key: everything of a pod that filters and scores read, as bytes. Pods with equal keys are one class: on a given
// cluster they get the same verdicts and scores.
#pragma once
#include <string>

#include "control/scheduler/framework/pod_info.h"

namespace orrery::scheduler {

/// Appends: namespace, labels and controller; node name, node selector, affinity, tolerations, topology spread constraints;
/// requests, GPUs and host ports; images. Volumes, priority and the node nominated are not in it.
void append_class_key(const PodInfo& pod, std::string& out);

}  // namespace orrery::scheduler
