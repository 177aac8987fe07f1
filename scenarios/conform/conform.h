// Conformance: replays a recorded history of a real control plane and says where the simulation differs.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/conform/compare.h"

namespace orrery::scenarios::conform {

struct Verdict {
  std::string scenario;
  Comparison comparison;                 ///< rules set
  std::vector<std::string> refused;      ///< requests that only the simulated apiserver refused
  /// Nothing undeclared.
  bool ok() const;
};

/// Throws InputError for a file that is no history and for actions that cannot be replayed.
Verdict conform(const std::string& file, std::uint64_t seed);

/// One line of counts, one line for each undeclared difference; with `tolerated` also the declared ones with their rule.
std::string report(const Verdict& verdict, bool tolerated);

}  // namespace orrery::scenarios::conform
