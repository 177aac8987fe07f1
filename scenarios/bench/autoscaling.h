// Autoscaling: a cluster autoscaler beside a timed run (control/scheduler/autoscaler), with cluster-autoscaler's default times.
//
// A scan every `scan`: pods that fit neither on nodes that are there nor on those on their way make one group grow, the one that
// the expander chooses; its nodes come after `provisioning`. When nothing grew: nodes of groups that are below `threshold` and
// whose pods would fit elsewhere become unneeded; those that have been it for `unneeded` go, unless a group has grown within
// `after_add`: up to ten empty ones in a scan, else one whose pods are evicted. Groups stay within min and max.
//
// Not modelled: nodes that fail to come, similar groups that are balanced, pods that forbid their eviction.
#pragma once
#include "scenarios/bench/timed_agent.h"
#include "scenarios/bench/timed_options.h"

namespace orrery::scenarios::bench {

std::unique_ptr<TimedAgent> make_autoscaler(const AutoscalingSpec& spec, std::uint64_t seed);

}  // namespace orrery::scenarios::bench
