// The quality of service class of a pod (k8s.io/kubernetes pkg/apis/core/v1/helper/qos).
#pragma once
#include "model/api/pod.h"

namespace orrery::apiserver {

/// "Guaranteed", "Burstable" or "BestEffort".
const char* pod_qos(const api::PodSpec& spec);

}  // namespace orrery::apiserver
