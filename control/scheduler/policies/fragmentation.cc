#include "control/scheduler/policies/fragmentation.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace orrery::scheduler {
namespace {

constexpr double kCovered = 95;    // per cent of the pods that typical ones make up
constexpr std::size_t kMaxLevels = 256;

auto order_of(const PodShape& s) { return std::tuple(s.milli_cpu, s.gpu.milli, s.gpu.count, s.gpu.models.view()); }

struct Counted {
  PodShape shape;
  double count;
};

std::vector<Counted> count_shapes(std::span<const PodShape> workload) {
  std::vector<PodShape> sorted(workload.begin(), workload.end());
  std::sort(sorted.begin(), sorted.end(), [](const PodShape& a, const PodShape& b) { return order_of(b) < order_of(a); });
  std::vector<Counted> out;
  for (const PodShape& s : sorted) {
    if (out.empty() || order_of(out.back().shape) != order_of(s)) out.push_back({s, 0});
    out.back().count += 1;
  }
  std::stable_sort(out.begin(), out.end(), [](const Counted& a, const Counted& b) { return a.count > b.count; });
  return out;
}

/// The classes of a typical pod on a node; the sum goes over them in this order.
enum Quadrant : std::size_t { kLacksBoth, kLacksGpu, kSatisfied, kLacksCpu, kCpuPodFits, kCpuPodLacksCpu, kNoAccess, kQuadrants };

}  // namespace

std::vector<TypicalPod> typical_pods(std::span<const PodShape> workload) {
  const std::vector<Counted> counted = count_shapes(workload);
  const auto total = static_cast<double>(workload.size());
  const double wanted = kCovered * total / 100.0;
  std::vector<TypicalPod> out;
  double covered = 0;
  for (const Counted& c : counted) {
    if (covered >= wanted) break;
    covered += c.count;
    out.push_back({c.shape, c.count / total});
  }
  if (out.size() == counted.size()) return out;
  for (TypicalPod& t : out) t.share /= covered / total;
  return out;
}

NodeRoom room_of(const NodeInfo& node) {
  return {node.allocatable().milli_cpu - node.requested().milli_cpu, node.gpus().free()};
}

FragmentationModel::FragmentationModel(std::vector<TypicalPod> typical) : typical_(std::move(typical)) {
  for (const TypicalPod& t : typical_) {
    auto level = std::find(levels_.begin(), levels_.end(), t.shape.gpu.milli);
    if (level == levels_.end()) level = levels_.insert(level, t.shape.gpu.milli);
    rows_.push_back({t.shape.milli_cpu, t.share, t.shape.gpu.count, static_cast<std::uint32_t>(level - levels_.begin())});
  }
  ORRERY_CHECK(levels_.size() <= kMaxLevels, "typical pods ask for too many different parts of a GPU");
}

const FragmentationModel::Access& FragmentationModel::access_to(const Str& model) const {
  for (const Known& k : known_) {
    if (k.model == model) return k.access;
  }
  Access access;
  for (const TypicalPod& t : typical_) access.push_back(t.shape.gpu.accepts(model));
  known_.push_back({model, std::move(access)});
  return known_.back().access;
}

double FragmentationModel::amount(const NodeRoom& room, const Str& model) const {
  std::int64_t idle = 0;
  for (const std::int32_t g : room.gpus) idle += g;
  if (idle == 0) return 0;
  // Per level: how many devices have so much left, and what the others have.
  std::array<std::int32_t, kMaxLevels> fitting, too_small;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    std::int32_t fit = 0, small = 0;
    for (const std::int32_t g : room.gpus) {
      fit += g >= levels_[l];
      small += g >= levels_[l] ? 0 : g;
    }
    fitting[l] = fit;
    too_small[l] = small;
  }
  const Access& access = access_to(model);
  std::array<double, kQuadrants> sums{};
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const bool cpu = room.milli_cpu >= row.milli_cpu;
    Quadrant q;
    if (row.count == 0) q = cpu ? kCpuPodFits : kCpuPodLacksCpu;
    else if (access[i] == 0) q = kNoAccess;
    else if (fitting[row.level] >= row.count) q = cpu ? kSatisfied : kLacksCpu;
    else q = cpu ? kLacksGpu : kLacksBoth;
    if (q == kSatisfied) sums[kLacksGpu] += row.share * static_cast<double>(too_small[row.level]);
    else sums[q] += row.share * static_cast<double>(idle);
  }
  double out = 0;
  for (std::size_t q = 0; q < kQuadrants; ++q) {
    if (q != kSatisfied) out += sums[q];
  }
  return out;
}

}  // namespace orrery::scheduler
