// Matrix: the combinations of a scenario's axes, applied to the YAML tree.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios {

struct Combination {
  std::vector<std::pair<std::string, std::string>> axes;
  YAML::Node document;   ///< a copy of the file's tree with the axes applied and `matrix` removed
};

struct Matrix {
  std::vector<Combination> combinations;  ///< at least one
  std::vector<std::int64_t> seeds;        ///< empty when the file names none
};

/// Throws InputError for an axis that occurs nowhere, an unknown `${name}`, an empty axis, over 10,000 combinations.
Matrix expand_matrix(const YamlCursor& scenario);

}  // namespace orrery::scenarios
