#include "model/api/endpoint_slice.h"

namespace orrery::api {

ORRERY_STRUCT(EndpointConditions,
  FIELD(ready, "ready", 1).omit(),
  FIELD(serving, "serving", 2).omit(),
  FIELD(terminating, "terminating", 3).omit())

ORRERY_STRUCT(ForZone,
  FIELD(name, "name", 1).required())

ORRERY_STRUCT(ForNode,
  FIELD(name, "name", 1).required())

ORRERY_STRUCT(EndpointHints,
  FIELD(for_zones, "forZones", 1).omit(),
  FIELD(for_nodes, "forNodes", 2).omit())

ORRERY_STRUCT(Endpoint,
  FIELD(addresses, "addresses", 1).required().set_list(),
  FIELD(conditions, "conditions", 2),
  FIELD(hostname, "hostname", 3).omit(),
  FIELD(target_ref, "targetRef", 4).omit().atomic(),
  FIELD(deprecated_topology, "deprecatedTopology", 5).omit(),
  FIELD(node_name, "nodeName", 6).omit(),
  FIELD(zone, "zone", 7).omit(),
  FIELD(hints, "hints", 8).omit())

ORRERY_STRUCT(EndpointSlicePort,
  FIELD(name, "name", 1).omit().def(""),
  FIELD(protocol, "protocol", 2).omit().def("TCP"),
  FIELD(port, "port", 3).omit(),
  FIELD(app_protocol, "appProtocol", 4).omit())

ORRERY_STRUCT(EndpointSlice,
  FIELD(metadata, "metadata", 1),
  FIELD(address_type, "addressType", 4).required().immutable().values("FQDN,IPv4,IPv6"),
  FIELD(endpoints, "endpoints", 2),
  FIELD(ports, "ports", 3))

}  // namespace orrery::api
