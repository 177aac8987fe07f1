// ClassView: what one plugin knows about all nodes for one class of pods (pod_class.h), kept from cycle to cycle and changed
// by what changes in the snapshot.
#pragma once
#include <span>

#include "control/scheduler/framework/pod_groups.h"
#include "control/scheduler/framework/status.h"

namespace orrery::scheduler {

/// Answers exactly what the plugin's PreFilter, Filter, PreScore, Score and NormalizeScore would say now. Nodes are named
/// by their position in Snapshot::nodes().
class ClassView {
 public:
  virtual ~ClassView() = default;

  /// Asked before each cycle: false when something besides pods and the labels of nodes has changed that matters; then
  /// rebuild() follows.
  virtual bool current() { return true; }
  /// Everything anew. Also called when nodes or their labels have changed, or too many pods.
  virtual void rebuild() = 0;
  /// `delta` pods of the group on the node. Not called for changes that rebuild() has seen.
  virtual void pods_changed(const PodGroup& /*group*/, const NodeInfo& /*node*/, int /*delta*/) {}
  /// The node is met for the first time since Snapshot::order_version() has changed, or its generation has.
  virtual void node_changed(const NodeInfo& /*node*/) {}

  /// False: this class must be decided by the plain cycle as things are.
  virtual bool usable() const { return true; }
  /// PreFilter does not skip.
  virtual bool filters() const { return false; }
  /// Null when the node passes; owned by the view or the plugin. Only when filters().
  virtual const Status* filter(std::uint32_t /*position*/) const { return nullptr; }
  /// The normalised score of each feasible node; false when all would be equal.
  virtual bool score(std::span<const std::uint32_t> /*feasible*/, std::span<std::int32_t> /*scores*/) { return false; }
};

}  // namespace orrery::scheduler
