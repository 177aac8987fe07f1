// The batch jobs of Alibaba's cluster trace of 2018 (github.com/alibaba/clusterdata, cluster-trace-v2018): tables machine_meta and
// batch_task, without headers. A plan_cpu of 100 is a core; memory is in parts of a hundred, for each of which 1 GiB stands here.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Every instance of a task is a pod "JOB-TASK-N". The trace does not tell when a task was submitted: start_time stands for it.
/// Without an end_time a pod is censored at the latest time of the table; tasks without start_time or plan are left out. Of a
/// machine its first row counts. Throws InputError.
Trace read_alibaba_2018(const std::string& machine_meta, const std::string& batch_task);

}  // namespace orrery::scenarios::bench
