#include "model/codec/path_steps.h"

#include <algorithm>
#include <charconv>

#include "model/base/str.h"

namespace orrery::codec {

base::Result<std::vector<PathStep>> parse_path(std::string_view path) {
  const auto bad = [&](const char* why) { return base::invalid(base::cat("path \"", path, "\": ", why)); };
  std::vector<PathStep> steps;
  std::size_t i = !path.empty() && path[0] == '.' ? 1 : 0;
  bool name_expected = i < path.size();
  while (i < path.size()) {
    if (path[i] == '[') {
      const char quote = i + 1 < path.size() ? path[i + 1] : '\0';
      const bool quoted = quote == '\'' || quote == '"';
      const std::size_t begin = i + 1 + quoted;
      const std::size_t end = quoted ? path.find(std::string{quote, ']'}, begin) : path.find(']', begin);
      if (end == std::string_view::npos) return bad("missing ]");
      const std::string_view inside = path.substr(begin, end - begin);
      PathStep step;
      const auto r = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
      if (quoted || r.ec != std::errc() || r.ptr != inside.data() + inside.size() || step.index < 0) {
        step.index = -1;
        step.name = std::string(inside);
      }
      steps.push_back(std::move(step));
      i = end + (quoted ? 2 : 1);
      name_expected = false;
      continue;
    }
    if (path[i] == '.') {
      if (name_expected) return bad("empty name");
      name_expected = true;
      ++i;
      continue;
    }
    if (!name_expected) return bad("missing dot");
    const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
    steps.push_back({std::string(path.substr(i, end - i)), -1});
    i = end;
    name_expected = false;
  }
  if (name_expected) return bad("empty name");
  return steps;
}

}  // namespace orrery::codec
