#include "control/scheduler/framework/node_info.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

bool erase_pod(std::vector<PodInfoRef>& pods, const Str& uid) {
  for (PodInfoRef& p : pods) {
    if (!(p->meta().uid == uid)) continue;
    p = std::move(pods.back());
    pods.pop_back();
    return true;
  }
  return false;
}

}  // namespace

bool NodeInfo::port_taken(const HostPort& port) const {
  return std::any_of(ports_.begin(), ports_.end(), [&](const HostPort& p) { return p.conflicts(port); });
}

int NodeInfo::claim_users(std::string_view claim) const {
  const auto it = claims_.find(claim);
  return it == claims_.end() ? 0 : it->second;
}

const ImageState* NodeInfo::image(std::string_view name) const {
  const auto it = std::lower_bound(images_.begin(), images_.end(), name,
                                   [](const HeldImage& held, std::string_view n) { return held.name < n; });
  return it != images_.end() && it->name == name ? it->state.get() : nullptr;
}

void NodeInfo::add_pod(PodInfoRef pod) {
  if (pod->has_affinity()) with_affinity_.push_back(pod);
  if (!pod->required_anti_affinity.empty()) with_anti_affinity_.push_back(pod);
  requested_.add(pod->requested);
  gpus_.change(pod->gpu, pod->gpu_indices, 1);
  nonzero_milli_cpu_ += pod->nonzero_milli_cpu;
  nonzero_memory_ += pod->nonzero_memory;
  volumes_ += pod->volumes;
  ephemeral_volumes_ += pod->ephemeral_volumes;
  ports_.insert(ports_.end(), pod->ports.begin(), pod->ports.end());
  for (const Str& claim : pod->claims) ++claims_[claim];
  pods_.push_back(std::move(pod));
}

void NodeInfo::replace_pod(PodInfoRef pod) {
  const Str uid = pod->meta().uid;
  const auto replace = [&](std::vector<PodInfoRef>& list) {
    if (erase_pod(list, uid)) list.push_back(pod);
  };
  replace(pods_);
  if (pod->has_affinity()) replace(with_affinity_);
  if (!pod->required_anti_affinity.empty()) replace(with_anti_affinity_);
}

PodInfoRef NodeInfo::remove_pod(const api::Pod& pod) {
  const Str& uid = pod.metadata.uid;
  const auto at = std::find_if(pods_.begin(), pods_.end(), [&](const PodInfoRef& p) { return p->meta().uid == uid; });
  if (at == pods_.end()) return {};
  PodInfoRef gone = *at;
  erase_pod(pods_, uid);
  if (gone->has_affinity()) erase_pod(with_affinity_, uid);
  if (!gone->required_anti_affinity.empty()) erase_pod(with_anti_affinity_, uid);
  requested_.add(gone->requested, -1);
  gpus_.change(gone->gpu, gone->gpu_indices, -1);
  nonzero_milli_cpu_ -= gone->nonzero_milli_cpu;
  nonzero_memory_ -= gone->nonzero_memory;
  volumes_ -= gone->volumes;
  ephemeral_volumes_ -= gone->ephemeral_volumes;
  for (const HostPort& port : gone->ports) {
    const auto p = std::find(ports_.begin(), ports_.end(), port);
    if (p != ports_.end()) ports_.erase(p);
  }
  for (const Str& claim : gone->claims) {
    const auto it = claims_.find(claim.view());
    if (it != claims_.end() && --it->second == 0) claims_.erase(it);
  }
  return gone;
}

}  // namespace orrery::scheduler
