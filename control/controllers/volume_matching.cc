#include "control/controllers/volume_matching.h"

#include <algorithm>

#include "control/client/owner.h"
#include "model/api/object_reference.h"

namespace orrery::controllers {
namespace {

constexpr std::string_view kScratch = "/tmp/";
constexpr const char* kBetaClass = "volume.beta.kubernetes.io/storage-class";

Str mode_of(const std::optional<Str>& mode) { return mode ? *mode : Str("Filesystem"); }

}  // namespace

Str class_of(const api::PersistentVolumeClaim& claim) {
  if (const Str* beta = claim.metadata.annotations.find(kBetaClass)) return *beta;
  return claim.spec->storage_class_name.value_or(Str());
}

bool is_reserved_for(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim) {
  const auto& ref = volume.spec->claim_ref;
  if (!ref || !(ref->name == claim.metadata.name) ||
      !(ref->namespace_ == claim.metadata.namespace_))
    return false;
  return ref->uid.empty() || ref->uid == claim.metadata.uid;
}

bool suits(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim) {
  const api::PersistentVolumeSpec& offer = *volume.spec;
  const api::PersistentVolumeClaimSpec& wish = *claim.spec;
  if (volume.metadata.deleting() || !(mode_of(offer.volume_mode) == mode_of(wish.volume_mode)))
    return false;
  if (!(offer.storage_class_name == class_of(claim))) return false;
  if (wish.selector && !client::selector_of(wish.selector).matches(volume.metadata.labels))
    return false;
  if (offer.capacity.get("storage") < wish.resources.requests.get("storage")) return false;
  return std::all_of(wish.access_modes.begin(), wish.access_modes.end(), [&offer](const Str& mode) {
    return std::find(offer.access_modes.begin(), offer.access_modes.end(), mode) !=
           offer.access_modes.end();
  });
}

api::ObjectRef best_volume(const std::vector<api::ObjectRef>& volumes,
                           const api::PersistentVolumeClaim& claim, bool only_reserved) {
  api::ObjectRef best;
  for (const api::ObjectRef& object : volumes) {
    const auto& volume = object->as<api::PersistentVolume>();
    if (is_reserved_for(volume, claim) && !volume.metadata.deleting()) return object;
    if (only_reserved || volume.spec->claim_ref || !(volume.status->phase == "Available")) continue;
    if (!suits(volume, claim)) continue;
    const auto size = [](const api::ObjectRef& o) {
      return o->as<api::PersistentVolume>().spec->capacity.get("storage");
    };
    if (!best || size(object) < size(best)) best = object;
  }
  return best;
}

bool mounts_claim(const api::Pod& pod, const Str& claim) {
  return std::any_of(pod.spec->volumes.begin(), pod.spec->volumes.end(), [&claim](const api::Volume& v) {
    return v.source->persistent_volume_claim && v.source->persistent_volume_claim->claim_name == claim;
  });
}

bool is_delayed(const api::PersistentVolumeClaim& claim, const api::StorageClass* storage_class) {
  if (!storage_class || claim.metadata.annotations.contains(kSelectedNode)) return false;
  return storage_class->volume_binding_mode &&
         *storage_class->volume_binding_mode == "WaitForFirstConsumer";
}

api::PersistentVolume provisioned_volume(const api::PersistentVolumeClaim& claim,
                                         const api::StorageClass& storage_class) {
  api::PersistentVolume volume;
  volume.metadata.name = base::cat("pvc-", claim.metadata.uid);
  volume.metadata.annotations.set(kProvisionedBy, storage_class.provisioner);
  api::PersistentVolumeSpec& spec = volume.spec.edit();
  spec.capacity.set("storage", claim.spec->resources.requests.get("storage"));
  spec.access_modes = claim.spec->access_modes;
  spec.claim_ref = api::reference_to(claim);
  spec.persistent_volume_reclaim_policy = storage_class.reclaim_policy.value_or(Str("Delete"));
  spec.storage_class_name = storage_class.metadata.name;
  spec.mount_options = storage_class.mount_options;
  spec.volume_mode = mode_of(claim.spec->volume_mode);
  if (storage_class.provisioner.view().find('/') == std::string_view::npos) {
    api::CSIPersistentVolumeSource csi;
    csi.driver = storage_class.provisioner;
    csi.volume_handle = volume.metadata.name;
    spec.source.edit().csi = csi;
  } else {  // "k8s.io/minikube-hostpath" and its like are no CSI drivers
    api::HostPathVolumeSource path;
    path.path = base::cat("/tmp/hostpath-provisioner/", claim.metadata.namespace_, "/", claim.metadata.name);
    spec.source.edit().host_path = path;
  }
  return volume;
}

std::string deletion_problem(const api::PersistentVolume& volume) {
  if (volume.metadata.annotations.contains(kProvisionedBy)) return {};
  const api::PersistentVolumeSource& source = *volume.spec->source;
  if (source.host_path) {
    const Str& path = source.host_path->path;
    const std::size_t at = path.view().find(kScratch);
    if (at != std::string_view::npos && at + kScratch.size() < path.size()) return {};
    return base::cat("host_path deleter only supports /tmp/.+ but received provided ", path);
  }
  return base::cat("error getting deleter volume plugin for volume \"", volume.metadata.name, "\": ",
                   source.nfs || source.local ? "no deletable volume plugin matched" : "no volume plugin matched");
}

api::PersistentVolume reserved(api::PersistentVolume volume,
                               const api::PersistentVolumeClaim& claim) {
  // A reservation that an administrator made is kept in mind: only the controller's own is taken
  // back.
  if (!volume.spec->claim_ref) volume.metadata.annotations.set(kBoundByController, "yes");
  volume.spec.edit().claim_ref = api::reference_to(claim);
  return volume;
}

api::PersistentVolumeClaim bound(api::PersistentVolumeClaim claim,
                                 const api::PersistentVolume& volume) {
  if (!(claim.spec->volume_name == volume.metadata.name)) {
    claim.spec.edit().volume_name = volume.metadata.name;
    claim.metadata.annotations.set(kBoundByController, "yes");
  }
  if (!claim.metadata.annotations.contains(kBindCompleted))
    claim.metadata.annotations.set(kBindCompleted, "yes");
  return claim;
}

}  // namespace orrery::controllers
