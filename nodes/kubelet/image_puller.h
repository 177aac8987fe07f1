// ImagePuller: makes sure that an image is on the machine, one pull at a time (pkg/kubelet/images/image_manager.go).
#pragma once
#include <deque>

#include "control/client/token_bucket.h"
#include "model/api/pod.h"
#include "model/base/sorted_map.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/kubelet_config.h"

namespace orrery::kubelet {

enum class PullPolicy : std::uint8_t { kIfNotPresent, kAlways, kNever };
PullPolicy pull_policy(const api::Container& container);
/// The image with ":latest" when it names neither tag nor digest.
Str with_default_tag(const Str& image);

struct PullOutcome {
  enum class Kind : std::uint8_t { kPresent, kPulled, kNeverPull, kFailed } kind = Kind::kPresent;
  Str image_id;
  std::int64_t size_bytes = 0;
  base::Nanos pull_time = 0, total_time = 0;  ///< without and with waiting for other pulls
  Str error;
};

/// Knows what is present from one listing, its own pulls and removals; a miss is checked against the runtime before a pull.
class ImagePuller {
 public:
  ImagePuller(env::Environment& env, const KubeletConfig& config);
  /// `on_pull` runs when the image has to be fetched; `done` at the end, possibly inside this call when nothing had to be
  /// done. Neither runs after the puller's destruction.
  void ensure(const Str& image, PullPolicy policy, base::UniqueFunction<void()> on_pull,
              base::UniqueFunction<void(const PullOutcome&)> done);
  /// Lists what is present; the given callback runs afterwards.
  void refresh(base::UniqueFunction<void()> then);
  void removed(const Str& image) { present_.erase(image); }
  const base::SortedMap<Str, env::ImageInfo>& present() const { return present_; }
  /// Counts every change of present().
  std::uint64_t version() const { return version_; }

 private:
  struct Job {
    Str image;
    base::UniqueFunction<void(const PullOutcome&)> done;
    base::Instant asked;
  };
  void enqueue(Job job);
  void pull_next();
  void pulled(const base::Result<env::ImageInfo>& info);

  env::Environment& env_;
  base::SortedMap<Str, env::ImageInfo> present_;
  std::deque<Job> queue_;
  base::Instant pull_started_;
  bool pulling_ = false;
  std::uint64_t version_ = 0;
  client::TokenBucket registry_;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
