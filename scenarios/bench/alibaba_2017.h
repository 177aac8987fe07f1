// Alibaba's cluster trace of 2017 (github.com/alibaba/clusterdata, cluster-trace-v2017): tables server_event, batch_task,
// batch_instance and container_event, without headers. Cores are whole; memory is a part of the largest machine's, for which
// 100 GiB stand here; times are seconds, 0 and less is before the trace.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Machines as they were added; their errors are not followed. Every row of batch_instance, a try of an instance, is a pod
/// "JOB-TASK-ROW": the first try comes when its task was created, others when they started; one without an end is censored at the
/// latest time of the tables; rows without ids, without a task or without a start are left out. Without that table (`instances`
/// empty) every instance of a task is a pod "JOB-TASK-N" from the task's creation to its last change, censored unless the task
/// has terminated. Online instances (`containers`, may be empty) are pods "online-ID" from Create to Remove, or censored. Throws
/// InputError.
Trace read_alibaba_2017(const std::string& server_event, const std::string& batch_task, const std::string& batch_instance,
                        const std::string& container_event);

}  // namespace orrery::scenarios::bench
