// Volumes of pods. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/env.h"
#include "model/api/meta.h"
#include "model/api/volume_claim.h"
#include "model/api/volume_source.h"

namespace orrery::api {

struct KeyToPath {
  Str key, path;
  std::optional<std::int32_t> mode;
};

struct EmptyDirVolumeSource {
  Str medium;
  std::optional<Quantity> size_limit;
};

struct SecretVolumeSource {
  Str secret_name;
  List<KeyToPath> items;
  std::optional<std::int32_t> default_mode;
  std::optional<bool> optional;
};

struct ConfigMapVolumeSource {
  LocalObjectReference ref;
  List<KeyToPath> items;
  std::optional<std::int32_t> default_mode;
  std::optional<bool> optional;
};

struct DownwardAPIVolumeFile {
  Str path;
  Box<ObjectFieldSelector> field_ref;
  Box<ResourceFieldSelector> resource_field_ref;
  std::optional<std::int32_t> mode;
};

struct DownwardAPIVolumeSource {
  List<DownwardAPIVolumeFile> items;
  std::optional<std::int32_t> default_mode;
};

struct PersistentVolumeClaimVolumeSource {
  Str claim_name;
  bool read_only = false;
};

struct SecretProjection {
  LocalObjectReference ref;
  List<KeyToPath> items;
  std::optional<bool> optional;
};

struct DownwardAPIProjection {
  List<DownwardAPIVolumeFile> items;
};

struct ConfigMapProjection {
  LocalObjectReference ref;
  List<KeyToPath> items;
  std::optional<bool> optional;
};

struct ServiceAccountTokenProjection {
  Str audience;
  std::optional<std::int64_t> expiration_seconds;
  Str path;
};

struct ClusterTrustBundleProjection {
  std::optional<Str> name, signer_name;
  Box<LabelSelector> label_selector;
  std::optional<bool> optional;
  Str path;
};

struct VolumeProjection {
  Box<SecretProjection> secret;
  Box<DownwardAPIProjection> downward_api;
  Box<ConfigMapProjection> config_map;
  Box<ServiceAccountTokenProjection> service_account_token;
  Box<ClusterTrustBundleProjection> cluster_trust_bundle;
};

struct ProjectedVolumeSource {
  List<VolumeProjection> sources;
  std::optional<std::int32_t> default_mode;
};

struct EphemeralVolumeSource {
  Box<PersistentVolumeClaimTemplate> volume_claim_template;
};

/// At most one member is set.
struct VolumeSource {
  Box<HostPathVolumeSource> host_path;
  Box<EmptyDirVolumeSource> empty_dir;
  Box<GCEPersistentDiskVolumeSource> gce_persistent_disk;
  Box<AWSElasticBlockStoreVolumeSource> aws_elastic_block_store;
  Box<GitRepoVolumeSource> git_repo;
  Box<SecretVolumeSource> secret;
  Box<NFSVolumeSource> nfs;
  Box<ISCSIVolumeSource> iscsi;
  Box<GlusterfsVolumeSource> glusterfs;
  Box<PersistentVolumeClaimVolumeSource> persistent_volume_claim;
  Box<RBDVolumeSource> rbd;
  Box<FlexVolumeSource> flex_volume;
  Box<CinderVolumeSource> cinder;
  Box<CephFSVolumeSource> cephfs;
  Box<FlockerVolumeSource> flocker;
  Box<DownwardAPIVolumeSource> downward_api;
  Box<FCVolumeSource> fc;
  Box<AzureFileVolumeSource> azure_file;
  Box<ConfigMapVolumeSource> config_map;
  Box<VsphereVirtualDiskVolumeSource> vsphere_volume;
  Box<QuobyteVolumeSource> quobyte;
  Box<AzureDiskVolumeSource> azure_disk;
  Box<PhotonPersistentDiskVolumeSource> photon_persistent_disk;
  Box<ProjectedVolumeSource> projected;
  Box<PortworxVolumeSource> portworx_volume;
  Box<ScaleIOVolumeSource> scale_io;
  Box<StorageOSVolumeSource> storageos;
  Box<CSIVolumeSource> csi;
  Box<EphemeralVolumeSource> ephemeral;
  Box<ImageVolumeSource> image;
};

/// The source stands behind one pointer, since it has thirty members and pods share it.
struct Volume {
  Str name;
  Cow<VolumeSource> source;
};

ORRERY_DECLARE_STRUCT(KeyToPath)
ORRERY_DECLARE_STRUCT(EmptyDirVolumeSource)
ORRERY_DECLARE_STRUCT(SecretVolumeSource)
ORRERY_DECLARE_STRUCT(ConfigMapVolumeSource)
ORRERY_DECLARE_STRUCT(DownwardAPIVolumeFile)
ORRERY_DECLARE_STRUCT(DownwardAPIVolumeSource)
ORRERY_DECLARE_STRUCT(PersistentVolumeClaimVolumeSource)
ORRERY_DECLARE_STRUCT(SecretProjection)
ORRERY_DECLARE_STRUCT(DownwardAPIProjection)
ORRERY_DECLARE_STRUCT(ConfigMapProjection)
ORRERY_DECLARE_STRUCT(ServiceAccountTokenProjection)
ORRERY_DECLARE_STRUCT(ClusterTrustBundleProjection)
ORRERY_DECLARE_STRUCT(VolumeProjection)
ORRERY_DECLARE_STRUCT(ProjectedVolumeSource)
ORRERY_DECLARE_STRUCT(EphemeralVolumeSource)
ORRERY_DECLARE_STRUCT(VolumeSource)
ORRERY_DECLARE_STRUCT(Volume)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<std::vector<api::VolumeProjection>>;
extern template class Box<std::vector<api::Volume>>;
}  // namespace orrery::base
