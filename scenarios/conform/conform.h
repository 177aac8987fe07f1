// Conformance: replays a recorded history of a real control plane and says where the simulation differs.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/conform/compare.h"
#include "scenarios/conform/history.h"

namespace orrery::scenarios::conform {

struct Verdict {
  std::string scenario;
  std::uint64_t seed = 0;            ///< of the simulation that came closest
  int draws = 0;                     ///< simulations made
  Comparison comparison;             ///< rules set
  std::vector<std::string> refused;  ///< requests that only the simulated apiserver refused
  /// Undeclared ones.
  std::size_t differences() const;
  bool ok() const { return differences() == 0; }
};

/// A recorded run is one outcome of chance (phases of periods, drawn names, who comes first, how slow the machine
/// was): simulations with at most `draws` seeds from `seed` on show what chance does to this history (Envelope), as
/// many as it takes until one has no undeclared difference left; else the closest counts. Throws InputError for a
/// file that is no history and for actions that cannot be replayed.
Verdict conform(const std::string& file, std::uint64_t seed, int draws);
Verdict conform(const History& history, std::uint64_t seed, int draws);

/// One line of counts, one line for each undeclared difference; with `tolerated` also the declared ones with
/// their rule.
std::string report(const Verdict& verdict, bool tolerated);

}  // namespace orrery::scenarios::conform
