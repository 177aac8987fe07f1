// Timed: pods come at their times, run for their durations and go; what does not fit waits. Event driven, placement only:
// decisions take no time.
//
// At one instant: pods that end go first; if any went, those that wait are tried again in the order of their priority and arrival;
// then those whose patience ends give up; then pods come, each tried at once. A policy that places pods together does so at the
// end of each instant at which pods came or went. Descheduler and autoscaler act last. Measured from the first arrival, or the end
// of the warm-up (measuring.h), to the last one. With a closed load (closed_load.h) pods come when their users submit them.
//
// Gangs (TracePod::gang) start as a whole or not at all: decisions take no time, so what in a cluster happens between the first
// member's Permit and the last one's (plugins/coscheduling.h) happens at one instant here, and who does not fit gives back at once
// what the others were given. A policy that is `strict` lets nobody pass a pod or gang that waits.
#pragma once
#include "scenarios/bench/placement.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// The trace with blocks of `block` length in place of each other, drawn by seed with replacement (block bootstrap): a
/// replicate that keeps what pods of one block have in common.
Trace resampled(const Trace& trace, base::Nanos block, std::uint64_t seed);

/// Fills metrics, series, notes, notable pods and digest. `rules` names what becomes of incomplete rows.
void run_timed(const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
               std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out,
               const TimedOptions& options = {});

}  // namespace orrery::scenarios::bench
