#include "model/api/endpoints.h"

namespace orrery::api {

ORRERY_STRUCT(EndpointAddress,
  FIELD(ip, "ip", 1).required(),
  FIELD(hostname, "hostname", 3).omit(),
  FIELD(node_name, "nodeName", 4).omit(),
  FIELD(target_ref, "targetRef", 2).omit().atomic())

ORRERY_STRUCT(EndpointPort,
  FIELD(name, "name", 1).omit(),
  FIELD(port, "port", 2).required().range(1, 65535),
  FIELD(protocol, "protocol", 3).omit().def("TCP").values("SCTP,TCP,UDP"),
  FIELD(app_protocol, "appProtocol", 4).omit())

ORRERY_STRUCT(EndpointSubset,
  FIELD(addresses, "addresses", 1).omit(),
  FIELD(not_ready_addresses, "notReadyAddresses", 2).omit(),
  FIELD(ports, "ports", 3).omit())

ORRERY_STRUCT(Endpoints,
  FIELD(metadata, "metadata", 1),
  FIELD(subsets, "subsets", 2).omit())

}  // namespace orrery::api
