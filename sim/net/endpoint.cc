#include "sim/net/endpoint.h"

#include <algorithm>

#include "model/base/random.h"
#include "sim/net/fabric.h"
#include "sim/net/sim_stream.h"

namespace orrery::sim {
namespace {

std::uint32_t raw(env::Peer peer) { return static_cast<std::uint32_t>(peer); }

std::uint32_t size_of(const env::Message& message) {
  return static_cast<std::uint32_t>(message.encoded_size());
}

// Answers one call; unanswered, tells the caller so.
struct ReplyToken {
  base::Ref<Connection> connection;
  std::uint64_t call = 0;

  ReplyToken(base::Ref<Connection> c, std::uint64_t id) : connection(std::move(c)), call(id) {}
  ReplyToken(ReplyToken&&) noexcept = default;
  ~ReplyToken() {
    Endpoint* server = connection ? connection->endpoint(1) : nullptr;
    if (server && server->gate().alive()) connection->send(1, {FrameKind::kDropped, 0, call, {}, {}});
  }
  void operator()(env::Message answer) {
    const base::Ref<Connection> c = std::move(connection);
    Endpoint* server = c->endpoint(1);
    if (!server || !server->gate().begin_effect(Effect::kSend)) return;
    const std::uint32_t size = size_of(answer);
    c->send(1, {FrameKind::kReply, size, call, std::move(answer.body), {}});
    server->gate().end_effect();
  }
};

}  // namespace

Endpoint::Endpoint(Fabric& fabric, ProcessGate& gate, HostId host, std::uint16_t local_port)
    : fabric_(fabric), gate_(gate), host_(host),
      self_(fabric.intern({fabric.topology().host_name(host), local_port})),
      key_(base::stream_key(fabric.seed(), "net", gate.entity(), gate.incarnation_number())) {
  fabric_.enroll(*this);
}

Endpoint::~Endpoint() { shut(true); }

env::Peer Endpoint::resolve(const env::Address& address) { return fabric_.intern(address); }
env::Address Endpoint::address_of(env::Peer peer) const { return fabric_.address(peer); }

// Ports -------------------------------------------------------------------------------------------

Endpoint::Port* Endpoint::find_port(std::uint16_t number) {
  for (Port& p : ports_) {
    if (p.number == number) return &p;
  }
  return nullptr;
}

Endpoint::Port& Endpoint::open_port(std::uint16_t number) {
  if (Port* p = find_port(number)) return *p;
  ports_.push_back({number, {}, {}, {}});
  if (gate_.alive()) fabric_.bind(host_, number, *this);
  return ports_.back();
}

void Endpoint::on_datagram(std::uint16_t port, DatagramHandler handler) {
  open_port(port).datagrams = base::make_ref<Box<DatagramHandler>>(std::move(handler));
}

void Endpoint::serve_calls(std::uint16_t port, CallHandler handler) {
  open_port(port).calls = base::make_ref<Box<CallHandler>>(std::move(handler));
}

void Endpoint::serve_streams(std::uint16_t port, StreamHandler handler) {
  open_port(port).streams = base::make_ref<Box<StreamHandler>>(std::move(handler));
}

bool Endpoint::listens(std::uint16_t port) const {
  return std::any_of(ports_.begin(), ports_.end(),
                     [port](const Port& p) { return p.number == port && (p.calls || p.streams); });
}

// Arrivals ----------------------------------------------------------------------------------------

void Endpoint::datagram_arrived(std::uint16_t port, env::Peer from, env::Message message) {
  Port* p = find_port(port);
  if (!p || !p->datagrams) return;
  const auto box = p->datagrams;
  box->handler(from, std::move(message));
}

void Endpoint::request_arrived(Connection& connection, std::uint16_t port, const Frame& frame) {
  Port* p = find_port(port);
  if (!p || !p->calls) {
    connection.send(1, {FrameKind::kRefuse, 0, frame.id, {}, {}});
    return;
  }
  const auto box = p->calls;
  Endpoint* client = connection.endpoint(0);
  const env::Peer from = client ? client->self() : env::Peer::kNone;
  box->handler(from, env::Message{frame.body},
               env::Reply(ReplyToken(base::Ref<Connection>(&connection), frame.id)));
}

void Endpoint::hello_arrived(Connection& connection, std::uint16_t port, const Frame& frame) {
  Port* p = find_port(port);
  StreamPair& pair = *frame.stream;
  if (!p || !p->streams) {
    pair.ends[1].closed = true;
    pair.ends[1].close_why = {base::ErrorCode::kUnavailable, "not served here"};
    connection.send(1, {FrameKind::kStreamClose, 0, 0, {}, frame.stream});
    return;
  }
  const auto box = p->streams;
  Endpoint* client = connection.endpoint(0);
  const env::Peer from = client ? client->self() : env::Peer::kNone;
  box->handler(from, env::Message{frame.body},
               std::make_unique<SimStream>(fabric_, frame.stream, 1, gate_.owner()));
}

void Endpoint::reply_arrived(std::uint64_t id, base::Result<env::Message> answer) {
  Call* call = find_call(id);
  if (!call) return;
  CallDone done = finish_call(*call);
  if (answer.ok()) done(fabric_.carry(std::move(*answer)));
  else done(std::move(answer));
}

// Sending -----------------------------------------------------------------------------------------

Endpoint::PeerState& Endpoint::peer_state(env::Peer peer) {
  if (PeerState* s = peers_.find(raw(peer))) return *s;
  PeerState& s = peers_[raw(peer)];
  const env::Address& a = fabric_.address(peer);
  s.datagram_key = base::combine64(base::combine64(key_, base::hash_bytes(a.host)), a.port);
  return s;
}

void Endpoint::send_datagram(std::uint16_t from_port, env::Peer to, env::Message message) {
  if (!gate_.begin_effect(Effect::kSend)) return;
  PeerState& s = peer_state(to);
  const env::Peer from = fabric_.port_peer(host_, from_port);
  fabric_.send_datagram(host_, from, to, std::move(message), s.datagram_key, s.datagrams++);
  gate_.end_effect();
}

bool Endpoint::has_room(const Connection& c) const {
  return !c.closing && c.calls + c.abandoned < fabric_.config().calls_per_connection;
}

Connection& Endpoint::connection_to(env::Peer peer) {
  PeerState& s = peer_state(peer);
  if (s.connection && has_room(*s.connection)) return *s.connection;
  for (const auto& c : connections_) {
    if (c->endpoint(0) != this || c->server_peer() != peer || !has_room(*c)) continue;
    s.connection = c;
    return *c;
  }
  const std::uint64_t key = base::combine64(s.datagram_key + 1, s.dials++);
  const auto c = base::make_ref<Connection>(fabric_, *this, peer, key);
  s.connection = c;
  add_connection(*c, 0);
  c->dial();
  return *c;
}

env::CallId Endpoint::call(env::Peer to, env::Message request, base::Nanos timeout, CallDone done) {
  if (!gate_.begin_effect(Effect::kSend)) return env::CallId::kNone;
  std::uint32_t i = free_call_;
  if (i != UINT32_MAX) {
    free_call_ = calls_[i].next_free;
  } else {
    i = static_cast<std::uint32_t>(calls_.size());
    calls_.emplace_back();
  }
  const std::uint64_t id = (static_cast<std::uint64_t>(++call_generation_) << 32) | (i + 1);
  Connection& connection = connection_to(to);
  Call& call = calls_[i];
  call.id = id;
  call.done = std::move(done);
  call.connection = base::Ref<Connection>(&connection);
  ++connection.calls;
  ++calls_open_;
  if (timeout < 100 * 365 * 24 * base::kHour)
    expect_by(fabric_.kernel().now() + std::max<base::Nanos>(timeout, 0), id);
  const std::uint32_t size = size_of(request);
  request = fabric_.carry(std::move(request));
  connection.send(0, {FrameKind::kRequest, size, id, std::move(request.body), {}});
  gate_.end_effect();
  return static_cast<env::CallId>(id);
}

// Nearly every call is answered long before its deadline, so one kernel event serves all: it stands at or before the
// earliest, moves on when it finds that one answered, and goes when no call is open.
void Endpoint::expect_by(base::Instant due, std::uint64_t call) {
  while (!deadlines_.empty() && !find_call(deadlines_.front().call)) pop_deadline();
  deadlines_.push_back({due, call});
  std::push_heap(deadlines_.begin(), deadlines_.end());
  if (deadline_event_ != EventId::kNone && deadline_armed_ <= due) return;
  fabric_.kernel().cancel(deadline_event_);
  arm_deadline(due);
}

void Endpoint::arm_deadline(base::Instant due) {
  deadline_armed_ = due;
  deadline_event_ = fabric_.kernel().at(due, {gate_.owner(), EventKind::kTimeout, 0}, [this] { deadline_passed(); });
}

void Endpoint::deadline_passed() {
  deadline_event_ = EventId::kNone;
  const base::Instant now = fabric_.kernel().now();
  while (!deadlines_.empty()) {
    const Deadline first = deadlines_.front();
    if (first.due > now && find_call(first.call)) break;
    pop_deadline();
    call_timed_out(first.call);
  }
  if (!deadlines_.empty() && deadline_event_ == EventId::kNone) arm_deadline(deadlines_.front().due);
}

void Endpoint::forget_deadlines() {
  fabric_.kernel().cancel(deadline_event_);
  deadline_event_ = EventId::kNone;
  deadlines_.clear();
}

void Endpoint::pop_deadline() {
  std::pop_heap(deadlines_.begin(), deadlines_.end());
  deadlines_.pop_back();
}

void Endpoint::call_timed_out(std::uint64_t id) {
  Call* call = find_call(id);
  if (!call) return;
  const bool never_sent = call->connection->forget_waiting(id);
  if (!never_sent && call->connection->blocked()) ++call->connection->abandoned;
  CallDone done = finish_call(*call);
  done(base::Error{never_sent ? base::ErrorCode::kUnavailable : base::ErrorCode::kUnknown, "timeout"});
}

Endpoint::Call* Endpoint::find_call(std::uint64_t id) {
  const std::uint64_t i = (id & UINT32_MAX) - 1;
  return i < calls_.size() && calls_[i].id == id ? &calls_[i] : nullptr;
}

Endpoint::CallDone Endpoint::finish_call(Call& call) {
  --call.connection->calls;
  call.connection.reset();
  if (--calls_open_ == 0) forget_deadlines();
  const auto i = static_cast<std::uint32_t>((call.id & UINT32_MAX) - 1);
  call.id = 0;
  call.next_free = free_call_;
  free_call_ = i;
  return std::move(call.done);
}

void Endpoint::cancel_call(env::CallId id) {
  Call* call = find_call(static_cast<std::uint64_t>(id));
  if (!call) return;
  call->connection->forget_waiting(static_cast<std::uint64_t>(id));
  const CallDone dead = finish_call(*call);
}

void Endpoint::fail_calls(const Connection& connection, const base::Error& why) {
  std::vector<std::uint64_t> failed;
  for (const Call& call : calls_) {
    if (call.id && call.connection.get() == &connection) failed.push_back(call.id);
  }
  std::sort(failed.begin(), failed.end());  // order of issue
  for (const std::uint64_t id : failed) {
    Call* call = gate_.alive() ? find_call(id) : nullptr;
    if (!call) continue;
    CallDone done = finish_call(*call);
    done(base::Error(why));
  }
}

std::unique_ptr<env::Stream> Endpoint::open_stream(env::Peer to, env::Message hello,
                                                   env::StreamEvents events) {
  auto pair = base::make_ref<StreamPair>();
  auto stream = std::make_unique<SimStream>(fabric_, pair, 0, gate_.owner());
  if (!gate_.begin_effect(Effect::kSend)) {
    pair->ends[0].closed = true;
    return stream;
  }
  Connection& connection = connection_to(to);
  pair->connection = base::Ref<Connection>(&connection);
  pair->ends[0].events = std::move(events);
  pair->ends[0].listening = true;
  connection.link_stream(*pair);
  const std::uint32_t size = size_of(hello);
  hello = fabric_.carry(std::move(hello));
  connection.send(0, {FrameKind::kHello, size, 0, std::move(hello.body), pair});
  gate_.end_effect();
  return stream;
}

// Connections -------------------------------------------------------------------------------------

void Endpoint::add_connection(Connection& connection, unsigned side) {
  connection.place[side] = connections_.size();
  connections_.emplace_back(&connection);
}

void Endpoint::remove_connection(Connection& connection, unsigned side) {
  const std::size_t hole = connection.place[side];
  const std::size_t last = connections_.size() - 1;
  const base::Ref<Connection> removed = std::move(connections_[hole]);
  if (hole != last) {
    connections_[hole] = std::move(connections_[last]);
    Connection& moved = *connections_[hole];
    const unsigned which = moved.endpoint(0) == this && moved.place[0] == last ? 0 : 1;
    moved.place[which] = hole;
  }
  connections_.pop_back();
  if (side != 0) return;
  PeerState* s = peers_.find(raw(connection.server_peer()));
  if (s && s->connection == removed) s->connection.reset();
}

void Endpoint::close_connections(env::Peer to) {
  PeerState* s = peers_.find(raw(to));
  if (!s || !s->connection || !gate_.alive()) return;
  for (const auto& c : connections_) {
    if (c->endpoint(0) != this || c->server_peer() != to || c->closing) continue;
    c->closing = true;
    c->end_later(0, {base::ErrorCode::kCancelled, "connection closed"});
  }
  s->connection.reset();
}

void Endpoint::shut(bool silent) {
  if (shut_) return;
  shut_ = true;
  for (const Port& p : ports_) fabric_.unbind(host_, p.number, *this);
  const base::Error why{base::ErrorCode::kCancelled, "process ended"};
  while (!connections_.empty()) {
    const base::Ref<Connection> c = connections_.back();
    const unsigned side = c->endpoint(1) == this && c->place[1] == connections_.size() - 1 ? 1 : 0;
    c->end(side, why, false, !silent);
  }
  ports_.clear();
  calls_.clear();
  calls_open_ = 0;
  deadlines_.clear();
  peers_.clear();
  fabric_.dismiss(*this);
}

}  // namespace orrery::sim
