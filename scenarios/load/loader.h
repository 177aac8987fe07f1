// Loader: a scenario file to the runs it describes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "scenarios/outside/outside.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

struct LoadOptions {
  std::optional<std::uint64_t> seed;    ///< replaces the seeds of the file
  std::optional<base::Nanos> until;     ///< replaces `until`
  std::vector<std::string> plant;       ///< fault sites switched on, beside those of the file
  Outside outside;                      ///< empty: schedulers of libraries and processes are refused
};

/// One Scenario for each combination of the matrix (in order, the last axis fastest) and each seed; without a matrix or
/// option the seed is 1. `${axis}` in a text stands for the axis' value; an axis with dots sets that path of the file.
/// Everything is checked before anything is returned. Throws InputError.
std::vector<Scenario> load_scenario(const std::string& file, const LoadOptions& options);

}  // namespace orrery::scenarios
