#include "real/net/tcp_network.h"

#include "real/net/socket.h"

#include <boost/asio/io_context.hpp>

namespace orrery::real {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr base::Nanos kAcceptPause = 100 * base::kMillisecond;

base::Error unavailable(const char* why) { return {base::ErrorCode::kUnavailable, why}; }

}  // namespace

struct TcpNetwork::Listener {
  Listener(asio::io_context& context, std::uint16_t p) : acceptor(context), port(p) {}
  tcp::acceptor acceptor;
  std::uint16_t port;
  // Shared, so that a handler may replace itself while it runs.
  template <class... A>
  using Handler = std::shared_ptr<base::UniqueFunction<void(env::Peer, env::Message, A...)>>;
  Handler<> datagrams;
  Handler<env::Reply> calls;
  Handler<std::unique_ptr<env::Stream>> streams;
};

TcpNetwork::TcpNetwork(Poster post, env::Timers& timers, NetOptions options,
                       base::UniqueFunction<void(std::string)> fatal)
    : post_(std::move(post)), timers_(timers), options_(std::move(options)), bodies_(options_.bodies),
      fatal_(std::move(fatal)) {}

TcpNetwork::~TcpNetwork() = default;

env::Peer TcpNetwork::resolve(const env::Address& address) {
  env::Peer& peer = peers_[{address.host.str(), address.port}];
  if (peer == env::Peer::kNone) {
    addresses_.push_back(address);
    peer = static_cast<env::Peer>(addresses_.size());
  }
  return peer;
}

env::Address TcpNetwork::address_of(env::Peer peer) const {
  const auto index = static_cast<std::uint32_t>(peer) - 1;
  return index < addresses_.size() ? addresses_[index] : env::Address{};
}

std::shared_ptr<Link> TcpNetwork::dialled(env::Peer to) {
  std::shared_ptr<Link>& link = dialled_[to];
  if (!link) {
    const env::Address address = address_of(to);
    link = std::make_shared<Link>(post_, options_, bodies_, *this, 0);
    link->connection().dial(address.host.str(), address.port);
  }
  return link;
}

void TcpNetwork::send_datagram(std::uint16_t from_port, env::Peer to, env::Message message) {
  if (post_.alive()) dialled(to)->datagram(from_port, message);
}

env::CallId TcpNetwork::call(env::Peer to, env::Message request, base::Nanos timeout,
                             base::UniqueFunction<void(base::Result<env::Message>)> done) {
  const auto id = static_cast<env::CallId>(++last_call_);
  if (!post_.alive()) return id;
  const auto link = dialled(to);
  Pending& pending = calls_[id];
  pending.done = std::move(done);
  pending.link = link;
  if (!link->call(id, request)) {
    post_([this, id] { call_ended(id, unavailable("too much is waiting to be sent")); });
    return id;
  }
  pending.timer = timers_.after(timeout, [this, id] {
    const auto it = calls_.find(id);
    if (const auto held = it->second.link.lock()) held->forget_call(id);
    it->second.timer = env::TimerId::kNone;
    call_ended(id, base::Error{base::ErrorCode::kUnknown, "timed out"});
  });
  return id;
}

void TcpNetwork::cancel_call(env::CallId id) {
  const auto it = calls_.find(id);
  if (it == calls_.end()) return;
  if (const auto link = it->second.link.lock()) link->forget_call(id);
  timers_.cancel(it->second.timer);
  calls_.erase(it);
}

void TcpNetwork::call_ended(env::CallId id, base::Result<env::Message> result) {
  const auto it = calls_.find(id);
  if (it == calls_.end()) return;
  timers_.cancel(it->second.timer);
  Pending pending = std::move(it->second);
  calls_.erase(it);
  pending.done(std::move(result));
}

std::unique_ptr<env::Stream> TcpNetwork::open_stream(env::Peer to, env::Message hello, env::StreamEvents events) {
  return dialled(to)->open(hello, std::move(events));
}

