// Which volume suits a claim; pure (pkg/controller/volume/persistentvolume,
// component-helpers/storage/volume).
#pragma once
#include <optional>
#include <vector>

#include "model/api/object.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod.h"
#include "model/api/storage_class.h"

namespace orrery::controllers {

using base::Str;

inline constexpr const char* kBindCompleted = "pv.kubernetes.io/bind-completed";
inline constexpr const char* kBoundByController = "pv.kubernetes.io/bound-by-controller";
inline constexpr const char* kSelectedNode = "volume.kubernetes.io/selected-node";
inline constexpr const char* kProvisionedBy = "pv.kubernetes.io/provisioned-by";
inline constexpr const char* kStorageProvisioner = "volume.kubernetes.io/storage-provisioner";
inline constexpr const char* kBetaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";

/// "" when the claim has none.
Str class_of(const api::PersistentVolumeClaim& claim);
/// The volume is reserved for the claim, by name and (once known) by uid.
bool is_reserved_for(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim);
/// The volume could serve the claim: class, mode, access, size and labels.
bool suits(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim);
/// The one reserved for the claim, else (unless `only_reserved`) the smallest free one that suits;
/// null when there is none.
api::ObjectRef best_volume(const std::vector<api::ObjectRef>& volumes,
                           const api::PersistentVolumeClaim& claim, bool only_reserved);
/// A volume of the pod is the claim of this name.
bool mounts_claim(const api::Pod& pod, const Str& claim);
/// Binding waits for the scheduler to choose a node.
bool is_delayed(const api::PersistentVolumeClaim& claim, const api::StorageClass* storage_class);
/// What a provisioner makes for a claim.
api::PersistentVolume provisioned_volume(const api::PersistentVolumeClaim& claim,
                                         const api::StorageClass& storage_class);
/// Why the controller manager's own plugins cannot delete the volume (findDeletablePlugin, hostPathDeleter); empty when they can, or
/// when its provisioner is to do it.
std::string deletion_problem(const api::PersistentVolume& volume);
/// The volume with its claimRef set to the claim.
api::PersistentVolume reserved(api::PersistentVolume volume,
                               const api::PersistentVolumeClaim& claim);
/// The claim with its volumeName and annotations set.
api::PersistentVolumeClaim bound(api::PersistentVolumeClaim claim,
                                 const api::PersistentVolume& volume);

}  // namespace orrery::controllers
