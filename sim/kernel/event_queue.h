// EventQueue: the kernel's priority queue, a calendar (Brown, 1988): what is due within some milliseconds stands in a NearQueue,
// what is due within some seconds in unsorted buckets, the rest in a heap.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/kernel/entry_heap.h"
#include "sim/kernel/near_queue.h"

namespace orrery::sim {

/// Entries come out in their order, whatever the order in which they went in, also those before one that was already seen on top.
class EventQueue {
 public:
  using Entry = EntryHeap::Entry;

  EventQueue() : buckets_(kBuckets) {}
  bool empty() const { return size() == 0; }
  std::size_t size() const { return near_.size() + waiting_ + far_.size(); }
  /// The first entry; the queue is not empty. `soon(entry)` hears of entries that are among the next to come.
  template <class Soon>
  const Entry& top(Soon soon) {
    if (near_.empty()) advance(soon);
    return near_.top();
  }
  const Entry& top() {
    return top([](const Entry&) {});
  }
  void push(Entry e) {
    const std::int64_t bucket = bucket_of(e);
    if (bucket <= current_) near_.push(e);
    else if (bucket - current_ < kBuckets) put(bucket, e);
    else far_.push(e);
  }
  /// Removes the entry that top() has given.
  void pop() { near_.pop(); }
  /// Removes the entries for which `gone(entry)` holds.
  template <class Gone>
  void erase_if(Gone gone) {
    near_.erase_if(gone);
    far_.erase_if(gone);
    for (std::size_t i = 0; i < kBuckets; ++i) {
      waiting_ -= std::erase_if(buckets_[i], gone);
      if (buckets_[i].empty()) unmark(i);
    }
  }
  /// Lets `change(entry)` move the dates of any entries.
  template <class Change>
  void update_all(Change change) {
    std::vector<Entry> all;
    erase_if([&all](const Entry& e) {
      all.push_back(e);
      return true;
    });
    for (Entry& e : all) {
      change(e);
      push(e);
    }
  }

 private:
  static constexpr unsigned kShift = 22;  // a bucket is 4.2 ms
  static constexpr std::int64_t kBuckets = 4096;
  static constexpr std::size_t kWords = kBuckets / 64;

  static std::int64_t bucket_of(const Entry& e) { return e.time >> kShift; }
  void put(std::int64_t bucket, const Entry& e) {
    const auto i = static_cast<std::size_t>(bucket % kBuckets);
    buckets_[i].push_back(e);
    marks_[i / 64] |= std::uint64_t{1} << (i % 64);
    marked_words_ |= std::uint64_t{1} << (i / 64);
    ++waiting_;
  }
  void unmark(std::size_t i) {
    marks_[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    if (marks_[i / 64] == 0) marked_words_ &= ~(std::uint64_t{1} << (i / 64));
  }
  /// The first bucket after the current one that has entries; there is one.
  std::int64_t next_bucket() const {
    const std::int64_t start = current_ + 1;
    const auto from = static_cast<std::size_t>(start % kBuckets);
    const std::uint64_t rest = marks_[from / 64] >> (from % 64);
    if (rest != 0) return start + std::countr_zero(rest);
    const unsigned after = static_cast<unsigned>(from / 64) + 1;
    const std::uint64_t later = after < kWords ? marked_words_ >> after << after : 0;
    const auto word = static_cast<std::size_t>(std::countr_zero(later != 0 ? later : marked_words_));
    const auto found = static_cast<std::int64_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(marks_[word])));
    return start + (found - static_cast<std::int64_t>(from) + kBuckets) % kBuckets;
  }
  /// Makes the first bucket with entries the current one.
  template <class Soon>
  [[gnu::noinline]] void advance(Soon soon) {
    const std::int64_t distant = far_.empty() ? INT64_MAX : bucket_of(far_.top());
    const std::int64_t next = waiting_ > 0 ? next_bucket() : INT64_MAX;
    current_ = next < distant ? next : distant;
    if (next == current_) {
      const auto i = static_cast<std::size_t>(next % kBuckets);
      for (const Entry& e : buckets_[i]) {
        soon(e);
        near_.push(e);
      }
      waiting_ -= buckets_[i].size();
      buckets_[i].clear();
      unmark(i);
    }
    while (!far_.empty() && bucket_of(far_.top()) == current_) {
      soon(far_.top());
      near_.push(far_.top());
      far_.pop();
    }
  }

  NearQueue near_;                          // up to and including the current bucket
  std::vector<std::vector<Entry>> buckets_; // those after it, by their number modulo kBuckets
  std::array<std::uint64_t, kWords> marks_{};   // of the buckets with entries,
  std::uint64_t marked_words_ = 0;          // of the words that have some
  EntryHeap far_;                           // pushed when they were beyond the last bucket
  std::int64_t current_ = 0;
  std::size_t waiting_ = 0;                 // in buckets
};

}  // namespace orrery::sim
