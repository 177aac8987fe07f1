// EventRing: the bounded recent history of one collection. Watchers are cursors (sequence numbers)
// into it.
#pragma once
#include <cstdint>
#include <vector>

#include "model/api/request.h"
#include "model/base/time.h"

namespace orrery::apiserver {

using api::ObjectRef;

struct CacheEvent {
  std::int64_t revision = 0;
  api::WatchType type = api::WatchType::kAdded;
  ObjectRef object;    ///< deleted: the last state with the revision of the deletion
  ObjectRef previous;  ///< null when added
  base::Instant at;
};

/// Capacity starts at 100, doubles (to 102,400) while a full ring spans less than 75 s and halves
/// when its newest quarter alone spans more, as upstream's dynamic watch cache size.
class EventRing {
 public:
  static constexpr std::size_t kMinCapacity = 100;
  static constexpr std::size_t kMaxCapacity = 102'400;
  static constexpr base::Nanos kFresh = 75 * base::kSecond;

  void push(CacheEvent event);
  /// Sequence numbers of the events held: [first(), end()).
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return end_; }
  const CacheEvent& at(std::uint64_t seq) const { return slots_[seq % slots_.size()]; }
  /// The first event with a revision greater than `revision`; end() when there is none.
  std::uint64_t after(std::int64_t revision) const;
  /// Watches can resume from this revision or a later one. After reset(): that revision.
  std::int64_t floor_revision() const;
  /// Forgets all events; a complete state at `revision` takes their place.
  void reset(std::int64_t revision);

 private:
  void resize(std::size_t capacity);

  std::vector<CacheEvent> slots_;
  std::uint64_t first_ = 0, end_ = 0;
  std::int64_t listed_ = 0;  // revision of the list below the ring; 0 once an event was dropped
};

}  // namespace orrery::apiserver
