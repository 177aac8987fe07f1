#include "model/api/validation/pod_validation.h"

namespace orrery::api {

namespace {

void check_http_get(const HTTPGetAction& action, const FieldPath& path, ErrorList& errors) {
  if (action.path.empty()) errors.required(path.child("path"), "");
  check_port_or_name(action.port, path.child("port"), errors);
  if (action.scheme != "HTTP" && action.scheme != "HTTPS")
    errors.not_supported(path.child("scheme"), action.scheme, {"HTTP", "HTTPS"});
  for (const HTTPHeader& header : action.http_headers)
    errors.invalid_each(path.child("httpHeaders"), header.name, validate_http_header_name(header.name));
}

/// Exactly one of several actions.
class Handlers {
 public:
  Handlers(const FieldPath& path, ErrorList& errors) : path_(path), errors_(errors) {}

  template <class T, class F>
  void one(const Box<T>& action, const char* name, F check) {
    if (!action) return;
    const FieldPath at = path_.child(name);
    if (++count_ > 1) errors_.forbidden(at, "may not specify more than 1 handler type");
    else check(*action, at);
  }
  void finish() {
    if (count_ == 0) errors_.required(path_, "must specify a handler type");
  }

 private:
  const FieldPath& path_;
  ErrorList& errors_;
  int count_ = 0;
};

/// The actions that probes and hooks share.
template <class H>
void check_common_actions(const H& handler, Handlers& handlers, ErrorList& errors) {
  handlers.one(handler.exec, "exec", [&](const ExecAction& exec, const FieldPath& at) {
    if (exec.command.empty()) errors.required(at.child("command"), "");
  });
  handlers.one(handler.http_get, "httpGet",
               [&](const HTTPGetAction& get, const FieldPath& at) { check_http_get(get, at, errors); });
  handlers.one(handler.tcp_socket, "tcpSocket", [&](const TCPSocketAction& tcp, const FieldPath& at) {
    check_port_or_name(tcp.port, at.child("port"), errors);
  });
}

void check_probe(const Probe& probe, const FieldPath& path, ErrorList& errors) {
  Handlers handlers(path, errors);
  check_common_actions(probe.handler, handlers, errors);
  handlers.one(probe.handler.grpc, "grpc", [&](const GRPCAction& grpc, const FieldPath& at) {
    check_port(grpc.port, at.child("port"), errors);
  });
  handlers.finish();
  check_non_negative(probe.initial_delay_seconds, path.child("initialDelaySeconds"), errors);
  check_non_negative(probe.timeout_seconds, path.child("timeoutSeconds"), errors);
  check_non_negative(probe.period_seconds, path.child("periodSeconds"), errors);
  check_non_negative(probe.success_threshold, path.child("successThreshold"), errors);
  check_non_negative(probe.failure_threshold, path.child("failureThreshold"), errors);
  const auto& grace = probe.termination_grace_period_seconds;
  if (grace && *grace <= 0)
    errors.invalid(path.child("terminationGracePeriodSeconds"), *grace, "must be greater than 0");
}

void check_single_success(const Probe& probe, const FieldPath& path, ErrorList& errors) {
  if (probe.success_threshold != 1)
    errors.invalid(path.child("successThreshold"), probe.success_threshold, "must be 1");
}

void check_hook(const LifecycleHandler& hook, const PodContext& pod, const FieldPath& path,
                ErrorList& errors) {
  Handlers handlers(path, errors);
  check_common_actions(hook, handlers, errors);
  handlers.one(hook.sleep, "sleep", [&](const SleepAction& sleep, const FieldPath& at) {
    const auto& grace = pod.spec.termination_grace_period_seconds;
    if (!grace || (sleep.seconds >= 0 && sleep.seconds <= *grace)) return;
    errors.invalid(at, sleep.seconds,
                   base::cat("must be non-negative and less than terminationGracePeriodSeconds (",
                             std::to_string(*grace), ")"));
  });
  handlers.finish();
}

}  // namespace

void check_probes(const Container& container, const PodContext& pod, const FieldPath& path,
                  ErrorList& errors) {
  if (container.lifecycle) {
    const FieldPath at = path.child("lifecycle");
    if (container.lifecycle->post_start)
      check_hook(*container.lifecycle->post_start, pod, at.child("postStart"), errors);
    if (container.lifecycle->pre_stop)
      check_hook(*container.lifecycle->pre_stop, pod, at.child("preStop"), errors);
  }
  if (container.liveness_probe) {
    const FieldPath at = path.child("livenessProbe");
    check_probe(*container.liveness_probe, at, errors);
    check_single_success(*container.liveness_probe, at, errors);
  }
  if (container.readiness_probe) {
    const FieldPath at = path.child("readinessProbe");
    check_probe(*container.readiness_probe, at, errors);
    const auto& grace = container.readiness_probe->termination_grace_period_seconds;
    if (grace)
      errors.invalid(at.child("terminationGracePeriodSeconds"), *grace,
                     "must not be set for readinessProbes");
  }
  if (container.startup_probe) {
    const FieldPath at = path.child("startupProbe");
    check_probe(*container.startup_probe, at, errors);
    check_single_success(*container.startup_probe, at, errors);
  }
}

}  // namespace orrery::api
