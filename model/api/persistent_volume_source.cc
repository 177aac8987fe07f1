#include "model/api/persistent_volume_source.h"

namespace orrery::api {

ORRERY_STRUCT(GlusterfsPersistentVolumeSource,
  FIELD(endpoints, "endpoints", 1).required(),
  FIELD(path, "path", 2).required(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(endpoints_namespace, "endpointsNamespace", 4).omit())

ORRERY_STRUCT(RBDPersistentVolumeSource,
  FIELD(monitors, "monitors", 1).required(),
  FIELD(image, "image", 2).required(),
  FIELD(fs_type, "fsType", 3).omit(),
  FIELD(pool, "pool", 4).omit().def("rbd"),
  FIELD(user, "user", 5).omit().def("admin"),
  FIELD(keyring, "keyring", 6).omit().def("/etc/ceph/keyring"),
  FIELD(secret_ref, "secretRef", 7).omit().atomic(),
  FIELD(read_only, "readOnly", 8).omit())

ORRERY_STRUCT(ISCSIPersistentVolumeSource,
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

ORRERY_STRUCT(CinderPersistentVolumeSource,
  FIELD(volume_id, "volumeID", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(secret_ref, "secretRef", 4).omit().atomic())

ORRERY_STRUCT(CephFSPersistentVolumeSource,
  FIELD(monitors, "monitors", 1).required(),
  FIELD(path, "path", 2).omit(),
  FIELD(user, "user", 3).omit(),
  FIELD(secret_file, "secretFile", 4).omit(),
  FIELD(secret_ref, "secretRef", 5).omit().atomic(),
  FIELD(read_only, "readOnly", 6).omit())

ORRERY_STRUCT(FlexPersistentVolumeSource,
  FIELD(driver, "driver", 1).required(),
  FIELD(fs_type, "fsType", 2).omit(),
  FIELD(secret_ref, "secretRef", 3).omit().atomic(),
  FIELD(read_only, "readOnly", 4).omit(),
  FIELD(options, "options", 5).omit())

ORRERY_STRUCT(AzureFilePersistentVolumeSource,
  FIELD(secret_name, "secretName", 1).required(),
  FIELD(share_name, "shareName", 2).required(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(secret_namespace, "secretNamespace", 4))

ORRERY_STRUCT(ScaleIOPersistentVolumeSource,
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

ORRERY_STRUCT(LocalVolumeSource,
  FIELD(path, "path", 1).required(),
  FIELD(fs_type, "fsType", 2).omit())

ORRERY_STRUCT(StorageOSPersistentVolumeSource,
  FIELD(volume_name, "volumeName", 1).omit(),
  FIELD(volume_namespace, "volumeNamespace", 2).omit(),
  FIELD(fs_type, "fsType", 3).omit(),
  FIELD(read_only, "readOnly", 4).omit(),
  FIELD(secret_ref, "secretRef", 5).omit().atomic())

ORRERY_STRUCT(CSIPersistentVolumeSource,
  FIELD(driver, "driver", 1).required(),
  FIELD(volume_handle, "volumeHandle", 2).required(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(fs_type, "fsType", 4).omit(),
  FIELD(volume_attributes, "volumeAttributes", 5).omit(),
  FIELD(controller_publish_secret_ref, "controllerPublishSecretRef", 6).omit().atomic(),
  FIELD(node_stage_secret_ref, "nodeStageSecretRef", 7).omit().atomic(),
  FIELD(node_publish_secret_ref, "nodePublishSecretRef", 8).omit().atomic(),
  FIELD(controller_expand_secret_ref, "controllerExpandSecretRef", 9).omit().atomic(),
  FIELD(node_expand_secret_ref, "nodeExpandSecretRef", 10).omit().atomic())

ORRERY_STRUCT(PersistentVolumeSource,
  FIELD(gce_persistent_disk, "gcePersistentDisk", 1).omit(),
  FIELD(aws_elastic_block_store, "awsElasticBlockStore", 2).omit(),
  FIELD(host_path, "hostPath", 3).omit(),
  FIELD(glusterfs, "glusterfs", 4).omit(),
  FIELD(nfs, "nfs", 5).omit(),
  FIELD(rbd, "rbd", 6).omit(),
  FIELD(iscsi, "iscsi", 7).omit(),
  FIELD(cinder, "cinder", 8).omit(),
  FIELD(cephfs, "cephfs", 9).omit(),
  FIELD(fc, "fc", 10).omit(),
  FIELD(flocker, "flocker", 11).omit(),
  FIELD(flex_volume, "flexVolume", 12).omit(),
  FIELD(azure_file, "azureFile", 13).omit(),
  FIELD(vsphere_volume, "vsphereVolume", 14).omit(),
  FIELD(quobyte, "quobyte", 15).omit(),
  FIELD(azure_disk, "azureDisk", 16).omit(),
  FIELD(photon_persistent_disk, "photonPersistentDisk", 17).omit(),
  FIELD(portworx_volume, "portworxVolume", 18).omit(),
  FIELD(scale_io, "scaleIO", 19).omit(),
  FIELD(local, "local", 20).omit(),
  FIELD(storageos, "storageos", 21).omit(),
  FIELD(csi, "csi", 22).omit())

}  // namespace orrery::api
