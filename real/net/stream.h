// LinkStream: one end of a stream over a Link.
#pragma once
#include <deque>
#include <memory>
#include <optional>

#include "model/env/network.h"
#include "real/loop/loop.h"

namespace orrery::real {

class Link;

/// The state of one end, shared by the handle its user holds and by the link. Messages are taken while fewer than
/// kWindowBytes are in flight and unconsumed, so one message of any size passes an empty window.
class StreamCore : public std::enable_shared_from_this<StreamCore> {
 public:
  static constexpr std::uint64_t kWindowBytes = 1u << 20;

  StreamCore(Poster post, Link* link, std::uint64_t id) : post_(std::move(post)), link_(link), id_(id) {}

  void listen(env::StreamEvents events);
  bool send(const env::Message& message);
  /// Ends this end: nothing more is heard, the other end is told. Idempotent.
  void close(const base::Error& why);

  /// From the link, in its callbacks.
  void received(env::Message message);
  void credited(std::uint64_t bytes);
  /// The last thing to be heard: the peer closed, or the connection broke. Queued behind what has been received.
  void ended(base::Error why);

 private:
  void pump_later();
  void pump();
  void consumed(std::uint64_t bytes);

  Poster post_;
  Link* link_;                                  // null once the stream is no longer on a connection
  std::uint64_t id_;
  std::shared_ptr<env::StreamEvents> events_;   // null until listen()
  std::deque<env::Message> inbox_;
  std::optional<base::Error> end_;
  std::uint64_t in_flight_ = 0, owed_ = 0;      // sent and unconsumed; consumed and not yet told
  bool refused_ = false, finished_ = false, pumping_ = false;
};

class LinkStream : public env::Stream {
 public:
  explicit LinkStream(std::shared_ptr<StreamCore> core) : core_(std::move(core)) {}
  ~LinkStream() override;
  void listen(env::StreamEvents events) override { core_->listen(std::move(events)); }
  bool send(env::Message message) override { return core_->send(message); }
  void close(base::Error why) override { core_->close(why); }

 private:
  std::shared_ptr<StreamCore> core_;
};

}  // namespace orrery::real
