#include <algorithm>
#include <charconv>

#include "model/api/validation/ip_rules.h"
#include "model/api/validation/meta_validation.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/resource_rules.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

namespace {

constexpr std::size_t kNameserversMax = 3;
constexpr std::size_t kSearchesMax = 32;
constexpr std::size_t kSearchCharsMax = 2048;
constexpr std::string_view kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
constexpr std::string_view kSeccompPod = "seccomp.security.alpha.kubernetes.io/pod";
constexpr std::string_view kSeccompContainer = "container.seccomp.security.alpha.kubernetes.io/";

/// A decimal number of 32 bits that starts with neither '+' nor '0'.
bool is_deletion_cost(std::string_view text) {
  if (text.empty()) return false;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  return text == "0" || text.front() != '0';
}

void check_seccomp_annotation(const Str& key, std::string_view profile, const FieldPath& path,
                              ErrorList& errors) {
  if (profile == "runtime/default" || profile == "docker/default" || profile == "unconfined") return;
  const FieldPath at = path.child(key);
  constexpr std::string_view kLocal = "localhost/";
  if (profile.starts_with(kLocal)) check_descending_path(profile.substr(kLocal.size()), at, errors);
  else errors.invalid(at, profile, "must be a valid seccomp profile");
}

void check_app_armor_annotation(const Str& key, std::string_view profile, const PodSpec& spec,
                                const FieldPath& path, ErrorList& errors) {
  const FieldPath at = path.key(key);
  const std::string_view name = key.view().substr(kAppArmorAnnotation.size());
  bool found = false;
  visit_containers(spec, path, [&](const Container& c, const FieldPath&) { found |= c.name == name; });
  if (!found) errors.invalid(at, name, "container not found");
  if (!profile.empty() && profile != "runtime/default" && profile != "unconfined" &&
      !profile.starts_with("localhost/"))
    errors.invalid(at, profile, base::cat("invalid AppArmor profile name: ", go_quote(profile)));
}

void check_dns_config(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  const PodDNSConfig* config = spec.dns_config.get();
  if (spec.dns_policy == "None") {
    if (!config) return errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
    if (config->nameservers.empty())
      return errors.required(path.child("nameservers"),
                             "must provide at least one DNS nameserver when `dnsPolicy` is None");
  }
  if (!config) return;
  const auto list = [](const List<Str>& items) { return BadValue::list({items.begin(), items.size()}); };
  if (config->nameservers.size() > kNameserversMax)
    errors.invalid(path.child("nameservers"), list(config->nameservers),
                   "must not have more than 3 nameservers");
  for (std::size_t i = 0; i < config->nameservers.size(); ++i)
    check_ip(config->nameservers[i], path.child_at("nameservers", i), errors);
  if (config->searches.size() > kSearchesMax)
    errors.invalid(path.child("searches"), list(config->searches), "must not have more than 32 search paths");
  std::size_t chars = config->searches.empty() ? 0 : config->searches.size() - 1;
  for (const Str& search : config->searches) chars += search.size();
  if (chars > kSearchCharsMax)
    errors.invalid(path.child("searches"), list(config->searches),
                   "must not have more than 2048 characters (including spaces) in the search list");
  for (std::size_t i = 0; i < config->searches.size(); ++i) {
    std::string_view search = config->searches[i];
    if (search == ".") continue;
    if (search.ends_with(".")) search.remove_suffix(1);
    errors.invalid_each(path.child_at("searches", i), search,
                        validate_dns1123_subdomain_with_underscore(search));
  }
  for (std::size_t i = 0; i < config->options.size(); ++i)
    if (config->options[i].name.empty()) errors.required(path.child_at("options", i), "must not be empty");
}

/// With the network of the host, ports of containers are ports of the host.
void check_host_network_ports(const PodContext& pod, const FieldPath& path, ErrorList& errors) {
  const List<Container>& containers = pod.spec.containers;
  for (std::size_t c = 0; c < containers.size(); ++c) {
    const FieldPath at = path.child_at("containers", c);
    for (std::size_t p = 0; p < containers[c].ports.size(); ++p) {
      const ContainerPort& port = containers[c].ports[p];
      if ((!pod.is_pod() && port.host_port == 0) || port.host_port == port.container_port) continue;
      const FieldPath item = at.child_at("ports", p);
      errors.invalid(item.child("hostPort"), port.host_port,
                     "must match `containerPort` when `hostNetwork` is true");
    }
  }
}

void check_resource_claims(const List<PodResourceClaim>& claims, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const PodResourceClaim& claim = claims[i];
    const FieldPath at = path.index(i);
    if (claim.name.empty()) errors.required(at.child("name"), "");
    else if (repeats(claims, i, [](const PodResourceClaim& c) { return c.name.view(); }))
      errors.duplicate(at.child("name"), claim.name);
    else check_dns_label(claim.name, at.child("name"), errors);
    const bool direct = claim.resource_claim_name.has_value();
    const bool from_template = claim.resource_claim_template_name.has_value();
    if (direct && from_template)
      errors.invalid(at, bad_struct("core.PodResourceClaim"),
                     "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    if (!direct && !from_template)
      errors.invalid(at, bad_struct("core.PodResourceClaim"),
                     "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    if (direct) check_name(*claim.resource_claim_name, subdomain_name, at.child("resourceClaimName"), errors);
    if (from_template)
      check_name(*claim.resource_claim_template_name, subdomain_name, at.child("resourceClaimTemplateName"),
                 errors);
  }
}

void check_gates(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < spec.readiness_gates.size(); ++i) {
    const FieldPath at = path.child_at("readinessGates", i);
    check_qualified_name(spec.readiness_gates[i].condition_type, at.child("conditionType"), errors);
  }
  const auto& gates = spec.scheduling_gates;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const FieldPath at = path.child_at("schedulingGates", i);
    check_qualified_name(gates[i].name, at, errors);
    if (repeats(gates, i, [](const PodSchedulingGate& g) { return g.name.view(); }))
      errors.duplicate(at, gates[i].name);
  }
}

