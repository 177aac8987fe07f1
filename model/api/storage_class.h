// storage.k8s.io/v1 StorageClass. Source: k8s.io/api/storage/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct TopologySelectorLabelRequirement {
  Str key;
  List<Str> values;
};

struct TopologySelectorTerm {
  List<TopologySelectorLabelRequirement> match_label_expressions;
};

struct StorageClass {
  ObjectMeta metadata;
  Str provisioner;
  Map<Str> parameters;
  std::optional<Str> reclaim_policy;
  List<Str> mount_options;
  std::optional<bool> allow_volume_expansion;
  std::optional<Str> volume_binding_mode;
  List<TopologySelectorTerm> allowed_topologies;
};

ORRERY_DECLARE_STRUCT(TopologySelectorLabelRequirement)
ORRERY_DECLARE_STRUCT(TopologySelectorTerm)
ORRERY_DECLARE_KIND(StorageClass)

}  // namespace orrery::api
