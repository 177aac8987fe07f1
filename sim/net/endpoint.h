// Endpoint: the network as one process incarnation sees it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "model/base/hash_map.h"
#include "model/env/network.h"
#include "sim/kernel/kernel.h"
#include "sim/net/connection.h"
#include "sim/net/topology.h"
#include "sim/world/process_gate.h"

namespace orrery::sim {

class Fabric;

class Endpoint final : public env::Network {
 public:
  using CallDone = base::UniqueFunction<void(base::Result<env::Message>)>;
  using DatagramHandler = base::UniqueFunction<void(env::Peer, env::Message)>;
  using CallHandler = base::UniqueFunction<void(env::Peer, env::Message, env::Reply)>;
  using StreamHandler = base::UniqueFunction<void(env::Peer, env::Message, std::unique_ptr<env::Stream>)>;

  /// `local_port` is the source port of everything it dials.
  Endpoint(Fabric& fabric, ProcessGate& gate, HostId host, std::uint16_t local_port);
  ~Endpoint() override;

  env::Peer resolve(const env::Address& address) override;
  env::Address address_of(env::Peer peer) const override;
  void send_datagram(std::uint16_t from_port, env::Peer to, env::Message message) override;
  void on_datagram(std::uint16_t port, DatagramHandler handler) override;
  env::CallId call(env::Peer to, env::Message request, base::Nanos timeout, CallDone done) override;
  void cancel_call(env::CallId id) override;
  void serve_calls(std::uint16_t port, CallHandler handler) override;
  std::unique_ptr<env::Stream> open_stream(env::Peer to, env::Message hello,
                                           env::StreamEvents events) override;
  void serve_streams(std::uint16_t port, StreamHandler handler) override;
  void close_connections(env::Peer to) override;

  /// The process is dead: frees its ports and ends its connections. `silent`: the machine lost power, peers
  /// hear nothing.
  void shut(bool silent);

  // For the fabric and connections.
  ProcessGate& gate() { return gate_; }
  HostId host() const { return host_; }
  env::Peer self() const { return self_; }
  void datagram_arrived(std::uint16_t port, env::Peer from, env::Message message);
  void request_arrived(Connection& connection, std::uint16_t port, const Frame& frame);
  void hello_arrived(Connection& connection, std::uint16_t port, const Frame& frame);
  void reply_arrived(std::uint64_t call, base::Result<env::Message> answer);
  bool listens(std::uint16_t port) const;
  void add_connection(Connection& connection, unsigned side);
  void remove_connection(Connection& connection, unsigned side);
  /// All unanswered calls on this connection end with `why`.
  void fail_calls(const Connection& connection, const base::Error& why);
  const std::vector<base::Ref<Connection>>& connections() const { return connections_; }

 private:
  template <class H>
  struct Box : base::RefCounted {
    explicit Box(H h) : handler(std::move(h)) {}
    H handler;
  };
  struct Port {
    std::uint16_t number = 0;
    base::Ref<Box<DatagramHandler>> datagrams;
    base::Ref<Box<CallHandler>> calls;
    base::Ref<Box<StreamHandler>> streams;
  };
  struct PeerState {
    base::Ref<Connection> connection;
    std::uint64_t datagram_key = 0, datagrams = 0;
    std::uint64_t dials = 0;
  };
  struct Call {
    std::uint64_t id = 0;  // 0: free
    CallDone done;
    base::Ref<Connection> connection;
    std::uint32_t next_free = 0;
  };
  struct Deadline {
    base::Instant due;
    std::uint64_t call = 0;
    bool operator<(const Deadline& o) const { return o.due < due || (o.due == due && o.call < call); }  // std heaps: earliest first
  };

  Port* find_port(std::uint16_t number);
  Port& open_port(std::uint16_t number);
  PeerState& peer_state(env::Peer peer);
  bool has_room(const Connection& connection) const;
  Connection& connection_to(env::Peer peer);
  Call* find_call(std::uint64_t id);
  CallDone finish_call(Call& call);
  void call_timed_out(std::uint64_t id);
  void expect_by(base::Instant due, std::uint64_t call);
  void arm_deadline(base::Instant due);
  void deadline_passed();
  void pop_deadline();
  void forget_deadlines();

  Fabric& fabric_;
  ProcessGate& gate_;
  HostId host_;
  env::Peer self_;
  std::uint64_t key_;
  std::vector<Port> ports_;
  base::HashMap<std::uint32_t, PeerState> peers_;
  std::vector<base::Ref<Connection>> connections_;
  std::vector<Call> calls_;
  std::uint32_t free_call_ = UINT32_MAX;
  std::uint32_t call_generation_ = 0;
  std::size_t calls_open_ = 0;
  std::vector<Deadline> deadlines_;  // a heap, with some of calls that have been answered
  EventId deadline_event_ = EventId::kNone;
  base::Instant deadline_armed_;
  bool shut_ = false;
};

}  // namespace orrery::sim
