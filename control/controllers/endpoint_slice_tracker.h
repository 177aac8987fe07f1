// What a controller wrote of the slices of each Service, to see that its own copy is behind
// (k8s.io/endpointslice/util, EndpointSliceTracker).
#pragma once
#include <cstdint>
#include <vector>

#include "control/client/informer.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Services are named by their keys, "NAMESPACE/NAME".
class EndpointSliceTracker {
 public:
  using Str = base::Str;

  /// The copy lacks something that was written, or shows something that was deleted.
  bool stale(const Str& service, const std::vector<client::ObjectRef>& slices) const {
    const auto known = generations_.find(service);
    if (known == generations_.end()) return false;
    base::SortedSet<Str> present;
    for (const client::ObjectRef& slice : slices) {
      const api::ObjectMeta& meta = slice->meta();
      present.insert(meta.uid);
      const auto it = known->second.find(meta.uid);
      if (it != known->second.end() && (it->second == kDeleting || it->second > meta.generation)) return true;
    }
    for (const auto& [uid, generation] : known->second)
      if (generation != kDeleting && !present.contains(uid)) return true;
    return false;
  }
  /// The slice shows a change that this controller did not make.
  bool is_news(const Str& service, const api::ObjectMeta& slice) const {
    const auto known = generations_.find(service);
    if (known == generations_.end()) return true;
    const auto it = known->second.find(slice.uid);
    return it == known->second.end() || slice.generation > it->second;
  }
  void written(const Str& service, const api::ObjectMeta& slice) { generations_[service][slice.uid] = slice.generation; }
  void deleting(const Str& service, const api::ObjectMeta& slice) { generations_[service][slice.uid] = kDeleting; }
  /// Forgets a slice that is gone; false when it was known and nobody here deleted it.
  bool gone(const Str& service, const api::ObjectMeta& slice) {
    const auto known = generations_.find(service);
    if (known == generations_.end()) return true;
    const auto it = known->second.find(slice.uid);
    if (it == known->second.end()) return true;
    const bool expected = it->second == kDeleting;
    known->second.erase(it);
    return expected;
  }
  void forget(const Str& service) { generations_.erase(service); }

 private:
  static constexpr std::int64_t kDeleting = -1;
  base::SortedMap<Str, base::SortedMap<Str, std::int64_t>> generations_;  // by service and uid
};

}  // namespace orrery::controllers
