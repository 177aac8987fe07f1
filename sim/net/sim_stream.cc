#include "sim/net/sim_stream.h"

#include "sim/net/endpoint.h"
#include "sim/net/fabric.h"

namespace orrery::sim {
namespace {

// Runs a callback that may destroy the stream or replace its callbacks.
template <class F, class... A>
void run(StreamPair::End& end, F env::StreamEvents::*which, A&&... args) {
  F callback = std::move(end.events.*which);
  if (!callback) return;
  callback(std::forward<A>(args)...);
  if (end.handle && !end.closed && !(end.events.*which)) end.events.*which = std::move(callback);
}

}  // namespace

void StreamPair::deliver(Fabric& fabric, unsigned to, env::Message message, std::uint32_t size) {
  End& end = ends[to];
  if (end.closed || !end.handle) return;
  if (!end.listening || !end.backlog.empty()) {
    end.backlog.push_back(std::move(message));
    return;
  }
  consume(fabric, to, std::move(message), size);
}

void StreamPair::consume(Fabric&, unsigned to, env::Message message, std::uint32_t size) {
  const base::Ref<StreamPair> self(this);
  run(ends[to], &env::StreamEvents::on_message, std::move(message));
  End& sender = ends[1 - to];
  if (sender.closed || !connection->endpoint(to)) return;
  // Room is given back without a message of its own while the way back is open and nobody waits for it.
  const bool cut = connection->direction_blocked(to);
  if (!cut) sender.in_flight -= size;
  if (!cut && !sender.wants_room) return;
  connection->send(to, {FrameKind::kCredit, 0, cut ? size : 0u, {}, self});
}

void StreamPair::give_room(Fabric& fabric, unsigned to, std::int64_t bytes) {
  const base::Ref<StreamPair> self(this);
  End& end = ends[to];
  end.in_flight -= bytes;
  if (end.closed || !end.handle || !end.wants_room || end.in_flight > fabric.config().stream_window / 2)
    return;
  end.wants_room = false;
  run(end, &env::StreamEvents::on_writable);
}

void StreamPair::deliver_close(Fabric&, unsigned to, const base::Error& why) {
  const base::Ref<StreamPair> self(this);
  End& end = ends[to];
  if (end.closed) return;
  if (end.handle && (!end.listening || !end.backlog.empty())) {
    end.backlog_closed = true;
    end.backlog_why = why;
    return;
  }
  end.closed = true;
  env::StreamEvents events = std::move(end.events);
  end.events = {};
  if (end.handle && events.on_closed) events.on_closed(why);
  unlink_when_done();
}

void StreamPair::flush_backlog(Fabric& fabric, unsigned to) {
  const base::Ref<StreamPair> self(this);
  End& end = ends[to];
  end.flush_planned = false;
  std::vector<env::Message> messages;
  messages.swap(end.backlog);
  for (env::Message& m : messages) {
    if (end.closed || !end.handle) return;
    const auto size = static_cast<std::uint32_t>(m.encoded_size());
    consume(fabric, to, std::move(m), size);
  }
  if (end.backlog_closed && end.handle) deliver_close(fabric, to, end.backlog_why);
}

void StreamPair::unlink_when_done() {
  if (linked && ends[0].closed && ends[1].closed) connection->unlink_stream(*this);
}

SimStream::SimStream(Fabric& fabric, base::Ref<StreamPair> pair, unsigned side, std::uint32_t owner)
    : fabric_(fabric), pair_(std::move(pair)), side_(side), owner_(owner) {
  pair_->ends[side_].handle = true;
}

SimStream::~SimStream() {
  StreamPair::End& end = pair_->ends[side_];
  end.handle = false;
  Endpoint* endpoint = pair_->connection ? pair_->connection->endpoint(side_) : nullptr;
  if (!end.closed && endpoint && endpoint->gate().alive()) {
    end.close_why = {base::ErrorCode::kCancelled, "stream closed"};
    end.closed = true;
    pair_->connection->send(side_, {FrameKind::kStreamClose, 0, 0, {}, pair_});
    if (pair_->linked && pair_->ends[1 - side_].closed) pair_->connection->unlink_stream(*pair_);
  }
  end.closed = true;
  env::StreamEvents dead = std::move(end.events);
  end.events = {};
}

void SimStream::listen(env::StreamEvents events) {
  StreamPair::End& end = pair_->ends[side_];
  if (end.closed) return;
  env::StreamEvents former = std::move(end.events);
  end.events = std::move(events);
  end.listening = true;
  if (end.flush_planned || (end.backlog.empty() && !end.backlog_closed)) return;
  end.flush_planned = true;
  fabric_.kernel().after(
      0, {owner_, EventKind::kStream, end.backlog.size()},
      [pair = pair_, fabric = &fabric_, side = side_] { pair->flush_backlog(*fabric, side); });
}

bool SimStream::send(env::Message message) {
  StreamPair::End& end = pair_->ends[side_];
  if (end.closed) return true;
  Endpoint* endpoint = pair_->connection->endpoint(side_);
  if (!endpoint) return true;
  const auto size = static_cast<std::int64_t>(message.encoded_size());
  if (end.in_flight > 0 && end.in_flight + size > fabric_.config().stream_window) {
    end.wants_room = true;
    return false;
  }
  if (!endpoint->gate().begin_effect(Effect::kSend)) return true;
  end.in_flight += size;
  message = fabric_.carry(std::move(message));
  pair_->connection->send(side_, {FrameKind::kStreamMessage, static_cast<std::uint32_t>(size), 0,
                                  std::move(message.body), pair_});
  endpoint->gate().end_effect();
  return true;
}

void SimStream::close(base::Error why) {
  StreamPair::End& end = pair_->ends[side_];
  Endpoint* endpoint = pair_->connection ? pair_->connection->endpoint(side_) : nullptr;
  if (end.closed || !endpoint || !endpoint->gate().begin_effect(Effect::kSend)) return;
  end.closed = true;
  end.close_why = std::move(why);
  pair_->connection->send(side_, {FrameKind::kStreamClose, 0, 0, {}, pair_});
  if (pair_->linked && pair_->ends[1 - side_].closed) pair_->connection->unlink_stream(*pair_);
  endpoint->gate().end_effect();
}

}  // namespace orrery::sim
