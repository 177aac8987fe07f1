// BTreeMap: the ordered map of the project. Iteration order is key order, never address or hash order.
#pragma once
#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

namespace orrery::base {

/// Insertion and erasure invalidate iterators and move values: hold handles in it, not addresses of its values.
template <class K, class V, class Compare = std::less<>>
using BTreeMap = absl::btree_map<K, V, Compare>;
template <class K, class Compare = std::less<>>
using BTreeSet = absl::btree_set<K, Compare>;

}  // namespace orrery::base
