#include "control/apiserver/watch_session.h"

#include <algorithm>

namespace orrery::apiserver {

namespace {
constexpr std::size_t kBatch = 500;
}  // namespace

WatchSession::WatchSession(env::Environment& env, const EventRing& ring,
                           base::Ref<FilterGroup> group, std::unique_ptr<env::Stream> stream,
                           bool bookmarks, Start start)
    : env_(env),
      ring_(ring),
      group_(std::move(group)),
      stream_(std::move(stream)),
      start_(std::move(start)),
      cursor_(start_.cursor),
      position_(start_.revision),
      bookmarks_(bookmarks) {}

bool WatchSession::send(base::Ref<const api::WatchBatch> batch) {
  if (!stream_->send(env::Message{batch})) {
    unsent_ = std::move(batch);
    blocked_ = true;
    return false;
  }
  return true;
}

void WatchSession::translate(const CacheEvent& event, std::vector<api::WatchEvent>& out) const {
  const Filter& filter = group_->filter;
  if (event.revision <= start_.revision) return;
  if (filter.trivial()) {
    out.push_back({event.type, event.object, event.revision, false});
    return;
  }
  const bool before = event.previous && filter.matches(*event.previous);
  if (event.type == api::WatchType::kDeleted) {
    if (before) out.push_back({api::WatchType::kDeleted, event.object, event.revision, false});
    return;
  }
  const bool now = filter.matches(*event.object);
  if (now) {
    const auto type = before ? api::WatchType::kModified : api::WatchType::kAdded;
    out.push_back({type, event.object, event.revision, false});
  } else if (before) {
    out.push_back({api::WatchType::kDeleted, api::sealed(event.previous, event.revision),
                   event.revision, false});
  }
}

bool WatchSession::faulty(const CacheEvent& event, std::vector<api::WatchEvent>& out) const {
  const bool chosen = event.revision % 16 == 0;
  if (chosen && env_.faults.here(env::Site::kWatchSkipsEvent)) return true;
  if (chosen && env_.faults.here(env::Site::kWatchDuplicates)) translate(event, out);
  return false;
}

base::Ref<const api::WatchBatch> WatchSession::build(std::uint64_t from, std::uint64_t to) {
  FilterGroup& g = *group_;
  const bool shared =
      start_.revision < ring_.at(from).revision;  // every session past its start sees the same
  if (shared && g.from == from && g.to == to) return g.batch;
  auto batch = base::make_ref<api::WatchBatch>();
  for (std::uint64_t s = from; s != to; ++s) {
    if (!faulty(ring_.at(s), batch->events)) translate(ring_.at(s), batch->events);
  }
  if (env_.faults.here(env::Site::kWatchReorders))
    std::reverse(batch->events.begin(), batch->events.end());
  base::Ref<const api::WatchBatch> built;
  if (!batch->events.empty()) built = std::move(batch);
  if (shared) {
    g.from = from;
    g.to = to;
    g.batch = built;
  }
  return built;
}

bool WatchSession::pump_initial(std::size_t& sent) {
  while (initial_sent_ < start_.initial.size()) {
    auto batch = base::make_ref<api::WatchBatch>();
    const std::size_t n = std::min(kBatch, start_.initial.size() - initial_sent_);
    batch->events.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      ObjectRef& o = start_.initial[initial_sent_ + i];
      const std::int64_t revision = o->revision();
      batch->events.push_back({api::WatchType::kAdded, std::move(o), revision, false});
    }
    initial_sent_ += n;
    sent += n;
    if (!send(std::move(batch))) return false;
  }
  if (!start_.initial.empty()) {
    start_.initial = {};
    initial_sent_ = 0;
  }
  if (start_.initial_events_end) {
    start_.initial_events_end = false;
    auto batch = base::make_ref<api::WatchBatch>();
    batch->events.push_back({api::WatchType::kBookmark, nullptr, start_.revision, true});
    return send(std::move(batch));
  }
  return true;
}

std::size_t WatchSession::pump_ring() {
  std::size_t sent = 0;
  while (cursor_ != ring_.end()) {
    const std::uint64_t to = std::min(ring_.end(), cursor_ + kBatch);
    base::Ref<const api::WatchBatch> batch = build(cursor_, to);
    position_ = std::max(position_, ring_.at(to - 1).revision);
    cursor_ = to;
    if (!batch) continue;
    sent += batch->events.size();
    if (!send(std::move(batch))) break;
  }
  return sent;
}

std::size_t WatchSession::pump_indexed() {
  if (pending_.empty()) return 0;
  auto batch = base::make_ref<api::WatchBatch>();
  for (std::uint64_t s : pending_) {
    if (!faulty(ring_.at(s), batch->events)) translate(ring_.at(s), batch->events);
  }
  if (env_.faults.here(env::Site::kWatchReorders))
    std::reverse(batch->events.begin(), batch->events.end());
  position_ = std::max(position_, ring_.at(pending_.back()).revision);
  pending_.clear();
  const std::size_t n = batch->events.size();
  if (n) send(std::move(batch));
  return n;
}

std::size_t WatchSession::pump(std::int64_t revision) {
  if (state_ != State::kOpen) return 0;
  const std::uint64_t oldest =
      indexed_ ? (pending_.empty() ? ring_.end() : pending_.front()) : cursor_;
  if (oldest < ring_.first()) {
    state_ = State::kOverrun;
    return 0;
  }
  if (blocked_) return 0;
  std::size_t sent = 0;
  if (unsent_) {
    base::Ref<const api::WatchBatch> again = std::move(unsent_);
    unsent_ = nullptr;
    if (!send(std::move(again))) return sent;
  }
  if (!pump_initial(sent)) return sent;
  sent += indexed_ ? pump_indexed() : pump_ring();
  if (!blocked_) position_ = std::max(position_, revision);
  return sent;
}

void WatchSession::bookmark(std::int64_t revision) {
  pump(revision);
  if (state_ != State::kOpen || blocked_ || revision < start_.revision) return;
  auto batch = base::make_ref<api::WatchBatch>();
  const std::int64_t ahead = env_.faults.here(env::Site::kBookmarkTooNew) ? 100 : 0;
  batch->events.push_back({api::WatchType::kBookmark, nullptr, revision + ahead, false});
  // A bookmark that finds no room is left out: the next one says more.
  stream_->send(env::Message{base::Ref<const api::WatchBatch>(std::move(batch))});
}

void WatchSession::close(base::Error why) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  stream_->close(std::move(why));
}

}  // namespace orrery::apiserver
