#include "control/client/volume_util.h"

#include <algorithm>

#include "control/client/pod_util.h"

namespace orrery::client {

Str attachable_name(const api::PersistentVolume& volume) {
  const auto& csi = volume.spec->source->csi;
  return csi ? Str(base::cat("kubernetes.io/csi/", csi->driver, "^", csi->volume_handle)) : Str();
}

bool attaches_to_many(const api::PersistentVolume& volume) {
  const auto& modes = volume.spec->access_modes;
  return modes.empty() || std::any_of(modes.begin(), modes.end(), [](const Str& mode) {
           return mode == "ReadWriteMany" || mode == "ReadOnlyMany";
         });
}

std::vector<Str> claims_of(const api::PodSpec& spec) {
  std::vector<Str> out;
  for (const api::Volume& v : spec.volumes) {
    const auto& claim = v.source->persistent_volume_claim;
    if (claim) out.push_back(claim->claim_name);
  }
  return out;
}

bool is_pod_stopped(const api::Pod& pod) {
  if (is_pod_terminal(pod)) return true;
  const auto& all = pod.status->container_statuses;
  return pod.metadata.deleting() && std::all_of(all.begin(), all.end(), [](const api::ContainerStatus& c) {
           return c.state.terminated || c.state.waiting;
         });
}

}  // namespace orrery::client
