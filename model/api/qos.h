// Quality of service class of a pod. Source: k8s.io/kubernetes pkg/apis/core/helper/qos.
#pragma once
#include "model/api/pod.h"

namespace orrery::api {

/// "Guaranteed", "Burstable" or "BestEffort", from cpu and memory of all regular and init containers.
const char* qos_class(const PodSpec& spec);

}  // namespace orrery::api
