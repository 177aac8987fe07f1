#include "sim/net/fabric.h"

#include <algorithm>
#include <string>

#include "model/base/random.h"
#include "sim/net/endpoint.h"

namespace orrery::sim {
namespace {

std::uint32_t raw(HostId h) { return static_cast<std::uint32_t>(h); }

// [0, bound] from 32 of the draw's bits.
base::Nanos scale(std::uint64_t bits32, base::Nanos bound) {
  return static_cast<base::Nanos>((static_cast<unsigned __int128>(bits32 & UINT32_MAX) *
                                   static_cast<std::uint64_t>(bound + 1)) >> 32);
}

}  // namespace

Fabric::Fabric(Kernel& kernel, SharedCapacity& sharing, std::uint64_t seed, const NetworkConfig& config)
    : kernel_(kernel), sharing_(sharing), seed_(seed), config_(config), topology_(config_), bulk_datagrams_(*this) {
  addresses_.emplace_back();  // Peer::kNone
}

Fabric::~Fabric() = default;

// Names -------------------------------------------------------------------------------------------

HostId Fabric::add_host(base::Str name, base::Str zone, base::Str rack) {
  ORRERY_CHECK(!names_.contains(name), "two hosts of one name");
  const HostId h = topology_.add_host(name, std::move(zone), std::move(rack));
  names_[name] = h;
  ++names_version_;
  up_.push_back(true);
  share_nodes_.emplace_back();
  redirects_.push_back(nullptr);
  bound_.emplace_back();
  return h;
}

void Fabric::add_alias(const base::Str& alias, HostId host) {
  names_[alias] = host;
  ++names_version_;
}

void Fabric::remove_alias(std::string_view alias) {
  if (names_.erase(alias)) ++names_version_;
}

HostId Fabric::find_host(std::string_view name) const {
  const HostId* h = names_.find(name);
  return h ? *h : HostId::kNone;
}

env::Peer Fabric::intern(const env::Address& address) {
  const std::string key = base::cat(address.host, ":", std::to_string(address.port));
  if (const std::uint32_t* i = address_index_.find(std::string_view(key))) return static_cast<env::Peer>(*i);
  const auto i = static_cast<std::uint32_t>(addresses_.size());
  address_index_[base::Str(key)] = i;
  addresses_.push_back({address, HostId::kNone, 0});
  return static_cast<env::Peer>(i);
}

HostId Fabric::host_of(env::Peer peer) {
  ORRERY_CHECK(static_cast<std::uint32_t>(peer) < addresses_.size(), "a peer of another world");
  AddressEntry& e = addresses_[static_cast<std::uint32_t>(peer)];
  if (e.names_version != names_version_) {
    e.host = find_host(e.address.host);
    e.names_version = names_version_;
  }
  return e.host;
}

// Listeners ---------------------------------------------------------------------------------------

Fabric::Bound* Fabric::find_bound(HostId h, std::uint16_t port) {
  for (Bound& b : bound_[raw(h)]) {
    if (b.port == port) return &b;
  }
  return nullptr;
}

env::Peer Fabric::port_peer(HostId h, std::uint16_t port) {
  if (const Bound* b = find_bound(h, port)) return b->peer;
  const env::Peer peer = intern({topology_.host_name(h), port});
  bound_[raw(h)].push_back({port, nullptr, peer});
  return peer;
}

void Fabric::bind(HostId h, std::uint16_t port, Endpoint& endpoint) {
  port_peer(h, port);
  Bound* b = find_bound(h, port);
  ORRERY_CHECK(!b->endpoint || b->endpoint == &endpoint, "two processes of one machine listen on one port");
  b->endpoint = &endpoint;
}

void Fabric::unbind(HostId h, std::uint16_t port, const Endpoint& endpoint) {
  Bound* b = find_bound(h, port);
  if (b && b->endpoint == &endpoint) b->endpoint = nullptr;
}

Endpoint* Fabric::listener(HostId h, std::uint16_t port) const {
  for (const Bound& b : bound_[raw(h)]) {
    if (b.port == port) return b.endpoint;
  }
  return nullptr;
}

void Fabric::enroll(Endpoint& endpoint) { endpoints_.push_back(&endpoint); }

void Fabric::dismiss(const Endpoint& endpoint) {
  const auto it = std::find(endpoints_.rbegin(), endpoints_.rend(), &endpoint);
  if (it != endpoints_.rend()) endpoints_.erase(std::next(it).base());
}

// Faults ------------------------------------------------------------------------------------------

void Fabric::set_up(HostId h, bool up) {
  if (up_[raw(h)] == up) return;
  up_[raw(h)] = up;
  if (up) --hosts_down_;
  else ++hosts_down_;
  watch_peers();
}

RuleId Fabric::add_rule(HostSet from, HostSet to, bool both_ways, LinkEffect effect) {
  const RuleId id = rules_.add(std::move(from), std::move(to), both_ways, effect);
  watch_peers();
  return id;
}

void Fabric::remove_rule(RuleId id) {
  rules_.remove(id);
  watch_peers();
}

void Fabric::watch_peers() {
  for (Endpoint* e : endpoints_) {
    for (const auto& c : e->connections()) c->watch_peer();
  }
  bulk_datagrams_.network_changed();
}

// Messages ----------------------------------------------------------------------------------------

Fabric::Transit Fabric::transit(HostId from, HostId to, std::uint64_t draw) {
  const PathInfo path = topology_.path(from, to);
  Transit t{path.latency + scale(draw, path.latency * config_.jitter_percent / 100), path.bandwidth, {}};
  if (rules_.empty()) return t;
  const LinkEffect e = rules_.effect(from, to);
  t.latency += e.delay + scale(draw >> 32, e.delay_jitter);
  if (e.bandwidth > 0) t.bandwidth = std::min(t.bandwidth, e.bandwidth);
  t.hold_until = e.hold_until;
  return t;
}

ShareDemand Fabric::flow_demand(HostId from, HostId to) {
  const Transit t = transit(from, to, 0);
  return {share_nodes_[raw(from)], share_nodes_[raw(to)], 1, static_cast<double>(t.bandwidth)};
}

bool Fabric::cut_off(HostId from, HostId to) const { return !up(from) || !up(to) || rules_.blocked(from, to); }

std::uint32_t Fabric::path_loss_ppm(HostId from, HostId to) {
  const std::uint32_t own = topology_.path(from, to).loss_ppm;
  return rules_.empty() ? own : own + rules_.effect(from, to).loss_ppm;
}

env::Message Fabric::encoded_and_decoded(const env::Message& message) {
  std::string bytes;
  message.body->encode(bytes);
  ORRERY_CHECK(bytes.size() == message.body->encoded_size(), "encoded_size() is not what encode() writes");
  auto decoded = message.body->type().decode(bytes);
  ORRERY_CHECK(decoded.ok(), "a message does not decode");
  ORRERY_CHECK((*decoded)->content_hash() == message.body->content_hash(),
               "a message decodes to something else");
  return {std::move(*decoded)};
}

Fabric::Target Fabric::route(HostId from, env::Peer peer, std::uint64_t draw) {
  Target t;
  const env::Address& to = address(peer);
  t.port = to.port;
  for (std::size_t i = 0; i < balancers_.size(); ++i) {
    LoadBalancer& lb = *balancers_[i];
    if (lb.config().port != to.port || !(lb.config().host == to.host)) continue;
    const std::size_t backend = lb.pick();
    if (backend == LoadBalancer::kNone) {
      t.refused = true;
      return t;
    }
    const env::Address& a = lb.config().backends[backend];
    return {find_host(a.host), a.port, i, backend, false};
  }
  t.host = host_of(peer);
  DialRedirect* redirect = redirects_[raw(from)];
  if (t.host != HostId::kNone || !redirect) return t;
  env::Address backend;
  switch (redirect->redirect(to, draw, backend)) {
    case DialRedirect::Answer::kNotMine: break;
    case DialRedirect::Answer::kRefused: t.refused = true; break;
    case DialRedirect::Answer::kRedirected:
      t.host = find_host(backend.host);
      t.port = backend.port;
      break;
  }
  return t;
}

void Fabric::send_datagram(HostId from, env::Peer sender, env::Peer to, env::Message&& message,
                           std::uint64_t key, std::uint64_t number) {
  Datagram d{from, host_of(to), sender, to, key, number, std::move(message)};
  if (d.host == HostId::kNone || unreachable(from, d.host)) return;
  Endpoint* endpoint = listener(d.host, address(to).port);
  if (!endpoint) return;
  const Transit t = transit(from, d.host, d.draw(0));
  const std::uint32_t loss = loss_ppm(from, d.host);
  if (loss > 0 && d.draw(1) % 1'000'000 < loss) return;
  const auto size = static_cast<std::int64_t>(d.message.encoded_size());
  if (!is_bulk(from, d.host, size))
    return propagate_datagram(std::move(d), *endpoint, t, size * base::kSecond / t.bandwidth);
  bulk_datagrams_.send(from, d.host, size,
                       [this, d = std::move(d)]() mutable { bulk_datagram_sent(std::move(d)); });
}

void Fabric::bulk_datagram_sent(Datagram d) {
  Endpoint* endpoint = listener(d.host, address(d.to).port);
  if (endpoint) propagate_datagram(std::move(d), *endpoint, transit(d.from, d.host, d.draw(0)), 0);
}

void Fabric::propagate_datagram(Datagram&& d, Endpoint& endpoint, const Transit& t, base::Nanos wire) {
  const std::uint16_t port = address(d.to).port;
  base::Nanos delay = t.latency + wire;
  if (!rules_.empty()) {
    const LinkEffect e = rules_.effect(d.from, d.host);
    if (kernel_.now() + delay < t.hold_until) delay = t.hold_until - kernel_.now();
    const std::uint64_t r = d.draw(2);
    if ((r & UINT32_MAX) % 1'000'000 < e.reorder_ppm) delay += scale(r >> 32, e.reorder_window);
    const std::uint64_t twice = d.draw(3);
    if ((twice & UINT32_MAX) % 1'000'000 < e.duplicate_ppm) {
      deliver_datagram(endpoint, port, d.sender, carry(d.message), delay + scale(twice >> 32, base::kMillisecond));
    }
  }
  deliver_datagram(endpoint, port, d.sender, carry(std::move(d.message)), delay);
}

void Fabric::deliver_datagram(Endpoint& to, std::uint16_t port, env::Peer sender, env::Message&& message,
                              base::Nanos delay) {
  const std::uint64_t content = base::combine64((static_cast<std::uint64_t>(sender) << 16) | port,
                                                message.body ? message.body->content_hash() : 0);
  kernel_.after(delay, {to.gate().owner(), EventKind::kDatagram, content},
                [&to, port, sender, message = std::move(message)]() mutable {
                  to.datagram_arrived(port, sender, std::move(message));
                });
}

// Load balancers ----------------------------------------------------------------------------------

void Fabric::add_load_balancer(LoadBalancerConfig config) {
  HostId host = find_host(config.host);
  if (host == HostId::kNone) host = add_host(config.host, "load-balancer", {});
  const std::uint64_t key = base::stream_key(seed_, "load-balancer", config.host, config.port);
  const base::Nanos period = config.check_period;
  const std::size_t index = balancers_.size();
  balancers_.push_back(std::make_unique<LoadBalancer>(std::move(config), host, key));
  kernel_.after(period, {0, EventKind::kHealth, index}, [this, index] { check_balancer(index); });
}

bool Fabric::answers_check(const LoadBalancer& lb, std::size_t backend) const {
  const env::Address& a = lb.config().backends[backend];
  const HostId host = find_host(a.host);
  if (host == HostId::kNone || unreachable(lb.host(), host) || unreachable(host, lb.host())) return false;
  Endpoint* endpoint = listener(host, a.port);
  return endpoint && endpoint->listens(a.port) && !kernel_.paused(endpoint->gate().owner());
}

void Fabric::check_balancer(std::size_t index) {
  LoadBalancer& lb = *balancers_[index];
  std::uint64_t up = 0;
  for (std::size_t b = 0; b < lb.backend_count(); ++b) {
    const bool went_down = lb.checked(b, answers_check(lb, b));
    up = up * 2 + (lb.healthy(b) ? 1 : 0);
    if (!went_down) continue;
    for (Endpoint* e : endpoints_) {
      for (const auto& c : e->connections()) {
        if (c->load_balancer() != index || c->backend() != b || c->endpoint(0) != e) continue;
        c->end_later(0, {base::ErrorCode::kUnavailable, "backend is down"});
      }
    }
  }
  kernel_.after(lb.config().check_period, {0, EventKind::kHealth, base::combine64(index, up)},
                [this, index] { check_balancer(index); });
}

}  // namespace orrery::sim
