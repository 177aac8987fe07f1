// From the probes and hooks of a container's spec to what the runtime is asked to do.
#pragma once
#include "model/api/container.h"
#include "model/api/pod.h"
#include "model/env/containers.h"

namespace orrery::kubelet {

/// `elapsed`: how long the container runs already; it counts towards the initial delay. `pod_ip` is the default host.
env::ProbeSpec probe_spec(const api::Container& container, const api::Probe& probe, env::ProbeKind kind,
                          const base::Str& container_id, const base::Str& pod_ip, base::Nanos elapsed);

/// A hook's GET or TCP connect as a probe that answers at its first attempt.
env::ProbeSpec hook_spec(const api::Container& container, const api::LifecycleHandler& hook,
                         const base::Str& container_id, const base::Str& pod_ip);

/// The number of a port given by number or by the name of one of the container's ports; 0: there is none.
int resolve_port(const api::Container& container, const api::IntOrString& port);

}  // namespace orrery::kubelet