void check_policies(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  const Str& restart = spec.restart_policy;
  if (restart.empty()) errors.required(path.child("restartPolicy"), "");
  else if (restart != "Always" && restart != "OnFailure" && restart != "Never")
    errors.not_supported(path.child("restartPolicy"), restart, {"Always", "OnFailure", "Never"});
  const Str& dns = spec.dns_policy;
  if (dns.empty()) errors.required(path.child("dnsPolicy"), "");
  else if (dns != "ClusterFirst" && dns != "ClusterFirstWithHostNet" && dns != "Default" && dns != "None")
    errors.not_supported(path.child("dnsPolicy"), dns,
                         {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
}

void check_host_users(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  constexpr std::string_view kText = "when `pod.Spec.HostUsers` is false";
  if (spec.host_users.value_or(true)) return;
  if (spec.host_network) errors.forbidden(path.child("hostNetwork"), kText);
  if (spec.host_pid) errors.forbidden(path.child("HostPID"), kText);
  if (spec.host_ipc) errors.forbidden(path.child("HostIPC"), kText);
}

void check_names(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (!spec.service_account_name.empty())
    check_name(spec.service_account_name, subdomain_name, path.child("serviceAccountName"), errors);
  if (!spec.node_name.empty()) check_name(spec.node_name, subdomain_name, path.child("nodeName"), errors);
  if (spec.active_deadline_seconds &&
      (*spec.active_deadline_seconds < 1 || *spec.active_deadline_seconds > INT32_MAX))
    errors.invalid(path.child("activeDeadlineSeconds"), *spec.active_deadline_seconds,
                   inclusive_range_message(1, INT32_MAX));
  if (!spec.hostname.empty()) check_dns_label(spec.hostname, path.child("hostname"), errors);
  if (!spec.subdomain.empty()) check_dns_label(spec.subdomain, path.child("subdomain"), errors);
}

void check_host_aliases(const List<HostAlias>& aliases, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    const FieldPath at = path.index(i);
    check_ip(aliases[i].ip, at.child("ip"), errors);
    for (std::size_t j = 0; j < aliases[i].hostnames.size(); ++j)
      check_subdomain(aliases[i].hostnames[j], at.child_at("hostnames", j), errors);
  }
}

void check_classes(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (!spec.priority_class_name.empty())
    check_name(spec.priority_class_name, subdomain_name, path.child("priorityClassName"), errors);
  if (spec.runtime_class_name)
    check_name(*spec.runtime_class_name, subdomain_name, path.child("runtimeClassName"), errors);
  if (spec.preemption_policy)
    check_preemption_policy(*spec.preemption_policy, path.child("preemptionPolicy"), errors);
  if (!spec.overhead.empty()) {
    ResourceRequirements overhead;
    overhead.limits = spec.overhead;
    check_resources(overhead, {}, path.child("overhead"), errors);
  }
}

/// "Unconfined", "RuntimeDefault" or "Localhost" of an old annotation's value.
std::string_view annotated_type(std::string_view value) {
  if (value == "unconfined") return "Unconfined";
  if (value == "runtime/default" || value == "docker/default") return "RuntimeDefault";
  return value.starts_with("localhost/") ? "Localhost" : "";
}

/// Old annotations and the fields that replaced them must agree. `what` is "seccomp" or "apparmor".
template <class P>
void check_agreement(const Str* annotation, const P& profile, std::string_view what, const FieldPath& path,
                     ErrorList& errors) {
  if (!annotation) return;
  const std::string_view value = *annotation;
  if (annotated_type(value) != profile.type.view())
    return errors.forbidden(path.child("type"), base::cat(what, " type in annotation and field must match"));
  constexpr std::size_t kPrefix = std::string_view("localhost/").size();
  if (profile.type == "Localhost" &&
      (!profile.localhost_profile || *profile.localhost_profile != value.substr(kPrefix)))
    errors.forbidden(path.child("localhostProfile"),
                     base::cat(what, " profile in annotation and field must match"));
}

void check_old_annotations(const ObjectMeta& meta, const PodSpec& spec, const FieldPath& path,
                           ErrorList& errors) {
  if (meta.annotations.empty()) return;
  const PodSecurityContext* of_pod = spec.security_context.get();
  if (of_pod && of_pod->seccomp_profile)
    check_agreement(meta.annotations.find(kSeccompPod), *of_pod->seccomp_profile, "seccomp",
                    path.child("securityContext", "seccompProfile"), errors);
  const bool windows = spec.os && spec.os->name == "windows";
  visit_containers(spec, path, [&](const Container& c, const FieldPath& at) {
    const SecurityContext* own = c.security_context.get();
    if (own && own->seccomp_profile)
      check_agreement(meta.annotations.find(base::cat(kSeccompContainer, c.name)), *own->seccomp_profile,
                      "seccomp", at.child("securityContext", "seccompProfile"), errors);
    const AppArmorProfile* profile = own && own->app_armor_profile ? own->app_armor_profile.get()
                                     : of_pod                      ? of_pod->app_armor_profile.get()
                                                                   : nullptr;
    if (profile && !windows)
      check_agreement(meta.annotations.find(base::cat(kAppArmorAnnotation, c.name)), *profile, "apparmor",
                      at.child("securityContext", "appArmorProfile"), errors);
  });
}

}  // namespace

