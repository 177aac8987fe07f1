// PluginLayout: which plugins of a profile are called at which extension point, and in which order.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/base/str.h"

namespace orrery::scheduler {

enum class Point : std::uint8_t {
  kPreEnqueue, kQueueSort, kPreFilter, kFilter, kPostFilter, kPreScore, kScore, kReserve, kPermit, kPreBind, kBind, kPostBind,
};
inline constexpr std::size_t kPoints = 12;
/// "preEnqueue", as configurations name it.
const char* to_string(Point point);

struct PluginLayout {
  struct Entry {
    base::Str plugin;
    std::int64_t weight = 0;     ///< at kScore
  };
  std::array<std::vector<Entry>, kPoints> points;

  std::vector<Entry>& at(Point p) { return points[static_cast<std::size_t>(p)]; }
  const std::vector<Entry>& at(Point p) const { return points[static_cast<std::size_t>(p)]; }
  bool has(Point p, std::string_view plugin) const;
  /// Every plugin once.
  std::vector<base::Str> plugins() const;
};

}  // namespace orrery::scheduler
