#include <set>

#include "model/api/validation/core_validation.h"
#include "model/api/validation/ip_rules.h"

namespace orrery::api {

namespace {

constexpr std::size_t kEndpointsMax = 1000;
constexpr std::size_t kAddressesMax = 100;
constexpr std::size_t kPortsMax = 20000;
constexpr std::size_t kTopologyMax = 16;
constexpr std::size_t kHintsMax = 8;

void check_protocol(const Str& protocol, const FieldPath& path, ErrorList& errors) {
  if (protocol.empty()) errors.required(path, "");
  else if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP")
    errors.not_supported(path, protocol, {"SCTP", "TCP", "UDP"});
}

void check_address(const EndpointAddress& address, const FieldPath& path, ErrorList& errors) {
  check_ip(address.ip, path.child("ip"), errors);
  if (!address.hostname.empty()) check_dns_label(address.hostname, path.child("hostname"), errors);
  if (address.node_name) check_name(*address.node_name, subdomain_name, path.child("nodeName"), errors);
  check_non_special_ip(address.ip, path.child("ip"), errors);
}

void check_subset_port(const EndpointPort& port, bool require_name, const FieldPath& path,
                       ErrorList& errors) {
  if (!port.name.empty()) check_dns_label(port.name, path.child("name"), errors);
  else if (require_name) errors.required(path.child("name"), "");
  check_port(port.port, path.child("port"), errors);
  check_protocol(port.protocol, path.child("protocol"), errors);
  if (port.app_protocol) check_qualified_name(*port.app_protocol, path.child("appProtocol"), errors);
}

void check_fqdn(std::string_view name, const FieldPath& path, ErrorList& errors) {
  if (name.empty()) return errors.required(path, "");
  std::string_view text = name;
  if (text.ends_with(".")) text.remove_suffix(1);
  const Messages messages = validate_dns1123_subdomain(text);
  if (!messages.empty()) return errors.invalid(path, text, messages[0]);
  if (text.find('.') == std::string_view::npos)
    return errors.invalid(path, text, "should be a domain with at least two segments separated by dots");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    errors.invalid_each(path, text.substr(at, dot - at), validate_dns1123_label(text.substr(at, dot - at)));
    at = dot + 1;
  }
}

void check_slice_address(const Str& address, std::string_view type, const FieldPath& path,
                         ErrorList& errors) {
  if (type == "FQDN") return check_fqdn(address, path, errors);
  if (type == "IPv4") check_ipv4(address, path, errors);
  else if (type == "IPv6") check_ipv6(address, path, errors);
  else return;
  check_non_special_ip(address, path, errors);
}

void check_hints(const EndpointHints& hints, const FieldPath& path, ErrorList& errors) {
  if (hints.for_zones.size() > kHintsMax)
    return errors.too_many(path.child("forZones"), static_cast<std::int64_t>(hints.for_zones.size()),
                           kHintsMax);
  for (std::size_t i = 0; i < hints.for_zones.size(); ++i) {
    const FieldPath item = path.child_at("forZones", i);
    const FieldPath at = item.child("name");
    if (repeats(hints.for_zones, i, [](const ForZone& z) { return z.name.view(); }))
      errors.duplicate(at, hints.for_zones[i].name);
    check_label_value(hints.for_zones[i].name, at, errors);
  }
  if (hints.for_nodes.size() > kHintsMax)
    return errors.too_many(path.child("forNodes"), static_cast<std::int64_t>(hints.for_nodes.size()),
                           kHintsMax);
  for (std::size_t i = 0; i < hints.for_nodes.size(); ++i) {
    const FieldPath item = path.child_at("forNodes", i);
    const FieldPath at = item.child("name");
    if (repeats(hints.for_nodes, i, [](const ForNode& n) { return n.name.view(); }))
      errors.duplicate(at, hints.for_nodes[i].name);
    check_name(hints.for_nodes[i].name, subdomain_name, at, errors);
  }
}

void check_endpoint(const Endpoint& endpoint, std::string_view type, const FieldPath& path,
                    ErrorList& errors) {
  const FieldPath addresses = path.child("addresses");
  const std::size_t n = endpoint.addresses.size();
  if (n == 0) errors.required(addresses, "must contain at least 1 address");
  if (n > kAddressesMax) errors.too_many(addresses, static_cast<std::int64_t>(n), kAddressesMax);
  for (std::size_t i = 0; i < n; ++i)
    check_slice_address(endpoint.addresses[i], type, addresses.index(i), errors);
  if (endpoint.node_name) check_name(*endpoint.node_name, subdomain_name, path.child("nodeName"), errors);
  const FieldPath topology = path.child("deprecatedTopology");
  if (endpoint.deprecated_topology.size() > kTopologyMax)
    errors.too_many(topology, static_cast<std::int64_t>(endpoint.deprecated_topology.size()), kTopologyMax);
  check_labels(endpoint.deprecated_topology, topology, errors);
  if (endpoint.hostname) check_dns_label(*endpoint.hostname, path.child("hostname"), errors);
  if (endpoint.hints) check_hints(*endpoint.hints, path.child("hints"), errors);
}

/// Few ports are compared with each other, many go into a set.
class PortNames {
 public:
  explicit PortNames(const List<EndpointSlicePort>& ports) : ports_(ports) {}
  bool repeats(std::size_t i) {
    constexpr std::size_t kFew = 16;
    const auto name = [](const EndpointSlicePort& p) { return p.name ? p.name->view() : std::string_view(); };
    return ports_.size() <= kFew ? api::repeats(ports_, i, name) : !names_.insert(name(ports_[i])).second;
  }

