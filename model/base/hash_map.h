// HashMap: lookup only. It offers no iteration, so hash order cannot leak into behaviour.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/base/hash.h"

namespace orrery::base {

struct DefaultHash {
  std::uint64_t operator()(std::string_view s) const { return hash_bytes(s); }
  template <class T, class = std::enable_if_t<std::is_integral_v<T> || std::is_enum_v<T>>>
  std::uint64_t operator()(T v) const { return mix64(static_cast<std::uint64_t>(v) + 0x9e3779b97f4a7c15ULL); }
};

/// Open addressing with linear probing and backward-shift deletion; load at most 7/8. Pointers to values are valid until
/// the next insert or erase. Lookup is heterogeneous: anything Hash and == accept.
template <class K, class V, class Hash = DefaultHash>
class HashMap {
 public:
  template <class Q>
  V* find(const Q& key) {
    if (slots_.empty()) return nullptr;
    const std::size_t i = locate(key, tag_of(Hash{}(key)));
    return slots_[i].tag ? &slots_[i].entry.second : nullptr;
  }
  template <class Q>
  const V* find(const Q& key) const { return const_cast<HashMap*>(this)->find(key); }
  template <class Q>
  bool contains(const Q& key) const { return find(key) != nullptr; }

  /// The value of `key`, default-constructed when it was absent.
  template <class Q>
  V& operator[](const Q& key) {
    if ((size_ + 1) * 8 > slots_.size() * 7) grow();
    const std::uint32_t tag = tag_of(Hash{}(key));
    Slot& slot = slots_[locate(key, tag)];
    if (!slot.tag) {
      slot.tag = tag;
      slot.entry = {K(key), V{}};
      ++size_;
    }
    return slot.entry.second;
  }

  template <class Q>
  bool erase(const Q& key) {
    if (slots_.empty()) return false;
    std::size_t hole = locate(key, tag_of(Hash{}(key)));
    if (!slots_[hole].tag) return false;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = (hole + 1) & mask; slots_[i].tag; i = (i + 1) & mask) {
      const std::size_t home = slots_[i].tag & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        slots_[hole] = std::move(slots_[i]);
        hole = i;
      }
    }
    slots_[hole] = Slot{};
    --size_;
    return true;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { slots_.clear(); size_ = 0; }
  /// Bytes held by the table itself.
  std::size_t table_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t tag = 0;  // low hash bits with the lowest forced; 0 means free
    std::pair<K, V> entry{};
  };
  static std::uint32_t tag_of(std::uint64_t h) {
    const auto t = static_cast<std::uint32_t>(h);
    return t ? t : 1u;
  }
  template <class Q>
  std::size_t locate(const Q& key, std::uint32_t tag) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = tag & mask;
    while (slots_[i].tag && !(slots_[i].tag == tag && slots_[i].entry.first == key)) i = (i + 1) & mask;
    return i;
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (Slot& s : old) {
      if (!s.tag) continue;
      std::size_t i = s.tag & mask;
      while (slots_[i].tag) i = (i + 1) & mask;
      slots_[i] = std::move(s);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace orrery::base
