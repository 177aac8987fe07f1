#include "sim/net/connection.h"

#include <algorithm>

#include "model/base/random.h"
#include "sim/net/endpoint.h"
#include "sim/net/fabric.h"
#include "sim/net/sim_stream.h"

namespace orrery::sim {
namespace {

constexpr base::Nanos kRetransmit = 200 * base::kMillisecond;

EventKind event_kind(FrameKind kind) {
  switch (kind) {
    case FrameKind::kRequest: return EventKind::kCall;
    case FrameKind::kReply:
    case FrameKind::kRefuse:
    case FrameKind::kDropped: return EventKind::kReply;
    case FrameKind::kStreamClose: return EventKind::kClose;
    default: return EventKind::kStream;
  }
}

std::uint64_t content_of(const Frame& frame) {
  return base::combine64((frame.id << 4) | static_cast<std::uint64_t>(frame.kind),
                         frame.body ? frame.body->content_hash() : 0);
}

base::Error unavailable(std::string why) { return {base::ErrorCode::kUnavailable, std::move(why)}; }

}  // namespace

Connection::Connection(Fabric& fabric, Endpoint& client, env::Peer server, std::uint64_t key)
    : fabric_(fabric), server_peer_(server), key_(key) {
  sides_[0].endpoint = &client;
  sides_[0].host = client.host();
}

bool Connection::direction_blocked(unsigned from) const {
  const HostId a = sides_[from].host;
  const HostId b = sides_[1 - from].host;
  if (fabric_.unreachable(a, b)) return true;
  return via_ != HostId::kNone && (fabric_.unreachable(a, via_) || fabric_.unreachable(via_, b));
}

base::Nanos Connection::one_way(unsigned side, std::uint64_t draw) {
  return fabric_.transit(sides_[side].host, other(side).host, draw).latency;
}

bool Connection::lost(unsigned side) {
  const std::uint32_t ppm = fabric_.loss_ppm(sides_[side].host, other(side).host);
  if (ppm == 0) return false;
  return base::RandomStream::at(key_ ^ (0x10551055 + side), sides_[side].loss_draws++) % 1'000'000 < ppm;
}

// Dialling ----------------------------------------------------------------------------------------

void Connection::dial() {
  dial_started_ = fabric_.kernel().now();
  const Fabric::Target to = fabric_.route(sides_[0].host, server_peer_, base::mix64(key_));
  if (to.refused) return refuse(unavailable("connection refused"), fabric_.config().same_zone);
  if (to.host == HostId::kNone) return refuse(unavailable("no such host"), fabric_.config().loopback);
  sides_[1].host = to.host;
  server_port_ = to.port;
  balancer_ = to.balancer;
  backend_ = to.backend;
  if (balancer_ != SIZE_MAX) via_ = fabric_.load_balancer(balancer_).host();
  attempt_dial(0);
}

void Connection::attempt_dial(unsigned attempt) {
  if (!sides_[0].endpoint) return;
  if (blocked() || lost(0)) return retry_dial(attempt);
  fabric_.kernel().after(one_way(0, base::RandomStream::at(key_, 2 * attempt)), {0, EventKind::kDial, key_},
                         [self = base::Ref<Connection>(this), attempt] { self->syn_arrived(attempt); });
}

void Connection::retry_dial(unsigned attempt) {
  base::Nanos limit = fabric_.config().dial_timeout;
  if (balancer_ != SIZE_MAX)
    limit = std::min(limit, fabric_.load_balancer(balancer_).config().connect_timeout);
  const base::Instant next = fabric_.kernel().now() + (base::kSecond << std::min(attempt, 6u));
  if (next >= dial_started_ + limit) {
    return refuse(unavailable("dial timeout"), dial_started_ + limit - fabric_.kernel().now());
  }
  fabric_.kernel().at(next, {0, EventKind::kDial, key_},
                      [self = base::Ref<Connection>(this), attempt] { self->attempt_dial(attempt + 1); });
}

void Connection::syn_arrived(unsigned attempt) {
  if (!sides_[0].endpoint) return;
  if (blocked()) return retry_dial(attempt);
  Endpoint* server = fabric_.listener(sides_[1].host, server_port_);
  const base::Nanos back = one_way(1, base::RandomStream::at(key_, 2 * attempt + 1));
  if (!server || !server->listens(server_port_)) return refuse(unavailable("connection refused"), back);
  Side& s = sides_[1];
  const base::Instant now = fabric_.kernel().now();
  s.endpoint = server;
  s.last_heard = now;
  s.last_arrival = now + back;
  server->add_connection(*this, 1);
  fabric_.kernel().at(s.last_arrival, {sides_[0].endpoint->gate().owner(), EventKind::kDial, key_},
                      [self = base::Ref<Connection>(this)] { self->established(); });
}

void Connection::established() {
  if (state_ != State::kDialing || !sides_[0].endpoint) return;
  state_ = State::kOpen;
  sides_[0].last_heard = fabric_.kernel().now();
  std::vector<Frame> frames;
  frames.swap(waiting_);
  for (Frame& f : frames) transmit(0, std::move(f));
  watch_peer();
}

void Connection::refuse(base::Error why, base::Nanos delay) {
  if (!sides_[0].endpoint) return;
  fabric_.kernel().after(
      delay, {sides_[0].endpoint->gate().owner(), EventKind::kDial, key_ + 1},
      [self = base::Ref<Connection>(this), why = std::move(why)] { self->end(0, why, true, false); });
}

bool Connection::forget_waiting(std::uint64_t call) {
  if (state_ != State::kDialing) return false;
  std::erase_if(waiting_, [call](const Frame& f) { return f.kind == FrameKind::kRequest && f.id == call; });
  return true;
}

// Frames ------------------------------------------------------------------------------------------

void Connection::send(unsigned side, Frame&& frame) {
  if (!sides_[side].endpoint) return;
  if (state_ == State::kDialing && side == 0) waiting_.push_back(std::move(frame));
  else transmit(side, std::move(frame));
}

void Connection::transmit(unsigned side, Frame&& frame) {
  Side& s = sides_[side];
  if (!s.stalled.empty()) {
    s.stalled.push_back(std::move(frame));
  } else if (direction_blocked(side) || lost(side)) {
    stall(side, std::move(frame));
  } else if (fabric_.is_bulk(s.host, other(side).host, frame.size)) {
    s.stalled.push_back(std::move(frame));
    start_flow(side);
  } else {
    schedule_arrival(side, std::move(frame));
  }
}

void Connection::stall(unsigned side, Frame&& frame) {
  sides_[side].stalled.push_back(std::move(frame));
  wait_for_retransmit(side);
}

void Connection::wait_for_retransmit(unsigned side) {
  Side& s = sides_[side];
  s.stalled_since = fabric_.kernel().now();
  s.retries = 0;
  fabric_.kernel().after(kRetransmit, {0, EventKind::kRetransmit, key_},
                         [self = base::Ref<Connection>(this), side] { self->retransmit(side); });
}

void Connection::retransmit(unsigned side) {
  Side& s = sides_[side];
  if (!s.endpoint) {
    s.stalled.clear();
    return;
  }
  if (direction_blocked(side) || lost(side)) {
    s.retries = std::min(s.retries + 1, 9u);  // about 120 s at most, as Linux
    const base::Instant next = s.stalled_since + kRetransmit * ((2 << s.retries) - 1);
    fabric_.kernel().at(std::max(next, fabric_.kernel().now() + kRetransmit),
                        {0, EventKind::kRetransmit, key_},
                        [self = base::Ref<Connection>(this), side] { self->retransmit(side); });
    return;
  }
  drain(side);
}

void Connection::schedule_arrival(unsigned side, Frame&& frame, bool on_wire) {
  Side& s = sides_[side];
  Side& to = other(side);
  Kernel& kernel = fabric_.kernel();
  const std::uint64_t draw = base::RandomStream::at(key_ + 1 + side, s.sent++);
  const Fabric::Transit t = fabric_.transit(s.host, to.host, draw);
  if (!to.endpoint) {
    // The peer's host answers for a connection it does not know.
    if (!direction_blocked(1 - side)) schedule_reset(side, kernel.now() + 2 * t.latency);
    return;
  }
  base::Instant start = std::max(s.wire_free, kernel.now());
  s.wire_free = start + (on_wire ? static_cast<base::Nanos>(frame.size) * base::kSecond / t.bandwidth : 0);
  base::Instant when = std::max(s.wire_free + t.latency, s.last_arrival + 1);
  if (when < t.hold_until) when = t.hold_until;
  s.last_arrival = when;
  const EventTag tag{to.endpoint->gate().owner(), event_kind(frame.kind), content_of(frame)};
  kernel.at(when, tag, [self = base::Ref<Connection>(this), side, frame = std::move(frame)]() mutable {
    self->arrived(1 - side, frame);
  });
}

void Connection::arrived(unsigned to, Frame& frame) {
  Side& s = sides_[to];
  if (!s.endpoint) return;
  s.last_heard = fabric_.kernel().now();
  switch (frame.kind) {
    case FrameKind::kRequest: return s.endpoint->request_arrived(*this, server_port_, frame);
    case FrameKind::kReply: return s.endpoint->reply_arrived(frame.id, env::Message{std::move(frame.body)});
    case FrameKind::kRefuse: return s.endpoint->reply_arrived(frame.id, unavailable("not served here"));
    case FrameKind::kDropped:
      return s.endpoint->reply_arrived(frame.id,
                                       base::Error{base::ErrorCode::kUnknown, "dropped by the server"});
    case FrameKind::kHello: return s.endpoint->hello_arrived(*this, server_port_, frame);
    case FrameKind::kStreamMessage:
      return frame.stream->deliver(fabric_, to, env::Message{std::move(frame.body)}, frame.size);
    case FrameKind::kStreamClose:
      return frame.stream->deliver_close(fabric_, to, frame.stream->ends[1 - to].close_why);
    case FrameKind::kCredit: return frame.stream->give_room(fabric_, to, static_cast<std::int64_t>(frame.id));
  }
}

// Ends --------------------------------------------------------------------------------------------

void Connection::schedule_reset(unsigned side, base::Instant when) {
  Side& s = sides_[side];
  if (s.reset_pending || !s.endpoint) return;
  s.reset_pending = true;
  fabric_.kernel().at(when, {s.endpoint->gate().owner(), EventKind::kClose, key_ + side},
                      [self = base::Ref<Connection>(this), side] {
                        self->end(side, unavailable("connection reset by peer"), true, false);
                      });
}

void Connection::end_later(unsigned side, base::Error why) {
  Side& s = sides_[side];
  if (!s.endpoint) return;
  fabric_.kernel().after(0, {s.endpoint->gate().owner(), EventKind::kClose, key_ + side},
                         [self = base::Ref<Connection>(this), side, why = std::move(why)] {
                           self->end(side, why, true, true);
                         });
}

void Connection::end(unsigned side, const base::Error& why, bool notify, bool reset_peer) {
  Side& s = sides_[side];
  if (!s.endpoint) return;
  const base::Ref<Connection> self(this);
  Endpoint& endpoint = *s.endpoint;
  const bool never_sent = side == 0 && state_ == State::kDialing;
  fabric_.kernel().cancel(s.keepalive);
  s.keepalive = EventId::kNone;
  s.endpoint = nullptr;
  s.stalled.clear();
  fabric_.sharing().cancel(s.flow);
  s.flow = ShareId::kNone;
  waiting_.clear();
  state_ = State::kClosed;
  endpoint.remove_connection(*this, side);
  Side& peer = other(side);
  if (peer.endpoint) {
    if (reset_peer && !direction_blocked(side)) {
      const base::Nanos latency = one_way(side, base::RandomStream::at(key_ + 1 + side, s.sent++));
      schedule_reset(1 - side, std::max(fabric_.kernel().now() + latency, s.last_arrival + 1));
    } else if (reset_peer) {
      arm_keepalive(1 - side);
    }
  }
  const auto code = never_sent ? base::ErrorCode::kUnavailable : base::ErrorCode::kUnknown;
  end_streams(side, endpoint, {code, why.message}, notify);
  if (notify && side == 0) endpoint.fail_calls(*this, {code, why.message});
}

void Connection::end_streams(unsigned side, Endpoint& endpoint, const base::Error& why, bool notify) {
  std::vector<base::Ref<StreamPair>> open;
  for (StreamPair* p = streams_; p; p = p->next) open.emplace_back(p);
  const bool last = !other(side).endpoint;
  for (const auto& pair : open) {
    if (notify && endpoint.gate().alive()) {
      pair->deliver_close(fabric_, side, why);
    } else {
      pair->ends[side].closed = true;
      pair->ends[side].events = {};
    }
    if (last && pair->linked) unlink_stream(*pair);
  }
}

void Connection::link_stream(StreamPair& pair) {
  pair.retain();
  pair.linked = true;
  pair.previous = nullptr;
  pair.next = streams_;
  if (streams_) streams_->previous = &pair;
  streams_ = &pair;
}

void Connection::unlink_stream(StreamPair& pair) {
  if (!pair.linked) return;
  pair.linked = false;
  if (pair.next) pair.next->previous = pair.previous;
  if (pair.previous) pair.previous->next = pair.next;
  else streams_ = pair.next;
  if (pair.release()) delete &pair;
}

// Keepalive ---------------------------------------------------------------------------------------

void Connection::watch_peer() {
  if (state_ == State::kDialing) return;
  check_flow(0);
  check_flow(1);
  if (blocked()) {
    arm_keepalive(0);
    arm_keepalive(1);
    return;
  }
  abandoned = 0;  // the peer hears of them now
  for (unsigned side = 0; side < 2; ++side) {
    Side& s = sides_[side];
    if (s.keepalive == EventId::kNone || !other(side).endpoint) continue;
    fabric_.kernel().cancel(s.keepalive);
    s.keepalive = EventId::kNone;
    s.last_heard = fabric_.kernel().now();  // the ping's retransmission gets through
  }
}

void Connection::arm_keepalive(unsigned side) {
  Side& s = sides_[side];
  if (!s.endpoint || s.keepalive != EventId::kNone) return;
  const base::Instant now = fabric_.kernel().now();
  const base::Nanos idle = fabric_.config().keepalive_idle;
  // Pings of the quiet past were answered.
  const base::Instant heard = s.last_heard + (now - s.last_heard) / idle * idle;
  s.last_heard = heard;
  const base::Instant due = heard + idle + fabric_.config().keepalive_timeout;
  s.keepalive =
      fabric_.kernel().at(due, {s.endpoint->gate().owner(), EventKind::kKeepalive, key_ + side},
                          [self = base::Ref<Connection>(this), side] { self->check_keepalive(side); });
}

void Connection::check_keepalive(unsigned side) {
  Side& s = sides_[side];
  s.keepalive = EventId::kNone;
  if (!s.endpoint) return;
  const bool cut = blocked();
  if (!cut && other(side).endpoint) return;
  const base::Instant due =
      s.last_heard + fabric_.config().keepalive_idle + fabric_.config().keepalive_timeout;
  if (due > fabric_.kernel().now()) return arm_keepalive(side);
  if (cut) end(side, unavailable("keepalive timeout"), true, true);
  else end(side, unavailable("connection reset by peer"), true, false);
}

}  // namespace orrery::sim
