// LruCache: a bounded map from 64-bit keys that forgets what was not used for longest.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "model/base/hash_map.h"

namespace orrery::client {

/// find() and put() make their key the most recent. Pointers are valid until the next put.
template <class V>
class LruCache {
 public:
  explicit LruCache(std::uint32_t capacity) : capacity_(capacity) {}

  V* find(std::uint64_t key) {
    const std::uint32_t* slot = index_.find(key);
    if (!slot) return nullptr;
    touch(*slot);
    return &nodes_[*slot].value;
  }
  void put(std::uint64_t key, V value) {
    if (V* present = find(key)) {
      *present = std::move(value);
      return;
    }
    std::uint32_t slot = static_cast<std::uint32_t>(nodes_.size());
    if (slot < capacity_) {
      nodes_.emplace_back();
    } else {
      slot = oldest_;
      unlink(slot);
      index_.erase(nodes_[slot].key);
    }
    nodes_[slot].key = key;
    nodes_[slot].value = std::move(value);
    index_[key] = slot;
    link(slot);
  }
  std::size_t size() const { return index_.size(); }

 private:
  static constexpr std::uint32_t kNil = UINT32_MAX;
  struct Node {
    std::uint64_t key = 0;
    V value{};
    std::uint32_t newer = kNil, older = kNil;
  };
  void touch(std::uint32_t slot) {
    if (slot == newest_) return;
    unlink(slot);
    link(slot);
  }
  void unlink(std::uint32_t slot) {
    const Node& n = nodes_[slot];
    (n.newer == kNil ? newest_ : nodes_[n.newer].older) = n.older;
    (n.older == kNil ? oldest_ : nodes_[n.older].newer) = n.newer;
  }
  void link(std::uint32_t slot) {
    nodes_[slot].newer = kNil;
    nodes_[slot].older = newest_;
    (newest_ == kNil ? oldest_ : nodes_[newest_].newer) = slot;
    newest_ = slot;
  }

  std::uint32_t capacity_;
  std::uint32_t newest_ = kNil, oldest_ = kNil;
  std::vector<Node> nodes_;
  base::HashMap<std::uint64_t, std::uint32_t> index_;
};

}  // namespace orrery::client
