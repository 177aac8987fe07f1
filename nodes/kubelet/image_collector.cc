#include "nodes/kubelet/image_collector.h"

#include <algorithm>

#include "model/base/sorted_map.h"

namespace orrery::kubelet {

ImageCollector::ImageCollector(env::Environment& env, const KubeletConfig& config, ImagePuller& images,
                               base::UniqueFunction<void(base::SortedSet<Str>&)> in_use)
    : env_(env), config_(config), images_(images), in_use_(std::move(in_use)) {}

void ImageCollector::start() {
  env_.timers.after(config_.image_gc_period, [this, token = liveness_.token()] {
    if (!token.alive()) return;
    pass();
    start();
  });
}

void ImageCollector::pass() {
  if (images_.present().empty()) return;
  env_.containers.usage([this, token = liveness_.token()](base::Result<env::UsageStats> stats) {
    if (!token.alive() || !stats) return;
    const std::int64_t bytes = excess(*stats, config_);
    if (bytes > 0) free(bytes);
  });
}

std::int64_t ImageCollector::excess(const env::UsageStats& stats, const KubeletConfig& config) {
  const std::int64_t capacity = stats.imagefs_capacity_bytes;
  if (capacity <= 0) return 0;
  const std::int64_t used = capacity - stats.imagefs_available_bytes;
  const std::int64_t percent = 100 - stats.imagefs_available_bytes * 100 / capacity;
  if (percent < config.image_gc_high_percent) return 0;
  return used - capacity / 100 * config.image_gc_low_percent;
}

std::vector<env::ImageInfo> ImageCollector::choose(std::vector<env::ImageInfo> images, const base::SortedSet<Str>& in_use,
                                                   std::int64_t bytes, base::Instant wall, base::Nanos min_age) {
  std::erase_if(images, [&](const env::ImageInfo& i) { return in_use.contains(i.name) || wall - i.last_used_wall < min_age; });
  std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a.last_used_wall < b.last_used_wall; });
  std::size_t count = 0;
  for (std::int64_t freed = 0; count < images.size() && freed < bytes; ++count) freed += images[count].size_bytes;
  images.resize(count);
  return images;
}

void ImageCollector::free(std::int64_t bytes) {
  env_.containers.list_images([this, bytes, token = liveness_.token()](base::Result<std::vector<env::ImageInfo>> images) {
    if (!token.alive() || !images) return;
    base::SortedSet<Str> in_use;
    in_use_(in_use);
    for (const env::ImageInfo& i : choose(std::move(*images), in_use, bytes, env_.clock.wall(), config_.image_min_age)) {
      env_.containers.remove_image(i.name, [this, name = i.name, token](base::Status removed) {
        if (token.alive() && removed) images_.removed(name);
      });
    }
  });
}

}  // namespace orrery::kubelet
