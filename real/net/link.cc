#include "real/net/link.h"

namespace orrery::real {
namespace {

constexpr std::size_t kDatagramBacklog = 16u << 20;  // above it datagrams are lost
constexpr std::size_t kCallBacklog = 256u << 20;     // above it calls are refused

base::Error error_of(const Frame& frame) {
  const auto code = std::min(frame.code, static_cast<std::uint8_t>(base::ErrorCode::kInternal));
  return {static_cast<base::ErrorCode>(code), std::string(frame.payload)};
}

}  // namespace

// The sink of a Reply: sends the answer, or the lack of one when it is destroyed unused.
class Link::Answer {
 public:
  Answer(Poster post, std::weak_ptr<Link> link, std::uint64_t id) : post_(std::move(post)), link_(std::move(link)), id_(id) {}
  Answer(Answer&& o) noexcept : post_(o.post_), link_(std::move(o.link_)), id_(o.id_) { o.link_.reset(); }
  Answer& operator=(Answer&&) = delete;
  ~Answer() {
    if (const auto link = take()) say_no(*link, id_, {base::ErrorCode::kUnknown, "not answered"});
  }

  void operator()(const env::Message& answer) {
    const auto link = take();
    if (link && !link->connection().send(Frame{FrameKind::kAnswer, 0, 0, id_, 0, {}}, answer)) {
      say_no(*link, id_, {base::ErrorCode::kUnknown, "answer too large"});
    }
  }
  static void say_no(Link& link, std::uint64_t id, const base::Error& why) {
    link.connection().send(Frame{FrameKind::kNoAnswer, static_cast<std::uint8_t>(why.code), 0, id, 0, why.message});
  }

 private:
  std::shared_ptr<Link> take() {
    auto link = post_.alive() ? link_.lock() : nullptr;
    link_.reset();
    return link;
  }

  Poster post_;
  std::weak_ptr<Link> link_;
  std::uint64_t id_;
};

Link::Link(Poster post, const NetOptions& options, const Bodies& bodies, LinkOwner& owner, std::uint16_t port)
    : post_(post), bodies_(bodies), owner_(owner), port_(port),
      connection_(std::make_shared<Connection>(std::move(post), options, *this)) {}

Link::~Link() {
  connection_->close();
  for (const auto& [id, stream] : streams_) stream->ended({base::ErrorCode::kUnknown, "connection closed"});
}

void Link::datagram(std::uint16_t from_port, const env::Message& message) {
  if (connection_->backlog() > kDatagramBacklog) return;
  (void)connection_->send(Frame{FrameKind::kDatagram, 0, 0, from_port, 0, {}}, message);
}

bool Link::call(env::CallId id, const env::Message& request) {
  if (connection_->backlog() > kCallBacklog) return false;
  if (!connection_->send(Frame{FrameKind::kCall, 0, 0, static_cast<std::uint64_t>(id), 0, {}}, request)) return false;
  calls_.insert(id);
  return true;
}

std::unique_ptr<env::Stream> Link::open(const env::Message& hello, env::StreamEvents events) {
  const std::uint64_t id = ++last_stream_;
  const auto core = std::make_shared<StreamCore>(post_, this, id);
  core->listen(std::move(events));
  if (connection_->send(Frame{FrameKind::kOpen, 0, 0, id, 0, {}}, hello)) streams_.emplace(id, core);
  else core->ended({base::ErrorCode::kUnavailable, "first message too large"});
  return std::make_unique<LinkStream>(core);
}

void Link::forget_stream(std::uint64_t id, const base::Error& why) {
  streams_.erase(id);
  connection_->send(Frame{FrameKind::kClose, static_cast<std::uint8_t>(why.code), 0, id, 0, why.message});
}

void Link::on_frame(const Frame& frame) {
  const auto self = shared_from_this();
  switch (frame.kind) {
    case FrameKind::kDatagram:
    case FrameKind::kCall:
    case FrameKind::kOpen:
    case FrameKind::kData:
    case FrameKind::kAnswer:
      return served(frame);
    case FrameKind::kNoAnswer: return ended(frame, error_of(frame));
    case FrameKind::kCredit: {
      const auto it = streams_.find(frame.id);
      if (it == streams_.end()) return;
      const auto stream = it->second;
      return stream->credited(frame.number);
    }
    case FrameKind::kClose: {
      const auto it = streams_.find(frame.id);
      if (it == streams_.end()) return;
      const auto stream = it->second;
      streams_.erase(it);
      return stream->ended(error_of(frame));
    }
    default: return;
  }
}

// The frames with a body. What does not decode ends the connection: the two sides disagree about the protocol.
void Link::served(const Frame& frame) {
  auto message = bodies_.decode(frame.body_type, frame.payload);
  if (!message.ok()) {
    break_off({base::ErrorCode::kUnknown, message.error().message});
    return;
  }
  if (frame.kind == FrameKind::kAnswer) return ended(frame, std::move(message));
  if (frame.kind == FrameKind::kDatagram) {
    return owner_.datagram_arrived(*this, static_cast<std::uint16_t>(frame.id), std::move(*message));
  }
  if (frame.kind == FrameKind::kCall) {
    if (!owner_.serves_calls(*this)) {
      return Answer::say_no(*this, frame.id, {base::ErrorCode::kUnavailable, "nobody serves calls on this port"});
    }
    env::Reply reply(Answer(post_, weak_from_this(), frame.id));
    return owner_.call_arrived(*this, std::move(*message), std::move(reply));
  }
  const auto it = streams_.find(frame.id);
  if (frame.kind == FrameKind::kData) {
    if (it == streams_.end()) return;
    const auto stream = it->second;
    return stream->received(std::move(*message));
  }
  if (port_ == 0 || it != streams_.end()) return break_off({base::ErrorCode::kUnknown, "stream opened twice"});
  const auto core = std::make_shared<StreamCore>(post_, this, frame.id);
  streams_.emplace(frame.id, core);
  owner_.stream_arrived(*this, std::move(*message), std::make_unique<LinkStream>(core));
}

void Link::ended(const Frame& frame, base::Result<env::Message> result) {
  const auto id = static_cast<env::CallId>(frame.id);
  if (calls_.erase(id) > 0) owner_.call_ended(id, std::move(result));
}

void Link::end_streams(const base::Error& why) {
  decltype(streams_) streams;
  streams.swap(streams_);
  for (const auto& [id, stream] : streams) stream->ended(why);
}

void Link::on_broken(base::Error why) {
  const auto self = shared_from_this();
  break_off(why);
}

void Link::break_off(const base::Error& why) {
  connection_->close();
  end_streams(why);
  decltype(calls_) calls;
  calls.swap(calls_);
  for (const env::CallId id : calls) {
    post_([self = shared_from_this(), id, why] { self->owner_.call_ended(id, why); });
  }
  owner_.link_gone(*this);
}

}  // namespace orrery::real
