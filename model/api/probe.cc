#include "model/api/probe.h"

namespace orrery::api {

ORRERY_STRUCT(ExecAction,
  FIELD(command, "command", 1).omit())

ORRERY_STRUCT(HTTPHeader,
  FIELD(name, "name", 1).required(),
  FIELD(value, "value", 2))

ORRERY_STRUCT(HTTPGetAction,
  FIELD(path, "path", 1).omit().def("/"),
  FIELD(port, "port", 2).required(),
  FIELD(host, "host", 3).omit(),
  FIELD(scheme, "scheme", 4).omit().def("HTTP").values("HTTP,HTTPS"),
  FIELD(http_headers, "httpHeaders", 5).omit())

ORRERY_STRUCT(TCPSocketAction,
  FIELD(port, "port", 1).required(),
  FIELD(host, "host", 2).omit())

ORRERY_STRUCT(GRPCAction,
  FIELD(port, "port", 1).required(),
  FIELD(service, "service", 2).def(""))

ORRERY_STRUCT(SleepAction,
  FIELD(seconds, "seconds", 1).required())

ORRERY_STRUCT(ProbeHandler,
  FIELD(exec, "exec", 1).omit(),
  FIELD(http_get, "httpGet", 2).omit(),
  FIELD(tcp_socket, "tcpSocket", 3).omit(),
  FIELD(grpc, "grpc", 4).omit())

ORRERY_STRUCT(Probe,
  FIELD(handler, "", 1).inlined(),
  FIELD(initial_delay_seconds, "initialDelaySeconds", 2).omit().range(0, INT32_MAX),
  FIELD(timeout_seconds, "timeoutSeconds", 3).omit().def("1").range(0, INT32_MAX),
  FIELD(period_seconds, "periodSeconds", 4).omit().def("10").range(0, INT32_MAX),
  FIELD(success_threshold, "successThreshold", 5).omit().def("1").range(0, INT32_MAX),
  FIELD(failure_threshold, "failureThreshold", 6).omit().def("3").range(0, INT32_MAX),
  FIELD(termination_grace_period_seconds, "terminationGracePeriodSeconds", 7).omit())

ORRERY_STRUCT(LifecycleHandler,
  FIELD(exec, "exec", 1).omit(),
  FIELD(http_get, "httpGet", 2).omit(),
  FIELD(tcp_socket, "tcpSocket", 3).omit(),
  FIELD(sleep, "sleep", 4).omit())

ORRERY_STRUCT(Lifecycle,
  FIELD(post_start, "postStart", 1).omit(),
  FIELD(pre_stop, "preStop", 2).omit(),
  FIELD(stop_signal, "stopSignal", 3).omit())

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::Probe>;
template class Box<api::LifecycleHandler>;
}  // namespace orrery::base
