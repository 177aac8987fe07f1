#include "control/scheduler/plugins/volume_zone.h"

#include <algorithm>

#include "control/scheduler/framework/topology_keys.h"
#include "control/scheduler/plugins/volumes.h"

namespace orrery::scheduler {
namespace {

struct TopologyLabel {
  std::string_view key, current;  // current: what replaced a deprecated key
};
constexpr TopologyLabel kLabels[] = {
    {kBetaTopologyKeys.zone, kTopologyKeys.zone},
    {kBetaTopologyKeys.region, kTopologyKeys.region},
    {kTopologyKeys.zone, kTopologyKeys.zone},
    {kTopologyKeys.region, kTopologyKeys.region}};

struct ZoneState final : StateData {
  struct Topology {
    TopologyLabel label;
    std::vector<std::string_view> values;  // within labels of `volumes`
  };
  std::vector<api::ObjectRef> volumes;
  std::vector<Topology> topologies;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<ZoneState>(*this); }
};

}  // namespace

Status VolumeZone::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  const auto reject = [&](std::string_view why) { return Status(Code::kUnschedulableAndUnresolvable, name(), Str(why)); };
  auto s = std::make_unique<ZoneState>();
  for (const api::Volume& v : pod.spec().volumes) {
    if (!v.source->persistent_volume_claim) continue;
    const Str& wanted = v.source->persistent_volume_claim->claim_name;
    if (wanted.empty()) return reject("PersistentVolumeClaim had no name");
    const auto claim = get_claim(context_.lister, pod.meta().namespace_, wanted);
    if (!claim) return reject(base::cat("persistentvolumeclaim \"", wanted, "\" not found"));
    if (claim->spec->volume_name.empty()) {
      const Str class_name = class_of(*claim);
      if (class_name.empty()) return reject("PersistentVolumeClaim had no pv name and storageClass name");
      const auto storage_class = get_class(context_.lister, class_name);
      if (!storage_class) return reject(base::cat("storageclass.storage.k8s.io \"", class_name, "\" not found"));
      if (!storage_class->volume_binding_mode) return reject(base::cat("VolumeBindingMode not set for StorageClass \"", class_name, "\""));
      if (waits_for_consumer(context_.lister, *claim)) continue;
      return reject("PersistentVolume had no name");
    }
    const api::ObjectRef volume = context_.lister.get(api::KindId::kPersistentVolume, {}, claim->spec->volume_name);
    if (!volume) return reject(base::cat("persistentvolume \"", claim->spec->volume_name, "\" not found"));
    s->volumes.push_back(volume);
    for (const TopologyLabel& label : kLabels) {
      if (const Str* value = volume->meta().labels.find(label.key)) s->topologies.push_back({label, zones_of_label(*value)});
    }
  }
  if (s->topologies.empty()) return Status::skip();
  state.set_filter_state(slot(), std::move(s));
  return {};
}

Status VolumeZone::filter(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  const api::Labels& labels = node.labels();
  const bool placed = std::any_of(std::begin(kLabels), std::end(kLabels), [&](const TopologyLabel& l) { return labels.contains(l.key); });
  if (!placed) return {};  // a node without topology is taken to be everywhere
  for (const ZoneState::Topology& t : state.filter_state<ZoneState>(slot())->topologies) {
    const Str* value = labels.find(t.label.key);
    if (!value) value = labels.find(t.label.current);
    if (!value || std::find(t.values.begin(), t.values.end(), value->view()) == t.values.end()) return elsewhere_;
  }
  return {};
}

std::vector<ClusterEvent> VolumeZone::events() const {
  return {{EventResource::kStorageClass, kActionAdd},
          {EventResource::kNode, kActionAdd | kActionUpdateNodeLabel},
          {EventResource::kPersistentVolumeClaim, kActionAdd | kActionUpdateOther},
          {EventResource::kPersistentVolume, kActionAdd | kActionUpdateOther}};
}

/// A new class that binds at its first consumer, one of the pod's claims, a new volume or one with other topology labels.
QueueingHint VolumeZone::hint(const PodInfo& pod, const ClusterChange& change) const {
  bool helps = true;
  if (change.event.resource == EventResource::kStorageClass && change.now) {
    helps = change.now->as<api::StorageClass>().volume_binding_mode == Str("WaitForFirstConsumer");
  } else if (change.event.resource == EventResource::kPersistentVolumeClaim && change.now) {
    helps = std::find(pod.claims.begin(), pod.claims.end(), Str(api::key_of(change.now->meta()))) != pod.claims.end();
  } else if (change.event.resource == EventResource::kPersistentVolume && change.old && change.now) {
    helps = std::any_of(std::begin(kLabels), std::end(kLabels), [&](const TopologyLabel& l) {
      const Str* before = change.old->meta().labels.find(l.key);
      const Str* now = change.now->meta().labels.find(l.key);
      return (before == nullptr) != (now == nullptr) || (now && !(*before == *now));
    });
  }
  return helps ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
