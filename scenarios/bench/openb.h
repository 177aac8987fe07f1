// openb: the CSV files of Alibaba's GPU cluster trace of 2023 (alibaba/clusterdata, cluster-trace-gpu-v2023). Nodes: sn,
// cpu_milli, memory_mib, gpu, model. Pods: name, cpu_milli, memory_mib, num_gpu, gpu_milli and, not in every file, gpu_spec
// ("A10|T4"), qos, pod_phase, creation_time, deletion_time, scheduled_time (seconds).
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// In the order of their names. Throws InputError.
std::vector<TraceNode> read_openb_nodes(const std::string& file);

/// In the order of their names. A pod without GPU asks for none of it whatever gpu_milli says; gpu_milli is capped at a whole
/// device. `timed`: the columns of times must be there, in order creation, scheduling, deletion for each pod; pods without a
/// scheduled_time are `unscheduled`, pods in phase Running are `censored`. The qos stands for the tenant, which the trace does
/// not tell. Throws InputError.
std::vector<TracePod> read_openb_pods(const std::string& file, bool timed);

}  // namespace orrery::scenarios::bench
