// The documents of a YAML text, as trees that can be walked without surprises.
#pragma once
#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace orrery::scenarios {

/// Each document of `text`; none for a text without any. Throws InputError about `file` when it is not YAML, and for what no
/// reader here expects: keys that are lists or maps, more than 200 levels (an anchor within itself has no end), aliases that
/// repeat themselves into many more values than the text has letters.
std::vector<YAML::Node> read_yaml_documents(const std::string& text, const std::string& file);

}  // namespace orrery::scenarios
