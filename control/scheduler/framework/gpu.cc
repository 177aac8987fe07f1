#include "control/scheduler/framework/gpu.h"

#include <algorithm>
#include <charconv>

namespace orrery::scheduler {
namespace {

/// False when the text is no whole number within the bounds.
bool read_number(std::string_view text, std::int32_t max, std::int32_t& out) {
  const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
  return r.ec == std::errc() && r.ptr == text.data() + text.size() && out >= 0 && out <= max;
}

}  // namespace

bool GpuDemand::accepts(std::string_view model) const {
  if (models.empty()) return true;
  std::string_view rest = models;
  while (true) {
    const std::size_t bar = rest.find('|');
    if (rest.substr(0, bar) == model) return true;
    if (bar == rest.npos) return false;
    rest.remove_prefix(bar + 1);
  }
}

GpuDemand gpu_demand_of(const api::ObjectMeta& pod) {
  GpuDemand out;
  const Str* count = pod.annotations.find(kGpuCount);
  const Str* milli = pod.annotations.find(kGpuMilli);
  if (!count && !milli) return out;
  out.count = 1;
  out.milli = kWholeGpu;
  if (count && !read_number(*count, kMaxGpus, out.count)) out.malformed = true;
  if (milli && !read_number(*milli, INT32_MAX, out.milli)) out.malformed = true;
  out.milli = std::min(out.milli, kWholeGpu);
  if (out.malformed) return out;
  if (out.count == 0 || out.milli == 0) return GpuDemand();
  if (const Str* models = pod.annotations.find(kGpuModel)) out.models = *models;
  return out;
}

GpuIndices gpu_indices_of(const api::ObjectMeta& pod) {
  GpuIndices out;
  const Str* text = pod.annotations.find(kGpuIndex);
  if (!text) return out;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t dash = rest.find('-');
    std::int32_t index = 0;
    if (!read_number(rest.substr(0, dash), kMaxGpus - 1, index)) return {};
    out.push_back(static_cast<std::uint8_t>(index));
    if (dash == rest.npos) break;
    rest.remove_prefix(dash + 1);
  }
  return out;
}

std::string gpu_index_text(const GpuIndices& indices) {
  std::string out;
  for (const std::uint8_t i : indices) out += base::cat(out.empty() ? "" : "-", std::to_string(i));
  return out;
}

GpuDevices::GpuDevices(std::size_t count, Str model)
    : free_(count, kWholeGpu), total_free_(static_cast<std::int64_t>(count) * kWholeGpu), model_(std::move(model)) {}

std::size_t GpuDevices::wholly_free() const {
  return static_cast<std::size_t>(std::count(free_.begin(), free_.end(), kWholeGpu));
}

bool GpuDevices::fits(const GpuDemand& demand) const {
  std::int32_t found = 0;
  for (const std::int32_t f : free_) found += f >= demand.milli;
  return found >= demand.count;
}

std::int32_t GpuDevices::pods_of_class(std::size_t size_class) const {
  return size_class < pods_.size() ? pods_[size_class] : 0;
}

void GpuDevices::change(const GpuDemand& demand, const GpuIndices& indices, int sign) {
  if (!demand.wants() || indices.empty()) return;
  for (const std::uint8_t i : indices) {
    if (i >= free_.size()) continue;
    free_[i] -= sign * demand.milli;
    total_free_ -= sign * demand.milli;
  }
  const std::size_t mine = demand.size_class();
  if (pods_.size() <= mine) pods_.resize(mine + 1);
  classes_ -= pods_[mine] > 0;
  pods_[mine] += sign;
  classes_ += pods_[mine] > 0;
}

GpuIndices least_free_devices(const GpuDemand& demand, std::span<const std::int32_t> free) {
  GpuIndices out;
  std::uint64_t taken = 0;
  for (std::int32_t k = 0; k < demand.count; ++k) {
    std::size_t best = free.size();
    for (std::size_t i = 0; i < free.size(); ++i) {
      if ((taken >> i & 1) != 0 || free[i] < demand.milli) continue;
      if (best == free.size() || free[i] < free[best]) best = i;
    }
    if (best == free.size()) return {};
    taken |= std::uint64_t{1} << best;
  }
  for (std::size_t i = 0; i < free.size(); ++i) {
    if ((taken >> i & 1) != 0) out.push_back(static_cast<std::uint8_t>(i));
  }
  return out;
}

std::size_t gpu_count_of(const api::Node& node) {
  const api::Quantity* count = node.status->allocatable.find(kGpuCount);
  return count ? static_cast<std::size_t>(std::clamp<std::int64_t>(count->value(), 0, kMaxGpus)) : 0;
}

Str gpu_model_of(const api::Node& node) {
  const Str* model = node.metadata.labels.find(kGpuModel);
  return model ? *model : Str();
}

}  // namespace orrery::scheduler
