#include "nodes/agent.h"

#include "nodes/kubelet/kubelet.h"
#include "nodes/proxy/proxy.h"

namespace orrery::nodes {

env::ComponentFactory make_kubelet(KubeletConfig config) {
  return [config = std::move(config)](env::Environment& env) { return env::hold<kubelet::Kubelet>(env, config); };
}

env::ComponentFactory make_kube_proxy(ProxyConfig config) {
  return [config = std::move(config)](env::Environment& env) { return env::hold<proxy::Proxy>(env, config); };
}

}  // namespace orrery::nodes
