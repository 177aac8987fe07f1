// Connection: one transport connection between a client process and a server process, carrying calls and
// streams in order.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/ref.h"
#include "model/env/network.h"
#include "sim/kernel/kernel.h"
#include "sim/net/topology.h"
#include "sim/sharing/shared_capacity.h"

namespace orrery::sim {

class Endpoint;
class Fabric;
struct StreamPair;

enum class FrameKind : std::uint8_t {
  kRequest,
  kReply,
  kRefuse,
  kDropped,
  kHello,
  kStreamMessage,
  kStreamClose,
  kCredit
};

/// What travels on a connection.
struct Frame {
  FrameKind kind = FrameKind::kRequest;
  std::uint32_t size = 0;         ///< bytes on the wire
  std::uint64_t id = 0;           ///< the call; for kCredit the bytes consumed
  env::BodyRef body;
  base::Ref<StreamPair> stream;
};

/// Side 0 dialled, side 1 accepted. A side is attached while a live process holds it. In each direction
/// frames arrive in the order sent, each at a date of its own; a lost frame, or one that meets a partition,
/// stalls its direction until the retransmission (200 ms after the first loss, doubling) that gets through.
/// A bulk frame (Fabric::is_bulk) is a flow, and the frames behind it wait until it has left; a partition
/// keeps what it has carried, the death of its sender does not.
/// Nothing here runs a callback inside a call of the process: all are kernel events owned by it.
class Connection : public base::RefCounted {
 public:
  enum class State : std::uint8_t { kDialing, kOpen, kClosed };

  Connection(Fabric& fabric, Endpoint& client, env::Peer server, std::uint64_t key);

  /// Starts the dial. Its outcome is an event: the waiting frames go out, or the client side ends with
  /// kUnavailable.
  void dial();
  void send(unsigned side, Frame&& frame);
  /// Drops a request that waits for the dial. False when it may have been sent.
  bool forget_waiting(std::uint64_t call);
  /// Side `side` ends: its calls and streams end with `why`, unless its process is dead (`notify` false);
  /// the other side is reset, if it can be reached, else finds out by keepalive.
  void end(unsigned side, const base::Error& why, bool notify, bool reset_peer);
  /// Ends the side by an event at the present instant: for use inside a call of the process.
  void end_later(unsigned side, base::Error why);
  /// The network has changed: makes sure that both sides look after their peer if it cannot be reached now.
  void watch_peer();

  State state() const { return state_; }
  env::Peer server_peer() const { return server_peer_; }
  Endpoint* endpoint(unsigned side) const { return sides_[side].endpoint; }
  std::size_t load_balancer() const { return balancer_; }
  std::size_t backend() const { return backend_; }
  bool blocked() const { return direction_blocked(0) || direction_blocked(1); }
  bool direction_blocked(unsigned from) const;
  void link_stream(StreamPair& pair);
  void unlink_stream(StreamPair& pair);

  std::size_t place[2] = {};  ///< its index in each endpoint's list of connections
  std::uint32_t calls = 0;    ///< of the client that are under way, and
  std::uint32_t abandoned = 0;  ///< those that timed out while the peer could not be reached
  bool closing = false;       ///< its client has given it up

 private:
  struct Side {
    Endpoint* endpoint = nullptr;
    HostId host = HostId::kNone;
    base::Instant last_heard;
    EventId keepalive = EventId::kNone;
    // The direction from this side to the other.
    base::Instant wire_free, last_arrival;
    std::uint64_t sent = 0, loss_draws = 0;
    std::vector<Frame> stalled;  // waiting for a retransmission or for the bulk frame at their head
    ShareId flow = ShareId::kNone;  // of that bulk frame, while it runs
    double flow_left = 0;           // bytes of it, while it stands still; 0 before its start
    base::Instant stalled_since;
    unsigned retries = 0;
    bool reset_pending = false;  // an event that will end this side is on its way
  };

  void attempt_dial(unsigned attempt);
  void retry_dial(unsigned attempt);
  void syn_arrived(unsigned attempt);
  void established();
  void refuse(base::Error why, base::Nanos delay);
  void transmit(unsigned side, Frame&& frame);
  void stall(unsigned side, Frame&& frame);
  void retransmit(unsigned side);
  void wait_for_retransmit(unsigned side);
  void schedule_arrival(unsigned side, Frame&& frame, bool on_wire = true);
  void drain(unsigned side);
  void start_flow(unsigned side);
  void flow_sent(unsigned side);
  void check_flow(unsigned side);
  void arrived(unsigned to, Frame& frame);
  void schedule_reset(unsigned side, base::Instant when);
  void end_streams(unsigned side, Endpoint& endpoint, const base::Error& why, bool notify);
  void arm_keepalive(unsigned side);
  void check_keepalive(unsigned side);
  bool lost(unsigned side);
  base::Nanos one_way(unsigned side, std::uint64_t draw);
  Side& other(unsigned side) { return sides_[1 - side]; }

  Fabric& fabric_;
  Side sides_[2];
  State state_ = State::kDialing;
  env::Peer server_peer_;
  std::uint16_t server_port_ = 0;     // after load balancer and service table
  std::uint64_t key_;
  std::size_t balancer_ = SIZE_MAX, backend_ = SIZE_MAX;
  HostId via_ = HostId::kNone;
  base::Instant dial_started_;
  std::vector<Frame> waiting_;        // sent while dialling
  StreamPair* streams_ = nullptr;     // intrusive list
};

}  // namespace orrery::sim
