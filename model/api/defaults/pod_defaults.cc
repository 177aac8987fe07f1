#include "model/api/defaults/pod_defaults.h"

namespace orrery::api {

namespace {

bool fill_handler(const ProbeHandler& in, ProbeHandler* out) {
  Fill f(in, out);
  f.part(&ProbeHandler::http_get, fill_only_constants<HTTPGetAction>);
  f.part(&ProbeHandler::grpc, fill_only_constants<GRPCAction>);
  return f.missing();
}

bool fill_probe(const Probe& in, Probe* out) {
  Fill f(in, out);
  f.constants();
  f.part(&Probe::handler, fill_handler);
  return f.missing();
}

bool fill_hook(const LifecycleHandler& in, LifecycleHandler* out) {
  Fill f(in, out);
  f.part(&LifecycleHandler::http_get, fill_only_constants<HTTPGetAction>);
  return f.missing();
}

bool fill_lifecycle(const Lifecycle& in, Lifecycle* out) {
  Fill f(in, out);
  f.part(&Lifecycle::post_start, fill_hook);
  f.part(&Lifecycle::pre_stop, fill_hook);
  return f.missing();
}

bool fill_env_source(const EnvVarSource& in, EnvVarSource* out) {
  Fill f(in, out);
  f.part(&EnvVarSource::field_ref, fill_only_constants<ObjectFieldSelector>);
  return f.missing();
}

bool fill_env(const EnvVar& in, EnvVar* out) {
  Fill f(in, out);
  f.part(&EnvVar::value_from, fill_env_source);
  return f.missing();
}

bool fill_resources(const ResourceRequirements& in, ResourceRequirements* out) {
  Fill f(in, out);
  f.part(&ResourceRequirements::limits, fill_resource_list);
  f.part(&ResourceRequirements::requests, fill_resource_list);
  return f.missing();
}

bool fill_container(const Container& in, Container* out) {
  Fill f(in, out);
  f.constants();
  if (in.image_pull_policy.empty())
    f.set_if_empty(&Container::image_pull_policy, default_pull_policy(in.image));
  f.each(&Container::ports, fill_only_constants<ContainerPort>);
  f.each(&Container::env, fill_env);
  f.part(&Container::resources, fill_resources);
  f.part(&Container::liveness_probe, fill_probe);
  f.part(&Container::readiness_probe, fill_probe);
  f.part(&Container::startup_probe, fill_probe);
  f.part(&Container::lifecycle, fill_lifecycle);
  return f.missing();
}

bool fill_ephemeral_container(const EphemeralContainer& in, EphemeralContainer* out) {
  Fill f(in, out);
  f.part(&EphemeralContainer::common, fill_container);
  return f.missing();
}

/// Requests that are not given equal the limits; an absent request of a limited resource is not zero.
bool fill_requests(const Container& in, Container* out) {
  bool missing = false;
  for (const auto& [name, limit] : in.resources.limits) {
    if (in.resources.requests.contains(name)) continue;
    missing = true;
    if (!out) return true;
    out->resources.requests.set(name, limit);
  }
  return missing;
}

bool fill_host_port(const ContainerPort& in, ContainerPort* out) {
  if (in.host_port != 0 || in.container_port == 0) return false;
  if (out) out->host_port = in.container_port;
  return true;
}

bool fill_host_ports(const Container& in, Container* out) {
  Fill f(in, out);
  f.each(&Container::ports, fill_host_port);
  return f.missing();
}

bool fill_spec_of_pod(const PodSpec& in, PodSpec* out) {
  Fill f(in, out);
  f.also(fill_pod_spec);
  f.each(&PodSpec::containers, fill_requests);
  f.each(&PodSpec::init_containers, fill_requests);
  if (in.host_network) {
    f.each(&PodSpec::containers, fill_host_ports);
    f.each(&PodSpec::init_containers, fill_host_ports);
  }
  f.set_if_empty(&PodSpec::enable_service_links, true);
  return f.missing();
}

bool is_repository_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
}

/// The registry may have capitals and a port, the path may not.
bool valid_repository(std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view head = name.substr(0, slash);
  const bool domain = slash != std::string_view::npos &&
                      (head.find_first_of(".:") != std::string_view::npos || head == "localhost");
  const std::string_view path = domain ? name.substr(slash + 1) : name;
  if (path.empty() || path.back() == '/' || path.front() == '/') return false;
  return std::all_of(path.begin(), path.end(), is_repository_char);
}

}  // namespace

const char* default_pull_policy(std::string_view image) {
  const std::size_t at = image.find('@');
  std::string_view name = image.substr(0, at);
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  const std::string_view tag = tagged ? name.substr(colon + 1) : std::string_view();
  if (tagged) name = name.substr(0, colon);
  const bool latest = tagged ? tag == "latest" : at == std::string_view::npos;
  return latest && valid_repository(name) ? "Always" : "IfNotPresent";
}

bool fill_resource_list(const ResourceList& in, ResourceList* out) {
  bool missing = false;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto& [name, amount] = in.begin()[i];
    Quantity rounded = amount;
    if (rounded.round_up(kMilli)) continue;
    missing = true;
    if (!out) return true;
    out->set(Str(name), rounded);
  }
  return missing;
}

bool fill_pod_spec(const PodSpec& in, PodSpec* out) {
  Fill f(in, out);
  f.constants();
  f.create(&PodSpec::security_context);
  f.each(&PodSpec::containers, fill_container);
  f.each(&PodSpec::init_containers, fill_container);
  f.each(&PodSpec::ephemeral_containers, fill_ephemeral_container);
  f.each(&PodSpec::volumes, fill_volume);
  f.part(&PodSpec::overhead, fill_resource_list);
  return f.missing();
}

bool fill_pod_template(const PodTemplateSpec& in, PodTemplateSpec* out) {
  Fill f(in, out);
  f.part(&PodTemplateSpec::spec, fill_pod_spec);
  return f.missing();
}

bool fill_pod(const Pod& in, Pod* out) {
  Fill f(in, out);
  f.part(&Pod::spec, fill_spec_of_pod);
  return f.missing();
}

}  // namespace orrery::api
