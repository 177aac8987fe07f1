// Link: calls, streams and datagrams over one connection.
#pragma once
#include <memory>

#include "model/base/sorted_map.h"
#include "model/env/network.h"
#include "real/net/connection.h"
#include "real/net/stream.h"

namespace orrery::real {

/// What a link hands to the network it belongs to. Called from the loop only.
class LinkOwner {
 public:
  virtual bool serves_calls(const Link& link) const = 0;
  virtual void call_arrived(Link& link, env::Message request, env::Reply reply) = 0;
  virtual void stream_arrived(Link& link, env::Message hello, std::unique_ptr<env::Stream> stream) = 0;
  virtual void datagram_arrived(Link& link, std::uint16_t from_port, env::Message message) = 0;
  virtual void call_ended(env::CallId id, base::Result<env::Message> result) = 0;
  /// The connection is closed and nothing of it is left.
  virtual void link_gone(Link& link) = 0;

 protected:
  ~LinkOwner() = default;
};

/// Calls and streams are opened by the dialling side and served by the accepting one.
class Link final : public ConnectionEvents, public std::enable_shared_from_this<Link> {
 public:
  /// `port` is the one it was accepted on, 0 when dialled.
  Link(Poster post, const NetOptions& options, const Bodies& bodies, LinkOwner& owner, std::uint16_t port);
  ~Link();

  void datagram(std::uint16_t from_port, const env::Message& message);
  /// False when nothing was sent because the link is overloaded or the request too large.
  bool call(env::CallId id, const env::Message& request);
  void forget_call(env::CallId id) { calls_.erase(id); }
  std::unique_ptr<env::Stream> open(const env::Message& hello, env::StreamEvents events);
  /// Takes a stream off the link and tells the other end.
  void forget_stream(std::uint64_t id, const base::Error& why);
  /// Ends everything on it; what that leads to is queued, not run inside the call.
  void break_off(const base::Error& why);

  Connection& connection() { return *connection_; }
  std::uint16_t port() const { return port_; }

  void on_frame(const Frame& frame) override;
  void on_broken(base::Error why) override;

 private:
  class Answer;
  void served(const Frame& frame);
  void opened(const Frame& frame);
  void ended(const Frame& frame, base::Result<env::Message> result);
  void end_streams(const base::Error& why);

  Poster post_;
  const Bodies& bodies_;
  LinkOwner& owner_;
  std::uint16_t port_;
  std::shared_ptr<Connection> connection_;
  base::SortedSet<env::CallId> calls_;                                // of ours, unanswered
  base::SortedMap<std::uint64_t, std::shared_ptr<StreamCore>> streams_;
  std::uint64_t last_stream_ = 0;
};

}  // namespace orrery::real
