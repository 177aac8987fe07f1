// Claims, volumes and classes in short, for the tables of the volume plugins.
#pragma once
#include <span>
#include <string>

#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/storage_class.h"
#include "tests/scheduler/plugin_world.h"

namespace orrery::scheduler::testing {

/// A pod of namespace "default" with a volume per word: a claim's name, "~NAME" (generic ephemeral), "aws:ID", "gce:NAME",
/// "csi:DRIVER", "empty", "secret". `node` "": not bound.
inline api::Pod pod_with(std::string_view volumes, const char* name = "pod-a", const char* ns = "default", const char* node = "") {
  std::string yaml;
  int n = 0;
  for (const std::string& word : parts(volumes, ' ')) {
    std::string source = base::cat("persistentVolumeClaim: {claimName: ", word, "}");
    std::string volume = base::cat("v", std::to_string(n++));
    if (word.starts_with('~')) {
      volume = word.substr(1);
      source = "ephemeral: {volumeClaimTemplate: {spec: {}}}";
    } else if (word.starts_with("aws:")) {
      source = base::cat("awsElasticBlockStore: {volumeID: ", word.substr(4), "}");
    } else if (word.starts_with("gce:")) {
      source = base::cat("gcePersistentDisk: {pdName: ", word.substr(4), "}");
    } else if (word.starts_with("rbd:")) {
      source = base::cat("rbd: {monitors: [", word.substr(4), "], pool: foo, image: bar, fsType: ext4}");
    } else if (word.starts_with("iscsi:")) {
      source = base::cat("iscsi: {targetPortal: '127.0.0.1:3260', iqn: '", word.substr(6), "', fsType: ext4, lun: 0}");
    } else if (word.starts_with("csi:")) {
      source = base::cat("csi: {driver: ", word.substr(4), "}");
    } else if (word == "empty") {
      source = "emptyDir: {}";
    } else if (word == "secret") {
      source = "secret: {secretName: s}";
    }
    yaml += base::cat(yaml.empty() ? "" : ", ", "{name: '", volume, "', ", source, "}");
  }
  return from_yaml<api::Pod>(base::cat("{metadata: {name: ", name, ", namespace: ", ns, ", uid: ", name, "}, spec: {nodeName: '", node,
                                       "', volumes: [", yaml, "]}}"));
}

inline void add_class(PluginWorld& world, const char* name, const char* mode, const char* provisioner = "") {
  world.lister().set(api::make_object(from_yaml<api::StorageClass>(
      base::cat("{metadata: {name: ", name, "}, provisioner: '", provisioner, "'", *mode ? ", volumeBindingMode: " : "", mode, "}"))));
}

/// Of YAML: the claim's metadata and spec without namespace ("default" then) and name.
inline api::PersistentVolumeClaim claim_of_yaml(std::string_view yaml) {
  auto claim = from_yaml<api::PersistentVolumeClaim>(yaml);
  if (claim.metadata.namespace_.empty()) claim.metadata.namespace_ = "default";
  return claim;
}

}  // namespace orrery::scheduler::testing
