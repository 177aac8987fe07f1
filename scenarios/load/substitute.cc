#include "scenarios/load/substitute.h"

#include "model/base/str.h"

namespace orrery::scenarios {

void substitute(YAML::Node n, const std::map<std::string, std::string>& values, const std::string& file, const std::string& what,
                std::map<std::string, int>& uses) {
  if (n.IsScalar()) {
    std::string text = n.Scalar();
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
      const std::size_t end = text.find('}', at);
      const std::string name = end == std::string::npos ? text.substr(at) : text.substr(at + 2, end - at - 2);
      const auto value = values.find(name);
      if (value == values.end()) throw InputError{file, n.Mark().line + 1, "", base::cat("${", name, "} is not ", what)};
      ++uses[name];
      text.replace(at, end - at + 1, value->second);
      at += value->second.size();
    }
    if (text != n.Scalar()) n = text;
  } else if (n.IsSequence()) {
    for (std::size_t i = 0; i < n.size(); ++i) substitute(n[i], values, file, what, uses);
  } else if (n.IsMap()) {
    for (auto pair : n) substitute(pair.second, values, file, what, uses);
  }
}

}  // namespace orrery::scenarios
