#include "control/controllers/endpoint_slice_plan.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/client/pod_util.h"
#include "model/base/sorted_map.h"
#include "model/base/str.h"

namespace orrery::controllers {
namespace {

using base::cat;
using base::Str;

constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::size_t kMaxMirroredPerSubset = 1000;
constexpr const char* kHeadless = "service.kubernetes.io/headless";

/// Endpoints whose pods resolve the service's ports to the same numbers share slices.
struct PortGroup {
  std::vector<api::EndpointSlicePort> ports;
  base::SortedMap<Str, api::Endpoint> by_uid;  // pod UID to endpoint
};

std::string port_key(const std::vector<api::EndpointSlicePort>& ports) {
  std::string key;
  for (const api::EndpointSlicePort& p : ports)
    key += cat(p.name.value_or(Str()), "|", p.protocol.value_or(Str()), "|",
               std::to_string(p.port.value_or(0)), ";");
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
  if (!pod.spec->hostname.empty() && pod.spec->subdomain == service.metadata.name)
    e.hostname = pod.spec->hostname;
  return e;
}

bool wanted(const api::Pod& pod) { return !pod.status->pod_ip.empty() && !client::is_pod_terminal(pod); }

base::Map<Str> slice_labels(const api::Service& service) {
  base::Map<Str> labels = service.metadata.labels;
  labels.set(kServiceNameLabel, service.metadata.name);
  labels.set(kManagedByLabel, kSliceManager);
  if (service.spec->cluster_ip == "None") labels.set(kHeadless, Str());
  else labels.erase(kHeadless);
  return labels;
}

api::EndpointSlice new_slice(const api::Service& service, const std::vector<api::EndpointSlicePort>& ports) {
  api::EndpointSlice s;
  s.metadata.generate_name = cat(service.metadata.name, "-");
  s.metadata.namespace_ = service.metadata.namespace_;
  s.metadata.labels = slice_labels(service);
  s.metadata.owner_references.push_back(client::controller_reference(api::kind_of(api::KindId::kService), service.metadata));
  s.address_type = "IPv4";
  if (!ports.empty()) s.ports = api::List<api::EndpointSlicePort>(ports);
  return s;
}

struct PresentSlice {
  api::ObjectRef object;
  api::EndpointSlice next;
  enum class Fate { kUnchanged, kUpdate, kRemove } fate = Fate::kUnchanged;
};

/// Brings one present slice up to date from the group, taking the endpoints that it keeps out of it.
void refresh(PresentSlice& slice, PortGroup& group, const base::Map<Str>& labels) {
  bool updated = false;
  std::vector<api::Endpoint> kept;
  for (const api::Endpoint& e : slice.next.endpoints) {
    const auto it = e.target_ref ? group.by_uid.find(e.target_ref->uid) : group.by_uid.end();
    if (it == group.by_uid.end()) continue;
    updated = updated || !api::deep_equal(it->second, e);
    kept.push_back(std::move(it->second));
    group.by_uid.erase(it);
  }
  const bool labels_differ = !api::deep_equal(slice.next.metadata.labels, labels);
  const bool endpoints_differ = updated || kept.size() != slice.next.endpoints.size();
  if (!endpoints_differ && !labels_differ) return;
  slice.fate = endpoints_differ && kept.empty() ? PresentSlice::Fate::kRemove : PresentSlice::Fate::kUpdate;
  slice.next.metadata.labels = labels;
  if (endpoints_differ) slice.next.endpoints = api::List<api::Endpoint>(std::move(kept));
}

void fill(api::EndpointSlice& slice, PortGroup& group) {
  while (slice.endpoints.size() < kMaxEndpointsPerSlice && !group.by_uid.empty()) {
    slice.endpoints.push_back(std::move(group.by_uid.begin()->second));
    group.by_uid.erase(group.by_uid.begin());
  }
}

/// The unchanged slice that all of `more` endpoints would fill best; null when they fit into none.
PresentSlice* closest_to_full(std::vector<PresentSlice>& slices, std::size_t more) {
  PresentSlice* best = nullptr;
  for (PresentSlice& s : slices) {
    if (s.fate != PresentSlice::Fate::kUnchanged || s.next.endpoints.size() + more > kMaxEndpointsPerSlice)
      continue;
    if (more < kMaxEndpointsPerSlice && (!best || s.next.endpoints.size() > best->next.endpoints.size()))
      best = &s;
  }
  return best;
}

/// The slices of one set of ports (reconcileByPortMapping): slices that change anyway take new endpoints, the
/// fullest first; what is left goes into one unchanged slice if it fits, else into new ones.
void reconcile_ports(const api::Service& service, std::vector<PresentSlice>& slices, PortGroup& group,
                     SlicePlan& plan) {
  const base::Map<Str> labels = slice_labels(service);
  std::vector<PresentSlice*> changing;
  for (PresentSlice& s : slices) {
    refresh(s, group, labels);
    if (s.fate == PresentSlice::Fate::kUpdate) changing.push_back(&s);
  }
  std::stable_sort(changing.begin(), changing.end(), [](const PresentSlice* a, const PresentSlice* b) {
    return a->next.endpoints.size() > b->next.endpoints.size();
  });
  for (PresentSlice* s : changing) fill(s->next, group);
  while (!group.by_uid.empty()) {
    if (PresentSlice* room = closest_to_full(slices, group.by_uid.size())) {
      room->fate = PresentSlice::Fate::kUpdate;
      fill(room->next, group);
      continue;
    }
    plan.create.push_back(new_slice(service, group.ports));
    fill(plan.create.back(), group);
  }
  for (PresentSlice& s : slices) {
    if (s.fate == PresentSlice::Fate::kUpdate) plan.update.push_back(std::move(s.next));
    if (s.fate == PresentSlice::Fate::kRemove) plan.remove.push_back(s.object);
  }
}

/// A slice without ports and endpoints stands for a service without pods.
void keep_placeholder(const api::Service& service, std::size_t present, SlicePlan& plan) {
  if (present != plan.remove.size() || !plan.create.empty()) return;
  if (present == 1) {
    const auto& only = plan.remove[0]->as<api::EndpointSlice>();
    if (only.endpoints.empty() && only.ports.empty() &&
        api::deep_equal(only.metadata.labels, slice_labels(service))) {
      plan.remove.clear();
      return;
    }
  }
  plan.create.push_back(new_slice(service, {}));
}

/// A slice to create takes the place of one to remove: one update instead of two writes.
void merge_creates_into_removes(const Str& owner_uid, SlicePlan& plan) {
  for (std::size_t i = 0; i < plan.remove.size() && !plan.create.empty();) {
    const auto& old = plan.remove[i]->as<api::EndpointSlice>();
    const api::OwnerReference* owner = api::controller_of(old.metadata);
    if (!owner || !(owner->uid == owner_uid)) {
      ++i;
      continue;
    }
    api::EndpointSlice next = old;
    next.metadata.labels = plan.create.back().metadata.labels;
    next.metadata.annotations = plan.create.back().metadata.annotations;
    next.ports = plan.create.back().ports;
    next.endpoints = plan.create.back().endpoints;
    plan.create.pop_back();
    plan.update.push_back(std::move(next));
    plan.remove.erase(plan.remove.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

base::SortedMap<std::string, PortGroup> group_pods(const api::Service& service,
                                                  const std::vector<api::ObjectRef>& pods,
                                                  const base::Map<Str>& zones) {
  base::SortedMap<std::string, PortGroup> groups;
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

/// What one slice of a mirror holds.
struct MirrorGroup {
  std::vector<api::EndpointSlicePort> ports;
  Str family;
  base::SortedMap<Str, api::Endpoint> by_address;
};

void add_mirrored(const api::EndpointAddress& address, bool ready, const std::vector<api::EndpointSlicePort>& ports,
                  base::SortedMap<std::string, MirrorGroup>& groups) {
  const char* family = address.ip.view().find(':') == std::string_view::npos ? "IPv4" : "IPv6";
  MirrorGroup& group = groups[cat(family, "|", port_key(ports))];
  group.ports = ports;
  group.family = family;
  api::Endpoint e;
  e.addresses.push_back(address.ip);
  e.conditions.ready = ready;
  e.target_ref = address.target_ref;
  e.node_name = address.node_name;
  if (!address.hostname.empty()) e.hostname = address.hostname;
  group.by_address[address.ip] = std::move(e);
}

base::SortedMap<std::string, MirrorGroup> mirror_groups(const api::Endpoints& endpoints) {
  base::SortedMap<std::string, MirrorGroup> groups;
  for (const api::EndpointSubset& subset : endpoints.subsets) {
    std::vector<api::EndpointSlicePort> ports;
    for (const api::EndpointPort& from : subset.ports) {
      api::EndpointSlicePort p;
      p.name = from.name;
      p.protocol = from.protocol;
      p.port = from.port;
      p.app_protocol = from.app_protocol;
      ports.push_back(std::move(p));
    }
    std::size_t n = 0;
    for (const auto* list : {&subset.addresses, &subset.not_ready_addresses})
      for (const api::EndpointAddress& a : *list)
        if (n++ < kMaxMirroredPerSubset) add_mirrored(a, list == &subset.addresses, ports, groups);
  }
  return groups;
}

/// As it should be; `name` is empty for a new one.
api::EndpointSlice mirror_of(const api::Endpoints& endpoints, const MirrorGroup& group, const api::EndpointSlice* present) {
  api::EndpointSlice s;
  if (present) s = *present;
  else s.metadata.generate_name = cat(endpoints.metadata.name, "-");
  s.metadata.namespace_ = endpoints.metadata.namespace_;
  s.metadata.labels = endpoints.metadata.labels;
  s.metadata.labels.set(kServiceNameLabel, endpoints.metadata.name);
  s.metadata.labels.set(kManagedByLabel, kMirroringManager);
  s.metadata.annotations = endpoints.metadata.annotations;
  for (const char* own : {kTriggerTime, kLastApplied})
    if (s.metadata.annotations.contains(own)) s.metadata.annotations.erase(own);
  s.metadata.owner_references.clear();
  s.metadata.owner_references.push_back(client::controller_reference(api::kind_of(api::KindId::kEndpoints), endpoints.metadata));
  s.address_type = group.family;
  s.ports.clear();
  if (!group.ports.empty()) s.ports = api::List<api::EndpointSlicePort>(group.ports);
  std::vector<api::Endpoint> list;
  for (const auto& [address, e] : group.by_address) list.push_back(e);
  s.endpoints = api::List<api::Endpoint>(std::move(list));
  return s;
}

}  // namespace

SlicePlan plan_mirrors(const api::Endpoints& endpoints, const std::vector<api::ObjectRef>& present) {
  const auto groups = mirror_groups(endpoints);
  base::SortedMap<std::string, std::vector<api::ObjectRef>> slices;
  for (const api::ObjectRef& o : present) {
    const auto& s = o->as<api::EndpointSlice>();
    slices[cat(s.address_type, "|", port_key({s.ports.begin(), s.ports.end()}))].push_back(o);
  }
  SlicePlan plan;
  for (const auto& [key, group] : groups) {
    const auto found = slices.find(key);
    if (found == slices.end()) {
      plan.create.push_back(mirror_of(endpoints, group, nullptr));
      continue;
    }
    const auto& first = found->second.front()->as<api::EndpointSlice>();
    api::EndpointSlice next = mirror_of(endpoints, group, &first);
    if (!api::deep_equal(next, first)) plan.update.push_back(std::move(next));
    plan.remove.insert(plan.remove.end(), found->second.begin() + 1, found->second.end());
  }
  for (const auto& [key, list] : slices)
    if (!groups.contains(key)) plan.remove.insert(plan.remove.end(), list.begin(), list.end());
  merge_creates_into_removes(endpoints.metadata.uid, plan);
  return plan;
}

std::int32_t pod_port(const api::Pod& pod, const api::ServicePort& port) {
  if (!port.target_port.is_string())
    return port.target_port.number() != 0 ? port.target_port.number() : port.port;
  for (const auto* containers : {&pod.spec->containers, &pod.spec->init_containers})
    for (const api::Container& c : *containers)
      for (const api::ContainerPort& p : c.ports)
        if (p.name == port.target_port.text() && (p.protocol == port.protocol || p.protocol.empty()))
          return p.container_port;
  return 0;
}

SlicePlan plan_slices(const api::Service& service, const std::vector<api::ObjectRef>& pods,
                      const std::vector<api::ObjectRef>& present, const base::Map<Str>& zones) {
  auto groups = group_pods(service, pods, zones);
  SlicePlan plan;
  base::SortedMap<std::string, std::vector<PresentSlice>> slices;  // by port key
  for (const api::ObjectRef& o : present) {
    const auto& slice = o->as<api::EndpointSlice>();
    slices[port_key({slice.ports.begin(), slice.ports.end()})].push_back({o, slice});
  }
  for (auto& [key, group] : groups) reconcile_ports(service, slices[key], group, plan);
  for (const auto& [key, list] : slices) {
    if (groups.contains(key)) continue;
    for (const PresentSlice& s : list) plan.remove.push_back(s.object);
  }
  keep_placeholder(service, present.size(), plan);
  merge_creates_into_removes(service.metadata.uid, plan);
  return plan;
}

std::vector<api::EndpointSubset> plan_subsets(const api::Service& service,
                                              const std::vector<api::ObjectRef>& pods) {
  base::SortedMap<std::string, api::EndpointSubset> subsets;
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
    if (!pod.spec->hostname.empty() && pod.spec->subdomain == service.metadata.name)
      address.hostname = pod.spec->hostname;
    const bool ready = service.spec->publish_not_ready_addresses || client::is_pod_ready(pod);
    (ready ? subset.addresses : subset.not_ready_addresses).push_back(std::move(address));
  }
  std::vector<api::EndpointSubset> out;
  const auto by_ip = [](const api::EndpointAddress& a, const api::EndpointAddress& b) { return a.ip < b.ip; };
  for (auto& [key, subset] : subsets) {
    if (!subset.addresses.empty())
      std::sort(subset.addresses.edit().begin(), subset.addresses.edit().end(), by_ip);
    if (!subset.not_ready_addresses.empty())
      std::sort(subset.not_ready_addresses.edit().begin(), subset.not_ready_addresses.edit().end(), by_ip);
    out.push_back(std::move(subset));
  }
  return out;
}

}  // namespace orrery::controllers
