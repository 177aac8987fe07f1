// The kinds of volumes an administrator offers, where they differ from volume_source.h. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/reference.h"
#include "model/api/volume_source.h"

namespace orrery::api {

struct GlusterfsPersistentVolumeSource {
  Str endpoints, path;
  bool read_only = false;
  std::optional<Str> endpoints_namespace;
};

struct RBDPersistentVolumeSource {
  List<Str> monitors;
  Str image, fs_type, pool, user, keyring;
  Box<SecretReference> secret_ref;
  bool read_only = false;
};

struct ISCSIPersistentVolumeSource {
  Str target_portal, iqn;
  std::int32_t lun = 0;
  Str iscsi_interface, fs_type;
  bool read_only = false;
  List<Str> portals;
  bool chap_auth_discovery = false, chap_auth_session = false;
  Box<SecretReference> secret_ref;
  std::optional<Str> initiator_name;
};

struct CinderPersistentVolumeSource {
  Str volume_id, fs_type;
  bool read_only = false;
  Box<SecretReference> secret_ref;
};

struct CephFSPersistentVolumeSource {
  List<Str> monitors;
  Str path, user, secret_file;
  Box<SecretReference> secret_ref;
  bool read_only = false;
};

struct FlexPersistentVolumeSource {
  Str driver, fs_type;
  Box<SecretReference> secret_ref;
  bool read_only = false;
  Map<Str> options;
};

struct AzureFilePersistentVolumeSource {
  Str secret_name, share_name;
  bool read_only = false;
  std::optional<Str> secret_namespace;
};

struct ScaleIOPersistentVolumeSource {
  Str gateway, system;
  Box<SecretReference> secret_ref;
  bool ssl_enabled = false;
  Str protection_domain, storage_pool, storage_mode, volume_name, fs_type;
  bool read_only = false;
};

struct LocalVolumeSource {
  Str path;
  std::optional<Str> fs_type;
};

struct StorageOSPersistentVolumeSource {
  Str volume_name, volume_namespace, fs_type;
  bool read_only = false;
  Box<ObjectReference> secret_ref;
};

struct CSIPersistentVolumeSource {
  Str driver, volume_handle;
  bool read_only = false;
  Str fs_type;
  Map<Str> volume_attributes;
  Box<SecretReference> controller_publish_secret_ref, node_stage_secret_ref;
  Box<SecretReference> node_publish_secret_ref, controller_expand_secret_ref;
  Box<SecretReference> node_expand_secret_ref;
};

/// Exactly one member is set.
struct PersistentVolumeSource {
  Box<GCEPersistentDiskVolumeSource> gce_persistent_disk;
  Box<AWSElasticBlockStoreVolumeSource> aws_elastic_block_store;
  Box<HostPathVolumeSource> host_path;
  Box<GlusterfsPersistentVolumeSource> glusterfs;
  Box<NFSVolumeSource> nfs;
  Box<RBDPersistentVolumeSource> rbd;
  Box<ISCSIPersistentVolumeSource> iscsi;
  Box<CinderPersistentVolumeSource> cinder;
  Box<CephFSPersistentVolumeSource> cephfs;
  Box<FCVolumeSource> fc;
  Box<FlockerVolumeSource> flocker;
  Box<FlexPersistentVolumeSource> flex_volume;
  Box<AzureFilePersistentVolumeSource> azure_file;
  Box<VsphereVirtualDiskVolumeSource> vsphere_volume;
  Box<QuobyteVolumeSource> quobyte;
  Box<AzureDiskVolumeSource> azure_disk;
  Box<PhotonPersistentDiskVolumeSource> photon_persistent_disk;
  Box<PortworxVolumeSource> portworx_volume;
  Box<ScaleIOPersistentVolumeSource> scale_io;
  Box<LocalVolumeSource> local;
  Box<StorageOSPersistentVolumeSource> storageos;
  Box<CSIPersistentVolumeSource> csi;
};

ORRERY_DECLARE_STRUCT(GlusterfsPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(RBDPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(ISCSIPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(CinderPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(CephFSPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(FlexPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(AzureFilePersistentVolumeSource)
ORRERY_DECLARE_STRUCT(ScaleIOPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(LocalVolumeSource)
ORRERY_DECLARE_STRUCT(StorageOSPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(CSIPersistentVolumeSource)
ORRERY_DECLARE_STRUCT(PersistentVolumeSource)

}  // namespace orrery::api
