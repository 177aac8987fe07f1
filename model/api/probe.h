// Probes and lifecycle hooks of containers. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

struct ExecAction {
  List<Str> command;
};

struct HTTPHeader {
  Str name, value;
};

struct HTTPGetAction {
  Str path;
  IntOrString port;
  Str host, scheme;
  List<HTTPHeader> http_headers;
};

struct TCPSocketAction {
  IntOrString port;
  Str host;
};

struct GRPCAction {
  std::int32_t port = 0;
  std::optional<Str> service;
};

struct SleepAction {
  std::int64_t seconds = 0;
};

struct ProbeHandler {
  Box<ExecAction> exec;
  Box<HTTPGetAction> http_get;
  Box<TCPSocketAction> tcp_socket;
  Box<GRPCAction> grpc;
};

struct Probe {
  ProbeHandler handler;
  std::int32_t initial_delay_seconds = 0, timeout_seconds = 0, period_seconds = 0;
  std::int32_t success_threshold = 0, failure_threshold = 0;
  std::optional<std::int64_t> termination_grace_period_seconds;
};

struct LifecycleHandler {
  Box<ExecAction> exec;
  Box<HTTPGetAction> http_get;
  Box<TCPSocketAction> tcp_socket;
  Box<SleepAction> sleep;
};

struct Lifecycle {
  Box<LifecycleHandler> post_start, pre_stop;
  std::optional<Str> stop_signal;
};

ORRERY_DECLARE_STRUCT(ExecAction)
ORRERY_DECLARE_STRUCT(HTTPHeader)
ORRERY_DECLARE_STRUCT(HTTPGetAction)
ORRERY_DECLARE_STRUCT(TCPSocketAction)
ORRERY_DECLARE_STRUCT(GRPCAction)
ORRERY_DECLARE_STRUCT(SleepAction)
ORRERY_DECLARE_STRUCT(ProbeHandler)
ORRERY_DECLARE_STRUCT(Probe)
ORRERY_DECLARE_STRUCT(LifecycleHandler)
ORRERY_DECLARE_STRUCT(Lifecycle)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::Probe>;
extern template class Box<api::LifecycleHandler>;
}  // namespace orrery::base
