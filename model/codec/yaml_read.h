// YAML to JSON text, as sigs.k8s.io/yaml converts it, with the line of every field.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"

namespace orrery::codec {

/// One document of a stream. Read its `json` with read_object or parse_json.
struct YamlDocument {
  /// From `offset` in json on, up to the next mark, values come from `line`.
  struct Mark {
    std::uint32_t offset;
    std::uint32_t line;
  };
  std::string json;
  int line = 1;             ///< where the document's content starts, from 1
  std::vector<Mark> marks;  ///< ascending

  /// The source line of a place in json, such as ReadReport::error_offset.
  int line_at(std::size_t offset) const;
  /// The line of a field (spec.containers[0].name), or of the nearest existing field around it.
  int line_of(std::string_view path) const;
};

struct YamlLimits {
  std::size_t max_nodes = 1'000'000;              ///< per document, aliases expanded
  std::size_t max_bytes = std::size_t{16} << 20;  ///< of JSON per document
  std::size_t max_depth = 500;
  /// Plain y and n are text, as most other writers of YAML mean them; kubectl quotes them.
  bool letters_are_text = false;
};

/// All documents of a text; empty ones are left out. A text that is JSON is taken as it is. Scalars follow
/// YAML 1.1 (yes, on, 0755, 1_000); timestamps stay text. Fails ("yaml: line N: ...") on bad syntax,
/// duplicate keys, keys that are no scalars, numbers without JSON text and documents beyond the limits.
base::Result<std::vector<YamlDocument>> read_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace orrery::codec
