// Matching: which simulated object stands for which recorded one, and which change for which.
#pragma once
#include <utility>
#include <vector>

#include "scenarios/conform/track.h"

namespace orrery::scenarios::conform {

/// Every track of both lists once; one side is null where there is no counterpart. Within a group whose names
/// are drawn, the pairs that are most alike; else by order of creation. In order of the recorded tracks, then
/// the simulated rest.
std::vector<std::pair<const Track*, const Track*>> match(const std::vector<Track>& recorded,
                                                         const std::vector<Track>& simulated);

/// The longest sequence of equal values, near in time where there is a choice: pairs of indexes in ascending
/// order, and at the end (a.size(), b.size()).
std::vector<std::pair<std::size_t, std::size_t>> align(const std::vector<Change>& a,
                                                       const std::vector<Change>& b);

}  // namespace orrery::scenarios::conform
