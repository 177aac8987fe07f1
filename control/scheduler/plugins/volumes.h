// What the volume plugins have in common (component-helpers/storage/volume).
#pragma once
#include "control/scheduler/framework/plugin.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/storage_class.h"

namespace orrery::scheduler {

/// The class of a claim or volume; the annotation of old wins.
Str class_of(const api::PersistentVolumeClaim& claim);
Str class_of(const api::PersistentVolume& volume);
/// The claim of a volume of a pod; null when it does not exist.
api::Handle<api::PersistentVolumeClaim> get_claim(const Lister& lister, const Str& ns, const Str& name);
/// Null when there is none.
api::Handle<api::StorageClass> get_class(const Lister& lister, const Str& name);
bool waits_for_consumer(const Lister& lister, const api::PersistentVolumeClaim& claim);
/// spec.volumeName is set and the volume controller has completed the binding.
bool fully_bound(const api::PersistentVolumeClaim& claim);
/// The volume's node affinity; null for none.
api::Box<api::NodeSelector> required_affinity(const api::PersistentVolume& volume);
/// It allows the node.
bool reachable(const api::PersistentVolume& volume, const api::Node& node);
/// The zones that a volume's label names: "a__b".
std::vector<std::string_view> zones_of_label(std::string_view text);
/// The volume's claimRef names the claim.
bool bound_to(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim);

inline constexpr std::string_view kSelectedNode = "volume.kubernetes.io/selected-node";

}  // namespace orrery::scheduler
