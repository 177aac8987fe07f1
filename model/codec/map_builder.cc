#include "model/codec/map_builder.h"

#include <algorithm>
#include <new>

namespace orrery::codec {

using api::Str;

MapBuilder::~MapBuilder() {
  for (const auto& [key, room] : waiting_) {
    element_.destroy(room);
    ::operator delete(room);
  }
}

void* MapBuilder::add(const Str& key, bool& duplicate) {
  const std::size_t size = ops_.size(value_);
  const bool ascending = size == 0 || *ops_.key_at(value_, size - 1) < key;
  if (waiting_.empty() && (ascending || size < kDirect)) {
    void* entry = ops_.edit_key(value_, key);
    duplicate = ops_.size(value_) == size;
    if (duplicate) {
      element_.destroy(entry);
      element_.construct(entry);
    }
    return entry;
  }
  void* room = ::operator new(element_.size);
  element_.construct(room);
  waiting_.emplace_back(key, room);
  return room;
}

void MapBuilder::finish(std::vector<Str>& duplicates) {
  if (waiting_.empty()) return;
  std::vector<std::pair<Str, const void*>> all;
  const std::size_t size = ops_.size(value_);
  all.reserve(size + waiting_.size());
  for (std::size_t i = 0; i < size; ++i) all.emplace_back(*ops_.key_at(value_, i), ops_.at(value_, i));
  for (const auto& [key, room] : waiting_) all.emplace_back(key, room);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  // Built aside: the entries of the map itself are among the sources.
  std::vector<std::pair<Str, void*>> sorted;
  sorted.reserve(all.size());
  for (const auto& [key, source] : all) {
    if (!sorted.empty() && sorted.back().first == key) {
      if (duplicates.empty() || !(duplicates.back() == key)) duplicates.push_back(key);
      element_.assign(sorted.back().second, source);
      continue;
    }
    void* room = ::operator new(element_.size);
    element_.construct(room);
    element_.assign(room, source);
    sorted.emplace_back(key, room);
  }
  ops_.make_empty(value_);
  while (ops_.size(value_) > 0) ops_.erase_at(value_, ops_.size(value_) - 1);
  for (const auto& [key, room] : sorted) {
    element_.assign(ops_.edit_key(value_, key), room);
    element_.destroy(room);
    ::operator delete(room);
  }
}

}  // namespace orrery::codec
