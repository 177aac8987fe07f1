// Validation of the remaining kinds. Source:
// pkg/apis/{core,discovery,policy,scheduling,coordination}/validation.
#pragma once
#include "model/api/config_map.h"
#include "model/api/endpoint_slice.h"
#include "model/api/endpoints.h"
#include "model/api/event.h"
#include "model/api/lease.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/pod_group.h"
#include "model/api/priority_class.h"
#include "model/api/resource_quota.h"
#include "model/api/service.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

void check_service(const Service& service, ErrorList& errors);
void check_service_update(const Service& old, const Service& next, ErrorList& errors);
void check_service_status(const Service& old, const Service& next, ErrorList& errors);

void check_endpoints(const Endpoints& endpoints, ErrorList& errors);
void check_endpoint_slice(const EndpointSlice& slice, ErrorList& errors);
void check_endpoint_slice_update(const EndpointSlice& old, const EndpointSlice& next, ErrorList& errors);

void check_node(const Node& node, ErrorList& errors);
/// Also of a status write: upstream has one rule for both.
void check_node_update(const Node& old, const Node& next, ErrorList& errors);

void check_namespace(const Namespace& space, ErrorList& errors);
void check_namespace_status(const Namespace& old, const Namespace& next, ErrorList& errors);

void check_config_map(const ConfigMap& map, ErrorList& errors);
void check_config_map_update(const ConfigMap& old, const ConfigMap& next, ErrorList& errors);
void check_secret(const Secret& secret, ErrorList& errors);
void check_secret_update(const Secret& old, const Secret& next, ErrorList& errors);

void check_event(const Event& event, ErrorList& errors);
void check_lease(const Lease& lease, ErrorList& errors);

void check_disruption_budget(const PodDisruptionBudget& budget, ErrorList& errors);
void check_disruption_budget_status(const PodDisruptionBudget& old, const PodDisruptionBudget& next,
                                    ErrorList& errors);
void check_pod_group(const PodGroup& group, ErrorList& errors);
void check_priority_class(const PriorityClass& priority, ErrorList& errors);
void check_priority_class_update(const PriorityClass& old, const PriorityClass& next, ErrorList& errors);
void check_quota(const ResourceQuota& quota, ErrorList& errors);
void check_quota_update(const ResourceQuota& old, const ResourceQuota& next, ErrorList& errors);
void check_quota_status(const ResourceQuota& old, const ResourceQuota& next, ErrorList& errors);

}  // namespace orrery::api
