#include <algorithm>

#include "model/api/validation/core_validation.h"
#include "model/api/validation/ip_rules.h"

namespace orrery::api {

namespace {

constexpr std::int32_t kAffinitySecondsMax = 86400;
constexpr std::string_view kOnlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";
constexpr std::string_view kOnceSet = "may not change once set";
constexpr std::string_view kSourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges";
constexpr std::string_view kTopologyHints = "service.kubernetes.io/topology-aware-hints";
constexpr std::string_view kTopologyMode = "service.kubernetes.io/topology-mode";

bool is_type(const ServiceSpec& spec, std::string_view type) { return spec.type == type; }
bool is_headless(const ServiceSpec& spec) {
  return spec.cluster_ips.size() == 1 && spec.cluster_ips[0] == "None";
}

bool is_external(const ServiceSpec& spec) {
  return is_type(spec, "LoadBalancer") || is_type(spec, "NodePort") ||
         (is_type(spec, "ClusterIP") && !spec.external_ips.empty());
}

bool needs_health_check(const ServiceSpec& spec) {
  return is_type(spec, "LoadBalancer") && spec.external_traffic_policy == "Local";
}

BadValue bad_list(const List<Str>& list) { return BadValue::list({list.begin(), list.size()}); }
BadValue bad_text(const std::optional<Str>& text) { return text ? BadValue(*text) : BadValue::null(); }
bool is_v6(std::string_view ip) { return ip.find(':') != std::string_view::npos; }

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1);
}

void check_type_rules(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  const bool external_name = is_type(spec, "ExternalName");
  if (spec.ports.empty() && !is_headless(spec) && !external_name) errors.required(path.child("ports"), "");
  if ((is_type(spec, "LoadBalancer") || is_type(spec, "NodePort")) && is_headless(spec))
    errors.invalid(path.child_at("clusterIPs", 0), spec.cluster_ips[0],
                   base::cat("may not be set to 'None' for ", spec.type, " services"));
  if (!external_name) return;
  constexpr std::string_view kText = "may not be set for ExternalName services";
  if (!spec.cluster_ips.empty()) errors.forbidden(path.child("clusterIPs"), kText);
  if (!spec.ip_families.empty()) errors.forbidden(path.child("ipFamilies"), kText);
  if (spec.ip_family_policy) errors.forbidden(path.child("ipFamilyPolicy"), kText);
  std::string_view name = spec.external_name;
  if (name.ends_with(".")) name.remove_suffix(1);
  if (name.empty()) errors.required(path.child("externalName"), "");
  else check_subdomain(name, path.child("externalName"), errors);
}

void check_port_entry(const ServiceSpec& spec, std::size_t i, const FieldPath& path, ErrorList& errors) {
  const ServicePort& port = spec.ports[i];
  if (port.name.empty()) {
    if (spec.ports.size() > 1) errors.required(path.child("name"), "");
  } else {
    check_dns_label(port.name, path.child("name"), errors);
    if (repeats(spec.ports, i, [](const ServicePort& p) { return p.name.view(); }))
      errors.duplicate(path.child("name"), port.name);
  }
  check_port(port.port, path.child("port"), errors);
  if (port.protocol.empty()) errors.required(path.child("protocol"), "");
  else if (port.protocol != "TCP" && port.protocol != "UDP" && port.protocol != "SCTP")
    errors.not_supported(path.child("protocol"), port.protocol, {"SCTP", "TCP", "UDP"});
  check_port_or_name(port.target_port, path.child("targetPort"), errors);
  if (port.app_protocol) check_qualified_name(*port.app_protocol, path.child("appProtocol"), errors);
}

void check_affinity_config(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  constexpr std::string_view kText = "when session affinity type is ClientIP";
  const FieldPath at = path.child("sessionAffinityConfig");
  if (spec.session_affinity == "None") {
    if (spec.session_affinity_config) errors.forbidden(at, "must not be set when session affinity is None");
    return;
  }
  if (spec.session_affinity != "ClientIP") return;
  const FieldPath client = at.child("clientIP");
  const FieldPath timeout = client.child("timeoutSeconds");
  if (!spec.session_affinity_config) return errors.required(at, kText);
  if (!spec.session_affinity_config->client_ip) return errors.required(client, kText);
  const auto& seconds = spec.session_affinity_config->client_ip->timeout_seconds;
  if (!seconds) return errors.required(timeout, kText);
  if (*seconds <= 0 || *seconds > kAffinitySecondsMax)
    errors.invalid(timeout, *seconds, "must be greater than 0 and less than 86400");
}

