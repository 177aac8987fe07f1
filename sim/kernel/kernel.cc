#include "sim/kernel/kernel.h"

#include <algorithm>

#include "model/base/check.h"
#include "sim/kernel/planted.h"

namespace orrery::sim {

Kernel::~Kernel() {
  // Callbacks may cancel other events while they are destroyed.
  for (std::uint32_t i = 0; i < slots_used_; ++i) slot(i).fire.reset();
}

std::uint32_t Kernel::new_slot() {
  ORRERY_CHECK(slots_used_ < (1u << kSlotBits), "too many pending events");
  if (slots_used_ % kChunk == 0) chunks_.push_back(std::make_unique<Slot[]>(kChunk));
  return slots_used_++;
}

void Kernel::free_slot(std::uint32_t i) {
  Slot& s = slot(i);
  s.id = 0;
  s.key = 0;
  s.next_free = free_head_;
  free_head_ = i;
}

std::uint64_t Kernel::next_key(std::uint32_t slot_index) {
  std::uint64_t sequence = ++sequence_;
  ORRERY_CHECK(sequence < (1ULL << (64 - kSlotBits)), "too many events in one run");
  if (pointer_order_) sequence = planted::address_order(&slot(slot_index), sequence);
  return (sequence << kSlotBits) | slot_index;
}

Kernel::Slot& Kernel::schedule(base::Instant when, EventTag tag) {
  if (when < now_) when = now_;
  if (machine_clock_) when = when + planted::clock_noise(machine_clock_());
  const std::uint32_t i = free_head_ != kNoSlot ? free_head_ : new_slot();
  const std::uint64_t key = next_key(i);
  Slot& s = slot(i);
  free_head_ = s.next_free;
  s.key = s.id = key;
  s.content = tag.content;
  s.owner = tag.owner;
  s.kind = tag.kind;
  ++live_;
  queue_.push({when.ns, key});
  return s;
}

bool Kernel::pending(EventId id) const {
  const auto raw = static_cast<std::uint64_t>(id);
  return raw != 0 && slot_of(raw) < slots_used_ && slot(slot_of(raw)).id == raw;
}

bool Kernel::cancel(EventId id) {
  if (!pending(id)) return false;
  const std::uint32_t i = slot_of(static_cast<std::uint64_t>(id));
  Slot& s = slot(i);
  s.id = 0;
  --live_;
  if (s.key) ++stale_;
  // Destroyed last: a capture's destructor may call back into the kernel.
  Fire dead = std::move(s.fire);
  free_slot(i);
  if (stale_ > 4096 && stale_ * 2 > queue_.size()) sweep();
  return true;
}

void Kernel::sweep() {
  queue_.erase_if([this](const Entry& e) { return slot(slot_of(e.key)).key != e.key; });
  stale_ = 0;
}

base::Instant Kernel::next() {
  const auto stale = [this](std::uint64_t key) { return slot(slot_of(key)).key != key; };
  for (; !queue_.empty() && stale(first().key); --stale_) queue_.pop();
  base::Instant date = queue_.empty() ? base::kNever : base::Instant{first().time};
  first_model(date);
  return date;
}

LazyModel* Kernel::first_model(base::Instant& date) {
  LazyModel* first = nullptr;
  for (LazyModel* model : models_) {
    const base::Instant next = model->next();
    if (next < date) {
      date = next;
      first = model;
    }
  }
  return first;
}

bool Kernel::step(base::Instant limit) {
  ORRERY_CHECK(!running_, "the kernel is driven from inside an event");
  while (true) {
    const Entry next = queue_.empty() ? Entry{base::kNever.ns, 0} : first();
    base::Instant date{next.time};
    if (LazyModel* model = models_.empty() ? nullptr : first_model(date)) {
      if (date > limit) return false;
      if (date > now_) now_ = date;
      running_ = true;
      model->advance(now_);
      running_ = false;
      run_deferred();
      continue;
    }
    if (next.key == 0 || date > limit) return false;
    const std::uint32_t i = slot_of(next.key);
    Slot& s = slot(i);
    queue_.pop();
    if (s.key != next.key) {
      --stale_;
      continue;
    }
    // Its slot has come, now what it works on.
    if (!queue_.empty()) slot(slot_of(first().key)).fire.prefetch();
    s.key = 0;
    if (paused_count_ > 0 && paused(s.owner)) {
      held_.push_back({s.owner, i, s.id});
      continue;
    }
    execute(i, next.time);
    return true;
  }
}

void Kernel::execute(std::uint32_t index, std::int64_t time) {
  Slot& s = slot(index);
  now_ = {time};
  s.id = 0;
  --live_;
  ++executed_;
  digest_.add(static_cast<std::uint64_t>(time));
  digest_.add((static_cast<std::uint64_t>(s.owner) << 16) | static_cast<std::uint64_t>(s.kind));
  digest_.add(s.content);
  if (sink_) sink_->on_event({executed_, now_, s.owner, s.kind, s.content, digest_.value()});
  running_ = true;
  s.fire.call_once();
  free_slot(index);
  running_ = false;
  if (!deferred_.empty()) run_deferred();
}

void Kernel::defer(base::UniqueFunction<void()> work) {
  deferred_.push_back(std::move(work));
  if (!running_) run_deferred();
}

void Kernel::run_deferred() {
  running_ = true;
  for (std::size_t i = 0; i < deferred_.size(); ++i) {
    auto work = std::move(deferred_[i]);
    work();
  }
  deferred_.clear();
  running_ = false;
}

void Kernel::run_until(base::Instant until) {
  stopped_ = false;
  while (!stopped_ && step(until)) {
  }
  if (!stopped_ && now_ < until) now_ = until;
}

std::uint32_t Kernel::new_owner() {
  paused_.push_back(false);
  return static_cast<std::uint32_t>(paused_.size() - 1);
}

void Kernel::pause(std::uint32_t owner) {
  ORRERY_CHECK(owner != 0 && owner < paused_.size(), "pause of an unknown owner");
  if (paused_[owner]) return;
  paused_[owner] = true;
  ++paused_count_;
}

void Kernel::resume(std::uint32_t owner) {
  if (!paused(owner)) return;
  paused_[owner] = false;
  --paused_count_;
  std::vector<Held> rest;
  for (const Held& h : held_) {
    Slot& s = slot(h.slot);
    if (s.id != h.id) continue;
    if (h.owner != owner) {
      rest.push_back(h);
      continue;
    }
    s.key = next_key(h.slot);
    queue_.push({now_.ns, s.key});
  }
  held_ = std::move(rest);
}

void Kernel::discard(const std::vector<bool>& dead) {
  std::vector<Fire> doomed;
  for (std::uint32_t i = 0; i < slots_used_; ++i) {
    Slot& s = slot(i);
    if (s.id == 0 || s.owner >= dead.size() || !dead[s.owner]) continue;
    if (s.key) ++stale_;
    --live_;
    doomed.push_back(std::move(s.fire));
    free_slot(i);
  }
  for (std::uint32_t owner = 0; owner < dead.size(); ++owner) {
    if (dead[owner] && paused(owner)) {
      paused_[owner] = false;
      --paused_count_;
    }
  }
  std::erase_if(held_, [this](const Held& h) { return slot(h.slot).id != h.id; });
  if (stale_ > 4096 && stale_ * 2 > queue_.size()) sweep();
}

void Kernel::reschedule_timers(const std::vector<bool>& owners,
                               base::UniqueFunction<base::Instant(base::Instant)> move) {
  queue_.update_all([&](Entry& e) {
    const Slot& s = slot(slot_of(e.key));
    if (s.key != e.key || s.kind != EventKind::kTimer) return;
    if (s.owner < owners.size() && owners[s.owner]) e.time = std::max(move({e.time}).ns, now_.ns);
  });
}

void Kernel::detach(LazyModel& model) {
  models_.erase(std::remove(models_.begin(), models_.end(), &model), models_.end());
}

void Kernel::plant_faults(bool pointer_order, std::function<std::int64_t()> machine_clock) {
  pointer_order_ = pointer_order;
  machine_clock_ = std::move(machine_clock);
}

}  // namespace orrery::sim
