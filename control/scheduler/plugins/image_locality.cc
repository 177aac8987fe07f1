#include "control/scheduler/plugins/image_locality.h"

#include <algorithm>

#include "control/scheduler/framework/pages.h"

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kMinThreshold = 23 * kMiB;
constexpr std::int64_t kMaxContainerThreshold = 1000 * kMiB;

/// The names of the pod's images as nodes report them, in the order of its containers.
std::vector<Str> images_of(const PodInfo& pod) {
  std::vector<Str> out;
  for (const auto* list : {&pod.spec().init_containers, &pod.spec().containers}) {
    for (const api::Container& c : *list) {
      const std::string_view name = c.image.view();
      const std::size_t colon = name.rfind(':');
      const std::size_t slash = name.rfind('/');
      const bool tagged = colon != name.npos && (slash == name.npos || colon > slash);
      out.push_back(tagged ? c.image : Str(base::cat(name, ":latest")));
    }
  }
  return out;
}

std::int64_t scaled(const ImageState& image, std::size_t nodes) {
  const double spread = static_cast<double>(image.nodes) / static_cast<double>(nodes);
  return static_cast<std::int64_t>(static_cast<double>(image.size) * spread);
}

std::int64_t score_of(std::int64_t sum, std::size_t containers) {
  const std::int64_t max = kMaxContainerThreshold * static_cast<std::int64_t>(containers);
  sum = std::clamp(sum, kMinThreshold, std::max(max, kMinThreshold));
  return max == kMinThreshold ? 0 : kMaxNodeScore * (sum - kMinThreshold) / (max - kMinThreshold);
}

/// Which of the images each node holds is kept; what that is worth depends on how many other nodes hold them.
class ImageView final : public ClassView {
 public:
  ImageView(const Snapshot& snapshot, const PodInfo& pod) : snapshot_(snapshot), images_(images_of(pod)) {}
  bool usable() const override { return images_.size() <= kMaxImages; }
  void rebuild() override {
    if (order_version_ == snapshot_.order_version()) return;
    order_version_ = snapshot_.order_version();
    sets_.reset(snapshot_.size());
    holdings_.clear();
    known_ = 0;
    version_ = 0;
  }
  void node_changed(const NodeInfo& node) override {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      if (node.image(images_[i])) bits |= std::uint64_t{1} << i;
    }
    auto at = std::find_if(holdings_.begin(), holdings_.end(), [&](const Holding& h) { return h.images == bits; });
    if (at == holdings_.end()) {
      at = holdings_.insert(at, Holding{bits, 0, 0});
      version_ = 0;
    }
    std::uint32_t& set = sets_.edit(node.index());
    if (set != 0) --holdings_[set - 1].nodes;
    else ++known_;
    ++at->nodes;
    set = static_cast<std::uint32_t>(at - holdings_.begin()) + 1;
  }
  bool score(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) override {
    if (version_ != snapshot_.image_version()) weigh();
    if (std::any_of(holdings_.begin(), holdings_.end(), [&](const Holding& h) { return h.nodes == known_; })) return false;
    bool differ = false;
    for (std::size_t j = 0; j < feasible.size(); ++j) {
      scores[j] = holdings_[sets_.get(feasible[j]) - 1].score;
      differ = differ || scores[j] != scores[0];
    }
    return differ;
  }

 private:
  static constexpr std::size_t kMaxImages = 64;
  struct Holding {
    std::uint64_t images = 0;
    std::int32_t score = 0;
    std::int32_t nodes = 0;            // known to hold just these
  };

  void weigh() {
    version_ = snapshot_.image_version();
    std::vector<std::int64_t> worth;
    for (const Str& name : images_) {
      const ImageState* image = snapshot_.image(name);
      worth.push_back(image ? scaled(*image, snapshot_.size()) : 0);
    }
    for (Holding& h : holdings_) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < worth.size(); ++i) sum += h.images >> i & 1 ? worth[i] : 0;
      h.score = static_cast<std::int32_t>(score_of(sum, images_.size()));
    }
  }

  const Snapshot& snapshot_;
  std::vector<Str> images_;
  Pages<std::uint32_t> sets_;          // by position: index in holdings_ plus 1; 0: not known
  std::vector<Holding> holdings_;
  std::int32_t known_ = 0;             // nodes
  std::uint64_t order_version_ = 0;
  std::uint64_t version_ = 0;          // of the images, when the scores were made; 0: never
};

}  // namespace

std::unique_ptr<ClassView> ImageLocality::make_view(const PodInfoRef& pod) const {
  return std::make_unique<ImageView>(context_.snapshot, *pod);
}

std::int64_t ImageLocality::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const std::vector<Str> images = images_of(pod);
  std::int64_t sum = 0;
  for (const Str& name : images) {
    if (const ImageState* image = node.image(name)) sum += scaled(*image, context_.snapshot.size());
  }
  return score_of(sum, images.size());
}

}  // namespace orrery::scheduler
