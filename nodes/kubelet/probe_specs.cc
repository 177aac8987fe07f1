#include "nodes/kubelet/probe_specs.h"

#include <algorithm>
#include <string>

namespace orrery::kubelet {
namespace {

using Handler = env::ProbeSpec::Handler;

base::Str command_line(const api::ExecAction& exec) {
  std::string out;
  for (const base::Str& word : exec.command) {
    if (!out.empty()) out += ' ';
    out += word.view();
  }
  return out;
}

std::string host_port(const base::Str& host, const base::Str& pod_ip, int port) {
  const base::Str& name = host.empty() ? pod_ip : host;
  const bool v6 = name.view().find(':') != std::string_view::npos;
  return (v6 ? base::cat("[", name, "]") : name.str()) + ":" + std::to_string(port);
}

base::Str http_target(const api::Container& c, const api::HTTPGetAction& get, const base::Str& pod_ip) {
  std::string out = get.scheme == "HTTPS" ? "https://" : "http://";
  out += host_port(get.host, pod_ip, resolve_port(c, get.port));
  if (get.path.empty() || get.path.view()[0] != '/') out += '/';
  out += get.path.view();
  return out;
}

base::Str tcp_target(const api::Container& c, const api::TCPSocketAction& tcp, const base::Str& pod_ip) {
  return "tcp://" + host_port(tcp.host, pod_ip, resolve_port(c, tcp.port));
}

base::Str grpc_target(const api::GRPCAction& grpc, const base::Str& pod_ip) {
  std::string out = "grpc://" + host_port({}, pod_ip, grpc.port) + "/";
  if (grpc.service) out += grpc.service->view();
  return out;
}

}  // namespace

int resolve_port(const api::Container& container, const api::IntOrString& port) {
  if (port.is_int()) return port.number();
  for (const api::ContainerPort& p : container.ports) {
    if (p.name == port.text()) return p.container_port;
  }
  return static_cast<int>(port.int_value());
}

env::ProbeSpec probe_spec(const api::Container& container, const api::Probe& probe, env::ProbeKind kind,
                          const base::Str& container_id, const base::Str& pod_ip, base::Nanos elapsed) {
  env::ProbeSpec s;
  s.container_id = container_id;
  s.kind = kind;
  if (probe.handler.exec) {
    s.handler = Handler::kExec;
    s.target = command_line(*probe.handler.exec);
  } else if (probe.handler.http_get) {
    s.target = http_target(container, *probe.handler.http_get, pod_ip);
  } else if (probe.handler.tcp_socket) {
    s.handler = Handler::kTcpSocket;
    s.target = tcp_target(container, *probe.handler.tcp_socket, pod_ip);
  } else if (probe.handler.grpc) {
    s.handler = Handler::kGrpc;
    s.target = grpc_target(*probe.handler.grpc, pod_ip);
  }
  s.initial_delay = std::max<base::Nanos>(0, probe.initial_delay_seconds * base::kSecond - elapsed);
  if (probe.period_seconds > 0) s.period = probe.period_seconds * base::kSecond;
  if (probe.timeout_seconds > 0) s.timeout = probe.timeout_seconds * base::kSecond;
  if (probe.success_threshold > 0) s.success_threshold = probe.success_threshold;
  if (probe.failure_threshold > 0) s.failure_threshold = probe.failure_threshold;
  return s;
}

env::ProbeSpec hook_spec(const api::Container& container, const api::LifecycleHandler& hook,
                         const base::Str& container_id, const base::Str& pod_ip) {
  env::ProbeSpec s;
  s.container_id = container_id;
  s.success_threshold = s.failure_threshold = 1;
  if (hook.http_get) {
    s.target = http_target(container, *hook.http_get, pod_ip);
  } else if (hook.tcp_socket) {
    s.handler = Handler::kTcpSocket;
    s.target = tcp_target(container, *hook.tcp_socket, pod_ip);
  }
  return s;
}

}  // namespace orrery::kubelet
