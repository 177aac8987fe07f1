// EntryHeap: a 4-ary heap of 16-byte entries whose four children share one cache line.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orrery::sim {

class EntryHeap {
 public:
  struct Entry {
    std::int64_t time;
    std::uint64_t key;  ///< sequence and slot; unique
    /// One comparison of 128 bits: the heap has nothing that a processor could predict. Dates are not negative.
    bool operator<(const Entry& o) const { return value() < o.value(); }
    unsigned __int128 value() const {
      return static_cast<unsigned __int128>(static_cast<std::uint64_t>(time)) << 64 | key;
    }
  };

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const Entry& top() const { return at(kRoot); }
  void push(Entry e) {
    if ((kRoot + size_) / 4 >= lines_.size()) lines_.emplace_back();
    std::size_t i = kRoot + size_++;
    while (i > kRoot) {
      const std::size_t parent = i / 4 + 2;
      if (!(e < at(parent))) break;
      at(i) = at(parent);
      i = parent;
    }
    at(i) = e;
  }
  void pop() {
    const Entry last = at(kRoot + --size_);
    if (size_ > 0) sift_down(kRoot, last);
  }
  /// Removes the entries for which `gone(entry)` holds. The order in which entries come out does not
  /// change.
  template <class Gone>
  void erase_if(Gone gone) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (!gone(at(kRoot + i))) at(kRoot + kept++) = at(kRoot + i);
    }
    size_ = kept;
    for (std::size_t i = size_; i-- > 0;) sift_down(kRoot + i, Entry(at(kRoot + i)));
  }

 private:
  // The root stands at 3, so that the children of i stand at 4i - 8 ... 4i - 5: one aligned line.
  static constexpr std::size_t kRoot = 3;
  struct alignas(64) Line {
    Entry entries[4] = {};
  };
  Entry& at(std::size_t i) { return lines_[i / 4].entries[i % 4]; }
  const Entry& at(std::size_t i) const { return lines_[i / 4].entries[i % 4]; }
  void sift_down(std::size_t i, Entry e) {
    const std::size_t end = kRoot + size_;
    for (std::size_t first = 4 * i - 8; first < end; first = 4 * i - 8) {
      const Entry* line = lines_[first / 4].entries;
      std::size_t best = 0;
      const std::size_t n = end - first < 4 ? end - first : 4;
      for (std::size_t c = 1; c < n; ++c) best = line[c] < line[best] ? c : best;
      if (!(line[best] < e)) break;
      at(i) = line[best];
      i = first + best;
    }
    at(i) = e;
  }

  std::vector<Line> lines_;
  std::size_t size_ = 0;
};

}  // namespace orrery::sim
