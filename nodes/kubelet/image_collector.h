// ImageCollector: removes unused images when the image file system fills up (pkg/kubelet/images/image_gc_manager.go).
#pragma once
#include <vector>

#include "model/base/sorted_map.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/image_puller.h"
#include "nodes/kubelet/kubelet_config.h"

namespace orrery::kubelet {

class ImageCollector {
 public:
  /// `in_use` gives the names, with tag, that pods of the node need.
  ImageCollector(env::Environment& env, const KubeletConfig& config, ImagePuller& images,
                 base::UniqueFunction<void(base::SortedSet<Str>&)> in_use);
  void start();
  /// Removes unused images, least recently used first, until `bytes` are freed.
  void free(std::int64_t bytes);

  /// Bytes above the low mark when use has reached the high mark, else 0.
  static std::int64_t excess(const env::UsageStats& stats, const KubeletConfig& config);
  /// The images to remove, in order.
  static std::vector<env::ImageInfo> choose(std::vector<env::ImageInfo> images, const base::SortedSet<Str>& in_use,
                                            std::int64_t bytes, base::Instant wall, base::Nanos min_age);

 private:
  void pass();

  env::Environment& env_;
  const KubeletConfig& config_;
  ImagePuller& images_;
  base::UniqueFunction<void(base::SortedSet<Str>&)> in_use_;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
