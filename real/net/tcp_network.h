// TcpNetwork: the seam's network over TCP. One connection per peer dialled carries its calls, streams and datagrams; one
// listener per port served. Datagrams are best effort: lost when the peer cannot be reached or the connection is far
// behind. There is no encryption and no authentication yet (see connection.h).
#pragma once
#include <memory>
#include <vector>

#include "model/base/sorted_map.h"
#include "model/env/clock.h"
#include "model/env/network.h"
#include "real/net/link.h"

namespace orrery::real {

/// A call and a stream name their sender by host and port 0; a datagram by host and the port to answer to.
class TcpNetwork final : public env::Network, public LinkOwner {
 public:
  /// `fatal` is told, from the loop, when a port cannot be listened on.
  TcpNetwork(Poster post, env::Timers& timers, NetOptions options, base::UniqueFunction<void(std::string)> fatal);
  /// Closes every socket; peers see a reset.
  ~TcpNetwork() override;

  env::Peer resolve(const env::Address& address) override;
  env::Address address_of(env::Peer peer) const override;
  void send_datagram(std::uint16_t from_port, env::Peer to, env::Message message) override;
  void on_datagram(std::uint16_t port, base::UniqueFunction<void(env::Peer, env::Message)> handler) override;
  env::CallId call(env::Peer to, env::Message request, base::Nanos timeout,
                   base::UniqueFunction<void(base::Result<env::Message>)> done) override;
  void cancel_call(env::CallId id) override;
  void serve_calls(std::uint16_t port, base::UniqueFunction<void(env::Peer, env::Message, env::Reply)> handler) override;
  std::unique_ptr<env::Stream> open_stream(env::Peer to, env::Message hello, env::StreamEvents events) override;
  void serve_streams(std::uint16_t port,
                     base::UniqueFunction<void(env::Peer, env::Message, std::unique_ptr<env::Stream>)> handler) override;
  void close_connections(env::Peer to) override;

 private:
  struct Listener;
  struct Pending {
    base::UniqueFunction<void(base::Result<env::Message>)> done;
    env::TimerId timer = env::TimerId::kNone;
    std::weak_ptr<Link> link;
  };
  std::shared_ptr<Link> dialled(env::Peer to);
  Listener& listener(std::uint16_t port);
  void accept(const std::shared_ptr<Listener>& listener);
  env::Peer sender(Link& link, std::uint16_t port);

  bool serves_calls(const Link& link) const override;
  void call_arrived(Link& link, env::Message request, env::Reply reply) override;
  void stream_arrived(Link& link, env::Message hello, std::unique_ptr<env::Stream> stream) override;
  void datagram_arrived(Link& link, std::uint16_t from_port, env::Message message) override;
  void call_ended(env::CallId id, base::Result<env::Message> result) override;
  void link_gone(Link& link) override;

  Poster post_;
  env::Timers& timers_;
  NetOptions options_;
  Bodies bodies_;
  base::UniqueFunction<void(std::string)> fatal_;
  std::vector<env::Address> addresses_;                           // by Peer - 1
  base::SortedMap<std::pair<std::string, std::uint16_t>, env::Peer> peers_;
  base::SortedMap<env::Peer, std::shared_ptr<Link>> dialled_;
  std::vector<std::shared_ptr<Link>> accepted_;
  base::SortedMap<std::uint16_t, std::shared_ptr<Listener>> listeners_;
  base::SortedMap<env::CallId, Pending> calls_;
  std::uint64_t last_call_ = 0;
};

}  // namespace orrery::real
