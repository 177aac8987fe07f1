// Whether this node takes a pod (pkg/kubelet/lifecycle/predicate.go, pkg/kubelet/eviction/eviction_manager.go Admit).
#pragma once
#include <optional>

#include "model/api/node.h"
#include "model/api/pod.h"
#include "nodes/kubelet/node_values.h"

namespace orrery::kubelet {

struct Refusal {
  Str reason, message;       ///< as in the pod's status; the status message has "Pod was rejected: " before it
};

/// What the admitted pods of the node take.
struct NodeUse {
  api::ResourceList requests;
  int pods = 0;
  void add(const api::PodSpec& spec);
  void remove(const api::PodSpec& spec);
};

/// `node`: the newest known object; null before registration.
std::optional<Refusal> refuse(const api::Pod& pod, const api::Node* node, const api::ResourceList& allocatable,
                              const NodeUse& use, const NodeFacts& facts);

bool tolerates(const api::Toleration& toleration, const api::Taint& taint);

}  // namespace orrery::kubelet
