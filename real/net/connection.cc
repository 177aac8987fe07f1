#include "real/net/connection.h"

#include "real/net/socket.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <chrono>

namespace orrery::real {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 64u << 10;
constexpr std::size_t kMaxHostName = 253;

std::string literal_of(const NetOptions& options, const std::string& host) {
  for (const auto& [name, address] : options.hosts) {
    if (name == host) return address;
  }
  return host;
}

}  // namespace

struct Connection::Impl {
  explicit Impl(asio::io_context& context) : socket(context), resolver(context), timer(context) {}
  tcp::socket socket;
  tcp::resolver resolver;
  asio::steady_timer timer;      // of the dial, then of the keepalive
  using Clock = std::chrono::steady_clock;
  Clock::time_point heard;       // when anything came last
  bool pinged = false;           // and a ping has been sent since
};

Connection::Connection(Poster post, const NetOptions& options, ConnectionEvents& events)
    : post_(std::move(post)), options_(options), events_(&events), impl_(std::make_unique<Impl>(post_.loop().context())) {}

Connection::~Connection() = default;

void Connection::dial(const std::string& host, std::uint16_t port) {
  dialled_ = true;
  write_frame(out_, Frame{FrameKind::kHello, 0, 0, kMagic, kVersion, options_.host});
  impl_->timer.expires_after(std::chrono::nanoseconds(options_.dial_timeout));
  impl_->timer.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && !self->established_) self->broken("dial timed out", base::ErrorCode::kUnavailable);
  });
  error_code not_literal;
  const std::string address = literal_of(options_, host);
  (void)asio::ip::make_address(address, not_literal);
  if (!not_literal || !options_.dns) return connect(address, port);
  impl_->resolver.async_resolve(address, std::to_string(port),
                                [self = shared_from_this(), host](const error_code& error, tcp::resolver::results_type found) {
    if (self->closed_) return;
    if (error || found.empty()) return self->broken("no such host: " + host, base::ErrorCode::kUnavailable);
    const tcp::endpoint first = *found.begin();
    self->connect(first.address().to_string(), first.port());
  });
}

void Connection::connect(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) {
    post_([self = shared_from_this(), address] { self->broken("no such host: " + address, base::ErrorCode::kUnavailable); });
    return;
  }
  impl_->socket.async_connect(tcp::endpoint(ip, port), [self = shared_from_this()](const error_code& e) {
    if (self->closed_) return;
    if (e) return self->broken("connect: " + e.message(), base::ErrorCode::kUnavailable);
    self->established_now();
  });
}

void Connection::adopt(Socket socket) {
  impl_->socket = std::move(socket.tcp);
  established_now();
}

void Connection::established_now() {
  established_ = true;
  error_code ignored;
  impl_->socket.set_option(tcp::no_delay(true), ignored);
  impl_->heard = Impl::Clock::now();
  watch();
  read_more();
  flush();
}

void Connection::send(const Frame& frame) {
  if (closed_) return;
  write_frame(out_, frame);
  flush();
}

bool Connection::send(Frame frame, const env::Message& message) {
  if (closed_) return true;
  if (!write_frame(out_, frame, message)) return false;
  flush();
  return true;
}

void Connection::flush() {
  if (!established_ || closed_ || out_.empty() || !writing_.empty()) return;
  writing_.swap(out_);
  asio::async_write(impl_->socket, asio::buffer(writing_), [self = shared_from_this()](const error_code& e, std::size_t) {
    if (self->closed_) return;
    if (e) return self->broken("write: " + e.message(), base::ErrorCode::kUnknown);
    self->writing_.clear();
    self->flush();
  });
}

void Connection::read_more() {
  if (begin_ > 0) {
    in_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  Frame frame;
  std::size_t size = 0;
  (void)parse_frame(std::string_view(in_).substr(0, end_), frame, size);
  in_.resize(std::max(end_ + kReadBytes, size));
  impl_->socket.async_read_some(asio::buffer(in_.data() + end_, in_.size() - end_),
                                [self = shared_from_this()](const error_code& e, std::size_t n) {
    if (self->closed_ || !self->post_.alive()) return;
    if (e) return self->broken("connection reset: " + e.message(), base::ErrorCode::kUnknown);
    self->received(n);
  });
}

void Connection::received(std::size_t n) {
  impl_->heard = Impl::Clock::now();
  impl_->pinged = false;
  end_ += n;
  if (take_frames()) read_more();
}

// False when the connection came to an end meanwhile.
bool Connection::take_frames() {
  while (true) {
    Frame frame;
    std::size_t size = 0;
    const auto state = parse_frame(std::string_view(in_).substr(begin_, end_ - begin_), frame, size);
    if (state == ParseState::kIncomplete) return true;
    if (state == ParseState::kBroken || !handle(frame)) {
      broken("protocol error", base::ErrorCode::kUnknown);
      return false;
    }
    if (closed_ || !post_.alive()) return false;
    begin_ += size;
  }
}

bool Connection::handle(const Frame& frame) {
  if (!dialled_ && !greeted_) {
    greeted_ = frame.kind == FrameKind::kHello && frame.id == kMagic && frame.number == kVersion &&
               frame.payload.size() <= kMaxHostName;
    peer_host_ = frame.payload;
    return greeted_;
  }
  if (frame.kind == FrameKind::kHello) return false;
  if (frame.kind == FrameKind::kPing) send(Frame{FrameKind::kPong, 0, 0, 0, 0, {}});
  else if (frame.kind != FrameKind::kPong) events_->on_frame(frame);
  return true;
}

void Connection::watch() {
  const auto silence = options_.keepalive_idle + (impl_->pinged ? options_.keepalive_answer : 0);
  impl_->timer.expires_at(impl_->heard + std::chrono::nanoseconds(silence));
  impl_->timer.async_wait([self = shared_from_this(), silence](const error_code& error) {
    if (error || self->closed_ || !self->post_.alive()) return;
    Impl& impl = *self->impl_;
    if (Impl::Clock::now() - impl.heard >= std::chrono::nanoseconds(silence)) {
      if (impl.pinged) return self->broken("keepalive: no answer", base::ErrorCode::kUnknown);
      impl.pinged = true;
      self->send(Frame{FrameKind::kPing, 0, 0, 0, 0, {}});
    }
    self->watch();
  });
}

void Connection::broken(std::string why, base::ErrorCode code) {
  if (closed_) return;
  ConnectionEvents* events = events_;
  close();
  if (post_.alive()) events->on_broken({code, std::move(why)});
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  impl_->timer.cancel();
  impl_->resolver.cancel();
  impl_->socket.close(ignored);
}

}  // namespace orrery::real
