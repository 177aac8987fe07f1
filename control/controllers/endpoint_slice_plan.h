// The deciding part of the EndpointSlice controller: pods and present slices to the slices to write.
#pragma once
#include <vector>

#include "model/api/endpoint_slice.h"
#include "model/api/endpoints.h"
#include "model/api/object.h"
#include "model/api/pod.h"
#include "model/api/service.h"

namespace orrery::controllers {

inline constexpr std::size_t kMaxEndpointsPerSlice = 100;
inline constexpr const char* kManagedByLabel = "endpointslice.kubernetes.io/managed-by";
inline constexpr const char* kSliceManager = "endpointslice-controller.k8s.io";
inline constexpr const char* kServiceNameLabel = "kubernetes.io/service-name";
inline constexpr const char* kTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";
inline constexpr const char* kMirroringManager = "endpointslicemirroring-controller.k8s.io";

struct SlicePlan {
  std::vector<api::EndpointSlice> create, update;
  std::vector<api::ObjectRef> remove;
};

/// `pods` are those that the service selects; `zone_of` gives a node's zone, or "". Present slices keep what still holds;
/// only slices that change are in the plan.
SlicePlan plan_slices(const api::Service& service, const std::vector<api::ObjectRef>& pods,
                      const std::vector<api::ObjectRef>& present, const base::Map<base::Str>& zone_of_node);

/// The slices that mirror an Endpoints object (pkg/controller/endpointslicemirroring): one for each set of ports and family.
SlicePlan plan_mirrors(const api::Endpoints& endpoints, const std::vector<api::ObjectRef>& present);

/// The subsets of the older Endpoints object, in canonical order.
std::vector<api::EndpointSubset> plan_subsets(const api::Service& service, const std::vector<api::ObjectRef>& pods);

/// The number of a service port on a pod: targetPort itself, or the container port of that name; 0 when there is none.
std::int32_t pod_port(const api::Pod& pod, const api::ServicePort& port);

}  // namespace orrery::controllers
