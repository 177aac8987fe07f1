// Quality of service: what a pod's requests and limits mean to the kernel and to eviction.
// Sources: k8s.io/kubernetes pkg/apis/core/v1/helper/qos, pkg/kubelet/qos/policy.go, pkg/kubelet/cm/helpers_linux.go.
#pragma once
#include <cstdint>

#include "model/api/pod.h"
#include "model/env/containers.h"

namespace orrery::kubelet {

enum class Qos : std::uint8_t { kGuaranteed, kBurstable, kBestEffort };

Qos qos_of(const api::PodSpec& spec);
const char* to_string(Qos qos);
/// The class reported in the pod's status when it has one, else computed.
Qos qos_of(const api::Pod& pod);

/// Priority of at least 2,000,000,000.
bool is_critical(const api::Pod& pod);

/// -997 (Guaranteed, node-critical), 1000 (BestEffort), else 3..999 by memory request.
int oom_score_adj(const api::Pod& pod, const api::Container& container, std::int64_t memory_capacity_bytes);
/// milli-CPU * 1024 / 1000 within 2..262144.
std::int64_t cpu_shares(std::int64_t milli_cpu);
env::ContainerResources container_resources(const api::Pod& pod, const api::Container& container,
                                            std::int64_t memory_capacity_bytes);

/// What the pod takes from a node: the larger of running and initialising, plus overhead.
api::ResourceList pod_requests(const api::PodSpec& spec);

}  // namespace orrery::kubelet
