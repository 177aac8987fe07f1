#include "control/scheduler/policies/vector_scores.h"

#include <algorithm>

#include "control/scheduler/policies/fragmentation.h"

namespace orrery::scheduler {
namespace {

double real(std::int64_t n) { return static_cast<double>(n); }

/// A score is whole, and in range also on machines larger than any the constants know.
std::int64_t whole_score(double score) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(score), 0, kMaxNodeScore);
}

double part(std::int64_t amount, std::int64_t capacity) { return capacity > 0 ? real(amount) / real(capacity) : 0; }

}  // namespace

void stretch(std::span<std::int64_t> scores) {
  if (scores.empty()) return;
  const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
  const std::int64_t lowest = *low, range = *high - *low;
  for (std::int64_t& s : scores) s = range == 0 ? 0 : (s - lowest) * kMaxNodeScore / range;
}

std::int64_t BestFit::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const double cpu = (real(room_of(node).milli_cpu) - real(pod.wanted.milli_cpu)) / largest_.milli_cpu * 0.5;
  const double gpu = (real(node.gpus().total_free()) - real(pod.gpu.total())) / largest_.milli_gpu * 0.5;
  return static_cast<std::int64_t>((1.0 - (cpu + gpu)) * real(kMaxNodeScore));
}

void BestFit::normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>,
                        std::span<std::int64_t> scores) const {
  stretch(scores);
}

std::int64_t DotProd::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const double cpu = real(room_of(node).milli_cpu) / largest_.milli_cpu * (real(pod.wanted.milli_cpu) / largest_.milli_cpu);
  const double gpu = real(node.gpus().total_free()) / largest_.milli_gpu * (real(pod.gpu.total()) / largest_.milli_gpu);
  return whole_score(real(kMaxNodeScore) * (1 - (cpu + gpu) / 2));
}

std::int64_t Tetris::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const Resource& has = node.allocatable();
  const Resource& used = node.requested();
  const auto gpus = static_cast<std::int64_t>(node.gpus().count()) * kWholeGpu;
  const double product = part(has.milli_cpu - used.milli_cpu, has.milli_cpu) * part(pod.wanted.milli_cpu, has.milli_cpu) +
                         part(has.memory - used.memory, has.memory) * part(pod.wanted.memory, has.memory) +
                         part(node.gpus().total_free(), gpus) * part(pod.gpu.total(), gpus);
  return whole_score(real(kMaxNodeScore) * product / 3);
}

}  // namespace orrery::scheduler