void TcpNetwork::close_connections(env::Peer to) {
  const auto it = dialled_.find(to);
  if (it == dialled_.end()) return;
  const auto link = it->second;
  link->break_off({base::ErrorCode::kUnknown, "connection closed"});
}

void TcpNetwork::link_gone(Link& link) {
  if (link.port() != 0) {
    std::erase_if(accepted_, [&](const auto& l) { return l.get() == &link; });
    return;
  }
  for (auto it = dialled_.begin(); it != dialled_.end(); ++it) {
    if (it->second.get() != &link) continue;
    dialled_.erase(it);
    return;
  }
}

TcpNetwork::Listener& TcpNetwork::listener(std::uint16_t port) {
  std::shared_ptr<Listener>& slot = listeners_[port];
  if (slot) return *slot;
  slot = std::make_shared<Listener>(post_.loop().context(), port);
  const auto held = slot;
  error_code error;
  const auto ip = asio::ip::make_address(options_.listen_address, error);
  const tcp::endpoint endpoint(ip, port);
  if (!error) held->acceptor.open(endpoint.protocol(), error);
  if (!error) held->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) held->acceptor.bind(endpoint, error);
  if (!error) held->acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    post_([this, port, why = error.message()] {
      fatal_("cannot listen on " + options_.listen_address + " port " + std::to_string(port) + ": " + why);
    });
  } else {
    accept(held);
  }
  return *held;
}

void TcpNetwork::accept(const std::shared_ptr<Listener>& listener) {
  listener->acceptor.async_accept([this, held = std::weak_ptr<Listener>(listener)](const error_code& error, tcp::socket s) {
    const auto l = held.lock();
    if (!l || !post_.alive()) return;
    if (error) {  // out of descriptors, most likely
      timers_.after(kAcceptPause, [this, l] { accept(l); });
      return;
    }
    accepted_.push_back(std::make_shared<Link>(post_, options_, bodies_, *this, l->port));
    accepted_.back()->connection().adopt(Socket{std::move(s)});
    accept(l);
  });
}

void TcpNetwork::on_datagram(std::uint16_t port, base::UniqueFunction<void(env::Peer, env::Message)> handler) {
  if (post_.alive()) listener(port).datagrams = std::make_shared<decltype(handler)>(std::move(handler));
}

void TcpNetwork::serve_calls(std::uint16_t port, base::UniqueFunction<void(env::Peer, env::Message, env::Reply)> handler) {
  if (post_.alive()) listener(port).calls = std::make_shared<decltype(handler)>(std::move(handler));
}

void TcpNetwork::serve_streams(
    std::uint16_t port, base::UniqueFunction<void(env::Peer, env::Message, std::unique_ptr<env::Stream>)> handler) {
  if (post_.alive()) listener(port).streams = std::make_shared<decltype(handler)>(std::move(handler));
}

env::Peer TcpNetwork::sender(Link& link, std::uint16_t port) { return resolve({link.connection().peer_host(), port}); }

bool TcpNetwork::serves_calls(const Link& link) const {
  const auto it = listeners_.find(link.port());
  return it != listeners_.end() && it->second->calls;
}

void TcpNetwork::call_arrived(Link& link, env::Message request, env::Reply reply) {
  const auto it = listeners_.find(link.port());
  const auto handler = it->second->calls;
  (*handler)(sender(link, 0), std::move(request), std::move(reply));
}

void TcpNetwork::stream_arrived(Link& link, env::Message hello, std::unique_ptr<env::Stream> stream) {
  const auto it = listeners_.find(link.port());
  if (it == listeners_.end() || !it->second->streams) {
    stream->close(unavailable("nobody serves streams on this port"));
    return;
  }
  const auto handler = it->second->streams;
  (*handler)(sender(link, 0), std::move(hello), std::move(stream));
}

void TcpNetwork::datagram_arrived(Link& link, std::uint16_t from_port, env::Message message) {
  const auto it = listeners_.find(link.port());
  if (it == listeners_.end() || !it->second->datagrams) return;
  const auto handler = it->second->datagrams;
  (*handler)(sender(link, from_port), std::move(message));
}

}  // namespace orrery::real
