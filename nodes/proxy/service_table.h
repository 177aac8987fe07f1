// What one Service and its EndpointSlices mean to a node, as a pure function (pkg/proxy/topology.go, servicechangetracker.go,
// endpointslicecache.go).
#pragma once
#include <span>

#include "model/api/object.h"
#include "model/base/ref.h"
#include "model/env/dataplane.h"

namespace orrery::proxy {

using base::Str;

/// Whether a proxy has an entry for it at all: it has a cluster IP and no other proxy's label.
bool is_proxied(const api::Object& service);
/// The Service that a slice belongs to: the label kubernetes.io/service-name; empty: none.
Str service_of(const api::Object& slice);

/// Backends of each port: the ready endpoints, or, when none is ready, those that still serve while they terminate. With
/// internalTrafficPolicy (cluster IP) or externalTrafficPolicy (node port) Local only endpoints on `node`; where the two
/// differ the node port has an entry of its own. Slices of the cluster IP's address family count.
base::Ref<const env::ServiceEntry> service_entry(const api::Object& service, std::span<const api::ObjectRef> slices,
                                                 std::string_view node);
/// The entry that removes a service.
base::Ref<const env::ServiceEntry> no_entry(Str ns, Str name);

}  // namespace orrery::proxy
