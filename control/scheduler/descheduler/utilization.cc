// LowNodeUtilization and HighNodeUtilization (pkg/framework/plugins/nodeutilization).
#include <algorithm>
#include <array>

#include "control/client/tolerations.h"
#include "control/scheduler/descheduler/evictable.h"
#include "control/scheduler/descheduler/strategies.h"
#include "model/api/qos.h"

namespace orrery::scheduler::descheduler {
namespace {

constexpr std::size_t kResources = 4;   // cpu in thousandths, memory in bytes, pods, GPU in thousandths
using Loads = std::array<std::int64_t, kResources>;
using Limits = std::array<std::optional<double>, kResources>;   // per cent

Limits limits_of(const Thresholds& t) { return {t.cpu, t.memory, t.pods, t.gpu}; }

std::int64_t gpu_milli(const NodeInfo& node) { return static_cast<std::int64_t>(node.gpus().count()) * kWholeGpu; }

Loads capacity_of(const NodeInfo& n) {
  return {n.allocatable().milli_cpu, n.allocatable().memory, n.allocatable().allowed_pods, gpu_milli(n)};
}
Loads usage_of(const NodeInfo& n) {
  return {n.requested().milli_cpu, n.requested().memory, static_cast<std::int64_t>(n.pods().size()), gpu_milli(n) - n.gpus().total_free()};
}
Loads load_of(const PodInfo& p) { return {p.requested.milli_cpu, p.requested.memory, 1, p.gpu.total()}; }

struct Used {
  const NodeInfo* node;
  Loads usage, capacity;

  bool above_any(const Limits& limits) const {
    for (std::size_t r = 0; r < kResources; ++r) {
      if (limits[r] && percent(r) > *limits[r]) return true;
    }
    return false;
  }
  double percent(std::size_t r) const {
    return capacity[r] == 0 ? 0 : static_cast<double>(usage[r]) / static_cast<double>(capacity[r]) * 100;
  }
  /// What the limits leave it of its capacity; all of it where there is none.
  Loads capped(const Limits& limits) const {
    Loads out;
    for (std::size_t r = 0; r < kResources; ++r) {
      out[r] = static_cast<std::int64_t>(static_cast<double>(capacity[r]) * limits[r].value_or(100) * 0.01);
    }
    return out;
  }
  std::int64_t sum() const {
    std::int64_t out = 0;
    for (const std::int64_t u : usage) out += u;
    return out;
  }
};

std::vector<Used> used_nodes(const Snapshot& snapshot) {
  std::vector<Used> out;
  for (const NodeInfo* n : snapshot.nodes()) out.push_back({n, usage_of(*n), capacity_of(*n)});
  return out;
}

int qos_rank(const PodInfo& pod) {
  const std::string_view qos = api::qos_class(pod.spec());
  return qos == "BestEffort" ? 0 : qos == "Burstable" ? 1 : 2;
}

/// Those without a priority first, then by priority; of equals by QoS, of those as they stand on the node.
std::vector<PodInfoRef> removable(const NodeInfo& node) {
  std::vector<PodInfoRef> out;
  for (const PodInfoRef& p : node.pods()) {
    if (evictable(*p)) out.push_back(p);
  }
  std::stable_sort(out.begin(), out.end(), [](const PodInfoRef& a, const PodInfoRef& b) {
    const auto& pa = a->spec().priority;
    const auto& pb = b->spec().priority;
    if (pa.has_value() != pb.has_value()) return pb.has_value();
    if (pa && *pa != *pb) return *pa < *pb;
    return qos_rank(*a) < qos_rank(*b);
  });
  return out;
}

/// Moves pods from sources to the room of targets, on paper.
class Mover {
 public:
  /// `limits`: how far targets are filled. `counted`: the resources whose room must not run out.
  Mover(const std::vector<Used>& targets, const Limits& limits, std::array<bool, kResources> counted)
      : targets_(targets), limits_(limits), counted_(counted) {
    for (const Used& t : targets) {
      const Loads cap = t.capped(limits);
      for (std::size_t r = 0; r < kResources; ++r) room_[r] += cap[r] - t.usage[r];
    }
  }

  /// `down_to_limits`: only while the source is above the limits.
  void empty(Used source, bool down_to_limits) {
    const auto goes_on = [&] { return has_room() && (!down_to_limits || above(source)); };
    if (!goes_on()) return;
    for (const PodInfoRef& p : removable(*source.node)) {
      if (!tolerates_a_target(*p)) continue;
      out.push_back(p);
      const Loads load = load_of(*p);
      for (std::size_t r = 0; r < kResources; ++r) {
        source.usage[r] -= load[r];
        room_[r] -= load[r];
      }
      if (!goes_on()) return;
    }
  }

  std::vector<PodInfoRef> out;

 private:
  bool has_room() const {
    for (std::size_t r = 0; r < kResources; ++r) {
      if (counted_[r] && room_[r] <= 0) return false;
    }
    return true;
  }
  bool above(const Used& source) const {
    const Loads cap = source.capped(limits_);
    for (std::size_t r = 0; r < kResources; ++r) {
      if (counted_[r] && source.usage[r] > cap[r]) return true;
    }
    return false;
  }
  bool tolerates_a_target(const PodInfo& pod) const {
    const auto keeps_off = [](const api::Taint& t) { return t.effect == "NoSchedule" || t.effect == "NoExecute"; };
    return std::any_of(targets_.begin(), targets_.end(), [&](const Used& t) {
      return !client::untolerated_taint(t.node->node().spec->taints, pod.spec().tolerations, keeps_off);
    });
  }

  const std::vector<Used>& targets_;
  Limits limits_;
  std::array<bool, kResources> counted_;
  Loads room_{};
};

void sort_by_usage(std::vector<Used>& nodes, bool fullest_first) {
  std::stable_sort(nodes.begin(), nodes.end(), [&](const Used& a, const Used& b) { return fullest_first ? a.sum() > b.sum() : a.sum() < b.sum(); });
}

bool cordoned(const Used& n) { return n.node->node().spec->unschedulable; }

}  // namespace

std::vector<PodInfoRef> low_node_utilization(const Snapshot& snapshot, const LowNodeUtilizationArgs& args) {
  const Limits low = limits_of(args.thresholds);
  const Limits high = limits_of(args.target);
  std::vector<Used> under, over;
  for (const Used& n : used_nodes(snapshot)) {
    if (!cordoned(n) && !n.above_any(low)) under.push_back(n);
    else if (n.above_any(high)) over.push_back(n);
  }
  if (under.empty() || under.size() <= args.number_of_nodes || under.size() == snapshot.size() || over.empty()) return {};
  sort_by_usage(over, true);
  Mover mover(under, high, {true, true, true, args.thresholds.gpu.has_value()});
  for (const Used& n : over) mover.empty(n, true);
  return std::move(mover.out);
}

std::vector<PodInfoRef> high_node_utilization(const Snapshot& snapshot, const HighNodeUtilizationArgs& args) {
  const Limits low = limits_of(args.thresholds);
  std::vector<Used> sources, targets;
  for (const Used& n : used_nodes(snapshot)) {
    if (!n.above_any(low)) sources.push_back(n);
    else if (!cordoned(n)) targets.push_back(n);
  }
  if (sources.empty() || sources.size() <= args.number_of_nodes || sources.size() == snapshot.size() || targets.empty()) return {};
  sort_by_usage(sources, false);
  Mover mover(targets, {}, {true, true, true, args.thresholds.gpu.has_value()});
  for (const Used& n : sources) mover.empty(n, false);
  return std::move(mover.out);
}

}  // namespace orrery::scheduler::descheduler
