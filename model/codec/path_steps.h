// Paths of fields as people write them: spec.containers[0].name, metadata.labels['a.b/c'].
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"

namespace orrery::codec {

/// A name (of a field or a key of a map) or, when `index` is not negative, a position in a list.
struct PathStep {
  std::string name;
  std::int64_t index = -1;
};

/// The empty path has no steps. A leading dot is allowed; ['key'] and ["key"] quote a name; a name in
/// brackets without quotes that is no number is a key too, as field errors print it.
base::Result<std::vector<PathStep>> parse_path(std::string_view path);

}  // namespace orrery::codec
