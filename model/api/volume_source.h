// The kinds of volumes a pod can mount, but for the common ones of volume.h. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/reference.h"

namespace orrery::api {

struct HostPathVolumeSource {
  Str path;
  std::optional<Str> type;
};

struct GCEPersistentDiskVolumeSource {
  Str pd_name, fs_type;
  std::int32_t partition = 0;
  bool read_only = false;
};

struct AWSElasticBlockStoreVolumeSource {
  Str volume_id, fs_type;
  std::int32_t partition = 0;
  bool read_only = false;
};

struct GitRepoVolumeSource {
  Str repository, revision, directory;
};

struct NFSVolumeSource {
  Str server, path;
  bool read_only = false;
};

struct ISCSIVolumeSource {
  Str target_portal, iqn;
  std::int32_t lun = 0;
  Str iscsi_interface, fs_type;
  bool read_only = false;
  List<Str> portals;
  bool chap_auth_discovery = false, chap_auth_session = false;
  Box<LocalObjectReference> secret_ref;
  std::optional<Str> initiator_name;
};

struct GlusterfsVolumeSource {
  Str endpoints, path;
  bool read_only = false;
};

struct RBDVolumeSource {
  List<Str> monitors;
  Str image, fs_type, pool, user, keyring;
  Box<LocalObjectReference> secret_ref;
  bool read_only = false;
};

struct FlexVolumeSource {
  Str driver, fs_type;
  Box<LocalObjectReference> secret_ref;
  bool read_only = false;
  Map<Str> options;
};

struct CinderVolumeSource {
  Str volume_id, fs_type;
  bool read_only = false;
  Box<LocalObjectReference> secret_ref;
};

struct CephFSVolumeSource {
  List<Str> monitors;
  Str path, user, secret_file;
  Box<LocalObjectReference> secret_ref;
  bool read_only = false;
};

struct FlockerVolumeSource {
  Str dataset_name, dataset_uuid;
};

struct FCVolumeSource {
  List<Str> target_wwns;
  std::optional<std::int32_t> lun;
  Str fs_type;
  bool read_only = false;
  List<Str> wwids;
};

struct AzureFileVolumeSource {
  Str secret_name, share_name;
  bool read_only = false;
};

struct VsphereVirtualDiskVolumeSource {
  Str volume_path, fs_type, storage_policy_name, storage_policy_id;
};

struct QuobyteVolumeSource {
  Str registry, volume;
  bool read_only = false;
  Str user, group, tenant;
};

struct AzureDiskVolumeSource {
  Str disk_name, disk_uri;
  std::optional<Str> caching_mode, fs_type;
  std::optional<bool> read_only;
  std::optional<Str> kind;
};

struct PhotonPersistentDiskVolumeSource {
  Str pd_id, fs_type;
};

struct PortworxVolumeSource {
  Str volume_id, fs_type;
  bool read_only = false;
};

struct ScaleIOVolumeSource {
  Str gateway, system;
  Box<LocalObjectReference> secret_ref;
  bool ssl_enabled = false;
  Str protection_domain, storage_pool, storage_mode, volume_name, fs_type;
  bool read_only = false;
};

struct StorageOSVolumeSource {
  Str volume_name, volume_namespace, fs_type;
  bool read_only = false;
  Box<LocalObjectReference> secret_ref;
};

struct CSIVolumeSource {
  Str driver;
  std::optional<bool> read_only;
  std::optional<Str> fs_type;
  Map<Str> volume_attributes;
  Box<LocalObjectReference> node_publish_secret_ref;
};

struct ImageVolumeSource {
  Str reference, pull_policy;
};

ORRERY_DECLARE_STRUCT(HostPathVolumeSource)
ORRERY_DECLARE_STRUCT(GCEPersistentDiskVolumeSource)
ORRERY_DECLARE_STRUCT(AWSElasticBlockStoreVolumeSource)
ORRERY_DECLARE_STRUCT(GitRepoVolumeSource)
ORRERY_DECLARE_STRUCT(NFSVolumeSource)
ORRERY_DECLARE_STRUCT(ISCSIVolumeSource)
ORRERY_DECLARE_STRUCT(GlusterfsVolumeSource)
ORRERY_DECLARE_STRUCT(RBDVolumeSource)
ORRERY_DECLARE_STRUCT(FlexVolumeSource)
ORRERY_DECLARE_STRUCT(CinderVolumeSource)
ORRERY_DECLARE_STRUCT(CephFSVolumeSource)
ORRERY_DECLARE_STRUCT(FlockerVolumeSource)
ORRERY_DECLARE_STRUCT(FCVolumeSource)
ORRERY_DECLARE_STRUCT(AzureFileVolumeSource)
ORRERY_DECLARE_STRUCT(VsphereVirtualDiskVolumeSource)
ORRERY_DECLARE_STRUCT(QuobyteVolumeSource)
ORRERY_DECLARE_STRUCT(AzureDiskVolumeSource)
ORRERY_DECLARE_STRUCT(PhotonPersistentDiskVolumeSource)
ORRERY_DECLARE_STRUCT(PortworxVolumeSource)
ORRERY_DECLARE_STRUCT(ScaleIOVolumeSource)
ORRERY_DECLARE_STRUCT(StorageOSVolumeSource)
ORRERY_DECLARE_STRUCT(CSIVolumeSource)
ORRERY_DECLARE_STRUCT(ImageVolumeSource)

}  // namespace orrery::api
