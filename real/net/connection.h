// Connection: frames over one TCP connection, dialled or accepted, with keepalive. Plain TCP: nothing is encrypted and the
// peer's host name is what it says, so it belongs on loopback or a trusted network only.
#pragma once
#include <memory>
#include <string>

#include "real/loop/loop.h"
#include "real/net/options.h"
#include "real/net/wire.h"


namespace orrery::real {

struct Socket;  // a TCP socket; see socket.h

/// Told from the loop only, never inside a call on the connection. Has to outlive it or close() it.
class ConnectionEvents {
 public:
  /// `frame.payload` is valid during the call. kHello, kPing and kPong are not passed on.
  virtual void on_frame(const Frame& frame) = 0;
  /// Once, last, unless close() was called: kUnavailable when it was never established, kUnknown after.
  virtual void on_broken(base::Error why) = 0;

 protected:
  ~ConnectionEvents() = default;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Poster post, const NetOptions& options, ConnectionEvents& events);
  ~Connection();

  /// Looks `host` up, connects and says hello. Frames sent before wait.
  void dial(const std::string& host, std::uint16_t port);
  /// Takes over an accepted socket and waits for the other side's hello.
  void adopt(Socket socket);

  void send(const Frame& frame);
  /// False, and nothing is sent, when the body is too large.
  bool send(Frame frame, const env::Message& message);
  /// Ends it without a further event; what was not yet written is lost. Idempotent.
  void close();

  bool established() const { return established_; }
  bool closed() const { return closed_; }
  /// Bytes accepted by send() and not yet by the kernel.
  std::size_t backlog() const { return out_.size() + writing_.size(); }
  /// The other side's host name, from its hello; empty on the dialling side.
  const std::string& peer_host() const { return peer_host_; }

 private:
  struct Impl;
  void connect(const std::string& address, std::uint16_t port);
  void established_now();
  void flush();
  void read_more();
  void received(std::size_t n);
  bool take_frames();
  bool handle(const Frame& frame);
  void broken(std::string why, base::ErrorCode code);
  void watch();

  Poster post_;
  const NetOptions& options_;
  ConnectionEvents* events_;
  std::unique_ptr<Impl> impl_;
  std::string out_, writing_;   // being collected, being written
  std::string in_;              // received: [begin_, end_) not yet parsed
  std::size_t begin_ = 0, end_ = 0;
  std::string peer_host_;
  bool dialled_ = false, established_ = false, greeted_ = false, closed_ = false;
};

}  // namespace orrery::real
