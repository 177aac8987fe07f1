#include <algorithm>

#include "model/api/validation/pod_validation.h"
#include "model/api/pod_resources.h"
#include "model/api/validation/resource_rules.h"
#include "model/base/ascii.h"

namespace orrery::api {

namespace {

constexpr std::string_view kEphemeralText = "cannot be set for an Ephemeral Container";
constexpr std::string_view kSidecarOnlyText =
    "may not be set for init containers without restartPolicy=Always";

using base::is_space;

void check_ports(const List<ContainerPort>& ports, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const ContainerPort& port = ports[i];
    const FieldPath at = path.index(i);
    if (!port.name.empty()) {
      const Messages messages = validate_port_name(port.name);
      errors.invalid_each(at.child("name"), port.name, messages);
      if (messages.empty() && repeats(ports, i, [](const ContainerPort& p) { return p.name.view(); }))
        errors.duplicate(at.child("name"), port.name);
    }
    if (port.container_port == 0) errors.required(at.child("containerPort"), "");
    else check_port(port.container_port, at.child("containerPort"), errors);
    if (port.host_port != 0) check_port(port.host_port, at.child("hostPort"), errors);
    if (port.protocol.empty()) errors.required(at.child("protocol"), "");
    else if (port.protocol != "TCP" && port.protocol != "UDP" && port.protocol != "SCTP")
      errors.not_supported(at.child("protocol"), port.protocol, {"SCTP", "TCP", "UDP"});
  }
}

bool same_host_port(const ContainerPort& a, const ContainerPort& b) {
  return a.host_port == b.host_port && a.protocol == b.protocol && a.host_ip == b.host_ip;
}

/// Host ports are unique among `containers[from..to)`.
void check_host_ports(const List<Container>& containers, std::size_t from, std::size_t to,
                      const FieldPath& path, ErrorList& errors) {
  const auto taken_before = [&](std::size_t c, std::size_t p) {
    const ContainerPort& port = containers[c].ports[p];
    for (std::size_t i = from; i <= c; ++i)
      for (std::size_t j = 0; j < (i == c ? p : containers[i].ports.size()); ++j)
        if (same_host_port(containers[i].ports[j], port)) return true;
    return false;
  };
  for (std::size_t c = from; c < to; ++c) {
    for (std::size_t p = 0; p < containers[c].ports.size(); ++p) {
      const ContainerPort& port = containers[c].ports[p];
      if (port.host_port == 0 || !taken_before(c, p)) continue;
      const FieldPath container = path.index(c - from);
      const FieldPath at = container.child_at("ports", p);
      errors.duplicate(at.child("hostPort"),
                       base::cat(port.protocol, "/", port.host_ip, "/", std::to_string(port.host_port)));
    }
  }
}

void check_resize_policies(const Container& container, const PodContext& pod, const FieldPath& path,
                           ErrorList& errors) {
  const auto& policies = container.resize_policy;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const ContainerResizePolicy& p = policies[i];
    if (repeats(policies, i, [](const ContainerResizePolicy& q) { return q.resource_name.view(); }))
      errors.duplicate(path.index(i), p.resource_name);
    if (p.resource_name.empty()) errors.required(path, "");
    else if (p.resource_name != "cpu" && p.resource_name != "memory")
      errors.not_supported(path, p.resource_name, {"cpu", "memory"});
    if (p.restart_policy.empty()) errors.required(path, "");
    else if (p.restart_policy != "NotRequired" && p.restart_policy != "RestartContainer")
      errors.not_supported(path, p.restart_policy, {"NotRequired", "RestartContainer"});
    if (pod.spec.restart_policy == "Never" && p.restart_policy != "NotRequired")
      errors.invalid(path, p.restart_policy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
  }
}

/// Pods, other than templates, do not take an image with white space around it.
void check_image_space(const Container& container, const FieldPath& path, ErrorList& errors) {
  const std::string_view image = container.image;
  if (!image.empty() && (is_space(image.front()) || is_space(image.back())))
    errors.invalid(path.child("image"), image, "must not have leading or trailing whitespace");
}

/// What holds for regular, init and ephemeral containers.
void check_container(const Container& c, const PodContext& pod, const FieldPath& path, ErrorList& errors) {
  if (c.name.empty()) errors.required(path.child("name"), "");
  else check_dns_label(c.name, path.child("name"), errors);
  if (c.image.empty()) errors.required(path.child("image"), "");
  if (c.termination_message_policy.empty()) errors.required(path.child("terminationMessagePolicy"), "");
  else if (c.termination_message_policy != "File" && c.termination_message_policy != "FallbackToLogsOnError")
    errors.not_supported(path.child("terminationMessagePolicy"), c.termination_message_policy,
                         {"File", "FallbackToLogsOnError"});
  if (!c.ports.empty()) check_ports(c.ports, path.child("ports"), errors);
  if (!c.env.empty() || !c.env_from.empty()) check_env(c, path, errors);
  if (!c.volume_mounts.empty()) check_volume_mounts(c, pod, path.child("volumeMounts"), errors);
  if (!c.volume_devices.empty()) check_volume_devices(c, pod, path.child("volumeDevices"), errors);
  check_pull_policy(c.image_pull_policy, path.child("imagePullPolicy"), errors);
  check_resources(c.resources, pod.spec.resource_claims, path.child("resources"), errors);
  if (!c.resize_policy.empty()) check_resize_policies(c, pod, path.child("resizePolicy"), errors);
  check_security_context(c.security_context.get(), pod, path.child("securityContext"), errors);
}

bool is_named(const List<Container>& containers, std::string_view name) {
  return std::any_of(containers.begin(), containers.end(),
                     [name](const Container& c) { return c.name == name; });
}

void check_ephemeral_fields(const Container& c, const FieldPath& path, ErrorList& errors) {
  const auto forbid = [&](bool set, const char* field) {
    if (set) errors.forbidden(path.child(field), kEphemeralText);
  };
  forbid(!c.ports.empty(), "ports");
  forbid(!c.resources.limits.empty() || !c.resources.requests.empty() || !c.resources.claims.empty(),
         "resources");
  forbid(!c.resize_policy.empty(), "resizePolicy");
  forbid(c.restart_policy.has_value(), "restartPolicy");
  forbid(c.liveness_probe.has_value(), "livenessProbe");
  forbid(c.readiness_probe.has_value(), "readinessProbe");
  forbid(c.startup_probe.has_value(), "startupProbe");
  forbid(c.lifecycle.has_value(), "lifecycle");
  for (std::size_t i = 0; i < c.volume_mounts.size(); ++i) {
    const FieldPath at = path.child_at("volumeMounts", i);
    if (!c.volume_mounts[i].sub_path.empty()) errors.forbidden(at.child("subPath"), kEphemeralText);
    if (!c.volume_mounts[i].sub_path_expr.empty()) errors.forbidden(at.child("subPathExpr"), kEphemeralText);
  }
}

}  // namespace