void check_preemption_policy(std::string_view policy, const FieldPath& path, ErrorList& errors) {
  if (policy == "PreemptLowerPriority" || policy == "Never") return;
  if (policy.empty()) errors.required(path, "");
  else errors.not_supported(path, policy, {"PreemptLowerPriority", "Never"});
}

void check_pod_annotations(const Map<Str>& annotations, const PodSpec& spec, const FieldPath& path,
                           ErrorList& errors) {
  if (annotations.empty()) return;
  if (const Str* mirror = annotations.find(kMirrorAnnotation); mirror && spec.node_name.empty())
    errors.invalid(path.key(kMirrorAnnotation), *mirror, "must set spec.nodeName if mirror pod annotation is set");
  if (const Str* cost = annotations.find(kDeletionCost); cost && !is_deletion_cost(*cost))
    errors.invalid(path.key(kDeletionCost), *cost, "must be a 32bit integer");
  for (const auto& [key, value] : annotations) {
    const std::string_view name = key;
    if (name == kSeccompPod || name.starts_with(kSeccompContainer))
      check_seccomp_annotation(key, value, path, errors);
    if (name.starts_with(kAppArmorAnnotation)) check_app_armor_annotation(key, value, spec, path, errors);
  }
}

void check_pod_spec(const PodContext& given, const FieldPath& path, ErrorList& errors) {
  PodContext pod = given;
  const PodSpec& spec = pod.spec;
  pod.host_users = spec.host_users.value_or(true);
  if (!spec.termination_grace_period_seconds)
    errors.required(path.child("terminationGracePeriodSeconds"), "");
  check_volumes(pod, path.child("volumes"), errors);
  check_resource_claims(spec.resource_claims, path.child("resourceClaims"), errors);
  check_containers(pod, path, errors);
  if (!spec.init_containers.empty()) check_init_containers(pod, path, errors);
  if (!spec.ephemeral_containers.empty()) check_ephemeral_containers(pod, path, errors);
  if (spec.host_network) check_host_network_ports(pod, path, errors);
  check_policies(spec, path, errors);
  check_labels(spec.node_selector, path.child("nodeSelector"), errors);
  check_pod_security_context(pod, path.child("securityContext"), errors);
  check_affinity(spec.affinity.get(), path.child("affinity"), errors);
  check_dns_config(spec, path.child("dnsConfig"), errors);
  check_gates(spec, path, errors);
  check_spread_constraints(spec.topology_spread_constraints, path.child("topologySpreadConstraints"), errors);
  check_host_process(pod, path, errors);
  check_host_users(spec, path, errors);
  check_names(spec, path, errors);
  check_tolerations(spec.tolerations, path.child("tolerations"), errors);
  check_host_aliases(spec.host_aliases, path.child("hostAliases"), errors);
  check_classes(spec, path, errors);
  check_operating_system(pod, path, errors);
}

