#include <algorithm>
#include <array>
#include <set>

#include "model/api/validation/claim_validation.h"
#include "model/api/validation/pod_validation.h"

namespace orrery::api {

namespace {

constexpr std::int64_t kTokenSecondsMin = 10 * 60;
constexpr std::int64_t kTokenSecondsMax = std::int64_t{1} << 32;

void check_key_to_path(const KeyToPath& item, const FieldPath& path, ErrorList& errors) {
  check_required(item, path, errors);
  check_local_path(item.path, path.child("path"), errors);
  check_file_mode(item.mode, path.child("mode"), errors);
}

void check_items(const List<KeyToPath>& items, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < items.size(); ++i)
    check_key_to_path(items[i], path.child_at("items", i), errors);
}

void check_downward_file(const DownwardAPIVolumeFile& file, const FieldPath& path, ErrorList& errors) {
  if (file.path.empty()) errors.required(path.child("path"), "");
  check_local_path(file.path, path.child("path"), errors);
  if (file.field_ref) {
    check_volume_field(*file.field_ref, path.child("fieldRef"), errors);
    if (file.resource_field_ref)
      errors.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (file.resource_field_ref) {
    check_resource_field(*file.resource_field_ref, true, path.child("resourceFieldRef"), errors);
  } else {
    errors.required(path, "one of fieldRef and resourceFieldRef is required");
  }
  check_file_mode(file.mode, path.child("mode"), errors);
}

/// The files of all sources of a projected volume; a path may appear once.
class ProjectedPaths {
 public:
  ProjectedPaths(const FieldPath& volume, ErrorList& errors) : volume_(volume), errors_(errors) {}
  /// `owner` is what the error blames.
  void add(const Str& path, const Str& owner) {
    if (path.empty() || insert(path)) return;
    errors_.invalid(volume_, owner, "conflicting duplicate paths");
  }

 private:
  bool insert(std::string_view path) {
    const auto end = few_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (std::find(few_.begin(), end, path) != end) return false;
    if (count_ == few_.size()) return many_.insert(path).second;
    few_[count_++] = path;
    return true;
  }

  const FieldPath& volume_;
  ErrorList& errors_;
  std::array<std::string_view, 8> few_;  // enough for most, without allocation
  std::size_t count_ = 0;
  std::set<std::string_view> many_;
};

template <class P>
void check_projected_keys(const P& projection, const FieldPath& path, ProjectedPaths& paths,
                          ErrorList& errors) {
  if (projection.ref.name.empty()) errors.required(path.child("name"), "");
  check_items(projection.items, path, errors);
  for (const KeyToPath& item : projection.items) paths.add(item.path, projection.ref.name);
}

void check_token(const ServiceAccountTokenProjection& token, const FieldPath& path, const FieldPath& volume,
                 ErrorList& errors) {
  const std::int64_t seconds = token.expiration_seconds.value_or(0);
  const FieldPath at = path.child("expirationSeconds");
  if (seconds < kTokenSecondsMin)
    errors.invalid(at, seconds, "may not specify a duration less than 10 minutes");
  if (seconds > kTokenSecondsMax)
    errors.invalid(at, seconds, "may not specify a duration larger than 2^32 seconds");
  if (token.path.empty()) errors.required(volume.child("path"), "");
  else check_local_path(token.path, volume.child("path"), errors);
}

void check_trust_bundle(const ClusterTrustBundleProjection& bundle, const FieldPath& path,
                        ErrorList& errors) {
  if (bundle.name && bundle.signer_name) {
    errors.invalid(path, bad_struct("core.ClusterTrustBundleProjection"),
                   "only one of name and signerName may be used");
  } else if (bundle.name) {
    if (bundle.name->empty()) errors.required(path.child("name"), "must be a valid object name");
    if (bundle.label_selector)
      errors.invalid(path.child("labelSelector"), bad_struct("v1.LabelSelector"),
                     "labelSelector must be unset if name is specified");
  } else if (bundle.signer_name) {
    if (bundle.signer_name->empty()) errors.required(path.child("signerName"), "must be a valid signer name");
    check_label_selector(bundle.label_selector.get(), path.child("labelSelector"), errors);
  } else {
    errors.required(path, "either name or signerName must be specified");
  }
  if (bundle.path.empty()) errors.required(path.child("path"), "");
  check_local_path(bundle.path, path.child("path"), errors);
}

void check_projection(const VolumeProjection& source, const FieldPath& at, const FieldPath& volume,
                      ProjectedPaths& paths, ErrorList& errors) {
  int sources = 0;
  if (source.secret) ++sources, check_projected_keys(*source.secret, at.child("secret"), paths, errors);
  if (source.config_map)
    ++sources, check_projected_keys(*source.config_map, at.child("configMap"), paths, errors);
  if (source.downward_api) {
    ++sources;
    for (const DownwardAPIVolumeFile& file : source.downward_api->items) {
      check_downward_file(file, at.child("downwardAPI"), errors);
      paths.add(file.path, file.path);
    }
  }
  if (source.service_account_token)
    ++sources, check_token(*source.service_account_token, at.child("serviceAccountToken"), volume, errors);
  if (source.cluster_trust_bundle) {
    ++sources;
    check_trust_bundle(*source.cluster_trust_bundle, at.child("clusterTrustBundle"), errors);
    paths.add(source.cluster_trust_bundle->path, source.cluster_trust_bundle->path);
  }
  if (sources > 1) errors.forbidden(at, "may not specify more than 1 volume type");
}

void check_projected(const ProjectedVolumeSource& projected, const FieldPath& path, ErrorList& errors) {
  check_file_mode(projected.default_mode, path.child("defaultMode"), errors);
  ProjectedPaths paths(path, errors);
  for (std::size_t i = 0; i < projected.sources.size(); ++i)
    check_projection(projected.sources[i], path.child_at("sources", i), path, paths, errors);
}

void check_ephemeral(const EphemeralVolumeSource& source, const FieldPath& path, ErrorList& errors) {
  const FieldPath at = path.child("volumeClaimTemplate");
  if (!source.volume_claim_template) return errors.required(at, "");
  const PersistentVolumeClaimTemplate& claim = *source.volume_claim_template;
  check_annotations(claim.metadata.annotations, at.child("annotations"), errors);
  check_labels(claim.metadata.labels, at.child("labels"), errors);
  const FieldPath meta = at.child("metadata");
  for (const Field& f : describe<ObjectMeta>()) {
    const std::string_view name = f.json;
    if (name == "annotations" || name == "labels") continue;
    if (!is_empty(f.type(), reinterpret_cast<const char*>(&claim.metadata) + f.offset))
      errors.forbidden(meta.child(name), "cannot be set for an ephemeral volume");
  }
  check_claim_spec(claim.spec, at.child("spec"), errors);
}

template <class S>
void check_keyed(const S& source, const Str& name, const char* name_field, const FieldPath& path,
                 ErrorList& errors) {
  if (name.empty()) errors.required(path.child(name_field), "");
  check_file_mode(source.default_mode, path.child("defaultMode"), errors);
  check_items(source.items, path, errors);
}

void check_iscsi(const ISCSIVolumeSource& source, std::string_view volume, const FieldPath& path,
                 ErrorList& errors) {
  constexpr std::size_t kInitiatorRoom = 64;
  check_required(source, path, errors);
  const std::string_view iqn = source.iqn;
  if (!iqn.empty() && !iqn.starts_with("iqn") && !iqn.starts_with("eui") && !iqn.starts_with("naa"))
    errors.invalid(path.child("iqn"), iqn, "must be valid format starting with iqn, eui, or naa");
  if (source.lun < 0 || source.lun > 255)
    errors.invalid(path.child("lun"), source.lun, inclusive_range_message(0, 255));
  if ((source.chap_auth_discovery || source.chap_auth_session) && !source.secret_ref)
    errors.required(path.child("secretRef"), "");
  if (source.initiator_name && volume.size() + 1 + source.target_portal.size() > kInitiatorRoom)
    errors.invalid(path.child("name"), volume,
                   "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
                   "iscsi.initiatorName is specified.");
}

/// The sources that workloads really use.
void check_common_sources(const VolumeSource& s, OneSource& sources, ErrorList& errors) {
  sources.one(s.empty_dir, "emptyDir", [&](const EmptyDirVolumeSource& source, const FieldPath& at) {
    if (source.size_limit && source.size_limit->sign() < 0)
      errors.forbidden(at.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
  });
  sources.one(s.host_path, "hostPath",
              [&](const auto& source, const FieldPath& at) { check_host_path(source, at, errors); });
  sources.one(s.secret, "secret", [&](const SecretVolumeSource& source, const FieldPath& at) {
    check_keyed(source, source.secret_name, "secretName", at, errors);
  });
  sources.plain(s.persistent_volume_claim, "persistentVolumeClaim");
  sources.one(s.config_map, "configMap", [&](const ConfigMapVolumeSource& source, const FieldPath& at) {
    check_keyed(source, source.ref.name, "name", at, errors);
  });
  sources.one(s.downward_api, "downwardAPI", [&](const DownwardAPIVolumeSource& source, const FieldPath& at) {
    check_file_mode(source.default_mode, at.child("defaultMode"), errors);
    for (const DownwardAPIVolumeFile& file : source.items) check_downward_file(file, at, errors);
  });
  sources.one(s.projected, "projected",
              [&](const auto& source, const FieldPath& at) { check_projected(source, at, errors); });
  sources.one(s.csi, "csi", [&](const CSIVolumeSource& source, const FieldPath& at) {
    check_csi_driver(source.driver, at.child("driver"), errors);
    if (source.node_publish_secret_ref && source.node_publish_secret_ref->name.empty())
      errors.required(at.child("nodePublishSecretRef", "name"), "");
  });
  sources.one(s.ephemeral, "ephemeral",
              [&](const auto& source, const FieldPath& at) { check_ephemeral(source, at, errors); });
}

void check_other_sources(const VolumeSource& s, std::string_view name, const PodContext& pod,
                         OneSource& sources, const FieldPath& path, ErrorList& errors) {
  sources.one(s.git_repo, "gitRepo", [&](const GitRepoVolumeSource& source, const FieldPath& at) {
    check_required(source, at, errors);
    check_descending_path(source.directory, at.child("directory"), errors);
  });
  sources.one(s.gce_persistent_disk, "gcePersistentDisk", [&](const auto& source, const FieldPath&) {
    check_partitioned(source, path.child("persistentDisk"), errors);
  });
  sources.one(s.aws_elastic_block_store, "awsElasticBlockStore",
              [&](const auto& source, const FieldPath& at) { check_partitioned(source, at, errors); });
  sources.one(s.nfs, "nfs", [&](const auto& source, const FieldPath& at) { check_nfs(source, at, errors); });
  sources.one(s.iscsi, "iscsi",
              [&](const auto& source, const FieldPath& at) { check_iscsi(source, name, at, errors); });
  sources.one(s.flocker, "flocker",
              [&](const auto& source, const FieldPath& at) { check_flocker(source, at, errors); });
  sources.one(s.fc, "fc", [&](const auto& source, const FieldPath& at) { check_fc(source, at, errors); });
  sources.plain(s.glusterfs, "glusterfs");
  sources.plain(s.rbd, "rbd");
  sources.plain(s.flex_volume, "flexVolume");
  sources.plain(s.cinder, "cinder");
  sources.plain(s.cephfs, "cephfs");
  sources.plain(s.quobyte, "quobyte");
  sources.plain(s.azure_file, "azureFile");
  sources.plain(s.vsphere_volume, "vsphereVolume");
  sources.plain(s.photon_persistent_disk, "photonPersistentDisk");
  sources.plain(s.portworx_volume, "portworxVolume");
  sources.plain(s.azure_disk, "azureDisk");
  sources.plain(s.storageos, "storageos");
  sources.plain(s.scale_io, "scaleIO");
  sources.one(s.image, "image", [&](const ImageVolumeSource& source, const FieldPath& at) {
    if (pod.is_pod() && source.reference.empty()) errors.required(at.child("reference"), "");
    check_pull_policy(source.pull_policy, at.child("pullPolicy"), errors);
  });
}

/// Claims that the ephemeral volumes of a pod will get: POD-VOLUME.
bool is_ephemeral_claim(const PodContext& pod, std::string_view claim) {
  const std::string_view name = pod.pod_meta->name;
  if (!claim.starts_with(name) || claim.size() <= name.size() || claim[name.size()] != '-') return false;
  const Volume* volume = find_volume(pod.spec, claim.substr(name.size() + 1));
  return volume && volume->source->ephemeral;
}

void check_claim_names(const Volume& volume, const PodContext& pod, const FieldPath& at, ErrorList& errors) {
  if (!pod.is_pod() || pod.pod_meta->name.empty()) return;
  if (volume.source->ephemeral && !volume.name.empty()) {
    const std::string claim = base::cat(pod.pod_meta->name, "-", volume.name);
    for (const std::string& message : subdomain_name(claim, false))
      errors.invalid(at.child("name"), volume.name, base::cat("PVC name ", go_quote(claim), ": ", message));
  }
  const auto& source = volume.source->persistent_volume_claim;
  if (source && is_ephemeral_claim(pod, source->claim_name))
    errors.invalid(at.child("persistentVolumeClaim", "claimName"), source->claim_name,
                   "must not reference a PVC that gets created for an ephemeral volume");
}

}  // namespace

const Volume* find_volume(const PodSpec& spec, std::string_view name) {
  for (const Volume& volume : spec.volumes)
    if (volume.name == name) return &volume;
  return nullptr;
}

void check_volumes(const PodContext& pod, const FieldPath& path, ErrorList& errors) {
  const List<Volume>& volumes = pod.spec.volumes;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const Volume& volume = volumes[i];
    const FieldPath at = path.index(i);
    OneSource sources(at, errors);
    check_common_sources(*volume.source, sources, errors);
    check_other_sources(*volume.source, volume.name, pod, sources, at, errors);
    sources.finish();
    if (volume.name.empty()) errors.required(at.child("name"), "");
    else check_dns_label(volume.name, at.child("name"), errors);
    if (repeats(volumes, i, [](const Volume& v) { return v.name.view(); }))
      errors.duplicate(at.child("name"), volume.name);
    check_claim_names(volume, pod, at, errors);
  }
}

}  // namespace orrery::api
