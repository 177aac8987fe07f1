// NearQueue: a priority queue for what is due next: the first few entries stand sorted, the others in an EntryHeap behind them.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>

#include "sim/kernel/entry_heap.h"

namespace orrery::sim {

/// Entries that are pushed are mostly among the next few to come, and few wait: most are inserted near the end of a short sorted
/// run and taken from there, which costs a fraction of the ways up and down a heap.
class NearQueue {
 public:
  using Entry = EntryHeap::Entry;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_ + rest_.size(); }
  const Entry& top() const { return run_[size_ - 1]; }
  void push(Entry e) {
    if (size_ == kRun) shorten();
    if (!rest_.empty() && run_[0] < e) return rest_.push(e);
    std::size_t i = size_++;
    for (; i > 0 && run_[i - 1] < e; --i) run_[i] = run_[i - 1];
    run_[i] = e;
  }
  void pop() {
    if (--size_ == 0 && !rest_.empty()) refill();
  }
  /// Removes the entries for which `gone(entry)` holds.
  template <class Gone>
  void erase_if(Gone gone) {
    Entry* const first = run_.data();
    size_ = static_cast<std::size_t>(std::remove_if(first, first + size_, gone) - first);
    rest_.erase_if(gone);
    if (size_ == 0 && !rest_.empty()) refill();
  }

 private:
  static constexpr std::size_t kRun = 32;

  /// Moves the later half of a full run to the rest.
  [[gnu::noinline]] void shorten() {
    for (std::size_t i = 0; i < kRun / 2; ++i) rest_.push(run_[i]);
    std::copy(run_.begin() + kRun / 2, run_.end(), run_.begin());
    size_ = kRun / 2;
  }
  /// Takes the first of the rest into the empty run.
  [[gnu::noinline]] void refill() {
    size_ = std::min(rest_.size(), kRun / 2);
    for (std::size_t i = size_; i-- > 0; rest_.pop()) run_[i] = rest_.top();
  }

  std::array<Entry, kRun> run_;  // the last is the first to come; empty only when nothing waits
  std::size_t size_ = 0;
  EntryHeap rest_;               // none before any of the run
};

}  // namespace orrery::sim
