// ObjectCache: the indexed copy behind an Informer.
#pragma once
#include <vector>

#include "control/client/client.h"
#include "model/base/sorted_map.h"
#include "model/base/hash_map.h"
#include "model/base/lazy_order.h"

namespace orrery::client {

/// Objects by (namespace, name): found by hash, listed in order. A change of an object already present touches no tree.
class ObjectCache {
 public:
  using IndexFn = base::UniqueFunction<void(const ObjectRef&, std::vector<Str>& values)>;

  int add_index(IndexFn values);
  ObjectRef get(std::string_view ns, std::string_view name) const;
  /// Stores `now` and returns what it replaced (null: nothing).
  ObjectRef put(ObjectRef now);
  /// Removes and returns the object; null when there is none.
  ObjectRef erase(std::string_view ns, std::string_view name);
  std::size_t size() const { return found_.size(); }
  std::vector<ObjectRef> list(std::string_view ns) const;
  std::vector<ObjectRef> by_index(int index, std::string_view value) const;
  std::size_t count_by_index(int index, std::string_view value) const;
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [ns, names] : ordered_) {
      for (const auto& [name, entry] : names.map()) visit(entry->object);
    }
  }

 private:
  struct Entry : base::RefCounted {
    ObjectRef object;
  };
  using EntryRef = base::Ref<Entry>;
  struct View {
    std::string_view ns, name;
  };
  struct Key {
    Str ns, name;
    friend bool operator==(const Key& k, const View& v) { return k.name.view() == v.name && k.ns.view() == v.ns; }
    explicit operator View() const { return {ns, name}; }
    Key() = default;
    explicit Key(const View& v) : ns(v.ns), name(v.name) {}
    Key(Str n, Str m) : ns(std::move(n)), name(std::move(m)) {}
    friend bool operator==(const Key& a, const Key& b) { return a.name == b.name && a.ns == b.ns; }
  };
  struct KeyHash {
    std::uint64_t operator()(const View& v) const { return base::hash_bytes(v.name, base::hash_bytes(v.ns)); }
    std::uint64_t operator()(const Key& k) const { return (*this)(View{k.ns, k.name}); }
  };
  struct Index {
    IndexFn values;
    base::HashMap<Str, std::vector<Entry*>> entries;  // each in order; empty ones are erased
  };

  void reindex(Entry* entry, const ObjectRef& old, const ObjectRef& now);

  base::HashMap<Key, EntryRef, KeyHash> found_;
  base::SortedMap<Str, base::LazyOrder<Entry*>> ordered_;
  std::vector<Index> indexes_;
  std::vector<Str> before_, after_;  // scratch
};

}  // namespace orrery::client
