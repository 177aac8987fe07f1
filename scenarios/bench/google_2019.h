// The cluster trace of Google of 2019 (github.com/google/cluster-data, ClusterData2019, "Borg v3"): tables machine_events and
// instance_events, exported from BigQuery as CSV with a header or as JSON lines; fields of records are columns "a.b"
// (resource_request.cpus, capacity.memory). Amounts are parts of the largest machine, for which 64 cores and 256 GiB stand here;
// times are microseconds. Event types are numbers or names.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Machines as they were first added; that they leave or change is not followed. Rows may come in any order. An attempt at an
/// instance is a pod "COLLECTION-INDEX-N": it comes with SUBMIT, QUEUE or ENABLE, whichever is first, starts with SCHEDULE and ends
/// with EVICT, FAIL, FINISH, KILL or LOST, so its duration is what it really ran. Without an end it is censored at the last event;
/// without SCHEDULE it is `unscheduled`. Instances inside an alloc set are left out, as the alloc instance holds their resources;
/// so are attempts without requests. The collection is the tenant. Throws InputError.
Trace read_google_2019(const std::string& machine_events, const std::string& instance_events);

}  // namespace orrery::scenarios::bench
