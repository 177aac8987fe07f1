// core/v1 Endpoints. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/reference.h"

namespace orrery::api {

struct EndpointAddress {
  Str ip, hostname;
  std::optional<Str> node_name;
  Box<ObjectReference> target_ref;
};

struct EndpointPort {
  Str name;
  std::int32_t port = 0;
  Str protocol;
  std::optional<Str> app_protocol;
};

struct EndpointSubset {
  List<EndpointAddress> addresses, not_ready_addresses;
  List<EndpointPort> ports;
};

struct Endpoints {
  ObjectMeta metadata;
  List<EndpointSubset> subsets;
};

ORRERY_DECLARE_STRUCT(EndpointAddress)
ORRERY_DECLARE_STRUCT(EndpointPort)
ORRERY_DECLARE_STRUCT(EndpointSubset)
ORRERY_DECLARE_KIND(Endpoints)

}  // namespace orrery::api
