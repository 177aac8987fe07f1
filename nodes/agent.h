// The processes of a node: kubelet and kube-proxy, each built from one Environment.
#pragma once
#include "model/env/component.h"
#include "nodes/kubelet/kubelet_config.h"
#include "nodes/proxy/proxy_config.h"

namespace orrery::nodes {

using kubelet::KubeletConfig;
using proxy::ProxyConfig;

/// A kubelet for the machine's container runtime. Needs at least one apiserver address.
env::ComponentFactory make_kubelet(KubeletConfig config);
/// A kube-proxy for the machine's dataplane.
env::ComponentFactory make_kube_proxy(ProxyConfig config);

}  // namespace orrery::nodes
