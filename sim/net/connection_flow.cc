// Bulk frames of a connection. The frame stands at the head of its side's `stalled` until it has left, so that whatever is sent
// meanwhile waits behind it.
#include "sim/net/connection.h"
#include "sim/net/endpoint.h"
#include "sim/net/fabric.h"
#include "sim/net/sim_stream.h"

namespace orrery::sim {

/// Sends what waits, up to the first bulk frame.
void Connection::drain(unsigned side) {
  Side& s = sides_[side];
  std::vector<Frame> frames;
  frames.swap(s.stalled);
  for (auto f = frames.begin(); f != frames.end(); ++f) {
    if (fabric_.is_bulk(s.host, other(side).host, f->size)) {
      s.stalled.assign(std::make_move_iterator(f), std::make_move_iterator(frames.end()));
      return start_flow(side);
    }
    schedule_arrival(side, std::move(*f));
  }
}

void Connection::start_flow(unsigned side) {
  Side& s = sides_[side];
  if (!other(side).endpoint) {  // answered with a reset, if at all; nothing behind it will fare better
    schedule_arrival(side, std::move(s.stalled.front()));
    return s.stalled.clear();
  }
  const double amount = s.flow_left > 0 ? s.flow_left : s.stalled.front().size;
  s.flow_left = 0;
  s.flow = fabric_.sharing().start(fabric_.flow_demand(s.host, other(side).host), amount,
                                   {0, EventKind::kModel, base::combine64(key_ + side, s.sent)},
                                   [self = base::Ref<Connection>(this), side] { self->flow_sent(side); });
}

void Connection::flow_sent(unsigned side) {
  Side& s = sides_[side];
  if (s.flow == ShareId::kNone) return;  // its sender died, or the way was cut, at this very instant
  s.flow = ShareId::kNone;
  Frame sent = std::move(s.stalled.front());
  s.stalled.erase(s.stalled.begin());
  schedule_arrival(side, std::move(sent), false);
  drain(side);
}

/// The network has changed under a flow.
void Connection::check_flow(unsigned side) {
  Side& s = sides_[side];
  if (s.flow == ShareId::kNone) return;
  if (!direction_blocked(side)) return fabric_.sharing().adjust(s.flow, 1, fabric_.flow_demand(s.host, other(side).host).bound);
  s.flow_left = fabric_.sharing().cancel(s.flow);
  s.flow = ShareId::kNone;
  wait_for_retransmit(side);
}

}  // namespace orrery::sim
