// discovery.k8s.io/v1 EndpointSlice. Source: k8s.io/api/discovery/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/reference.h"

namespace orrery::api {

struct EndpointConditions {
  std::optional<bool> ready, serving, terminating;
};

struct ForZone {
  Str name;
};

struct ForNode {
  Str name;
};

struct EndpointHints {
  List<ForZone> for_zones;
  List<ForNode> for_nodes;
};

struct Endpoint {
  List<Str> addresses;
  EndpointConditions conditions;
  std::optional<Str> hostname;
  Box<ObjectReference> target_ref;
  Map<Str> deprecated_topology;
  std::optional<Str> node_name, zone;
  Box<EndpointHints> hints;
};

/// Upstream's discovery EndpointPort.
struct EndpointSlicePort {
  std::optional<Str> name, protocol;
  std::optional<std::int32_t> port;
  std::optional<Str> app_protocol;
};

struct EndpointSlice {
  ObjectMeta metadata;
  Str address_type;
  List<Endpoint> endpoints;
  List<EndpointSlicePort> ports;
};

ORRERY_DECLARE_STRUCT(EndpointConditions)
ORRERY_DECLARE_STRUCT(ForZone)
ORRERY_DECLARE_STRUCT(ForNode)
ORRERY_DECLARE_STRUCT(EndpointHints)
ORRERY_DECLARE_STRUCT(Endpoint)
ORRERY_DECLARE_STRUCT(EndpointSlicePort)
ORRERY_DECLARE_KIND(EndpointSlice)

}  // namespace orrery::api
