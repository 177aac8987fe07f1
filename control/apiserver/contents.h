// Contents: the present objects of one collection by storage key, for lookup and in key order.
#pragma once
#include "model/api/object.h"
#include "model/base/hash_map.h"
#include "model/base/lazy_order.h"

namespace orrery::apiserver {

class Contents {
 public:
  struct Entry : base::RefCounted {
    base::Str key;
    api::ObjectRef object;
  };
  using Ordered = base::LazyOrder<base::Ref<Entry>>::Map;

  const api::ObjectRef* find(std::string_view key) const {
    const base::Ref<Entry>* e = by_key_.find(key);
    return e ? &(*e)->object : nullptr;
  }
  base::Ref<Entry> entry(std::string_view key) const {
    const base::Ref<Entry>* e = by_key_.find(key);
    return e ? *e : base::Ref<Entry>();
  }
  /// The state before, null when there was none.
  api::ObjectRef put(const base::Str& key, api::ObjectRef object) {
    base::Ref<Entry>& slot = by_key_[key];
    if (!slot) {
      slot = base::make_ref<Entry>();
      slot->key = key;
      ordered_.add(key, slot);
    }
    api::ObjectRef before = std::move(slot->object);
    slot->object = std::move(object);
    return before;
  }
  api::ObjectRef erase(const base::Str& key) {
    const base::Ref<Entry>* slot = by_key_.find(key);
    if (!slot) return {};
    api::ObjectRef before = (*slot)->object;
    by_key_.erase(key);
    ordered_.erase(key);
    return before;
  }
  void clear() {
    by_key_.clear();
    ordered_.clear();
  }
  std::size_t size() const { return ordered_.size(); }
  const Ordered& ordered() const { return ordered_.map(); }

 private:
  base::HashMap<base::Str, base::Ref<Entry>> by_key_;
  base::LazyOrder<base::Ref<Entry>> ordered_;
};

}  // namespace orrery::apiserver