 private:
  const List<EndpointSlicePort>& ports_;
  std::set<std::string_view> names_;
};

void check_slice_ports(const List<EndpointSlicePort>& ports, ErrorList& errors) {
  const FieldPath path("ports");
  if (ports.size() > kPortsMax)
    return errors.too_many(path, static_cast<std::int64_t>(ports.size()), kPortsMax);
  PortNames names(ports);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const FieldPath at = path.index(i);
    const Str name = ports[i].name.value_or(Str());
    if (!name.empty()) check_dns_label(name, at.child("name"), errors);
    if (names.repeats(i)) errors.duplicate(at.child("name"), name);
    check_protocol(ports[i].protocol.value_or(Str()), at.child("protocol"), errors);
    if (ports[i].app_protocol) check_qualified_name(*ports[i].app_protocol, at.child("appProtocol"), errors);
  }
}

}  // namespace

void check_endpoints(const Endpoints& endpoints, ErrorList& errors) {
  const FieldPath path("subsets");
  for (std::size_t i = 0; i < endpoints.subsets.size(); ++i) {
    const EndpointSubset& subset = endpoints.subsets[i];
    const FieldPath at = path.index(i);
    if (subset.addresses.empty() && subset.not_ready_addresses.empty())
      errors.required(at, "must specify `addresses` or `notReadyAddresses`");
    for (std::size_t j = 0; j < subset.addresses.size(); ++j)
      check_address(subset.addresses[j], at.child_at("addresses", j), errors);
    for (std::size_t j = 0; j < subset.not_ready_addresses.size(); ++j)
      check_address(subset.not_ready_addresses[j], at.child_at("notReadyAddresses", j), errors);
    for (std::size_t j = 0; j < subset.ports.size(); ++j)
      check_subset_port(subset.ports[j], subset.ports.size() > 1, at.child_at("ports", j), errors);
  }
}

void check_endpoint_slice(const EndpointSlice& slice, ErrorList& errors) {
  const Str& type = slice.address_type;
  if (type.empty()) errors.required(FieldPath("addressType"), "");
  else if (type != "IPv4" && type != "IPv6" && type != "FQDN")
    errors.not_supported(FieldPath("addressType"), type, {"FQDN", "IPv4", "IPv6"});
  const FieldPath path("endpoints");
  if (slice.endpoints.size() > kEndpointsMax) {
    errors.too_many(path, static_cast<std::int64_t>(slice.endpoints.size()), kEndpointsMax);
  } else {
    for (std::size_t i = 0; i < slice.endpoints.size(); ++i)
      check_endpoint(slice.endpoints[i], type, path.index(i), errors);
  }
  check_slice_ports(slice.ports, errors);
}

void check_endpoint_slice_update(const EndpointSlice& old, const EndpointSlice& next, ErrorList& errors) {
  if (!next.endpoints.shares(old.endpoints) || !next.ports.shares(old.ports) ||
      next.address_type != old.address_type)
    check_endpoint_slice(next, errors);
  if (next.address_type != old.address_type)
    errors.invalid(FieldPath("addressType"), next.address_type, kImmutableText);
}

}  // namespace orrery::api
