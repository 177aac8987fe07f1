// NodeResourcesFit and NodeResourcesBalancedAllocation: enough of everything, and how well it is used
// (plugins/noderesources).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

struct ResourceWeight {
  Str name;
  std::int64_t weight = 1;
};

enum class ResourceKind : std::uint8_t { kCpu, kMemory, kEphemeralStorage, kScalar, kOther };
std::vector<ResourceKind> kinds_of(const std::vector<ResourceWeight>& resources);

/// The score (0 to 10, as users write it) at a utilisation in per cent; ascending.
struct ShapePoint {
  std::int32_t utilization = 0, score = 0;
};

enum class ScoringStrategy : std::uint8_t { kLeastAllocated, kMostAllocated, kRequestedToCapacityRatio };

struct FitConfig {
  ScoringStrategy strategy = ScoringStrategy::kLeastAllocated;
  std::vector<ResourceWeight> resources = {{"cpu", 1}, {"memory", 1}};
  std::vector<ShapePoint> shape;                    ///< of kRequestedToCapacityRatio
  std::vector<Str> ignored_resources, ignored_resource_groups;
};

class NodeResourcesFit final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                               public ScorePlugin {
 public:
  explicit NodeResourcesFit(FitConfig config = {}) : config_(std::move(config)), kinds_(kinds_of(config_.resources)) {}
  std::string_view name() const override { return "NodeResourcesFit"; }
  Reach reach() const override { return Reach::kNode; }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  bool ignored(const Str& resource) const;
  std::int64_t shape_at(std::int64_t utilization) const;

  FitConfig config_;
  std::vector<ResourceKind> kinds_;  // of config_.resources
};

class NodeResourcesBalancedAllocation final : public Plugin, public PreScorePlugin, public ScorePlugin {
 public:
  explicit NodeResourcesBalancedAllocation(std::vector<ResourceWeight> resources = {{"cpu", 1}, {"memory", 1}})
      : resources_(std::move(resources)), kinds_(kinds_of(resources_)) {}
  std::string_view name() const override { return "NodeResourcesBalancedAllocation"; }
  Reach reach() const override { return Reach::kNode; }
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;

 private:
  std::vector<ResourceWeight> resources_;
  std::vector<ResourceKind> kinds_;  // of resources_
};

}  // namespace orrery::scheduler
