#include <algorithm>

#include "model/api/validation/ip_rules.h"
#include "model/api/pod_resources.h"
#include "model/api/validation/meta_validation.h"
#include "model/api/validation/pod_validation.h"

namespace orrery::api {

namespace {

/// A container that ended and may not restart stays ended. `may_restart(status)`: of one that ended.
template <class F>
void check_transitions(const List<ContainerStatus>& old, const List<ContainerStatus>& next, F may_restart,
                       const FieldPath& path, ErrorList& errors) {
  if (next.shares(old)) return;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (!old[i].state.terminated || may_restart(old[i])) continue;
    const FieldPath at = path.index(i);
    for (const ContainerStatus& status : next)
      if (status.name == old[i].name && !status.state.terminated)
        errors.forbidden(at.child("state"), "may not be transitioned to non-terminated state");
  }
}

bool is_sidecar(const PodSpec& spec, const Str& name) {
  const auto& list = spec.init_containers;
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Container& c) { return c.name == name; });
  return found != list.end() && api::is_sidecar(*found);
}

void check_all_transitions(const Pod& old, const Pod& next, const FieldPath& path, ErrorList& errors) {
  const PodSpec& spec = *old.spec;
  const bool always = spec.restart_policy == "Always";
  const bool on_failure = spec.restart_policy == "OnFailure";
  const auto restarts = [&](const ContainerStatus& s) {
    return on_failure && s.state.terminated->exit_code != 0;
  };
  if (!always) {
    check_transitions(old.status->container_statuses, next.status->container_statuses, restarts,
                      path.child("containerStatuses"), errors);
    check_transitions(
        old.status->init_container_statuses, next.status->init_container_statuses,
        [&](const ContainerStatus& s) { return restarts(s) || is_sidecar(spec, s.name); },
        path.child("initContainerStatuses"), errors);
  }
  check_transitions(
      old.status->ephemeral_container_statuses, next.status->ephemeral_container_statuses,
      [](const ContainerStatus&) { return false; }, path.child("ephemeralContainerStatuses"), errors);
}

/// At most one address of each family, none twice. Upstream's paths name the entries without ".ip".
template <class L>
void check_addresses(const L& addresses, const char* type, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < addresses.size(); ++i) check_ip(addresses[i].ip, path.index(i), errors);
  if (addresses.size() < 2) return;
  std::size_t v4 = 0;
  for (const auto& address : addresses) v4 += address.ip.view().find(':') == std::string_view::npos;
  if (addresses.size() > 2 || v4 != 1)
    errors.invalid(path, BadValue::raw(base::cat("[]", type, "{...}")),
                   "may specify no more than one IP for each IP family");
  for (std::size_t i = 0; i < addresses.size(); ++i)
    if (repeats(addresses, i, [](const auto& a) { return a.ip.view(); }))
      errors.duplicate(path.index(i), BadValue::raw(base::cat(type, "{IP:", go_quote(addresses[i].ip), "}")));
}

void check_status_users(const List<ContainerStatus>& statuses, bool windows, const FieldPath& path,
                        ErrorList& errors) {
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if (!statuses[i].user || !statuses[i].user->linux) continue;
    const FieldPath item = path.index(i);
    const FieldPath at = item.child("linux");
    if (windows) {
      errors.forbidden(at, "cannot be set for a windows pod");
      continue;
    }
    const LinuxContainerUser& user = *statuses[i].user->linux;
    for (const std::string& m : validate_user_id(user.uid)) errors.invalid(at.child("uid"), user.uid, m);
    for (const std::string& m : validate_group_id(user.gid)) errors.invalid(at.child("gid"), user.gid, m);
    for (std::size_t g = 0; g < user.supplemental_groups.size(); ++g)
      for (const std::string& m : validate_group_id(user.supplemental_groups[g]))
        errors.invalid(at.child_at("supplementalGroups", g), user.supplemental_groups[g], m);
  }
}

/// Whether the container asks for what its status reports the health of.
bool is_asked_for(const Container& container, std::string_view name) {
  constexpr std::string_view kClaim = "claim:";
  if (!name.starts_with(kClaim)) return container.resources.requests.contains(name);
  const std::string_view asked = name.substr(kClaim.size());
  return std::any_of(
      container.resources.claims.begin(), container.resources.claims.end(), [&](const ResourceClaim& c) {
        return c.request.empty() ? c.name == asked : base::cat(c.name, "/", c.request) == asked;
      });
}

void check_resource_health(const ResourceStatus& status, const FieldPath& path, ErrorList& errors) {
  const auto& list = status.resources;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const FieldPath at = path.child_at("resources", k);
    if (list[k].health != "Healthy" && list[k].health != "Unhealthy" && list[k].health != "Unknown")
      errors.not_supported(at.child("health"), list[k].health, {"Healthy", "Unhealthy", "Unknown"});
    if (repeats(list, k, [](const ResourceHealth& r) { return r.resource_id.view(); }))
      errors.duplicate(at.child("resourceID"), list[k].resource_id);
  }
}

