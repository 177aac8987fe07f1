#include "control/apiserver/service_allocator.h"

#include <algorithm>

#include "control/apiserver/object_rules.h"
#include "model/api/config_map.h"
#include "model/api/int_or_string.h"

namespace orrery::apiserver {

namespace {

constexpr int kDraws = 1000;

std::optional<std::uint32_t> parse_ip(std::string_view text) {
  std::uint32_t ip = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0 || dot > 3) return std::nullopt;
    auto n = api::parse_decimal(text.substr(0, dot));
    if (!n.ok() || *n < 0 || *n > 255) return std::nullopt;
    ip = ip << 8 | static_cast<std::uint32_t>(*n);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return ip;
}

bool has_ip(const api::Service& s) {
  return !s.spec->cluster_ip.empty() && !(s.spec->cluster_ip == "None");
}
bool wants_ip(const api::Service& s) { return !(s.spec->type == "ExternalName"); }
bool wants_ports(const api::Service& s) {
  if (s.spec->type == "NodePort") return true;
  return s.spec->type == "LoadBalancer" && s.spec->allocate_load_balancer_node_ports.value_or(true);
}

bool is_balancer(const api::Service& s) { return s.spec->type == "LoadBalancer"; }
bool is_reached_from_outside(const api::Service& s) {
  return is_balancer(s) || s.spec->type == "NodePort" || (s.spec->type == "ClusterIP" && !s.spec->external_ips.empty());
}
bool has_health_port(const api::Service& s) { return is_balancer(s) && s.spec->external_traffic_policy == "Local"; }

/// dropTypeDependentFields: what only the former type has goes with it, unless the user changed it at the same time.
void drop_with_type(api::Service& next, const api::Service& old) {
  if (next.spec.shares(old.spec)) return;
  api::ServiceSpec& spec = next.spec.edit();
  const api::ServiceSpec& before = *old.spec;
  if (has_health_port(old) && !has_health_port(next) && spec.health_check_node_port == before.health_check_node_port)
    spec.health_check_node_port = 0;
  if (is_balancer(old) && !is_balancer(next)) {
    if (spec.allocate_load_balancer_node_ports == before.allocate_load_balancer_node_ports)
      spec.allocate_load_balancer_node_ports.reset();
    if (spec.load_balancer_class == before.load_balancer_class) spec.load_balancer_class.reset();
  }
  if (is_reached_from_outside(old) && !is_reached_from_outside(next) &&
      spec.external_traffic_policy == before.external_traffic_policy)
    spec.external_traffic_policy = Str();
}

Str ip_record(std::string_view ip) { return base::cat("/registry/ipaddresses/", ip); }
Str port_record(std::int32_t port) {
  return base::cat("/registry/nodeports/", std::to_string(port));
}

/// Keys of all records that a Service holds, each once.
std::vector<Str> records(const api::Service* s) {
  std::vector<Str> out;
  if (!s) return out;
  if (has_ip(*s)) out.push_back(ip_record(s->spec->cluster_ip));
  for (const api::ServicePort& p : s->spec->ports) {
    if (p.node_port != 0) out.push_back(port_record(p.node_port));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Failure refuse(const api::Service& s, const api::FieldPath& path, api::BadValue value,
               std::string_view why) {
  api::ErrorList errors;
  errors.invalid(path, std::move(value), why);
  return invalid(KindId::kService, s.metadata.name, errors);
}

}  // namespace

ServiceAllocator::ServiceAllocator(env::Environment& env, const ApiserverConfig& config,
                                   ObjectStore& store)
    : config_(config), random_(env.random.stream("service-allocator")) {
  const std::optional<std::uint32_t> first = parse_ip(config.service_cidr_base);
  ORRERY_CHECK(first && config.service_cidr_bits >= 8 && config.service_cidr_bits <= 30,
               "the service CIDR is valid");
  base_ = *first;
  size_ = 1u << (32 - config.service_cidr_bits);
  store.cache(KindId::kService).on_change = [this](const ObjectRef& before, const ObjectRef& now) {
    note(before, now);
  };
}

void ServiceAllocator::note(const ObjectRef& before, const ObjectRef& now) {
  for (const Str& r : records(now ? &now->as<api::Service>() : nullptr)) ++taken_[r];
  for (const Str& r : records(before ? &before->as<api::Service>() : nullptr)) {
    if (--taken_[r] == 0) taken_.erase(r);
  }
}

std::string ServiceAllocator::ip_at(std::uint32_t offset) const {
  const std::uint32_t ip = base_ + offset;
  return base::cat(std::to_string(ip >> 24), ".", std::to_string(ip >> 16 & 255), ".",
                   std::to_string(ip >> 8 & 255), ".", std::to_string(ip & 255));
}

Failure ServiceAllocator::assign_ip(api::Service& next, const api::Service* old) {
  api::ServiceSpec& spec = next.spec.edit();
  if (!wants_ip(next)) {
    // What the former type was given goes with it.
    if (!old || !wants_ip(*old) || !(spec.cluster_ip == old->spec->cluster_ip)) return {};
    spec.cluster_ip = Str();
    spec.cluster_ips.clear();
    spec.ip_families.clear();
    spec.ip_family_policy.reset();
    return {};
  }
  if (spec.ip_families.empty()) spec.ip_families = {"IPv4"};
  if (!spec.ip_family_policy) spec.ip_family_policy = "SingleStack";
  if (spec.cluster_ip.empty() && !spec.cluster_ips.empty())
    spec.cluster_ip = spec.cluster_ips.front();
  if (spec.cluster_ip.empty() && old && wants_ip(*old)) spec.cluster_ip = old->spec->cluster_ip;
  if (spec.cluster_ip.empty()) {
    // The lower end of the range is left to addresses that people choose.
    const std::uint32_t reserved = std::min(std::max(16u, size_ / 16), 256u);
    for (int i = 0; i < kDraws && spec.cluster_ip.empty(); ++i) {
      const auto offset = static_cast<std::uint32_t>(random_.below(size_ - reserved - 1));
      std::string ip = ip_at(reserved + offset);
      if (!taken_.contains(ip_record(ip))) spec.cluster_ip = ip;
    }
    if (spec.cluster_ip.empty())
      return internal_error("failed to allocate a serviceIP: range is full");
  }
  spec.cluster_ips = {spec.cluster_ip};
  if (!has_ip(next) || (old && old->spec->cluster_ip == spec.cluster_ip)) return {};
  const api::FieldPath path("spec");
  const auto bad = [&](std::string_view why) {
    return refuse(next, path.child("clusterIPs"),
                  api::BadValue::list(std::span(spec.cluster_ips.begin(), 1)),
                  base::cat("failed to allocate IP ", spec.cluster_ip, ": ", why));
  };
  const std::optional<std::uint32_t> ip = parse_ip(spec.cluster_ip);
  if (!ip || *ip - base_ >= size_ || *ip == base_ || *ip - base_ == size_ - 1) {
    return bad(base::cat("the provided IP (", spec.cluster_ip,
                         ") is not in the valid range. The range of valid IPs is ",
                         config_.service_cidr_base, "/",
                         std::to_string(config_.service_cidr_bits)));
  }
  if (taken_.contains(ip_record(spec.cluster_ip))) return bad("provided IP is already allocated");
  return {};
}

Failure ServiceAllocator::assign_ports(api::Service& next, const api::Service* old) {
  const auto held = [&](std::int32_t port) {
    if (!old) return false;
    return std::any_of(old->spec->ports.begin(), old->spec->ports.end(),
                       [port](const api::ServicePort& p) { return p.node_port == port; });
  };
  if (!wants_ports(next)) {
    const bool had = old && wants_ports(*old);
    for (std::size_t i = 0; had && i < next.spec->ports.size(); ++i) {
      if (held(next.spec->ports[i].node_port)) next.spec.edit().ports.edit()[i].node_port = 0;
    }
    return {};
  }
  std::vector<api::ServicePort>& ports = next.spec.edit().ports.edit();
  const api::FieldPath spec("spec");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    api::ServicePort& p = ports[i];
    for (std::size_t k = 0; old && p.node_port == 0 && k < old->spec->ports.size(); ++k) {
      const api::ServicePort& o = old->spec->ports[k];
      if (o.port == p.port && o.protocol == p.protocol && o.name == p.name)
        p.node_port = o.node_port;
    }
    const auto range =
        static_cast<std::uint64_t>(config_.node_port_last - config_.node_port_first + 1);
    for (int draw = 0; p.node_port == 0 && draw < kDraws; ++draw) {
      const std::int32_t port =
          config_.node_port_first + static_cast<std::int32_t>(random_.below(range));
      const bool used = std::any_of(ports.begin(), ports.end(),
                                    [port](const auto& q) { return q.node_port == port; });
      if (!used && !taken_.contains(port_record(port))) p.node_port = port;
    }
    const api::FieldPath item = spec.child_at("ports", i);
    if (p.node_port == 0) return internal_error("failed to allocate a nodePort: range is full");
    if (held(p.node_port)) continue;
    if (p.node_port < config_.node_port_first || p.node_port > config_.node_port_last) {
      return refuse(
          next, item.child("nodePort"), p.node_port,
          base::cat("provided port is not in the valid range. The range of valid ports is ",
                    std::to_string(config_.node_port_first), "-",
                    std::to_string(config_.node_port_last)));
    }
    if (taken_.contains(port_record(p.node_port))) {
      return refuse(next, item.child("nodePort"), p.node_port,
                    "provided port is already allocated");
    }
  }
  return {};
}

Failure ServiceAllocator::assign(api::Service& next, const api::Service* old) {
  if (old) drop_with_type(next, *old);
  if (Failure f = assign_ip(next, old)) return f;
  return assign_ports(next, old);
}

void ServiceAllocator::reserve(const api::Service* old, const api::Service* next,
                               Change& change) const {
  const std::vector<Str> had = records(old), has = records(next);
  for (const Str& r : has) {
    if (std::binary_search(had.begin(), had.end(), r)) continue;
    change.compares.push_back(store::compare_mod(r, 0));
    api::ConfigMap record;
    record.metadata.name = r.view().substr(r.view().rfind('/') + 1);
    record.data.set("service", base::cat(next->metadata.namespace_, "/", next->metadata.name));
    change.ops.push_back(store::put_op(r, api::make_object(std::move(record))));
  }
  for (const Str& r : had) {
    if (std::binary_search(has.begin(), has.end(), r)) continue;
    change.ops.push_back(store::delete_op(r));
  }
}

}  // namespace orrery::apiserver
