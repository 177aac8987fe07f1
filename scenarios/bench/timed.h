// Timed: pods come at their times, run for their durations and go; what does not fit waits. Event driven, placement only:
// decisions take no time.
//
// At one instant: pods that end go first; if any went, those that wait are tried again in the order of their arrival; then
// those whose patience ends give up; then pods come, each tried at once. A policy that places pods together does so at the end
// of each instant at which pods came or went. Measured from the first arrival to the last one.
#pragma once
#include "scenarios/bench/placement.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// The trace with blocks of `block` length in place of each other, drawn by seed with replacement (block bootstrap): a
/// replicate that keeps what pods of one block have in common.
Trace resampled(const Trace& trace, base::Nanos block, std::uint64_t seed);

/// Which rows of the trace are incomplete, and what becomes of them, as notes.
void note_incomplete(const Trace& trace, const TraceSpec& rules, RunRecord& out);

/// Fills metrics, series, notes and digest. `rules` names what becomes of incomplete rows.
void run_timed(const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
               std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out);

}  // namespace orrery::scenarios::bench
