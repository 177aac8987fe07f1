// MapBuilder: fills a map in O(n log n) whatever the order of its keys. Internal to model/codec.
#pragma once
#include <utility>
#include <vector>

#include "model/api/type.h"

namespace orrery::codec {

/// Entries in ascending order go straight into the map. Once a large map gets keys out of order, further
/// values wait in rooms of their own until finish().
class MapBuilder {
 public:
  MapBuilder(const api::Type& map, void* value) : ops_(*map.wrap), element_(map.element()), value_(value) {}
  ~MapBuilder();
  MapBuilder(const MapBuilder&) = delete;
  MapBuilder& operator=(const MapBuilder&) = delete;

  /// A fresh value for `key`, valid until the next add(). `duplicate` is set when the key was met before,
  /// unless only finish() can tell.
  void* add(const api::Str& key, bool& duplicate);
  /// Moves what waits into the map; of equal keys the last wins. Appends the keys that turn out to be
  /// duplicates.
  void finish(std::vector<api::Str>& duplicates);

 private:
  static constexpr std::size_t kDirect = 64;
  const api::WrapOps& ops_;
  const api::Type& element_;
  void* value_;
  std::vector<std::pair<api::Str, void*>> waiting_;
};

}  // namespace orrery::codec
