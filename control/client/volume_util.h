// Questions about volumes that the attach/detach controller and kubelets ask (pkg/volume/util).
#pragma once
#include <vector>

#include "model/api/persistent_volume.h"
#include "model/api/pod.h"

namespace orrery::client {

using base::Str;

/// The name by which a node's status lists the volume: "kubernetes.io/csi/DRIVER^HANDLE". Empty when it is used without being
/// attached. CSI volumes are attached (every driver is taken to ask for it, as without a CSIDriver object); the in-tree
/// volumes of clouds became CSI ones; all other kinds are not attached.
Str attachable_name(const api::PersistentVolume& volume);
/// Several nodes may have it attached at a time.
bool attaches_to_many(const api::PersistentVolume& volume);
/// The claims that a pod's volumes name.
std::vector<Str> claims_of(const api::PodSpec& spec);
/// Its containers have ended for good: Succeeded or Failed, or being deleted with none running.
bool is_pod_stopped(const api::Pod& pod);

}  // namespace orrery::client
