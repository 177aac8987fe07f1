#include "control/scheduler/plugins/image_locality.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kMinThreshold = 23 * kMiB;
constexpr std::int64_t kMaxContainerThreshold = 1000 * kMiB;

const ImageState* held(const NodeInfo& node, const Str& image) {
  const std::string_view name = image.view();
  const std::size_t colon = name.rfind(':');
  const std::size_t slash = name.rfind('/');
  const bool tagged = colon != name.npos && (slash == name.npos || colon > slash);
  return tagged ? node.image(name) : node.image(base::cat(name, ":latest"));
}

std::int64_t scaled(const ImageState& image, std::size_t nodes) {
  const double spread = static_cast<double>(image.nodes) / static_cast<double>(nodes);
  return static_cast<std::int64_t>(static_cast<double>(image.size) * spread);
}

}  // namespace

std::int64_t ImageLocality::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const api::PodSpec& spec = pod.spec();
  std::int64_t sum = 0;
  for (const auto* list : {&spec.init_containers, &spec.containers}) {
    for (const api::Container& c : *list) {
      if (const ImageState* image = held(node, c.image)) sum += scaled(*image, context_.snapshot.size());
    }
  }
  const auto containers = static_cast<std::int64_t>(spec.init_containers.size() + spec.containers.size());
  const std::int64_t max = kMaxContainerThreshold * containers;
  sum = std::clamp(sum, kMinThreshold, std::max(max, kMinThreshold));
  return max == kMinThreshold ? 0 : kMaxNodeScore * (sum - kMinThreshold) / (max - kMinThreshold);
}

}  // namespace orrery::scheduler