void check_pod_template(const PodTemplateSpec& pod_template, const FieldPath& path, ErrorList& errors) {
  const PodSpec& spec = *pod_template.spec;
  const FieldPath annotations = path.child("annotations");
  check_labels(pod_template.metadata.labels, path.child("labels"), errors);
  check_annotations(pod_template.metadata.annotations, annotations, errors);
  check_pod_annotations(pod_template.metadata.annotations, spec, annotations, errors);
  const FieldPath at = path.child("spec");
  check_pod_spec({spec, nullptr}, at, errors);
  check_old_annotations(pod_template.metadata, spec, at, errors);
  if (!spec.ephemeral_containers.empty())
    errors.forbidden(at.child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
}

void check_pod_meta_and_spec(const Pod& pod, ErrorList& errors) {
  const FieldPath meta("metadata"), path("spec");
  check_meta(pod.metadata, true, subdomain_name, errors);
  check_pod_annotations(pod.metadata.annotations, *pod.spec, meta.child("annotations"), errors);
  check_pod_spec({*pod.spec, &pod.metadata}, path, errors);
  if (!pod.spec->service_account_name.empty()) return;
  for (std::size_t v = 0; v < pod.spec->volumes.size(); ++v) {
    const auto& projected = pod.spec->volumes[v].source->projected;
    if (!projected) continue;
    const FieldPath volume = path.child_at("volumes", v);
    const FieldPath at = volume.child("projected");
    for (std::size_t s = 0; s < projected->sources.size(); ++s) {
      if (!projected->sources[s].service_account_token) continue;
      const FieldPath source = at.child_at("sources", s);
      errors.forbidden(source.child("serviceAccountToken"),
                       "must not be specified when serviceAccountName is not set");
    }
  }
}

void check_pod_create(const Pod& pod, ErrorList& errors) {
  const FieldPath path("spec");
  check_pod_meta_and_spec(pod, errors);
  if (!pod.spec->ephemeral_containers.empty())
    errors.forbidden(path.child("ephemeralContainers"), "cannot be set on create");
  if (!pod.spec->node_name.empty() && !pod.spec->scheduling_gates.empty())
    errors.forbidden(path.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
  check_old_annotations(pod.metadata, *pod.spec, path, errors);
}

}  // namespace orrery::api
