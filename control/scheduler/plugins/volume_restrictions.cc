#include "control/scheduler/plugins/volume_restrictions.h"

#include <algorithm>

#include "control/scheduler/plugins/volumes.h"

namespace orrery::scheduler {
namespace {

struct Conflicts final : StateData {
  std::vector<Str> exclusive;   // keys of ReadWriteOncePod claims
  std::int64_t conflicts = 0;   // uses of them by other pods
  std::unique_ptr<StateData> clone() const override { return std::make_unique<Conflicts>(*this); }

  void count(const PodInfo& other, std::int64_t delta) {
    for (const Str& claim : other.claims) {
      if (std::find(exclusive.begin(), exclusive.end(), claim) != exclusive.end()) conflicts += delta;
    }
  }
};

bool restricted(const api::VolumeSource& v) {
  return v.gce_persistent_disk || v.aws_elastic_block_store || v.rbd || v.iscsi;
}

bool share_monitor(const api::RBDVolumeSource& a, const api::RBDVolumeSource& b) {
  return std::any_of(a.monitors.begin(), a.monitors.end(), [&](const Str& m) {
    return std::find(b.monitors.begin(), b.monitors.end(), m) != b.monitors.end();
  });
}

bool conflict(const api::VolumeSource& a, const api::VolumeSource& b) {
  if (a.gce_persistent_disk && b.gce_persistent_disk) {
    if (a.gce_persistent_disk->pd_name == b.gce_persistent_disk->pd_name &&
        !(a.gce_persistent_disk->read_only && b.gce_persistent_disk->read_only)) return true;
  }
  if (a.aws_elastic_block_store && b.aws_elastic_block_store) {
    if (a.aws_elastic_block_store->volume_id == b.aws_elastic_block_store->volume_id) return true;
  }
  if (a.iscsi && b.iscsi && a.iscsi->iqn == b.iscsi->iqn && !(a.iscsi->read_only && b.iscsi->read_only)) return true;
  if (!a.rbd || !b.rbd) return false;
  return share_monitor(*a.rbd, *b.rbd) && a.rbd->pool == b.rbd->pool && a.rbd->image == b.rbd->image &&
         !(a.rbd->read_only && b.rbd->read_only);
}

}  // namespace

bool VolumeRestrictions::concerns(const PodInfo& pod) const {
  const auto& volumes = pod.spec().volumes;
  return !pod.claims.empty() || std::any_of(volumes.begin(), volumes.end(), [](const api::Volume& v) { return restricted(*v.source); });
}

Status VolumeRestrictions::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  auto s = std::make_unique<Conflicts>();
  bool disks = false;
  for (const api::Volume& v : pod.spec().volumes) {
    disks = disks || restricted(*v.source);
    if (!v.source->persistent_volume_claim) continue;
    const Str& wanted = v.source->persistent_volume_claim->claim_name;
    const auto claim = get_claim(context_.lister, pod.meta().namespace_, wanted);
    if (!claim) {
      return Status(Code::kUnschedulableAndUnresolvable, name(), Str(base::cat("persistentvolumeclaim \"", wanted, "\" not found")));
    }
    const auto& modes = claim->spec->access_modes;
    if (std::find(modes.begin(), modes.end(), Str("ReadWriteOncePod")) != modes.end()) {
      s->exclusive.push_back(base::cat(pod.meta().namespace_, "/", wanted));
    }
  }
  if (!s->exclusive.empty()) {
    for (const NodeInfo* node : context_.snapshot.nodes()) {
      for (const Str& claim : s->exclusive) s->conflicts += node->claim_users(claim) > 0 ? 1 : 0;
    }
  }
  if (s->conflicts == 0 && !disks) return Status::skip();
  state.set_filter_state(slot(), std::move(s));
  return {};
}

void VolumeRestrictions::add_pod(CycleState& state, const PodInfo&, const PodInfo& added, const NodeInfo&) const {
  if (Conflicts* s = state.filter_state<Conflicts>(slot())) s->count(added, 1);
}

void VolumeRestrictions::remove_pod(CycleState& state, const PodInfo&, const PodInfo& removed, const NodeInfo&) const {
  if (Conflicts* s = state.filter_state<Conflicts>(slot())) s->count(removed, -1);
}

Status VolumeRestrictions::filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  for (const api::Volume& v : pod.spec().volumes) {
    if (!restricted(*v.source)) continue;
    for (const PodInfoRef& other : node.pods()) {
      for (const api::Volume& w : other->spec().volumes) {
        if (conflict(*v.source, *w.source)) return disk_;
      }
    }
  }
  return state.filter_state<Conflicts>(slot())->conflicts > 0 ? in_use_ : Status();
}

std::vector<ClusterEvent> VolumeRestrictions::events() const {
  return {{EventResource::kAssignedPod, kActionDelete},
          {EventResource::kNode, kActionAdd},
          {EventResource::kPersistentVolumeClaim, kActionAdd}};
}

QueueingHint VolumeRestrictions::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kNode) return QueueingHint::kQueue;
  if (change.event.resource == EventResource::kPersistentVolumeClaim) {
    const std::string key = api::key_of(change.now->meta());
    return std::find(pod.claims.begin(), pod.claims.end(), Str(key)) != pod.claims.end() ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (!change.old) return QueueingHint::kSkip;
  const PodInfo gone(change.old);
  for (const Str& claim : gone.claims) {
    if (std::find(pod.claims.begin(), pod.claims.end(), claim) != pod.claims.end()) return QueueingHint::kQueue;
  }
  for (const api::Volume& v : pod.spec().volumes) {
    for (const api::Volume& w : gone.spec().volumes) {
      if (conflict(*v.source, *w.source)) return QueueingHint::kQueue;
    }
  }
  return QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
