// What a bench file says about its load and what of it is measured:
//
//   warmup: mser-5                    # or 6h, or none. Not said: mser-5 for what is drawn from laws and for closed loads, which begin
//                                     # with an empty cluster; none for recorded traces, which need not settle at all
//   energy:                           # of every node, unless its group has a `power` with the same three, or its model of GPU:
//     {idleWatts: 100, anyCoreWatts: 120, allCoresWatts: 200, offWatts: 10, models: {T4: {idleWatts: ...}}}
//   traces:
//     - format: synthetic
//       load: open                    # or {closed: {users: 20, think: {law: exponential, scale: 5m}, for: 48h}}
#pragma once
#include <optional>

#include "scenarios/bench/spec.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

/// The `load` of a trace; unset: open.
std::optional<ClosedLoad> load_closed(const YamlCursor& trace);
EnergySpec load_energy(const YamlCursor& c);
/// Groups of nodes say what they draw only where somebody asks.
void check_power(const YamlCursor& top, const BenchSpec& spec);
/// Sets the rule of each trace, by `top`'s warmup or by default. Throws InputError where it cannot be.
void load_warmups(const YamlCursor& top, std::vector<TraceSpec>& traces);

}  // namespace orrery::scenarios::bench