/// False when an address is wrong and families cannot be told.
bool check_cluster_ip_texts(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  const std::size_t before = errors.size();
  for (std::size_t i = 0; i < spec.cluster_ips.size(); ++i) {
    if (i > 0 || spec.cluster_ips[i] != "None") check_ip(spec.cluster_ips[i], path.index(i), errors);
    else if (spec.cluster_ips.size() > 1)
      errors.invalid(path, bad_list(spec.cluster_ips), "'None' must be the first and only value");
  }
  const bool sound = errors.size() == before;
  if (spec.cluster_ips.size() > 2)
    errors.invalid(path, bad_list(spec.cluster_ips), "may only hold up to 2 values");
  return sound;
}

void check_families(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < spec.ip_families.size(); ++i) {
    const Str& family = spec.ip_families[i];
    const FieldPath at = path.child_at("ipFamilies", i);
    if (family != "IPv4" && family != "IPv6") errors.not_supported(at, family, {"IPv4", "IPv6"});
    if (repeats(spec.ip_families, i, [](const Str& f) { return f.view(); })) errors.duplicate(at, family);
  }
  if (!spec.ip_family_policy) return;
  const Str& policy = *spec.ip_family_policy;
  if (policy != "SingleStack" && policy != "PreferDualStack" && policy != "RequireDualStack")
    errors.not_supported(path.child("ipFamilyPolicy"), policy,
                         {"PreferDualStack", "RequireDualStack", "SingleStack"});
}

void check_cluster_ips(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (is_type(spec, "ExternalName")) return;
  const FieldPath ips = path.child("clusterIPs");
  if (!spec.cluster_ip.empty()) {
    if (spec.cluster_ips.empty()) errors.required(ips, "");
    else if (spec.cluster_ips[0] != spec.cluster_ip)
      errors.invalid(ips, bad_list(spec.cluster_ips), "first value must match `clusterIP`");
  } else if (!spec.cluster_ips.empty()) {
    errors.invalid(ips, bad_list(spec.cluster_ips), "must be empty when `clusterIP` is not specified");
  }
  check_families(spec, path, errors);
  if (!check_cluster_ip_texts(spec, ips, errors)) return;
  if (spec.cluster_ips.size() > 1) {
    const auto v6 = std::count_if(spec.cluster_ips.begin(), spec.cluster_ips.end(),
                                  [](const Str& ip) { return is_v6(ip); });
    if (v6 == 0 || v6 == static_cast<std::ptrdiff_t>(spec.cluster_ips.size()))
      errors.invalid(ips, bad_list(spec.cluster_ips), "may specify no more than one IP for each IP family");
  }
  if (is_headless(spec)) return;
  for (std::size_t i = 0; i < std::min(spec.cluster_ips.size(), spec.ip_families.size()); ++i) {
    const Str& family = spec.ip_families[i];
    const bool wrong =
        (family == "IPv4" && is_v6(spec.cluster_ips[i])) || (family == "IPv6" && !is_v6(spec.cluster_ips[i]));
    if (wrong)
      errors.invalid(
          ips.index(i), spec.cluster_ips[i],
          base::cat("expected an ", family, " value as indicated by `ipFamilies[", std::to_string(i), "]`"));
  }
}

void check_port_clashes(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  const auto& ports = spec.ports;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const FieldPath at = path.child_at("ports", i);
    if (ports[i].node_port == 0) continue;
    if (is_type(spec, "ClusterIP"))
      errors.forbidden(at.child("nodePort"), "may not be used when `type` is 'ClusterIP'");
    if (repeats(ports, i, [](const ServicePort& p) { return std::pair(p.protocol.view(), p.node_port); }))
      errors.duplicate(at.child("nodePort"), ports[i].node_port);
  }
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (repeats(ports, i, [](const ServicePort& p) { return std::pair(p.protocol.view(), p.port); }))
      errors.duplicate(path.child_at("ports", i), bad_struct("core.ServicePort"));
}

