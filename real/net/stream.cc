#include "real/net/stream.h"

#include "real/net/link.h"

namespace orrery::real {
namespace {

// An empty message counts too, or a flood of them would pass any window.
std::uint64_t weight(const env::Message& message) { return message.encoded_size() + kHeaderBytes; }

}  // namespace

LinkStream::~LinkStream() { core_->close({base::ErrorCode::kCancelled, "stream destroyed"}); }

void StreamCore::listen(env::StreamEvents events) {
  if (finished_) return;
  events_ = std::make_shared<env::StreamEvents>(std::move(events));
  if (!inbox_.empty() || end_) pump_later();
}

bool StreamCore::send(const env::Message& message) {
  if (finished_ || !link_ || !post_.alive()) return true;  // on_closed is on its way
  if (in_flight_ >= kWindowBytes) {
    refused_ = true;
    return false;
  }
  in_flight_ += weight(message);
  if (link_->connection().send(Frame{FrameKind::kData, 0, 0, id_, 0, {}}, message)) return true;
  const base::Error too_large{base::ErrorCode::kLimit, "message too large"};
  link_->forget_stream(id_, too_large);
  ended(too_large);
  return true;
}

void StreamCore::close(const base::Error& why) {
  if (finished_) return;
  finished_ = true;
  if (link_ && post_.alive()) link_->forget_stream(id_, why);
  link_ = nullptr;
  inbox_.clear();
}

void StreamCore::received(env::Message message) {
  if (finished_) return;
  inbox_.push_back(std::move(message));
  if (events_ && !pumping_) pump();
}

void StreamCore::credited(std::uint64_t bytes) {
  in_flight_ -= std::min(in_flight_, bytes);
  if (!refused_ || finished_ || in_flight_ >= kWindowBytes) return;
  refused_ = false;
  const auto events = events_;
  if (events && events->on_writable) events->on_writable();
}

void StreamCore::ended(base::Error why) {
  if (finished_ || end_) return;
  end_ = std::move(why);
  link_ = nullptr;
  if (events_) pump_later();
}

// Also used where the caller may be inside a call on the stream.
void StreamCore::pump_later() {
  post_([self = shared_from_this()] { if (!self->pumping_) self->pump(); });
}

// A callback may close or destroy the stream and may listen() anew, so everything is looked up again after each.
void StreamCore::pump() {
  const auto self = shared_from_this();
  pumping_ = true;
  while (!finished_ && !inbox_.empty() && post_.alive()) {
    const env::Message message = std::move(inbox_.front());
    inbox_.pop_front();
    const auto events = events_;
    if (events->on_message) events->on_message(message);
    consumed(weight(message));
  }
  pumping_ = false;
  if (finished_ || !end_ || !post_.alive()) return;
  finished_ = true;
  const auto events = events_;
  if (events->on_closed) events->on_closed(std::move(*end_));
}

void StreamCore::consumed(std::uint64_t bytes) {
  owed_ += bytes;
  if (!link_ || owed_ < kWindowBytes / 4) return;
  link_->connection().send(Frame{FrameKind::kCredit, 0, 0, id_, static_cast<std::uint32_t>(owed_), {}});
  owed_ = 0;
}

}  // namespace orrery::real
