#include "model/api/volume.h"

namespace orrery::api {

ORRERY_STRUCT(KeyToPath,
  FIELD(key, "key", 1).required(),
  FIELD(path, "path", 2).required(),
  FIELD(mode, "mode", 3).omit())

ORRERY_STRUCT(EmptyDirVolumeSource,
  FIELD(medium, "medium", 1).omit(),
  FIELD(size_limit, "sizeLimit", 2).omit())

ORRERY_STRUCT(SecretVolumeSource,
  FIELD(secret_name, "secretName", 1).omit(),
  FIELD(items, "items", 2).omit(),
  FIELD(default_mode, "defaultMode", 3).omit().def("420"),
  FIELD(optional, "optional", 4).omit())

ORRERY_STRUCT(ConfigMapVolumeSource,
  FIELD(ref, "", 1).inlined(),
  FIELD(items, "items", 2).omit(),
  FIELD(default_mode, "defaultMode", 3).omit().def("420"),
  FIELD(optional, "optional", 4).omit())

ORRERY_STRUCT(DownwardAPIVolumeFile,
  FIELD(path, "path", 1).required(),
  FIELD(field_ref, "fieldRef", 2).omit().atomic(),
  FIELD(resource_field_ref, "resourceFieldRef", 3).omit().atomic(),
  FIELD(mode, "mode", 4).omit())

ORRERY_STRUCT(DownwardAPIVolumeSource,
  FIELD(items, "items", 1).omit(),
  FIELD(default_mode, "defaultMode", 2).omit().def("420"))

ORRERY_STRUCT(PersistentVolumeClaimVolumeSource,
  FIELD(claim_name, "claimName", 1).required(),
  FIELD(read_only, "readOnly", 2).omit())

ORRERY_STRUCT(SecretProjection,
  FIELD(ref, "", 1).inlined(),
  FIELD(items, "items", 2).omit(),
  FIELD(optional, "optional", 4).omit())

ORRERY_STRUCT(DownwardAPIProjection,
  FIELD(items, "items", 1).omit())

ORRERY_STRUCT(ConfigMapProjection,
  FIELD(ref, "", 1).inlined(),
  FIELD(items, "items", 2).omit(),
  FIELD(optional, "optional", 4).omit())

ORRERY_STRUCT(ServiceAccountTokenProjection,
  FIELD(audience, "audience", 1).omit(),
  FIELD(expiration_seconds, "expirationSeconds", 2).omit().def("3600"),
  FIELD(path, "path", 3).required())

ORRERY_STRUCT(ClusterTrustBundleProjection,
  FIELD(name, "name", 1).omit(),
  FIELD(signer_name, "signerName", 2).omit(),
  FIELD(label_selector, "labelSelector", 3).omit().atomic(),
  FIELD(optional, "optional", 5).omit(),
  FIELD(path, "path", 4).required())

ORRERY_STRUCT(VolumeProjection,
  FIELD(secret, "secret", 1).omit(),
  FIELD(downward_api, "downwardAPI", 2).omit(),
  FIELD(config_map, "configMap", 3).omit(),
  FIELD(service_account_token, "serviceAccountToken", 4).omit(),
  FIELD(cluster_trust_bundle, "clusterTrustBundle", 5).omit())

ORRERY_STRUCT(ProjectedVolumeSource,
  FIELD(sources, "sources", 1),
  FIELD(default_mode, "defaultMode", 2).omit().def("420"))

ORRERY_STRUCT(EphemeralVolumeSource,
  FIELD(volume_claim_template, "volumeClaimTemplate", 1).omit())

ORRERY_STRUCT(VolumeSource,
  FIELD(host_path, "hostPath", 1).omit(),
  FIELD(empty_dir, "emptyDir", 2).omit(),
  FIELD(gce_persistent_disk, "gcePersistentDisk", 3).omit(),
  FIELD(aws_elastic_block_store, "awsElasticBlockStore", 4).omit(),
  FIELD(git_repo, "gitRepo", 5).omit(),
  FIELD(secret, "secret", 6).omit(),
  FIELD(nfs, "nfs", 7).omit(),
  FIELD(iscsi, "iscsi", 8).omit(),
  FIELD(glusterfs, "glusterfs", 9).omit(),
  FIELD(persistent_volume_claim, "persistentVolumeClaim", 10).omit(),
  FIELD(rbd, "rbd", 11).omit(),
  FIELD(flex_volume, "flexVolume", 12).omit(),
  FIELD(cinder, "cinder", 13).omit(),
  FIELD(cephfs, "cephfs", 14).omit(),
  FIELD(flocker, "flocker", 15).omit(),
  FIELD(downward_api, "downwardAPI", 16).omit(),
  FIELD(fc, "fc", 17).omit(),
  FIELD(azure_file, "azureFile", 18).omit(),
  FIELD(config_map, "configMap", 19).omit(),
  FIELD(vsphere_volume, "vsphereVolume", 20).omit(),
  FIELD(quobyte, "quobyte", 21).omit(),
  FIELD(azure_disk, "azureDisk", 22).omit(),
  FIELD(photon_persistent_disk, "photonPersistentDisk", 23).omit(),
  FIELD(projected, "projected", 26).omit(),
  FIELD(portworx_volume, "portworxVolume", 24).omit(),
  FIELD(scale_io, "scaleIO", 25).omit(),
  FIELD(storageos, "storageos", 27).omit(),
  FIELD(csi, "csi", 28).omit(),
  FIELD(ephemeral, "ephemeral", 29).omit(),
  FIELD(image, "image", 30).omit())

ORRERY_STRUCT(Volume,
  FIELD(name, "name", 1).required(),
  FIELD(source, "", 2).inlined())

}  // namespace orrery::api

namespace orrery::base {
template class Box<std::vector<api::VolumeProjection>>;
template class Box<std::vector<api::Volume>>;
}  // namespace orrery::base
