#include "nodes/kubelet/image_puller.h"

namespace orrery::kubelet {

PullPolicy pull_policy(const api::Container& container) {
  if (container.image_pull_policy == "Always") return PullPolicy::kAlways;
  if (container.image_pull_policy == "Never") return PullPolicy::kNever;
  return PullPolicy::kIfNotPresent;
}

Str with_default_tag(const Str& image) {
  const std::string_view s = image.view();
  const std::size_t slash = s.rfind('/');
  const std::string_view last = slash == s.npos ? s : s.substr(slash + 1);
  if (last.find(':') != last.npos || last.find('@') != last.npos) return image;
  return base::cat(image, ":latest");
}

ImagePuller::ImagePuller(env::Environment& env, const KubeletConfig& config)
    : env_(env), registry_(config.registry_qps, config.registry_burst) {}

void ImagePuller::refresh(base::UniqueFunction<void()> then) {
  env_.containers.list_images([this, token = liveness_.token(),
                               then = std::move(then)](base::Result<std::vector<env::ImageInfo>> images) mutable {
    if (!token.alive()) return;
    if (images) {
      present_.clear();
      for (env::ImageInfo& i : *images) present_[i.name] = i;
      ++version_;
    }
    then();
  });
}

void ImagePuller::ensure(const Str& name, PullPolicy policy, base::UniqueFunction<void()> on_pull,
                         base::UniqueFunction<void(const PullOutcome&)> done) {
  const Str image = with_default_tag(name);
  if (policy != PullPolicy::kAlways) {
    const auto it = present_.find(image);
    if (it != present_.end()) {
      PullOutcome outcome;
      outcome.image_id = it->second.id;
      outcome.size_bytes = it->second.size_bytes;
      return done(outcome);
    }
  }
  if (policy == PullPolicy::kAlways) {
    on_pull();
    return enqueue({image, std::move(done), env_.clock.now()});
  }
  refresh([this, image, policy, on_pull = std::move(on_pull), done = std::move(done)]() mutable {
    PullOutcome outcome;
    const auto it = present_.find(image);
    if (it != present_.end()) {
      outcome.image_id = it->second.id;
      outcome.size_bytes = it->second.size_bytes;
      return done(outcome);
    }
    if (policy == PullPolicy::kNever) {
      outcome.kind = PullOutcome::Kind::kNeverPull;
      return done(outcome);
    }
    on_pull();
    enqueue({image, std::move(done), env_.clock.now()});
  });
}

void ImagePuller::enqueue(Job job) {
  queue_.push_back(std::move(job));
  if (!pulling_) pull_next();
}

void ImagePuller::pull_next() {
  pulling_ = !queue_.empty();
  if (!pulling_) return;
  pull_started_ = env_.clock.now();
  if (!registry_.try_take(pull_started_)) {
    env_.timers.after(0, [this, token = liveness_.token()] {
      if (token.alive()) pulled(base::Error{base::ErrorCode::kLimit, "pull QPS exceeded"});
    });
    return;
  }
  env_.containers.pull_image(queue_.front().image, [this, token = liveness_.token()](base::Result<env::ImageInfo> info) {
    if (token.alive()) pulled(info);
  });
}

void ImagePuller::pulled(const base::Result<env::ImageInfo>& info) {
  Job job = std::move(queue_.front());
  queue_.pop_front();
  PullOutcome outcome;
  if (info) {
    outcome.kind = PullOutcome::Kind::kPulled;
    outcome.image_id = info->id;
    outcome.size_bytes = info->size_bytes;
    outcome.pull_time = env_.clock.now() - pull_started_;
    outcome.total_time = env_.clock.now() - job.asked;
    present_[job.image] = *info;
    ++version_;
  } else {
    outcome.kind = PullOutcome::Kind::kFailed;
    outcome.error = info.error().message;
  }
  pull_next();
  job.done(outcome);
}

}  // namespace orrery::kubelet
