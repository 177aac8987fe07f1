// SimStream: one end of a simulated stream.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "model/base/ref.h"
#include "model/env/network.h"
#include "sim/net/connection.h"

namespace orrery::sim {

/// Both ends of a stream and the window between them. Held by the two handles, by the frames under way and,
/// while it is open, by its connection's list.
struct StreamPair : base::RefCounted {
  struct End {
    env::StreamEvents events;
    bool handle = false;          // a Stream object exists
    bool listening = false;
    bool flush_planned = false;
    bool closed = false;          // nothing is delivered to this end any more
    bool wants_room = false;      // a send was refused; tell when half of the window is free
    std::int64_t in_flight = 0;   // bytes sent by this end and not yet consumed by the other
    base::Error close_why;        // what this end closed with
    std::vector<env::Message> backlog;  // arrived before listen()
    bool backlog_closed = false;
    base::Error backlog_why;
  };
  base::Ref<Connection> connection;
  End ends[2];
  StreamPair* next = nullptr;
  StreamPair* previous = nullptr;
  bool linked = false;

  /// A message for end `to` has arrived.
  void deliver(Fabric& fabric, unsigned to, env::Message message, std::uint32_t size);
  void deliver_close(Fabric& fabric, unsigned to, const base::Error& why);
  /// The window of end `to` has room again.
  void give_room(Fabric& fabric, unsigned to, std::int64_t bytes);
  void flush_backlog(Fabric& fabric, unsigned to);

 private:
  void consume(Fabric& fabric, unsigned to, env::Message message, std::uint32_t size);
  void unlink_when_done();
};

class SimStream : public env::Stream {
 public:
  SimStream(Fabric& fabric, base::Ref<StreamPair> pair, unsigned side, std::uint32_t owner);
  ~SimStream() override;
  void listen(env::StreamEvents events) override;
  bool send(env::Message message) override;
  void close(base::Error why) override;

 private:
  Fabric& fabric_;
  base::Ref<StreamPair> pair_;
  unsigned side_;
  std::uint32_t owner_;  // kernel owner of the process that holds the handle
};

}  // namespace orrery::sim
