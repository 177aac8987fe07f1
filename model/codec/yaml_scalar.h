// What a plain YAML scalar means: YAML 1.1 as go-yaml v2 (sigs.k8s.io/yaml) resolves it.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/codec/json_value.h"

namespace orrery::codec {

enum class YamlTag : std::uint8_t { kNull, kBool, kInt, kFloat, kTimestamp, kString };

struct YamlScalar {
  YamlTag tag = YamlTag::kString;
  JsonValue value;     ///< timestamps and strings: the text
  bool finite = true;  ///< false for .inf and .nan, which JSON has no text for
};

YamlScalar resolve_yaml_scalar(std::string_view text);
/// "1:30" and the like, which YAML 1.1 reads as a number to base 60; writers quote it.
bool is_base60(std::string_view text);

}  // namespace orrery::codec
