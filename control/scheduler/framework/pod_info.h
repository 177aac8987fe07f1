// PodInfo: a pod with everything about it that plugins ask often, computed once per version of the pod.
#pragma once
#include <optional>
#include <vector>

#include "control/scheduler/framework/gpu.h"
#include "control/scheduler/framework/resource.h"
#include "model/api/object.h"
#include "model/api/selector.h"

namespace orrery::scheduler {

/// A PodAffinityTerm, parsed.
struct AffinityTerm {
  std::vector<Str> namespaces;         ///< sorted
  api::Selector selector, namespace_selector;
  Str topology_key;
  /// `namespace_labels`: of the pod's namespace.
  bool matches(const api::Pod& pod, const api::Labels& namespace_labels) const;
};

struct WeightedAffinityTerm {
  AffinityTerm term;
  std::int32_t weight = 0;
};

/// Empty ip stands for 0.0.0.0.
struct HostPort {
  Str ip, protocol;
  std::int32_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
  bool conflicts(const HostPort& other) const {
    return port == other.port && protocol == other.protocol && (ip.empty() || other.ip.empty() || ip == other.ip);
  }
};

/// Immutable.
class PodInfo : public base::RefCounted {
 public:
  explicit PodInfo(api::ObjectRef pod);

  const api::ObjectRef& object() const { return object_; }
  const api::Pod& pod() const { return *pod_; }
  const api::ObjectMeta& meta() const { return pod_->metadata; }
  const api::PodSpec& spec() const { return *pod_->spec; }
  std::int32_t priority() const { return pod_->spec->priority.value_or(0); }
  bool has_affinity() const { return !required_affinity.empty() || !preferred_affinity.empty() || has_anti_affinity(); }
  bool has_anti_affinity() const { return !required_anti_affinity.empty() || !preferred_anti_affinity.empty(); }
  /// `other`, an earlier version of the pod on the same node, counts the same to all others. May miss equals.
  bool same_footprint(const PodInfo& other) const;

  std::vector<AffinityTerm> required_affinity, required_anti_affinity;
  std::vector<WeightedAffinityTerm> preferred_affinity, preferred_anti_affinity;
  Resource requested;                              ///< as it counts on a node
  Resource wanted;                                 ///< as the incoming pod asks for
  std::int64_t nonzero_milli_cpu = 0, nonzero_memory = 0;
  api::ResourceList scoring_requests;              ///< with defaults for missing requests
  api::ResourceList plain_requests;                ///< without
  GpuDemand gpu;
  GpuIndices gpu_indices;                          ///< the devices it has; empty: none yet
  std::vector<HostPort> ports;
  std::vector<Str> claims;                         ///< "namespace/name" of its PersistentVolumeClaims, with repetitions
  std::int64_t volumes = 0, ephemeral_volumes = 0; ///< how many it has, of any kind, and how many of them have a claim made for it

 private:
  api::ObjectRef object_;
  const api::Pod* pod_;
};

using PodInfoRef = base::Ref<const PodInfo>;

/// The name of the claim behind a volume; nullopt for a volume without one. Generic ephemeral volumes have one made for
/// the pod.
std::optional<Str> claim_of(const api::Pod& pod, const api::Volume& volume);

bool same_labels(const api::Labels& a, const api::Labels& b);

}  // namespace orrery::scheduler
