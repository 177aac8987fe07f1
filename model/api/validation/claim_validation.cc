#include "model/api/validation/claim_validation.h"

#include <algorithm>

#include "model/api/validation/pod_validation.h"
#include "model/api/validation/resource_rules.h"

namespace orrery::api {

namespace {

constexpr std::string_view kAccessModes[] = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce",
                                             "ReadWriteOncePod"};
constexpr std::string_view kBetaClass = "volume.beta.kubernetes.io/storage-class";

bool is_access_mode(std::string_view mode) {
  return std::find(std::begin(kAccessModes), std::end(kAccessModes), mode) != std::end(kAccessModes);
}

void check_access_modes(const List<Str>& modes, const FieldPath& path, ErrorList& errors) {
  bool alone = false, others = false;
  for (const Str& mode : modes) {
    if (!is_access_mode(mode)) errors.not_supported(path, mode, std::span(kAccessModes));
    else (mode == "ReadWriteOncePod" ? alone : others) = true;
  }
  if (alone && others) errors.forbidden(path, "may not use ReadWriteOncePod with other access modes");
}

void check_volume_mode(const std::optional<Str>& mode, const FieldPath& path, ErrorList& errors) {
  if (mode && *mode != "Block" && *mode != "Filesystem")
    errors.not_supported(path, *mode, {"Block", "Filesystem"});
}

template <class R>
void check_data_source(const R& source, const FieldPath& path, ErrorList& errors) {
  if (source.name.empty()) errors.required(path.child("name"), "");
  if (source.kind.empty()) errors.required(path.child("kind"), "");
  const Str group = source.api_group.value_or(Str());
  if (!group.empty()) check_subdomain(group, path.child("apiGroup"), errors);
  else if (source.kind != "PersistentVolumeClaim")
    errors.invalid(path, source.kind,
                   "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
}

void check_data_sources(const PersistentVolumeClaimSpec& spec, const FieldPath& path, ErrorList& errors) {
  const FieldPath at = path.child("dataSource");
  const auto& source = spec.data_source;
  const auto& ref = spec.data_source_ref;
  if (source) check_data_source(*source, at, errors);
  if (!ref) return;
  check_data_source(*ref, path.child("dataSourceRef"), errors);
  const bool elsewhere = ref->namespace_ && !ref->namespace_->empty();
  if (elsewhere) {
    const FieldPath source_ref = path.child("dataSourceRef");
    check_name(*ref->namespace_, label_name, source_ref.child("namespace"), errors);
  }
  if (!source) return;
  const bool equal =
      source->api_group == ref->api_group && source->kind == ref->kind && source->name == ref->name;
  if (elsewhere)
    errors.invalid(path, BadValue::raw(at.str()),
                   "may not be specified when dataSourceRef.namespace is specified");
  else if (!equal) errors.invalid(path, BadValue::raw(at.str()), "must match dataSourceRef");
}

/// The class may move from the old annotation into the spec, or be given to a claim that had none.
bool adopts_class(const PersistentVolumeClaim& old, const PersistentVolumeClaim& next) {
  if (old.spec->storage_class_name || !next.spec->storage_class_name) return false;
  const Str* annotated = old.metadata.annotations.find(kBetaClass);
  return !annotated || *annotated == *next.spec->storage_class_name;
}

void check_claim_size(const PersistentVolumeClaim& old, const PersistentVolumeClaim& next,
                      ErrorList& errors) {
  const Quantity before = old.spec->resources.requests.get("storage");
  const Quantity after = next.spec->resources.requests.get("storage");
  // A failed expansion may be taken back, but not below what there is.
  if (after.cmp(before) >= 0 || after.cmp(old.status->capacity.get("storage")) > 0) return;
  const FieldPath spec("spec");
  const FieldPath requests = spec.child("resources", "requests");
  errors.forbidden(requests.child("storage"), "field can not be less than status.capacity");
}

void check_claim_amounts(const ResourceList& list, const char* name, ErrorList& errors) {
  const FieldPath status("status");
  const FieldPath path = status.child(name);
  for (const auto& [resource, amount] : list)
    if (amount.value() < 0)
      errors.invalid(path.key(resource), amount.value(), "must be a valid resource quantity");
}

void check_sources(const PersistentVolumeSpec& spec, const FieldPath& path, ErrorList& errors) {
  const PersistentVolumeSource& s = *spec.source;
  OneSource sources(path, errors);
  sources.one(s.host_path, "hostPath",
              [&](const auto& source, const FieldPath& at) { check_host_path(source, at, errors); });
  sources.one(s.gce_persistent_disk, "gcePersistentDisk", [&](const auto& source, const FieldPath&) {
    check_partitioned(source, path.child("persistentDisk"), errors);
  });
  sources.one(s.aws_elastic_block_store, "awsElasticBlockStore",
              [&](const auto& source, const FieldPath& at) { check_partitioned(source, at, errors); });
  sources.plain(s.glusterfs, "glusterfs");
  sources.one(s.flocker, "flocker",
              [&](const auto& source, const FieldPath& at) { check_flocker(source, at, errors); });
  sources.one(s.nfs, "nfs", [&](const auto& source, const FieldPath& at) { check_nfs(source, at, errors); });
  sources.plain(s.rbd, "rbd");
  sources.plain(s.quobyte, "quobyte");
  sources.plain(s.cephfs, "cephfs");
  sources.plain(s.iscsi, "iscsi");
  sources.plain(s.cinder, "cinder");
  sources.one(s.fc, "fc", [&](const auto& source, const FieldPath& at) { check_fc(source, at, errors); });
  sources.plain(s.flex_volume, "flexVolume");
  sources.plain(s.azure_file, "azureFile");
  sources.plain(s.vsphere_volume, "vsphereVolume");
  sources.plain(s.photon_persistent_disk, "photonPersistentDisk");
  sources.plain(s.portworx_volume, "portworxVolume");
  sources.plain(s.azure_disk, "azureDisk");
  sources.plain(s.scale_io, "scaleIO");
  sources.one(s.local, "local", [&](const LocalVolumeSource& source, const FieldPath& at) {
    if (source.path.empty()) errors.required(at.child("path"), "");
    else check_no_backsteps(source.path, at.child("path"), errors);
    if (!spec.node_affinity)
      errors.required(path.child("nodeAffinity"), "Local volume requires node affinity");
  });
  sources.plain(s.storageos, "storageos");
  sources.one(s.csi, "csi", [&](const CSIPersistentVolumeSource& source, const FieldPath& at) {
    check_csi_driver(source.driver, at.child("driver"), errors);
    if (source.volume_handle.empty()) errors.required(at.child("volumeHandle"), "");
  });
  sources.finish();
}

void check_capacity(const ResourceList& capacity, const FieldPath& path, ErrorList& errors) {
  if (capacity.empty()) errors.required(path, "");
  if (!capacity.contains("storage") || capacity.size() > 1)
    errors.not_supported(path, bad_struct("core.ResourceList"), {"storage"});
  for (const auto& [resource, amount] : capacity) check_positive_amount(amount, path.key(resource), errors);
}

}  // namespace

void check_claim_spec(const PersistentVolumeClaimSpec& spec, const FieldPath& path, ErrorList& errors) {
  const FieldPath modes = path.child("accessModes");
  if (spec.access_modes.empty()) errors.required(modes, "at least 1 access mode is required");
  check_label_selector(spec.selector.get(), path.child("selector"), errors);
  check_access_modes(spec.access_modes, modes, errors);
  const FieldPath resources = path.child("resources");
  const Quantity* storage = spec.resources.requests.find("storage");
  if (!storage) errors.required(resources.key("storage"), "");
  else check_positive_amount(*storage, resources.key("storage"), errors);
  if (spec.storage_class_name && !spec.storage_class_name->empty())
    check_name(*spec.storage_class_name, subdomain_name, path.child("storageClassName"), errors);
  check_volume_mode(spec.volume_mode, path.child("volumeMode"), errors);
  check_data_sources(spec, path, errors);
}

void check_claim(const PersistentVolumeClaim& claim, ErrorList& errors) {
  check_claim_spec(*claim.spec, FieldPath("spec"), errors);
}

void check_claim_update(const PersistentVolumeClaim& old, const PersistentVolumeClaim& next,
                        ErrorList& errors) {
  if (next.spec.shares(old.spec) && next.metadata.annotations.shares(old.metadata.annotations)) return;
  check_claim(next, errors);
  const Str was = old.metadata.annotations.get(kBetaClass), is = next.metadata.annotations.get(kBetaClass);
  const bool adopts = adopts_class(old, next);
  if (was != is && !(adopts && is.empty())) {
    const FieldPath meta("metadata");
    errors.invalid(meta.child("annotations", kBetaClass), is, kImmutableText);
  }
  PersistentVolumeClaimSpec munged = *next.spec;
  if (old.spec->volume_name.empty()) munged.volume_name = old.spec->volume_name;
  if (adopts) munged.storage_class_name = old.spec->storage_class_name;
  if (next.status->phase == "Bound" && !munged.resources.requests.empty())
    munged.resources.requests.set("storage", old.spec->resources.requests.get("storage"));
  const FieldPath spec("spec");
  if (!same(munged, *old.spec))
    errors.forbidden(spec, base::cat("spec is immutable after creation except resources.requests and "
                                     "volumeAttributesClassName for bound claims\n",
                                     changed_fields(describe<PersistentVolumeClaimSpec>(),
                                                    old.spec.operator->(), &munged)));
  check_claim_size(old, next, errors);
  if (old.spec->volume_mode != next.spec->volume_mode)
    errors.invalid(FieldPath("volumeMode"),
                   next.spec->volume_mode ? BadValue(*next.spec->volume_mode) : BadValue::null(),
                   kImmutableText);
}

void check_claim_status_update(const PersistentVolumeClaim&, const PersistentVolumeClaim& next,
                               ErrorList& errors) {
  const FieldPath spec("Spec");  // as upstream spells it
  if (next.spec->access_modes.empty()) errors.required(spec.child("accessModes"), "");
  check_claim_amounts(next.status->capacity, "capacity", errors);
  check_claim_amounts(next.status->allocated_resources, "allocatedResources", errors);
}

void check_persistent_volume(const PersistentVolume& volume, ErrorList& errors) {
  const PersistentVolumeSpec& spec = *volume.spec;
  const FieldPath path("spec");
  if (spec.access_modes.empty()) errors.required(path.child("accessModes"), "");
  check_access_modes(spec.access_modes, path.child("accessModes"), errors);
  check_capacity(spec.capacity, path.child("capacity"), errors);
  const Str& reclaim = spec.persistent_volume_reclaim_policy;
  const FieldPath reclaim_path = path.child("persistentVolumeReclaimPolicy");
  if (!reclaim.empty() && reclaim != "Delete" && reclaim != "Recycle" && reclaim != "Retain")
    errors.not_supported(reclaim_path, reclaim, {"Delete", "Recycle", "Retain"});
  if (spec.node_affinity) {
    const FieldPath affinity = path.child("nodeAffinity");
    if (!spec.node_affinity->required)
      errors.required(affinity.child("required"), "must specify required node constraints");
    else check_node_selector(*spec.node_affinity->required, affinity.child("required"), errors);
  }
  check_sources(spec, path, errors);
  if (spec.source->host_path && spec.source->host_path->path == "/" && reclaim == "Recycle")
    errors.forbidden(reclaim_path, "may not be 'recycle' for a hostPath mount of '/'");
  if (!spec.storage_class_name.empty())
    check_name(spec.storage_class_name, subdomain_name, path.child("storageClassName"), errors);
  check_volume_mode(spec.volume_mode, path.child("volumeMode"), errors);
}

void check_persistent_volume_update(const PersistentVolume& old, const PersistentVolume& next,
                                    ErrorList& errors) {
  if (next.spec.shares(old.spec)) return;
  check_persistent_volume(next, errors);
  const FieldPath path("spec");
  PersistentVolumeSource munged = *next.spec->source;
  const auto& before = old.spec->source->csi;
  if (before && !before->controller_expand_secret_ref && munged.csi &&
      munged.csi->controller_expand_secret_ref)
    munged.csi.edit().controller_expand_secret_ref.reset();
  if (!same(munged, *old.spec->source))
    errors.forbidden(path.child("persistentvolumesource"),
                     base::cat("spec.persistentvolumesource is immutable after creation\n",
                               changed_fields(describe<PersistentVolumeSource>(),
                                              old.spec->source.operator->(), &munged)));
  if (old.spec->volume_mode != next.spec->volume_mode)
    errors.invalid(FieldPath("volumeMode"),
                   next.spec->volume_mode ? BadValue(*next.spec->volume_mode) : BadValue::null(),
                   kImmutableText);
  if (old.spec->node_affinity && !same(old.spec->node_affinity, next.spec->node_affinity))
    errors.invalid(FieldPath("nodeAffinity"), bad_struct("core.VolumeNodeAffinity"),
                   "field is immutable, except for updating from beta label to GA");
}

}  // namespace orrery::api