void check_allocated_status(const List<ContainerStatus>& statuses, const List<Container>& containers,
                            const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const auto& list = statuses[i].allocated_resources_status;
    if (list.empty()) continue;
    const FieldPath item = path.index(i);
    const auto found = std::find_if(containers.begin(), containers.end(),
                                    [&](const Container& c) { return c.name == statuses[i].name; });
    for (std::size_t j = 0; j < list.size(); ++j) {
      const FieldPath at = item.child_at("allocatedResourcesStatus", j);
      if (found != containers.end() && !is_asked_for(*found, list[j].name))
        errors.invalid(at.child("name"), list[j].name,
                       list[j].name.view().starts_with("claim:")
                           ? "must match one of the container's resource claims in a format "
                             "'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
                           : "must match one of the container's resource requests");
      check_resource_health(list[j], at, errors);
    }
  }
}

void check_claim_statuses(const Pod& next, const FieldPath& path, ErrorList& errors) {
  const auto& statuses = next.status->resource_claim_statuses;
  const auto& claims = next.spec->resource_claims;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const FieldPath item = path.child_at("resourceClaimStatuses", i);
    const FieldPath at = item.child("name");
    const Str& name = statuses[i].name;
    if (std::none_of(claims.begin(), claims.end(), [&](const PodResourceClaim& c) { return c.name == name; }))
      errors.invalid(at, name, "must match the name of an entry in `spec.resourceClaims`");
    if (repeats(statuses, i, [](const PodResourceClaimStatus& s) { return s.name.view(); }))
      errors.duplicate(at, name);
    if (statuses[i].resource_claim_name)
      check_name(*statuses[i].resource_claim_name, subdomain_name, at, errors);
  }
}

void check_conditions(const List<PodCondition>& conditions, ErrorList& errors) {
  const FieldPath meta("metadata");
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const Str& type = conditions[i].type;
    if (type == "PodScheduled" || type == "Ready" || type == "Initialized") continue;
    const FieldPath at = meta.child_at("conditions", i);
    check_qualified_name(type, at.child("Type"), errors);
  }
}

}  // namespace

void check_pod_status_update(const Pod& old, const Pod& next, ErrorList& errors) {
  check_meta_update(old.metadata, next.metadata, errors);
  check_pod_annotation_update(old, next, errors);
  if (next.status.shares(old.status)) return;
  const PodStatus& before = *old.status;
  const PodStatus& after = *next.status;
  if (!after.conditions.shares(before.conditions)) check_conditions(after.conditions, errors);
  const FieldPath path("status");
  if (next.spec->node_name != old.spec->node_name)
    errors.forbidden(path.child("nodeName"), "may not be changed directly");
  if (after.nominated_node_name != before.nominated_node_name && !after.nominated_node_name.empty())
    check_name(after.nominated_node_name, subdomain_name, path.child("nominatedNodeName"), errors);
  if (after.qos_class != before.qos_class)
    errors.invalid(path.child("qosClass"), after.qos_class, kImmutableText);
  check_all_transitions(old, next, path, errors);
  if (!after.resource_claim_statuses.empty()) check_claim_statuses(next, path, errors);
  if (!after.pod_ips.shares(before.pod_ips))
    check_addresses(after.pod_ips, "core.PodIP", path.child("podIPs"), errors);
  if (!after.host_ips.empty()) {
    const FieldPath ips = path.child("hostIPs");
    const FieldPath first = ips.index(0);
    if (after.host_ip != after.host_ips[0].ip)
      errors.invalid(first.child("ip"), after.host_ips[0].ip, "must be equal to `hostIP`");
    check_addresses(after.host_ips, "core.HostIP", ips, errors);
  }
  const bool windows = next.spec->os && next.spec->os->name == "windows";
  check_status_users(after.container_statuses, windows, path.child("containerStatuses"), errors);
  check_status_users(after.init_container_statuses, windows, path.child("initContainerStatuses"), errors);
  check_status_users(after.ephemeral_container_statuses, windows, path.child("ephemeralContainerStatuses"),
                     errors);
  check_allocated_status(after.container_statuses, next.spec->containers, path.child("containerStatuses"),
                         errors);
  check_allocated_status(after.init_container_statuses, next.spec->init_containers,
                         path.child("initContainerStatuses"), errors);
  for (std::size_t i = 0; i < after.ephemeral_container_statuses.size(); ++i) {
    if (after.ephemeral_container_statuses[i].allocated_resources_status.empty()) continue;
    const FieldPath item = path.child_at("ephemeralContainerStatuses", i);
    errors.forbidden(item.child("allocatedResourcesStatus"), "must not be specified in container status");
  }
}

}  // namespace orrery::api
