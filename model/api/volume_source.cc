#include "model/api/volume_source.h"

namespace orrery::api {

ORRERY_STRUCT(HostPathVolumeSource,
  FIELD(path, "path", 1).required(),
  FIELD(type, "type", 2).omit().def(""))

ORRERY_STRUCT(GCEPersistentDiskVolumeSource,
  FIELD(pd_name, "pdName", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(partition, "partition", 3).omit(),
  FIELD(read_only, "readOnly", 4).omit())

ORRERY_STRUCT(AWSElasticBlockStoreVolumeSource,
  FIELD(volume_id, "volumeID", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(partition, "partition", 3).omit(),
  FIELD(read_only, "readOnly", 4).omit())

ORRERY_STRUCT(GitRepoVolumeSource,
  FIELD(repository, "repository", 1).required(),
  FIELD(revision, "revision", 2).omit(),
  FIELD(directory, "directory", 3).omit())

ORRERY_STRUCT(NFSVolumeSource,
  FIELD(server, "server", 1).required(),
  FIELD(path, "path", 2).required(),
  FIELD(read_only, "readOnly", 3).omit())

ORRERY_STRUCT(ISCSIVolumeSource,
  FIELD(target_portal, "targetPortal", 1).required(),
  FIELD(iqn, "iqn", 2).required(),
  FIELD(lun, "lun", 3),
  FIELD(iscsi_interface, "iscsiInterface", 4).omit().def("default"),
  FIELD(fs_type, "fsType", 5).omit(),
  FIELD(read_only, "readOnly", 6).omit(),
  FIELD(portals, "portals", 7).omit(),
  FIELD(chap_auth_discovery, "chapAuthDiscovery", 8).omit(),
  FIELD(chap_auth_session, "chapAuthSession", 11).omit(),
  FIELD(secret_ref, "secretRef", 10).omit().atomic(),
  FIELD(initiator_name, "initiatorName", 12).omit())

ORRERY_STRUCT(GlusterfsVolumeSource,
  FIELD(endpoints, "endpoints", 1).required(),
  FIELD(path, "path", 2).required(),
  FIELD(read_only, "readOnly", 3).omit())

ORRERY_STRUCT(RBDVolumeSource,
  FIELD(monitors, "monitors", 1).required(),
  FIELD(image, "image", 2).required(),
  FIELD(fs_type, "fsType", 3).omit(),
  FIELD(pool, "pool", 4).omit().def("rbd"),
  FIELD(user, "user", 5).omit().def("admin"),
  FIELD(keyring, "keyring", 6).omit().def("/etc/ceph/keyring"),
  FIELD(secret_ref, "secretRef", 7).omit().atomic(),
  FIELD(read_only, "readOnly", 8).omit())

ORRERY_STRUCT(FlexVolumeSource,
  FIELD(driver, "driver", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(secret_ref, "secretRef", 3).omit().atomic(),
  FIELD(read_only, "readOnly", 4).omit(),
  FIELD(options, "options", 5).omit())

ORRERY_STRUCT(CinderVolumeSource,
  FIELD(volume_id, "volumeID", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(secret_ref, "secretRef", 4).omit().atomic())

ORRERY_STRUCT(CephFSVolumeSource,
  FIELD(monitors, "monitors", 1).required(),
  FIELD(path, "path", 2).omit(),
  FIELD(user, "user", 3).omit(),
  FIELD(secret_file, "secretFile", 4).omit(),
  FIELD(secret_ref, "secretRef", 5).omit().atomic(),
  FIELD(read_only, "readOnly", 6).omit())

ORRERY_STRUCT(FlockerVolumeSource,
  FIELD(dataset_name, "datasetName", 1).omit(),
  FIELD(dataset_uuid, "datasetUUID", 2).omit())

ORRERY_STRUCT(FCVolumeSource,
  FIELD(target_wwns, "targetWWNs", 1).omit(),
  FIELD(lun, "lun", 2).omit(),
  FIELD(fs_type, "fsType", 3).omit(),
  FIELD(read_only, "readOnly", 4).omit(),
  FIELD(wwids, "wwids", 5).omit())

ORRERY_STRUCT(AzureFileVolumeSource,
  FIELD(secret_name, "secretName", 1).required(),
  FIELD(share_name, "shareName", 2).required(),
  FIELD(read_only, "readOnly", 3).omit())

ORRERY_STRUCT(VsphereVirtualDiskVolumeSource,
  FIELD(volume_path, "volumePath", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(storage_policy_name, "storagePolicyName", 3).omit(),
  FIELD(storage_policy_id, "storagePolicyID", 4).omit())

ORRERY_STRUCT(QuobyteVolumeSource,
  FIELD(registry, "registry", 1).required(),
  FIELD(volume, "volume", 2).required(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(user, "user", 4).omit(),
  FIELD(group, "group", 5).omit(),
  FIELD(tenant, "tenant", 6).omit())

ORRERY_STRUCT(AzureDiskVolumeSource,
  FIELD(disk_name, "diskName", 1).required(),
  FIELD(disk_uri, "diskURI", 2).required(),
  FIELD(caching_mode, "cachingMode", 3).omit().def("ReadWrite").values("None,ReadOnly,ReadWrite"),
  FIELD(fs_type, "fsType", 4).omit().def("ext4"),
  FIELD(read_only, "readOnly", 5).omit().def("false"),
  FIELD(kind, "kind", 6).omit().def("Shared").values("Dedicated,Managed,Shared"))

ORRERY_STRUCT(PhotonPersistentDiskVolumeSource,
  FIELD(pd_id, "pdID", 1).required(),
  FIELD(fs_type, "fsType", 2).omit())

ORRERY_STRUCT(PortworxVolumeSource,
  FIELD(volume_id, "volumeID", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(read_only, "readOnly", 3).omit())

ORRERY_STRUCT(ScaleIOVolumeSource,
  FIELD(gateway, "gateway", 1).required(),
  FIELD(system, "system", 2).required(),
  FIELD(secret_ref, "secretRef", 3).required().atomic(),
  FIELD(ssl_enabled, "sslEnabled", 4).omit(),
  FIELD(protection_domain, "protectionDomain", 5).omit(),
  FIELD(storage_pool, "storagePool", 6).omit(),
  FIELD(storage_mode, "storageMode", 7).omit().def("ThinProvisioned"),
  FIELD(volume_name, "volumeName", 8).omit(),
  FIELD(fs_type, "fsType", 9).omit().def("xfs"),
  FIELD(read_only, "readOnly", 10).omit())

ORRERY_STRUCT(StorageOSVolumeSource,
  FIELD(volume_name, "volumeName", 1).omit(),
  FIELD(volume_namespace, "volumeNamespace", 2).omit(),
  FIELD(fs_type, "fsType", 3).omit(),
  FIELD(read_only, "readOnly", 4).omit(),
  FIELD(secret_ref, "secretRef", 5).omit().atomic())

ORRERY_STRUCT(CSIVolumeSource,
  FIELD(driver, "driver", 1).required(),
  FIELD(read_only, "readOnly", 2).omit(),
  FIELD(fs_type, "fsType", 3).omit(),
  FIELD(volume_attributes, "volumeAttributes", 4).omit(),
  FIELD(node_publish_secret_ref, "nodePublishSecretRef", 5).omit().atomic())

ORRERY_STRUCT(ImageVolumeSource,
  FIELD(reference, "reference", 1).omit(),
  FIELD(pull_policy, "pullPolicy", 2).omit().values("Always,IfNotPresent,Never"))

}  // namespace orrery::api
