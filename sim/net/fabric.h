// Fabric: the network of a simulated world: who is where, who listens, what is broken, and how long a
// message takes.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/base/hash_map.h"
#include "model/base/random.h"
#include "model/base/str.h"
#include "model/env/network.h"
#include "sim/kernel/kernel.h"
#include "sim/net/bulk_datagrams.h"
#include "sim/net/dial_redirect.h"
#include "sim/net/load_balancer.h"
#include "sim/net/network_config.h"
#include "sim/net/network_rules.h"
#include "sim/net/topology.h"

namespace orrery::sim {

class Endpoint;

/// Random draws are keyed by (sender, receiver, connection or datagram number), so that one added fault
/// does not change the latency of anything else.
class Fabric {
 public:
  /// `sharing` carries what is longer than NetworkConfig::bulk_bytes; it outlives the fabric.
  Fabric(Kernel& kernel, SharedCapacity& sharing, std::uint64_t seed, const NetworkConfig& config);
  ~Fabric();
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  Kernel& kernel() { return kernel_; }
  SharedCapacity& sharing() { return sharing_; }
  const NetworkConfig& config() const { return config_; }
  Topology& topology() { return topology_; }
  std::uint64_t seed() const { return seed_; }

  // Hosts and names.
  HostId add_host(base::Str name, base::Str zone, base::Str rack);
  /// Another name (an IP) of a host; replaces what the alias meant before.
  void add_alias(const base::Str& alias, HostId host);
  void remove_alias(std::string_view alias);
  /// kNone when there is none.
  HostId find_host(std::string_view name) const;
  bool up(HostId h) const { return up_[static_cast<std::uint32_t>(h)]; }
  /// A host that goes down answers nothing, not even with a reset. Its processes must have been shut first.
  void set_up(HostId h, bool up);
  /// Its links in sharing(). Every host with processes has a place there.
  void set_share_node(HostId h, ShareNode node) { share_nodes_[static_cast<std::uint32_t>(h)] = node; }
  /// Whether a message of this size is a flow there.
  bool is_bulk(HostId from, HostId to, std::int64_t size) const { return size > config_.bulk_bytes && from != to; }
  /// That flow, at most as fast as the path is by itself under the present rules.
  ShareDemand flow_demand(HostId from, HostId to);
  /// Not owned; null for none.
  void set_redirect(HostId h, DialRedirect* redirect) {
    redirects_[static_cast<std::uint32_t>(h)] = redirect;
  }

  // Faults.
  RuleId add_rule(HostSet from, HostSet to, bool both_ways, LinkEffect effect);
  void remove_rule(RuleId id);
  const NetworkRules& rules() const { return rules_; }

  void add_load_balancer(LoadBalancerConfig config);
  std::size_t load_balancer_count() const { return balancers_.size(); }
  LoadBalancer& load_balancer(std::size_t i) { return *balancers_[i]; }

  // For endpoints and connections.
  env::Peer intern(const env::Address& address);
  const env::Address& address(env::Peer peer) const {
    return addresses_[static_cast<std::uint32_t>(peer)].address;
  }
  /// The peer that stands for a port of a host.
  env::Peer port_peer(HostId h, std::uint16_t port);
  /// The host that an interned address names now; kNone when no host does.
  HostId host_of(env::Peer peer);
  void bind(HostId h, std::uint16_t port, Endpoint& endpoint);
  void unbind(HostId h, std::uint16_t port, const Endpoint& endpoint);
  /// Null when nobody listens there.
  Endpoint* listener(HostId h, std::uint16_t port) const;
  void enroll(Endpoint& endpoint);
  void dismiss(const Endpoint& endpoint);
  bool unreachable(HostId from, HostId to) const {
    const bool all_reachable = hosts_down_ == 0 && rules_.empty();
    return !all_reachable && cut_off(from, to);
  }
  /// What one message meets between two hosts, rules included, with the jitter of `draw`.
  struct Transit {
    base::Nanos latency = 0;
    std::int64_t bandwidth = 0;
    base::Instant hold_until;
  };
  Transit transit(HostId from, HostId to, std::uint64_t draw);
  /// Chance of loss of one packet, in parts per million.
  std::uint32_t loss_ppm(HostId from, HostId to) {
    const bool lossless = !topology_.lossy() && rules_.empty();
    return lossless ? 0 : path_loss_ppm(from, to);
  }
  struct Target {
    HostId host = HostId::kNone;
    std::uint16_t port = 0;
    std::size_t balancer = SIZE_MAX, backend = SIZE_MAX;
    bool refused = false;  // the service table or the load balancer has nobody
  };
  /// Where a dial from `from` to `peer` goes.
  Target route(HostId from, env::Peer peer, std::uint64_t draw);
  void send_datagram(HostId from, env::Peer sender, env::Peer to, env::Message&& message, std::uint64_t key,
                     std::uint64_t number);
  /// Body as the receiver gets it: itself, or its decoded encoding under NetworkConfig::encode_every_hop.
  env::Message carry(env::Message message) const {
    if (config_.encode_every_hop && message.body) return encoded_and_decoded(message);
    return message;
  }

 private:
  struct AddressEntry {
    env::Address address;
    HostId host = HostId::kNone;
    std::uint32_t names_version = 0;
  };
  struct Bound {
    std::uint16_t port;
    Endpoint* endpoint;  // null while nobody listens
    env::Peer peer;
  };
  struct Datagram {
    HostId from, host;
    env::Peer sender, to;
    std::uint64_t key, number;
    env::Message message;
    std::uint64_t draw(unsigned k) const { return base::RandomStream::at(key, number * 4 + k); }
  };
  // The ways of a network with faults.
  bool cut_off(HostId from, HostId to) const;
  std::uint32_t path_loss_ppm(HostId from, HostId to);
  static env::Message encoded_and_decoded(const env::Message& message);
  Bound* find_bound(HostId h, std::uint16_t port);
  void bulk_datagram_sent(Datagram d);
  /// It has left its sender's wire `wire` from now.
  void propagate_datagram(Datagram&& d, Endpoint& endpoint, const Transit& t, base::Nanos wire);
  void deliver_datagram(Endpoint& to, std::uint16_t port, env::Peer sender, env::Message&& message,
                        base::Nanos delay);
  void check_balancer(std::size_t index);
  bool answers_check(const LoadBalancer& lb, std::size_t backend) const;
  void watch_peers();

  Kernel& kernel_;
  SharedCapacity& sharing_;
  std::uint64_t seed_;
  NetworkConfig config_;
  Topology topology_;
  NetworkRules rules_;
  std::vector<bool> up_;
  std::size_t hosts_down_ = 0;
  std::vector<ShareNode> share_nodes_;
  std::vector<DialRedirect*> redirects_;
  std::vector<std::vector<Bound>> bound_;
  base::HashMap<base::Str, HostId> names_;
  std::uint32_t names_version_ = 1;
  std::vector<AddressEntry> addresses_;
  base::HashMap<base::Str, std::uint32_t> address_index_;
  std::vector<Endpoint*> endpoints_;
  std::vector<std::unique_ptr<LoadBalancer>> balancers_;
  BulkDatagrams bulk_datagrams_;
};

}  // namespace orrery::sim
