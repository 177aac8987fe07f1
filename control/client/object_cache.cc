#include "control/client/object_cache.h"

#include <algorithm>

namespace orrery::client {
namespace {

struct ByKey {
  template <class E>
  bool operator()(const E* a, const E* b) const {
    const api::ObjectMeta& x = a->object->meta();
    const api::ObjectMeta& y = b->object->meta();
    if (!(x.namespace_ == y.namespace_)) return x.namespace_ < y.namespace_;
    return x.name < y.name;
  }
};

}  // namespace

int ObjectCache::add_index(IndexFn values) {
  indexes_.push_back(Index{std::move(values), {}});
  return static_cast<int>(indexes_.size()) - 1;
}

ObjectRef ObjectCache::get(std::string_view ns, std::string_view name) const {
  const EntryRef* e = found_.find(View{ns, name});
  return e ? (*e)->object : ObjectRef();
}

ObjectRef ObjectCache::put(ObjectRef now) {
  const api::ObjectMeta& meta = now->meta();
  EntryRef& slot = found_[Key(meta.namespace_, meta.name)];
  if (slot) {
    const ObjectRef old = slot->object;
    reindex(slot.get(), old, now);
    slot->object = std::move(now);
    return old;
  }
  slot = base::make_ref<Entry>();
  slot->object = now;
  ordered_[meta.namespace_].add(meta.name, slot.get());
  reindex(slot.get(), {}, now);
  return {};
}

ObjectRef ObjectCache::erase(std::string_view ns, std::string_view name) {
  EntryRef* slot = found_.find(View{ns, name});
  if (!slot) return {};
  const EntryRef entry = *slot;
  reindex(entry.get(), entry->object, {});
  const auto names = ordered_.find(ns);
  names->second.erase(entry->object->meta().name);
  if (names->second.size() == 0) ordered_.erase(names);
  found_.erase(View{ns, name});
  return entry->object;
}

std::vector<ObjectRef> ObjectCache::list(std::string_view ns) const {
  std::vector<ObjectRef> out;
  if (ns.empty()) {
    out.reserve(size());
    each([&out](const ObjectRef& o) { out.push_back(o); });
    return out;
  }
  const auto names = ordered_.find(ns);
  if (names == ordered_.end()) return out;
  out.reserve(names->second.size());
  for (const auto& [name, entry] : names->second.map()) out.push_back(entry->object);
  return out;
}

std::vector<ObjectRef> ObjectCache::by_index(int index, std::string_view value) const {
  std::vector<ObjectRef> out;
  const auto* entries = indexes_[static_cast<std::size_t>(index)].entries.find(value);
  if (!entries) return out;
  out.reserve(entries->size());
  for (const Entry* e : *entries) out.push_back(e->object);
  return out;
}

std::size_t ObjectCache::count_by_index(int index, std::string_view value) const {
  const auto* entries = indexes_[static_cast<std::size_t>(index)].entries.find(value);
  return entries ? entries->size() : 0;
}

// The entry's object is the old one (or, for a new entry, the new one) while this runs; its key is the same in both.
void ObjectCache::reindex(Entry* entry, const ObjectRef& old, const ObjectRef& now) {
  for (Index& index : indexes_) {
    before_.clear();
    after_.clear();
    if (old) index.values(old, before_);
    if (now) index.values(now, after_);
    if (before_ == after_) continue;
    for (const Str& value : before_) {
      auto* entries = index.entries.find(value);
      if (!entries) continue;
      const auto at = std::lower_bound(entries->begin(), entries->end(), entry, ByKey());
      if (at != entries->end() && *at == entry) entries->erase(at);
      if (entries->empty()) index.entries.erase(value);
    }
    for (const Str& value : after_) {
      auto& entries = index.entries[value];
      const auto at = std::lower_bound(entries.begin(), entries.end(), entry, ByKey());
      if (at == entries.end() || *at != entry) entries.insert(at, entry);
    }
  }
}

}  // namespace orrery::client
