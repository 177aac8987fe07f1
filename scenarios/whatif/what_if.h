// What if this pod were scheduled in that cluster now? The scheduler's own code decides over a dump; nothing runs.
#pragma once
#include "control/scheduler/config/configuration.h"
#include "control/scheduler/explain/report.h"
#include "scenarios/whatif/pod_argument.h"

namespace orrery::scenarios::whatif {

struct Answer {
  scheduler::ExplainedPod pod;
  scheduler::Explanation explanation;
};

/// The pod's schedulerName picks the profile. All nodes are looked at, whatever percentageOfNodesToScore says: where a
/// running scheduler would start its search is not in a dump. Throws InputError when no profile has that name; `config_name`
/// is the file to blame.
Answer what_if(const ClusterDump& dump, const PodArgument& pod, const scheduler::Configuration& configuration,
               const std::string& config_name);

}  // namespace orrery::scenarios::whatif
