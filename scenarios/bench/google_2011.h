// The cluster trace of Google of 2011 (github.com/google/cluster-data, ClusterData2011_2): tables machine_events and task_events,
// without headers. Amounts are parts of the largest machine, for which 64 cores and 256 GiB stand here; times are microseconds.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Machines as they were first added; that they leave is not followed. Every submission of a task is a pod "JOB-INDEX-N": it
/// comes with SUBMIT, starts with SCHEDULE and ends with EVICT, FAIL, FINISH, KILL or LOST, so its duration is what it really
/// ran. Without an end it is censored at the last event; without SCHEDULE it is `unscheduled`. Submissions without requests are
/// left out. The user is the tenant. Throws InputError.
Trace read_google_2011(const std::string& machine_events, const std::string& task_events);

}  // namespace orrery::scenarios::bench
