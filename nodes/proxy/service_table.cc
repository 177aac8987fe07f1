#include "nodes/proxy/service_table.h"

#include <algorithm>

#include "model/api/endpoint_slice.h"
#include "model/api/service.h"

namespace orrery::proxy {
namespace {

constexpr std::int32_t kDefaultAffinitySeconds = 10'800;

/// One pass over the slices for one port and one locality.
class Collector {
 public:
  Collector(const api::ServicePort& port, std::string_view family, std::string_view node)
      : port_(port), family_(family), node_(node) {}

  std::vector<env::Backend> collect(std::span<const api::ObjectRef> slices) const {
    std::vector<env::Backend> ready, draining;
    for (const api::ObjectRef& o : slices) {
      const auto& slice = o->as<api::EndpointSlice>();
      const std::uint16_t target = target_port(slice);
      if (target != 0 && slice.address_type == family_) take(slice, target, ready, draining);
    }
    std::vector<env::Backend>& chosen = ready.empty() ? draining : ready;
    std::sort(chosen.begin(), chosen.end(), before);
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    return std::move(chosen);
  }

 private:
  static bool before(const env::Backend& a, const env::Backend& b) { return a.ip == b.ip ? a.port < b.port : a.ip < b.ip; }

  std::uint16_t target_port(const api::EndpointSlice& slice) const {
    for (const api::EndpointSlicePort& p : slice.ports) {
      const bool same = p.name ? *p.name == port_.name : port_.name.empty();
      if (same && p.port) return static_cast<std::uint16_t>(*p.port);
    }
    return 0;
  }
  void take(const api::EndpointSlice& slice, std::uint16_t target, std::vector<env::Backend>& ready,
            std::vector<env::Backend>& draining) const {
    for (const api::Endpoint& e : slice.endpoints) {
      if (e.addresses.empty()) continue;
      if (!node_.empty() && !(e.node_name && *e.node_name == node_)) continue;
      // Absent conditions: ready, serving as ready, not terminating.
      const bool is_ready = e.conditions.ready.value_or(true);
      if (is_ready) {
        if (ready.empty()) ready.reserve(slice.endpoints.size());
        ready.push_back({e.addresses[0], target});
      } else if (e.conditions.serving.value_or(is_ready) && e.conditions.terminating.value_or(false)) {
        draining.push_back({e.addresses[0], target});
      }
    }
  }

  const api::ServicePort& port_;
  std::string_view family_, node_;
};

std::int32_t affinity(const api::ServiceSpec& spec) {
  if (!(spec.session_affinity == "ClientIP")) return 0;
  const auto& config = spec.session_affinity_config;
  if (config && config->client_ip && config->client_ip->timeout_seconds) return *config->client_ip->timeout_seconds;
  return kDefaultAffinitySeconds;
}

}  // namespace

bool is_proxied(const api::Object& service) {
  const auto& s = service.as<api::Service>();
  if (s.spec->type == "ExternalName" || s.spec->cluster_ip.empty() || s.spec->cluster_ip == "None") return false;
  return !s.metadata.labels.contains("service.kubernetes.io/service-proxy-name");
}

Str service_of(const api::Object& slice) {
  const Str* name = slice.meta().labels.find("kubernetes.io/service-name");
  return name ? *name : Str();
}

base::Ref<const env::ServiceEntry> service_entry(const api::Object& service, std::span<const api::ObjectRef> slices,
                                                 std::string_view node) {
  const auto& s = service.as<api::Service>();
  const api::ServiceSpec& spec = *s.spec;
  auto entry = base::make_ref<env::ServiceEntry>();
  entry->service_namespace = s.metadata.namespace_;
  entry->service_name = s.metadata.name;
  const bool inside_local = spec.internal_traffic_policy && *spec.internal_traffic_policy == "Local";
  const bool outside_local = spec.external_traffic_policy == "Local";
  const std::string_view family = spec.cluster_ip.view().find(':') == std::string_view::npos ? "IPv4" : "IPv6";
  entry->ports.reserve(spec.ports.size());
  for (const api::ServicePort& p : spec.ports) {
    env::ServicePort port;
    port.service_namespace = entry->service_namespace;
    port.service_name = entry->service_name;
    port.port_name = p.name;
    port.protocol = p.protocol;
    port.cluster_ip = spec.cluster_ip;
    port.port = static_cast<std::uint16_t>(p.port);
    port.affinity_seconds = affinity(spec);
    port.backends = Collector(p, family, inside_local ? node : std::string_view()).collect(slices);
    if (p.node_port != 0 && inside_local != outside_local) {
      env::ServicePort outside = port;
      outside.cluster_ip = {};
      outside.port = 0;
      outside.node_port = static_cast<std::uint16_t>(p.node_port);
      outside.backends = Collector(p, family, outside_local ? node : std::string_view()).collect(slices);
      entry->ports.push_back(std::move(outside));
    } else {
      port.node_port = static_cast<std::uint16_t>(p.node_port);
    }
    entry->ports.push_back(std::move(port));
  }
  return entry;
}

base::Ref<const env::ServiceEntry> no_entry(Str ns, Str name) {
  auto entry = base::make_ref<env::ServiceEntry>();
  entry->service_namespace = std::move(ns);
  entry->service_name = std::move(name);
  return entry;
}

}  // namespace orrery::proxy
