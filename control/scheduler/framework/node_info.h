// NodeInfo: a node with its pods and the sums over them (pkg/scheduler/framework/types.go).
#pragma once
#include <vector>

#include "control/scheduler/framework/pod_groups.h"
#include "control/scheduler/framework/pod_info.h"
#include "model/api/node.h"
#include "model/base/btree_map.h"

namespace orrery::scheduler {

using NodeHandle = api::Handle<api::Node>;

/// An image that some nodes hold. The size is the one seen first.
struct ImageState : base::RefCounted {
  std::int64_t size = 0;
  std::int64_t nodes = 0;
};

/// Copyable: preemption tries on copies.
class NodeInfo {
 public:
  const Str& name() const { return name_; }
  /// Null for a node that went while it still has pods; such nodes are in no list of nodes.
  const NodeHandle& handle() const { return node_; }
  const api::Node& node() const { return *node_; }
  const api::Labels& labels() const { return node_->metadata.labels; }
  const std::vector<PodInfoRef>& pods() const { return pods_; }
  const std::vector<PodInfoRef>& pods_with_affinity() const { return with_affinity_; }
  const std::vector<PodInfoRef>& pods_with_required_anti_affinity() const { return with_anti_affinity_; }
  const Resource& requested() const { return requested_; }
  const Resource& allocatable() const { return allocatable_; }
  const GpuDevices& gpus() const { return gpus_; }
  std::int64_t nonzero_milli_cpu() const { return nonzero_milli_cpu_; }
  std::int64_t nonzero_memory() const { return nonzero_memory_; }
  bool port_taken(const HostPort& port) const;
  /// Pods here that use the claim "namespace/name".
  int claim_users(std::string_view claim) const;
  /// Of its pods, of any kind, shared ones once for each pod; and those that have a claim made for their pod.
  std::int64_t volumes() const { return volumes_; }
  std::int64_t ephemeral_volumes() const { return ephemeral_volumes_; }
  /// Null when the node does not hold the image.
  const ImageState* image(std::string_view name) const;
  /// Position in Snapshot::nodes().
  std::uint32_t index() const { return index_; }
  /// Changes with every change of the node or of its pods, except of their status; no two nodes of a snapshot ever share one.
  std::uint64_t generation() const { return generation_; }

  void add_pod(PodInfoRef pod);
  /// By uid; null when the pod is not here.
  PodInfoRef remove_pod(const api::Pod& pod);
  /// As removing and adding a pod that has the same footprint.
  void replace_pod(PodInfoRef pod);

 private:
  friend class Snapshot;
  friend class PodGroups;
  struct HeldImage {
    Str name;
    base::Ref<ImageState> state;
  };

  Str name_;
  NodeHandle node_;
  std::vector<PodInfoRef> pods_, with_affinity_, with_anti_affinity_;
  Resource requested_, allocatable_;
  GpuDevices gpus_;
  std::int64_t nonzero_milli_cpu_ = 0, nonzero_memory_ = 0, volumes_ = 0, ephemeral_volumes_ = 0;
  std::vector<HostPort> ports_;
  base::BTreeMap<Str, int> claims_;
  std::vector<HeldImage> images_;  // sorted by name
  std::vector<PodGroups::Membership> groups_;
  std::uint32_t index_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace orrery::scheduler
