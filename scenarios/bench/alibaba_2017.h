// Alibaba's cluster trace of 2017 (github.com/alibaba/clusterdata, cluster-trace-v2017): tables server_event, batch_task,
// batch_instance and container_event, without headers. Cores are whole; memory is a part of the largest machine's, for which
// 100 GiB stand here; times are seconds, 0 and less is before the trace.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Machines as they were added, all before the trace; their errors, which let nothing new come but leave what runs alone, are not
/// followed. Tries of instances are pods as AlibabaPods says; without that table (`instances` empty) every instance of a task is a
/// pod from the task's creation to its last change, censored unless the task has terminated. Online instances (`containers`, may be
/// empty) are pods "online-ID" from Create to Remove, or censored. Throws InputError.
Trace read_alibaba_2017(const std::string& server_event, const std::string& batch_task, const std::string& batch_instance,
                        const std::string& container_event);

}  // namespace orrery::scenarios::bench
