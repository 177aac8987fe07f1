// Two plugins in a library of their own. In a bench file:
//
//   - name: quiet
//     plugin: build/libquiet_nodes.so
//     plugins: [{name: FewestPods, weight: 2}, {name: KeepFree, args: {milliCpu: 2000}}, {name: NodeResourcesFit}]
//
// and in a KubeSchedulerConfiguration under plugins.multiPoint.enabled, with pluginConfig for the arguments
// (orrery explain --plugin build/libquiet_nodes.so --config FILE ...).
#include <algorithm>
#include <stdexcept>

#include "control/scheduler/framework/outside.h"

namespace {

using namespace orrery::scheduler;
using orrery::codec::JsonValue;

/// The fewer pods a node has, the better.
class FewestPods final : public Plugin, public NormalizeScorePlugin {
 public:
  FewestPods(const PluginContext&, const JsonValue&) {}
  std::string_view name() const override { return "FewestPods"; }
  /// The answer depends on the one node only: it may be kept until the node changes.
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo&, const NodeInfo& node) const override {
    return static_cast<std::int64_t>(node.pods().size());
  }
  void normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>, std::span<std::int64_t> scores) const override {
    default_normalize(scores, true);
  }
};

/// No pod takes the last `milliCpu` of a node.
class KeepFree final : public Plugin, public FilterPlugin {
 public:
  KeepFree(const PluginContext&, const JsonValue& args) : milli_cpu_(args["milliCpu"].int_or(1000)) {
    if (milli_cpu_ < 0) throw std::invalid_argument("milliCpu must not be negative");
  }
  std::string_view name() const override { return "KeepFree"; }
  Reach reach() const override { return Reach::kNode; }
  Status filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    if (node.allocatable().milli_cpu - node.requested().milli_cpu - pod.wanted.milli_cpu >= milli_cpu_) return {};
    return Status(Code::kUnschedulable, name(), Str("node(s) had too little CPU to keep free"));
  }
  std::vector<ClusterEvent> events() const override {
    return {{EventResource::kAssignedPod, kActionDelete}, {EventResource::kNode, kActionAdd | kActionUpdateNodeAllocatable}};
  }

 private:
  std::int64_t milli_cpu_;
};

}  // namespace

ORRERY_POLICIES(outside_plugin<FewestPods>("FewestPods", 1), outside_plugin<KeepFree>("KeepFree", 0))
