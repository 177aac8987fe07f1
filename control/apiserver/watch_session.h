// WatchSession: one client's watch: a cursor into the ring, a filter, and a stream with a bounded
// window.
#pragma once
#include <memory>
#include <vector>

#include "control/apiserver/event_ring.h"
#include "control/apiserver/filter.h"
#include "model/env/environment.h"

namespace orrery::apiserver {

/// Sessions with equal filters share one, and with it the batches built for them.
struct FilterGroup : base::RefCounted {
  explicit FilterGroup(Filter f) : filter(std::move(f)) {}
  Filter filter;
  std::uint64_t from = 0, to = 0;          ///< what `batch` was built from
  base::Ref<const api::WatchBatch> batch;  ///< null: nothing matched
  std::size_t members = 0;
};

class WatchSession : public base::RefCounted {
 public:
  enum class State : std::uint8_t { kOpen, kOverrun, kClosed };
  struct Start {
    std::vector<ObjectRef> initial;   ///< sent first as ADDED
    bool initial_events_end = false;  ///< then a bookmark that says so
    std::int64_t revision = 0;        ///< events above it follow
    std::uint64_t cursor = 0;         ///< the first ring position to look at
  };
  WatchSession(env::Environment& env, const EventRing& ring, base::Ref<FilterGroup> group,
               std::unique_ptr<env::Stream> stream, bool bookmarks, Start start);

  /// Sends what is due as far as the window allows; gives the number of events sent. `revision`:
  /// the cache's.
  std::size_t pump(std::int64_t revision);
  /// Indexed sessions look only at events announced here.
  void announce(std::uint64_t seq) {
    if (pending_.empty() || pending_.back() != seq) pending_.push_back(seq);
  }
  void set_indexed() { indexed_ = true; }
  bool indexed() const { return indexed_; }
  /// Sends a bookmark if everything up to `revision` was sent.
  void bookmark(std::int64_t revision);
  void close(base::Error why);
  State state() const { return state_; }
  void set_closed() { state_ = State::kClosed; }
  bool wants_bookmarks() const { return bookmarks_; }
  env::Stream& stream() { return *stream_; }
  void unblock() { blocked_ = false; }
  const base::Ref<FilterGroup>& group() const { return group_; }
  /// Revision of the last event sent or passed over.
  std::int64_t position() const { return position_; }
  bool dirty = false;  ///< for the fan-out: already on its list

 private:
  bool send(base::Ref<const api::WatchBatch> batch);
  bool pump_initial(std::size_t& sent);
  std::size_t pump_ring();
  std::size_t pump_indexed();
  void translate(const CacheEvent& event, std::vector<api::WatchEvent>& out) const;
  bool faulty(const CacheEvent& event, std::vector<api::WatchEvent>& out) const;
  base::Ref<const api::WatchBatch> build(std::uint64_t from, std::uint64_t to);

  env::Environment& env_;
  const EventRing& ring_;
  base::Ref<FilterGroup> group_;
  std::unique_ptr<env::Stream> stream_;
  Start start_;
  std::size_t initial_sent_ = 0;
  std::uint64_t cursor_;
  std::vector<std::uint64_t> pending_;
  base::Ref<const api::WatchBatch> unsent_;  // refused by the window
  std::int64_t position_;
  State state_ = State::kOpen;
  bool blocked_ = false, indexed_ = false, bookmarks_;
};

}  // namespace orrery::apiserver
