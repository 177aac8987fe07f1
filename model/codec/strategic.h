// Shared parts of strategic merge patches: how fields merge, and the order of merged lists. Internal to
// model/codec.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/api/type.h"
#include "model/base/hash_map.h"
#include "model/base/result.h"
#include "model/codec/json_value.h"

namespace orrery::codec::strategic {

inline constexpr std::string_view kPatch = "$patch";
inline constexpr std::string_view kRetainKeys = "$retainKeys";
inline constexpr std::string_view kDeleteFromList = "$deleteFromPrimitiveList";
inline constexpr std::string_view kSetElementOrder = "$setElementOrder";

/// How the member of a struct or map merges. `type` is null below values without a description.
struct Meta {
  const api::Type* type = nullptr;  ///< of the member, without pointers
  bool merge = false;
  bool retain_keys = false;
  std::string_view merge_key;
};

/// `type` without pointers around it; null stays null.
const api::Type* plain(const api::Type* type);
/// Fails for a field that the struct does not have.
base::Result<Meta> lookup(const api::Type* type, std::string_view key);

using Items = std::vector<JsonValue>;

/// The identity of a list element: its merge key, or itself when there is none. Equal values have equal text.
std::string identity(const JsonValue& item, std::string_view merge_key);

/// Positions of elements by identity; the first of equals.
class Order {
 public:
  Order(const Items& items, std::string_view merge_key);
  static constexpr std::size_t kNone = SIZE_MAX;
  std::size_t find(const std::string& id) const;

 private:
  base::HashMap<std::string, std::size_t> at_;
};

/// Puts `merged` in order: what `wanted` names in its order, the rest in the order of `server`, interleaved
/// by `server`. Elements marked for deletion come last among their kind.
Items reorder(const Items& merged, const Items& wanted, const Items& server, std::string_view merge_key);

/// Fails unless all elements of all lists have one JSON type that is not a list. Sets `maps` when it is an
/// object.
base::Status check_elements(std::initializer_list<const Items*> lists, bool& maps);
/// Fails unless every element is an object that has the key.
base::Status check_keys(const Items& items, std::string_view merge_key);

/// fmt's %v of a decoded JSON value.
std::string go_print(const JsonValue& value);
base::Error no_merge_key(const JsonValue& item, std::string_view merge_key);
/// The type names of reflect: "map[string]interface {}".
const char* go_type(const JsonValue& value);
base::Error bad_type(const char* expected, const JsonValue& actual);

}  // namespace orrery::codec::strategic
