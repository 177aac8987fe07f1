// Network: datagrams, calls and streams between processes of different machines (or of one, over loopback).
#pragma once
#include <cstdint>
#include <memory>

#include "model/base/function.h"
#include "model/base/result.h"
#include "model/base/str.h"
#include "model/base/time.h"
#include "model/env/message.h"

namespace orrery::env {

/// A host name and a port, interned by Network::resolve. Valid for the life of the Environment that made it.
enum class Peer : std::uint32_t { kNone = 0 };
enum class CallId : std::uint64_t { kNone = 0 };

struct Address {
  base::Str host;
  std::uint16_t port = 0;
};

/// Answers one call. May be kept and used later, once; dropped unanswered, the caller gets kUnknown.
class Reply {
 public:
  using Sink = base::UniqueFunction<void(Message)>;
  Reply() = default;
  explicit Reply(Sink sink) : sink_(std::move(sink)) {}
  void operator()(Message answer) {
    if (!sink_) return;
    Sink sink = std::move(sink_);
    sink_ = nullptr;
    sink(std::move(answer));
  }
  explicit operator bool() const { return static_cast<bool>(sink_); }

 private:
  Sink sink_;
};

/// Callbacks of one end of a stream. None runs after the Stream object is destroyed, none inside a call on it.
struct StreamEvents {
  base::UniqueFunction<void(Message)> on_message;
  base::UniqueFunction<void()> on_writable;          ///< the window has room again after send() refused
  base::UniqueFunction<void(base::Error)> on_closed; ///< last callback; peer closed, reset, or keepalive found it dead
};

/// One end of an ordered, gap-free message stream; both ends see a prefix of what the other sent. Destruction closes it.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void listen(StreamEvents events) = 0;
  /// False: the window (bytes in flight and not yet consumed) is full and nothing was taken; wait for on_writable. A message
  /// of any size is taken while nothing else is in flight.
  virtual bool send(Message message) = 0;
  /// The other end gets on_closed with this error after everything already sent; this end hears nothing more.
  virtual void close(base::Error why) = 0;
};

/// The weakest world: datagrams may be lost, duplicated, reordered and arbitrarily late; a call runs at most once at the
/// server and its outcome may stay unknown. Process death resets its connections (peers learn within a round trip); power
/// loss and partition are silent until the keepalive (ping after 30 s idle, 15 s to answer) ends the connection.
class Network {
 public:
  virtual ~Network() = default;
  /// Interns an address. Never fails: a host that does not exist refuses later.
  virtual Peer resolve(const Address& address) = 0;
  virtual Address address_of(Peer peer) const = 0;

  /// Fire and forget. `from_port` is what the receiver may answer to.
  virtual void send_datagram(std::uint16_t from_port, Peer to, Message message) = 0;
  /// One handler per port; replaces the former one.
  virtual void on_datagram(std::uint16_t port, base::UniqueFunction<void(Peer from, Message)> handler) = 0;

  /// `done` runs exactly once unless cancelled or the process dies: the answer; kUnavailable when the server certainly did
  /// not run it (refused, no route); kUnknown when it may have (timeout after `timeout`, reset). Never inside this call.
  virtual CallId call(Peer to, Message request, base::Nanos timeout,
                      base::UniqueFunction<void(base::Result<Message>)> done) = 0;
  /// `done` will not run; the server may still run the call.
  virtual void cancel_call(CallId id) = 0;
  virtual void serve_calls(std::uint16_t port, base::UniqueFunction<void(Peer from, Message, Reply)> handler) = 0;

  /// Opens a stream with a first message. Failure is reported by on_closed (kUnavailable when nobody listens).
  virtual std::unique_ptr<Stream> open_stream(Peer to, Message hello, StreamEvents events) = 0;
  /// The handler owns the stream and calls listen() on it.
  virtual void serve_streams(std::uint16_t port,
                             base::UniqueFunction<void(Peer from, Message hello, std::unique_ptr<Stream>)> handler) = 0;
  /// Breaks every connection from this process to `to`: calls end kUnknown, streams close. The next call dials anew.
  virtual void close_connections(Peer to) = 0;
};

}  // namespace orrery::env
