// Kernel: virtual time. One ordered queue of events, one place where time moves, one digest of everything
// that happened.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/base/function.h"
#include "model/base/hash.h"
#include "model/base/prefetch.h"
#include "model/base/time.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/event_kind.h"
#include "sim/kernel/event_sink.h"
#include "sim/kernel/lazy_model.h"

namespace orrery::sim {

enum class EventId : std::uint64_t { kNone = 0 };

/// Who an event belongs to and what it is: what enters the digest beside the time.
struct EventTag {
  std::uint32_t owner = 0;    ///< from Kernel::new_owner(); 0 is the world itself
  EventKind kind = EventKind::kWorld;
  std::uint64_t content = 0;  ///< hash of what the event carries
};

/// Events run in the order of (integer nanoseconds, sequence number of their scheduling). At most 2^26
/// pending events and 2^38 in all. An EventQueue over stable slots; cancelling frees the slot at once and
/// leaves a stale entry that is swept when half of the queue is stale.
class Kernel {
 public:
  using Fire = base::UniqueFunction<void()>;

  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();

  base::Instant now() const { return now_; }
  /// Runs `fire` once at `when`, or as the last event of this instant when `when` is past. Captures of up
  /// to 48 bytes cost no allocation.
  template <class F>
  EventId at(base::Instant when, EventTag tag, F&& fire) {
    Slot& s = schedule(when, tag);
    s.fire.emplace(std::forward<F>(fire));
    return static_cast<EventId>(s.id);
  }
  template <class F>
  EventId after(base::Nanos delay, EventTag tag, F&& fire) {
    return at(now_ + delay, tag, std::forward<F>(fire));
  }
  /// After it returns the event does not run and its callback is destroyed. False for unknown, run and
  /// cancelled ids.
  bool cancel(EventId id);
  bool pending(EventId id) const;

  /// Runs `work` when the current event's callback has returned, before the next event; at once when none
  /// is running.
  void defer(base::UniqueFunction<void()> work);

  /// Runs every event up to and including `until`, then stands at `until`. Ends early after stop().
  void run_until(base::Instant until);
  /// Runs the next event, if there is one not later than `limit`. False when there is none: time has not
  /// moved then.
  bool step(base::Instant limit = base::kNever);
  /// Makes run_until return after the current event, with now() at that event.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  /// Date of the next event or model date, base::kNever for none.
  base::Instant next();

  /// A new owner number (1, 2, ...), for one process incarnation.
  std::uint32_t new_owner();
  /// Events of a paused owner are kept back when their date comes and run, in order, after resume.
  void pause(std::uint32_t owner);
  void resume(std::uint32_t owner);
  bool paused(std::uint32_t owner) const { return owner < paused_.size() && paused_[owner]; }
  /// Destroys all events of the owners for which `dead[owner]` holds (owners beyond its size live). Cost:
  /// one pass over all slots, so collect the dead of one instant. Not from inside an event: use defer().
  void discard(const std::vector<bool>& dead);
  /// Moves the dates of all pending timers of these owners: `move(date)` must not be in the past. One pass
  /// over the queue.
  void reschedule_timers(const std::vector<bool>& owners,
                         base::UniqueFunction<base::Instant(base::Instant)> move);

  /// The model must be detached before it dies. Own events come before the model's at equal dates.
  void attach(LazyModel& model) { models_.push_back(&model); }
  void detach(LazyModel& model);

  std::uint64_t digest() const { return digest_.value(); }
  /// Adds something that is not an event (a fault plan, a configuration) to the digest.
  void add_to_digest(std::uint64_t content) { digest_.add(content); }
  std::uint64_t executed() const { return executed_; }
  std::size_t pending_count() const { return live_; }
  /// Null for none. Does not own it.
  void set_sink(EventSink* sink) { sink_ = sink; }

  /// Deliberate breaches of determinism, for testing the test (env::Site::kPointerOrder, kWallClockRead): events of one instant in
  /// the order of addresses; dates that take in `machine_clock`, if that is set.
  void plant_faults(bool pointer_order, std::function<std::int64_t()> machine_clock);

 private:
  using Entry = EventQueue::Entry;
  static constexpr unsigned kSlotBits = 26;
  static constexpr std::uint32_t kChunk = 1024;
  static constexpr std::uint32_t kNoSlot = UINT32_MAX;
  struct alignas(64) Slot {
    std::uint64_t key = 0;  // of the queue entry that stands for it, 0 when there is none
    std::uint64_t id = 0;   // as given to the caller, 0 when free
    std::uint64_t content = 0;
    std::uint32_t owner = 0;
    std::uint32_t next_free = kNoSlot;
    EventKind kind = EventKind::kWorld;
    Fire fire;
  };
  struct Held {
    std::uint32_t owner, slot;
    std::uint64_t id;
  };

  Slot& slot(std::uint32_t i) { return chunks_[i / kChunk][i % kChunk]; }
  const Slot& slot(std::uint32_t i) const { return chunks_[i / kChunk][i % kChunk]; }
  static std::uint32_t slot_of(std::uint64_t key) {
    return static_cast<std::uint32_t>(key & ((1u << kSlotBits) - 1));
  }
  /// The slot of a new event, without what it runs.
  Slot& schedule(base::Instant when, EventTag tag);
  /// A slot that was never used, as the only free one.
  std::uint32_t new_slot();
  void free_slot(std::uint32_t i);
  std::uint64_t next_key(std::uint32_t slot_index);
  /// The first entry, stale or not; the queue is not empty. Slots of those that come next are fetched: of the thousands that wait
  /// hardly one is in the processor's caches.
  const Entry& first() {
    return queue_.top([this](const Entry& e) { base::prefetch(&slot(slot_of(e.key))); });
  }
  void sweep();
  void execute(std::uint32_t index, std::int64_t time);
  void run_deferred();
  LazyModel* first_model(base::Instant& date);

  base::Instant now_;
  std::uint64_t sequence_ = 0, executed_ = 0;
  std::size_t live_ = 0, stale_ = 0;
  EventQueue queue_;
  std::vector<std::unique_ptr<Slot[]>> chunks_;
  std::uint32_t slots_used_ = 0, free_head_ = kNoSlot;
  std::vector<bool> paused_{false};
  std::size_t paused_count_ = 0;
  std::vector<Held> held_;
  std::vector<LazyModel*> models_;
  std::vector<base::UniqueFunction<void()>> deferred_;
  base::Digest digest_;
  EventSink* sink_ = nullptr;
  bool running_ = false, stopped_ = false, pointer_order_ = false;
  std::function<std::int64_t()> machine_clock_;
};

}  // namespace orrery::sim
