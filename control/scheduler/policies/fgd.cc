#include "control/scheduler/policies/fgd.h"

#include <algorithm>
#include <array>

#include "model/base/math.h"

namespace orrery::scheduler {
namespace {

/// A node's devices, to be changed on trial.
struct TrialRoom {
  explicit TrialRoom(const NodeInfo& node) : size(node.gpus().count()) {
    std::copy_n(node.gpus().free().begin(), size, gpus.begin());
  }
  std::span<const std::int32_t> view() const { return {gpus.data(), size}; }
  std::array<std::int32_t, kMaxGpus> gpus;
  std::size_t size;
};

std::int64_t score_of(double before, double after) {
  const double whole_gpus = (before - after) / kWholeGpu;
  return static_cast<std::int64_t>(1 / (1 + base::exp(-whole_gpus)) * static_cast<double>(kMaxNodeScore));
}

FgdVerdict share_one(const FragmentationModel& model, const PodInfo& pod, const NodeInfo& node, double before,
                     std::int64_t milli_cpu) {
  FgdVerdict best;
  TrialRoom room(node);
  for (std::size_t i = 0; i < room.size; ++i) {
    const std::int32_t free = room.gpus[i];
    // A device with as much left as an earlier one scores the same, and the first of equals wins.
    const bool seen = std::find(room.gpus.begin(), room.gpus.begin() + static_cast<std::ptrdiff_t>(i), free) !=
                      room.gpus.begin() + static_cast<std::ptrdiff_t>(i);
    if (free < pod.gpu.milli || seen) continue;
    room.gpus[i] = free - pod.gpu.milli;
    const std::int64_t score = score_of(before, model.amount({milli_cpu, room.view()}, node.gpus().model()));
    room.gpus[i] = free;
    if (best.devices.empty() || score > best.score) best = {score, {static_cast<std::uint8_t>(i)}};
  }
  return best;
}

}  // namespace

FgdVerdict fgd_verdict(const FragmentationModel& model, const PodInfo& pod, const NodeInfo& node) {
  const NodeRoom now = room_of(node);
  const double before = model.amount(now, node.gpus().model());
  const std::int64_t milli_cpu = now.milli_cpu - pod.wanted.milli_cpu;
  if (pod.gpu.shares()) return share_one(model, pod, node, before, milli_cpu);
  TrialRoom room(node);
  FgdVerdict out;
  if (pod.gpu.wants()) out.devices = least_free_devices(pod.gpu, now.gpus);
  for (const std::uint8_t i : out.devices) room.gpus[i] -= pod.gpu.milli;
  out.score = score_of(before, model.amount({milli_cpu, room.view()}, node.gpus().model()));
  return out;
}

}  // namespace orrery::scheduler
