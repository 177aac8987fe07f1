// SortedMap, SortedSet: ordered containers with stable addresses, for where speed does not matter: they compile in a third of
// BTreeMap's time.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <type_traits>

namespace orrery::base {

/// The standard's map, with keys of other types wherever the comparison takes them.
template <class K, class V>
class SortedMap : public std::map<K, V, std::less<>> {
 public:
  using Base = std::map<K, V, std::less<>>;
  using Base::Base;
  using Base::erase;
  template <class Q>
    requires(!std::is_convertible_v<const Q&, const K&> && !std::is_convertible_v<const Q&, typename Base::const_iterator>)
  std::size_t erase(const Q& key) {
    const auto it = this->find(key);
    if (it == this->end()) return 0;
    Base::erase(it);
    return 1;
  }
  using Base::operator[];
  template <class Q>
    requires(!std::is_convertible_v<const Q&, const K&>)
  V& operator[](const Q& key) {
    const auto it = this->lower_bound(key);
    if (it != this->end() && !(key < it->first)) return it->second;
    return this->emplace_hint(it, K(key), V{})->second;
  }
};
template <class K>
using SortedSet = std::set<K, std::less<>>;

}  // namespace orrery::base
