#include "control/controllers/endpoint_slice_plan.h"

#include <algorithm>

#include "control/client/pod_util.h"
#include "model/base/btree_map.h"
#include "model/base/str.h"

namespace orrery::controllers {
namespace {

using base::cat;
using base::Str;

constexpr const char* kManagedBy = "endpointslice-controller.k8s.io";
constexpr const char* kHeadless = "service.kubernetes.io/headless";

/// Endpoints whose pods resolve the service's ports to the same numbers share slices.
struct PortGroup {
  std::vector<api::EndpointSlicePort> ports;
  base::BTreeMap<Str, api::Endpoint> by_uid;   // pod UID to endpoint
};

std::string port_key(const std::vector<api::EndpointSlicePort>& ports) {
  std::string key;
  for (const api::EndpointSlicePort& p : ports)
    key += cat(p.name.value_or(Str()), "|", p.protocol.value_or(Str()), "|", std::to_string(p.port.value_or(0)), ";");
  return key;
}

std::vector<api::EndpointSlicePort> resolve_ports(const api::Service& service, const api::Pod& pod) {
  std::vector<api::EndpointSlicePort> out;
  for (const api::ServicePort& sp : service.spec->ports) {
    const std::int32_t number = pod_port(pod, sp);
    if (number == 0) continue;
    api::EndpointSlicePort p;
    p.name = sp.name;
    p.protocol = sp.protocol;
    p.port = number;
    p.app_protocol = sp.app_protocol;
    out.push_back(std::move(p));
  }
  return out;
}

api::ObjectReference pod_reference(const api::Pod& pod) {
  api::ObjectReference ref;
  ref.kind = "Pod";
  ref.namespace_ = pod.metadata.namespace_;
  ref.name = pod.metadata.name;
  ref.uid = pod.metadata.uid;
  return ref;
}

api::Endpoint endpoint_of(const api::Service& service, const api::Pod& pod, const base::Map<Str>& zones) {
  api::Endpoint e;
  e.addresses.push_back(pod.status->pod_ip);
  const bool serving = client::is_pod_ready(pod);
  const bool terminating = pod.metadata.deleting();
  e.conditions.ready = service.spec->publish_not_ready_addresses || (serving && !terminating);
  e.conditions.serving = serving;
  e.conditions.terminating = terminating;
  e.target_ref = pod_reference(pod);
  if (!pod.spec->node_name.empty()) {
    e.node_name = pod.spec->node_name;
    const Str zone = zones.get(pod.spec->node_name);
    if (!zone.empty()) e.zone = zone;
  }
  if (!pod.spec->hostname.empty() && pod.spec->subdomain == service.metadata.name) e.hostname = pod.spec->hostname;
  return e;
}

bool wanted(const api::Pod& pod) {
  return !pod.status->pod_ip.empty() && !client::is_pod_terminal(pod);
}

base::Map<Str> slice_labels(const api::Service& service) {
  base::Map<Str> labels = service.metadata.labels;
  labels.set("kubernetes.io/service-name", service.metadata.name);
  labels.set("endpointslice.kubernetes.io/managed-by", kManagedBy);
  if (service.spec->cluster_ip == "None") labels.set(kHeadless, Str());
  else labels.erase(kHeadless);
  return labels;
}

api::EndpointSlice new_slice(const api::Service& service, const std::vector<api::EndpointSlicePort>& ports) {
  api::EndpointSlice s;
  s.metadata.generate_name = cat(service.metadata.name, "-");
  s.metadata.namespace_ = service.metadata.namespace_;
  s.metadata.labels = slice_labels(service);
  api::OwnerReference owner;
  owner.api_version = "v1";
  owner.kind = "Service";
  owner.name = service.metadata.name;
  owner.uid = service.metadata.uid;
  owner.controller = true;
  owner.block_owner_deletion = true;
  s.metadata.owner_references.push_back(std::move(owner));
  s.address_type = "IPv4";
  s.ports = api::List<api::EndpointSlicePort>(ports);
  return s;
}

/// Brings one present slice up to date from the group, taking the endpoints that it keeps out of it.
bool refresh(api::EndpointSlice& slice, PortGroup& group, const base::Map<Str>& labels) {
  bool changed = false;
  std::vector<api::Endpoint> kept;
  for (const api::Endpoint& e : slice.endpoints) {
    const auto it = e.target_ref ? group.by_uid.find(e.target_ref->uid) : group.by_uid.end();
    if (it == group.by_uid.end()) {
      changed = true;
      continue;
    }
    changed = changed || !api::deep_equal(it->second, e);
    kept.push_back(std::move(it->second));
    group.by_uid.erase(it);
  }
  if (!api::deep_equal(slice.metadata.labels, labels)) {
    slice.metadata.labels = labels;
    changed = true;
  }
  if (changed) slice.endpoints = api::List<api::Endpoint>(std::move(kept));
  return changed;
}

void fill(api::EndpointSlice& slice, PortGroup& group) {
  while (slice.endpoints.size() < kMaxEndpointsPerSlice && !group.by_uid.empty()) {
    slice.endpoints.push_back(std::move(group.by_uid.begin()->second));
    group.by_uid.erase(group.by_uid.begin());
  }
}

base::BTreeMap<std::string, PortGroup> group_pods(const api::Service& service, const std::vector<api::ObjectRef>& pods,
                                                  const base::Map<Str>& zones) {
  base::BTreeMap<std::string, PortGroup> groups;
  for (const api::ObjectRef& o : pods) {
    const auto& pod = o->as<api::Pod>();
    if (!wanted(pod)) continue;
    std::vector<api::EndpointSlicePort> ports = resolve_ports(service, pod);
    PortGroup& group = groups[port_key(ports)];
    group.ports = std::move(ports);
    group.by_uid[pod.metadata.uid] = endpoint_of(service, pod, zones);
  }
  return groups;
}

}  // namespace

std::int32_t pod_port(const api::Pod& pod, const api::ServicePort& port) {
  if (!port.target_port.is_string()) return port.target_port.number() != 0 ? port.target_port.number() : port.port;
  for (const auto* containers : {&pod.spec->containers, &pod.spec->init_containers})
    for (const api::Container& c : *containers)
      for (const api::ContainerPort& p : c.ports)
        if (p.name == port.target_port.text() && (p.protocol == port.protocol || p.protocol.empty())) return p.container_port;
  return 0;
}

SlicePlan plan_slices(const api::Service& service, const std::vector<api::ObjectRef>& pods,
                      const std::vector<api::ObjectRef>& present, const base::Map<Str>& zones) {
  auto groups = group_pods(service, pods, zones);
  const base::Map<Str> labels = slice_labels(service);
  SlicePlan plan;
  base::BTreeMap<std::string, std::vector<std::pair<api::EndpointSlice, bool>>> slices;   // by port key; true: changed
  bool any_kept = false;
  for (const api::ObjectRef& o : present) {
    api::EndpointSlice slice = o->as<api::EndpointSlice>();
    const std::string key = port_key({slice.ports.begin(), slice.ports.end()});
    const auto group = groups.find(key);
    if (group == groups.end()) {
      plan.remove.push_back(o);
      continue;
    }
    const bool changed = refresh(slice, group->second, labels);
    slices[key].emplace_back(std::move(slice), changed);
    any_kept = true;
  }
  for (auto& [key, group] : groups) {
    auto& mine = slices[key];
    // Slices that change anyway take new endpoints first, then the fullest of the others.
    std::stable_sort(mine.begin(), mine.end(), [](const auto& a, const auto& b) {
      if (a.second != b.second) return a.second;
      return a.first.endpoints.size() > b.first.endpoints.size();
    });
    for (auto& [slice, changed] : mine) {
      if (group.by_uid.empty() || slice.endpoints.size() >= kMaxEndpointsPerSlice) continue;
      fill(slice, group);
      changed = true;
    }
    while (!group.by_uid.empty()) {
      plan.create.push_back(new_slice(service, group.ports));
      fill(plan.create.back(), group);
    }
    for (auto& [slice, changed] : mine)
      if (changed) plan.update.push_back(std::move(slice));
  }
  // One slice without endpoints stands for a service without pods.
  if (groups.empty()) {
    if (!plan.remove.empty()) {
      api::EndpointSlice last = plan.remove.back()->as<api::EndpointSlice>();
      plan.remove.pop_back();
      if (!last.endpoints.empty() || !last.ports.empty()) {
        last.endpoints = api::List<api::Endpoint>(std::vector<api::Endpoint>());
        last.ports = api::List<api::EndpointSlicePort>();
        plan.update.push_back(std::move(last));
      }
    } else if (!any_kept) {
      plan.create.push_back(new_slice(service, {}));
      plan.create.back().endpoints = api::List<api::Endpoint>(std::vector<api::Endpoint>());
    }
  }
  return plan;
}

std::vector<api::EndpointSubset> plan_subsets(const api::Service& service, const std::vector<api::ObjectRef>& pods) {
  base::BTreeMap<std::string, api::EndpointSubset> subsets;
  for (const api::ObjectRef& o : pods) {
    const auto& pod = o->as<api::Pod>();
    if (!wanted(pod) || pod.metadata.deleting()) continue;
    const std::vector<api::EndpointSlicePort> ports = resolve_ports(service, pod);
    if (ports.empty() && !service.spec->ports.empty()) continue;
    api::EndpointSubset& subset = subsets[port_key(ports)];
    if (subset.ports.empty())
      for (const api::EndpointSlicePort& p : ports) {
        api::EndpointPort out;
        out.name = p.name.value_or(Str());
        out.port = p.port.value_or(0);
        out.protocol = p.protocol.value_or(Str());
        out.app_protocol = p.app_protocol;
        subset.ports.push_back(std::move(out));
      }
    api::EndpointAddress address;
    address.ip = pod.status->pod_ip;
    address.node_name = pod.spec->node_name;
    address.target_ref = pod_reference(pod);
    if (!pod.spec->hostname.empty() && pod.spec->subdomain == service.metadata.name) address.hostname = pod.spec->hostname;
    const bool ready = service.spec->publish_not_ready_addresses || client::is_pod_ready(pod);
    (ready ? subset.addresses : subset.not_ready_addresses).push_back(std::move(address));
  }
  std::vector<api::EndpointSubset> out;
  const auto by_ip = [](const api::EndpointAddress& a, const api::EndpointAddress& b) { return a.ip < b.ip; };
  for (auto& [key, subset] : subsets) {
    if (!subset.addresses.empty()) std::sort(subset.addresses.edit().begin(), subset.addresses.edit().end(), by_ip);
    if (!subset.not_ready_addresses.empty())
      std::sort(subset.not_ready_addresses.edit().begin(), subset.not_ready_addresses.edit().end(), by_ip);
    out.push_back(std::move(subset));
  }
  return out;
}

}  // namespace orrery::controllers
