#include "control/scheduler/framework/layout.h"

#include <algorithm>

namespace orrery::scheduler {

const char* to_string(Point point) {
  static constexpr const char* kNames[kPoints] = {"preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore",
                                                  "score",      "reserve",   "permit",    "preBind", "bind",      "postBind"};
  return kNames[static_cast<std::size_t>(point)];
}

bool PluginLayout::has(Point p, std::string_view plugin) const {
  return std::any_of(at(p).begin(), at(p).end(), [&](const Entry& e) { return e.plugin == plugin; });
}

std::vector<base::Str> PluginLayout::plugins() const {
  std::vector<base::Str> out;
  for (const auto& entries : points) {
    for (const Entry& e : entries) {
      if (std::find(out.begin(), out.end(), e.plugin) == out.end()) out.push_back(e.plugin);
    }
  }
  return out;
}

}  // namespace orrery::scheduler
