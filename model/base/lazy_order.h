// LazyOrder: an ordered map for collections that are mostly looked up by hash beside it: what is added is put in order when
// somebody asks for the order, many entries at a time.
#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "model/base/btree_map.h"
#include "model/base/str.h"

namespace orrery::base {

template <class V>
class LazyOrder {
 public:
  using Map = BTreeMap<Str, V>;

  /// `key` must not be present.
  void add(const Str& key, V value) { fresh_.emplace_back(key, std::move(value)); }
  void erase(const Str& key) {
    settle();
    map_.erase(key);
  }
  void clear() {
    fresh_.clear();
    map_.clear();
  }
  std::size_t size() const { return map_.size() + fresh_.size(); }
  /// Valid until the next change.
  const Map& map() const {
    settle();
    return map_;
  }

 private:
  void settle() const {
    if (fresh_.empty()) return;
    std::sort(fresh_.begin(), fresh_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    auto at = map_.end();
    for (auto& entry : fresh_) {
      at = map_.insert(at, std::move(entry));
      ++at;  // where the next one goes, if nothing old lies between
    }
    fresh_.clear();
  }

  mutable Map map_;
  mutable std::vector<std::pair<Str, V>> fresh_;
};

}  // namespace orrery::base
