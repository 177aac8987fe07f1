// Defaulting functions of the kinds without pods. See Fill for their shape.
#pragma once
#include "model/api/csi_driver.h"
#include "model/api/endpoint_slice.h"
#include "model/api/endpoints.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/resource_quota.h"
#include "model/api/service.h"

namespace orrery::api {

bool fill_namespace(const Namespace& in, Namespace* out);
bool fill_node(const Node& in, Node* out);
bool fill_service(const Service& in, Service* out);
bool fill_endpoints(const Endpoints& in, Endpoints* out);
bool fill_endpoint_slice(const EndpointSlice& in, EndpointSlice* out);
bool fill_quota(const ResourceQuota& in, ResourceQuota* out);
bool fill_volume(const PersistentVolume& in, PersistentVolume* out);
bool fill_csi_driver(const CSIDriver& in, CSIDriver* out);
bool fill_claim(const PersistentVolumeClaim& in, PersistentVolumeClaim* out);

}  // namespace orrery::api
