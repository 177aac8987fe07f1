// Snapshot: the nodes and their pods as one scheduling cycle sees them. The scheduler thinks in one step, so the snapshot
// is the cache itself: it must not change during a cycle.
#pragma once
#include <memory>
#include <vector>

#include "control/scheduler/framework/node_info.h"
#include "model/base/hash_map.h"

namespace orrery::scheduler {

/// Nodes stand in the order of upstream's node tree: zones in order of first appearance, taken in turns.
class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// Pointers are valid until the node is removed.
  const std::vector<const NodeInfo*>& nodes() const;
  const std::vector<const NodeInfo*>& nodes_with_affinity() const;
  const std::vector<const NodeInfo*>& nodes_with_required_anti_affinity() const;
  /// Null when there is no such node (a node that went counts as none).
  const NodeInfo* find(std::string_view name) const;
  std::size_t size() const { return node_count_; }
  std::size_t pod_count() const { return pod_count_; }

  /// Adds or updates.
  void set_node(NodeHandle node);
  void remove_node(std::string_view name);
  /// On `node`, which may be unknown as yet.
  void add_pod(PodInfoRef pod, const Str& node);
  /// False when the pod is not there.
  bool remove_pod(const api::Pod& pod, std::string_view node);

 private:
  struct Zone {
    std::string key;
    std::vector<NodeInfo*> nodes;
  };
  NodeInfo& entry(const Str& name);
  void drop_if_unused(std::string_view name);
  void enter_zone(NodeInfo* info);
  void leave_zone(NodeInfo* info);
  void take_images(NodeInfo& info);
  void release_images(NodeInfo& info);
  void refresh_order() const;
  void refresh_affinity() const;

  base::HashMap<Str, std::unique_ptr<NodeInfo>> by_name_;
  std::vector<Zone> zones_;
  base::HashMap<Str, base::Ref<ImageState>> images_;
  std::size_t node_count_ = 0, pod_count_ = 0;
  mutable std::vector<const NodeInfo*> order_, with_affinity_, with_anti_affinity_;
  mutable bool order_stale_ = false, affinity_stale_ = false;
};

}  // namespace orrery::scheduler