void check_source_ranges(const Service& service, const FieldPath& path, ErrorList& errors) {
  const ServiceSpec& spec = *service.spec;
  const bool balanced = is_type(spec, "LoadBalancer");
  if (!spec.load_balancer_source_ranges.empty()) {
    const FieldPath at = path.child("LoadBalancerSourceRanges");
    if (!balanced) errors.forbidden(at, kOnlyLoadBalancer);
    for (std::size_t i = 0; i < spec.load_balancer_source_ranges.size(); ++i)
      check_cidr(trim(spec.load_balancer_source_ranges[i]), at.index(i), errors);
    return;
  }
  const Str* annotation = service.metadata.annotations.find(kSourceRanges);
  if (!annotation) return;
  const FieldPath meta("metadata");
  const FieldPath at = meta.child_key("annotations", kSourceRanges);
  if (!balanced) errors.forbidden(at, kOnlyLoadBalancer);
  std::string_view rest = trim(*annotation);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    check_cidr(trim(rest.substr(0, comma)), at, errors);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

void check_traffic(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  const FieldPath external = path.child("externalTrafficPolicy");
  const Str& policy = spec.external_traffic_policy;
  if (!is_external(spec)) {
    if (!policy.empty())
      errors.invalid(external, policy, "may only be set for externally-accessible services");
  } else if (policy.empty()) {
    errors.required(external, "");
  } else if (policy != "Cluster" && policy != "Local") {
    errors.not_supported(external, policy, {"Cluster", "Local"});
  }
  const FieldPath health = path.child("healthCheckNodePort");
  if (needs_health_check(spec)) {
    if (spec.health_check_node_port == 0) errors.required(health, "");
    else check_port(spec.health_check_node_port, health, errors);
  } else if (spec.health_check_node_port != 0) {
    errors.invalid(health, spec.health_check_node_port,
                   "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  }
  const FieldPath internal = path.child("internalTrafficPolicy");
  const auto& inside = spec.internal_traffic_policy;
  if (!inside && (is_type(spec, "NodePort") || is_type(spec, "LoadBalancer") || is_type(spec, "ClusterIP")))
    errors.required(internal, "");
  if (inside && *inside != "Cluster" && *inside != "Local")
    errors.not_supported(internal, *inside, {"Cluster", "Local"});
  if (spec.traffic_distribution && *spec.traffic_distribution != "PreferClose")
    errors.not_supported(path.child("trafficDistribution"), *spec.traffic_distribution, {"PreferClose"});
}

void check_load_balancer(const ServiceSpec& spec, const FieldPath& path, ErrorList& errors) {
  const bool balanced = is_type(spec, "LoadBalancer");
  if (spec.allocate_load_balancer_node_ports && !balanced)
    errors.forbidden(path.child("allocateLoadBalancerNodePorts"), kOnlyLoadBalancer);
  if (balanced && !spec.allocate_load_balancer_node_ports)
    errors.required(FieldPath("allocateLoadBalancerNodePorts"), "");
  if (!spec.load_balancer_class) return;
  if (balanced) check_qualified_name(*spec.load_balancer_class, path.child("loadBalancerClass"), errors);
  else errors.forbidden(path.child("loadBalancerClass"), kOnlyLoadBalancer);
}

void check_topology_annotations(const Map<Str>& annotations, ErrorList& errors) {
  const Str* hints = annotations.find(kTopologyHints);
  const Str* mode = annotations.find(kTopologyMode);
  if (!hints || !mode || *hints == *mode) return;
  const FieldPath meta("metadata");
  errors.invalid(meta.child_key("annotations", kTopologyMode), *mode,
                 base::cat("must match annotations[", kTopologyHints, "] when both are specified"));
}

/// The primary address or family of a service stays; the secondary may come, and go if the policy says so.
void check_stack_change(const List<Str>& old, const List<Str>& next, const ServiceSpec& spec,
                        const char* field, const char* one, const FieldPath& path, ErrorList& errors) {
  const bool families = field[0] == 'i';
  const FieldPath first = path.child_at(field, 0);
  if (old.size() == next.size()) {
    for (std::size_t i = 0; i < old.size(); ++i)
      if (old[i] != next[i])
        errors.invalid(families ? first : path.child_at(field, i), bad_list(next), kOnceSet);
    return;
  }
  if (old.size() > next.size() && spec.cluster_ips.empty())
    errors.invalid(first, bad_list(next), base::cat("primary ", one, " can not be unset"));
  if (!old.empty() && !next.empty() && old[0] != next[0])
    errors.invalid(first, bad_list(spec.cluster_ips), kOnceSet);
  if (old.size() > next.size() && next.size() == 1 &&
      (!spec.ip_family_policy || *spec.ip_family_policy != "SingleStack"))
    errors.invalid(path.child("ipFamilyPolicy"), bad_text(spec.ip_family_policy),
                   base::cat("must be set to 'SingleStack' when releasing the secondary ", one));
}

void check_ingress(const LoadBalancerIngress& ingress, const FieldPath& path, ErrorList& errors) {
  const FieldPath mode = path.child("ipMode");
  if (!ingress.ip.empty()) check_ip(ingress.ip, path.child("ip"), errors);
  if (!ingress.ip_mode) {
    if (!ingress.ip.empty()) errors.required(mode, "must be specified when `ip` is set");
  } else if (ingress.ip.empty()) {
    errors.forbidden(mode, "may not be specified when `ip` is not set");
  } else if (*ingress.ip_mode != "VIP" && *ingress.ip_mode != "Proxy") {
    errors.not_supported(mode, *ingress.ip_mode, {"Proxy", "VIP"});
  }
  if (ingress.hostname.empty()) return;
  check_subdomain(ingress.hostname, path.child("hostname"), errors);
  if (parse_ip(ingress.hostname))
    errors.invalid(path.child("hostname"), ingress.hostname, "must be a DNS name, not an IP address");
}

}  // namespace

void check_service(const Service& service, ErrorList& errors) {
  const ServiceSpec& spec = *service.spec;
  const FieldPath path("spec");
  check_topology_annotations(service.metadata.annotations, errors);
  check_type_rules(spec, path, errors);
  for (std::size_t i = 0; i < spec.ports.size(); ++i)
    check_port_entry(spec, i, path.child_at("ports", i), errors);
  check_labels(spec.selector, path.child("selector"), errors);
  if (spec.session_affinity.empty()) errors.required(path.child("sessionAffinity"), "");
  else if (spec.session_affinity != "ClientIP" && spec.session_affinity != "None")
    errors.not_supported(path.child("sessionAffinity"), spec.session_affinity, {"ClientIP", "None"});
  check_affinity_config(spec, path, errors);
  check_cluster_ips(spec, path, errors);
  for (std::size_t i = 0; i < spec.external_ips.size(); ++i) {
    const FieldPath at = path.child_at("externalIPs", i);
    if (parse_ip(spec.external_ips[i])) check_non_special_ip(spec.external_ips[i], at, errors);
    else check_ip(spec.external_ips[i], at, errors);
  }
  if (spec.type.empty()) errors.required(path.child("type"), "");
  else if (spec.type != "ClusterIP" && spec.type != "NodePort" && spec.type != "LoadBalancer" &&
           spec.type != "ExternalName")
    errors.not_supported(path.child("type"), spec.type,
                         {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  check_port_clashes(spec, path, errors);
  check_source_ranges(service, path, errors);
  check_load_balancer(spec, path, errors);
  check_traffic(spec, path, errors);
}

void check_service_update(const Service& old, const Service& next, ErrorList& errors) {
  if (next.spec.shares(old.spec) && next.metadata.annotations.shares(old.metadata.annotations)) return;
  const ServiceSpec& before = *old.spec;
  const ServiceSpec& after = *next.spec;
  const FieldPath path("spec");
  const bool named = is_type(before, "ExternalName") || is_type(after, "ExternalName");
  const bool was_headless = is_headless(before), headless = is_headless(after);
  if (!named && !(was_headless && headless))
    check_stack_change(before.cluster_ips, after.cluster_ips, after, "clusterIPs", "clusterIP", path, errors);
  if (!named && !was_headless && !headless)
    check_stack_change(before.ip_families, after.ip_families, after, "ipFamilies", "ipFamily", path, errors);
  if (is_type(before, "LoadBalancer") && is_type(after, "LoadBalancer") &&
      before.load_balancer_class != after.load_balancer_class)
    errors.invalid(path.child("loadBalancerClass"), bad_text(after.load_balancer_class), kOnceSet);
  if (needs_health_check(before) && needs_health_check(after) &&
      before.health_check_node_port != after.health_check_node_port)
    errors.forbidden(path.child("healthCheckNodePort"), kImmutableText);
  check_service(next, errors);
}

void check_service_status(const Service& old, const Service& next, ErrorList& errors) {
  if (next.status.shares(old.status)) return;
  const FieldPath path("status");
  const FieldPath balancer = path.child("loadBalancer");
  const auto& ingress = next.status->load_balancer.ingress;
  if (!is_type(*next.spec, "LoadBalancer") && !ingress.empty())
    return errors.forbidden(balancer.child("ingress"), "may only be used when `spec.type` is 'LoadBalancer'");
  for (std::size_t i = 0; i < ingress.size(); ++i)
    check_ingress(ingress[i], balancer.child_at("ingress", i), errors);
}

}  // namespace orrery::api
