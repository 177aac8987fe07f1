// Snapshot: the nodes and their pods as one scheduling cycle sees them. The scheduler thinks in one step, so the snapshot
// is the cache itself: it must not change during a cycle.
#pragma once
#include <memory>
#include <vector>

#include "control/scheduler/framework/node_info.h"
#include "control/scheduler/framework/topology_index.h"
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

  // What is remembered between cycles is checked against these.
  /// NodeInfo::generation() by position in nodes().
  const std::vector<std::uint64_t>& generations() const;
  /// Changes when nodes come, go or stand differently in nodes().
  std::uint64_t order_version() const { return order_version_; }
  /// Changes with the order, and with the labels of any node.
  std::uint64_t label_version() const { return label_version_; }
  /// Changes with the taints of any node.
  std::uint64_t taint_version() const { return taint_version_; }
  /// Changes with the number of nodes that hold any image.
  std::uint64_t image_version() const { return image_version_; }
  const PodGroups& groups() const { return groups_; }
  /// Valid until label_version() changes; the address is, for good.
  const TopologyIndex& topology(const Str& key) const;
  /// Null when no node holds it.
  const ImageState* image(std::string_view name) const;

  /// Adds or updates.
  void set_node(NodeHandle node);
  void remove_node(std::string_view name);
  /// On `node`, which may be unknown as yet.
  void add_pod(PodInfoRef pod, const Str& node);
  /// A newer version of a pod on `node`.
  void update_pod(const PodInfo& old, PodInfoRef pod, const Str& node);
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
  void take_gpus(NodeInfo& info);
  void release_images(NodeInfo& info);
  void refresh_order() const;
  void refresh_affinity() const;
  void touch(NodeInfo& info);

  base::HashMap<Str, std::unique_ptr<NodeInfo>> by_name_;
  std::vector<Zone> zones_;
  base::HashMap<Str, base::Ref<ImageState>> images_;
  std::size_t node_count_ = 0, pod_count_ = 0;
  mutable std::vector<const NodeInfo*> order_, with_affinity_, with_anti_affinity_;
  mutable bool order_stale_ = false, affinity_stale_ = false;
  struct Topology {
    TopologyIndex index;
    std::uint64_t version = 0;
  };
  mutable base::BTreeMap<Str, std::unique_ptr<Topology>> topologies_;
  mutable std::vector<std::uint64_t> generations_;
  PodGroups groups_;
  std::uint64_t generation_ = 0, order_version_ = 1, label_version_ = 1, taint_version_ = 1, image_version_ = 1;
};

}  // namespace orrery::scheduler
