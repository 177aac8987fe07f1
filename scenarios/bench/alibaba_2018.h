// Alibaba's cluster trace of 2018 (github.com/alibaba/clusterdata, cluster-trace-v2018): tables machine_meta, batch_task,
// batch_instance and container_meta, without headers, with the columns of its schema.txt. A plan of 100 is a core; memory is in
// parts of a hundred of the largest machine's, for each of which 1 GiB stands here. Times are seconds; 0 is before the trace or
// not known.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Of a machine its first row counts. The trace does not tell when a task was submitted: start_time stands for it; tasks without it
/// or without a plan are left out. Tries of instances are pods as AlibabaPods says; without that table (`instances` empty) every
/// instance of a task is a pod over the time of its task, censored without an end_time. Containers (`containers`, may be empty) are
/// pods "online-ID", replicas of their deploy unit, from their first row until one says "stopped", or censored; one that comes again
/// after that is another pod; rows between change nothing. Throws InputError.
Trace read_alibaba_2018(const std::string& machine_meta, const std::string& batch_task, const std::string& batch_instance,
                        const std::string& container_meta);

}  // namespace orrery::scenarios::bench