void check_pull_policy(std::string_view policy, const FieldPath& path, ErrorList& errors) {
  if (policy == "Always" || policy == "IfNotPresent" || policy == "Never") return;
  if (policy.empty()) errors.required(path, "");
  else errors.not_supported(path, policy, {"Always", "IfNotPresent", "Never"});
}

void check_containers(const PodContext& pod, const FieldPath& spec, ErrorList& errors) {
  const List<Container>& containers = pod.spec.containers;
  const FieldPath path = spec.child("containers");
  if (containers.empty()) return errors.required(path, "");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const Container& c = containers[i];
    const FieldPath at = path.index(i);
    check_container(c, pod, at, errors);
    if (repeats(containers, i, [](const Container& o) { return o.name.view(); }))
      errors.duplicate(at.child("name"), c.name);
    check_probes(c, pod, at, errors);
    if (c.restart_policy)
      errors.forbidden(at.child("restartPolicy"), "may not be set for non-init containers");
    if (pod.is_pod()) check_image_space(c, at, errors);
  }
  check_host_ports(containers, 0, containers.size(), path, errors);
}

void check_init_containers(const PodContext& pod, const FieldPath& spec, ErrorList& errors) {
  const List<Container>& containers = pod.spec.init_containers;
  const FieldPath path = spec.child("initContainers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const Container& c = containers[i];
    const FieldPath at = path.index(i);
    check_container(c, pod, at, errors);
    const bool sidecar = is_sidecar(c);
    if (c.restart_policy && !sidecar)
      errors.not_supported(at.child("restartPolicy"), *c.restart_policy, {"Always"});
    if (is_named(pod.spec.containers, c.name) ||
        (!c.name.empty() && repeats(containers, i, [](const Container& o) { return o.name.view(); })))
      errors.duplicate(at.child("name"), c.name);
    check_host_ports(containers, i, i + 1, path, errors);
    if (sidecar) {
      check_probes(c, pod, at, errors);
    } else {
      if (c.lifecycle) errors.forbidden(at.child("lifecycle"), kSidecarOnlyText);
      if (c.liveness_probe) errors.forbidden(at.child("livenessProbe"), kSidecarOnlyText);
      if (c.readiness_probe) errors.forbidden(at.child("readinessProbe"), kSidecarOnlyText);
      if (c.startup_probe) errors.forbidden(at.child("startupProbe"), kSidecarOnlyText);
    }
    if (pod.is_pod()) check_image_space(c, at, errors);
  }
}

void check_ephemeral_containers(const PodContext& pod, const FieldPath& spec, ErrorList& errors) {
  const auto& containers = pod.spec.ephemeral_containers;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const EphemeralContainer& c = containers[i];
    const FieldPath at = spec.child_at("ephemeralContainers", i);
    check_container(c.common, pod, at, errors);
    check_image_space(c.common, at, errors);
    const auto is_other = [&](std::string_view name) {
      return is_named(pod.spec.containers, name) || is_named(pod.spec.init_containers, name);
    };
    if (is_other(c.common.name) ||
        repeats(containers, i, [](const EphemeralContainer& o) { return o.common.name.view(); }))
      errors.duplicate(at.child("name"), c.common.name);
    if (!c.target_container_name.empty() && !is_other(c.target_container_name))
      errors.not_found(at.child("targetContainerName"), c.target_container_name);
    check_ephemeral_fields(c.common, at, errors);
  }
}

}  // namespace orrery::api
