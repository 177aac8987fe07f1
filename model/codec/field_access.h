// Fields of objects by path, without encoding the object: field selectors, conditions of scenarios, reports.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/api/object.h"
#include "model/base/result.h"

namespace orrery::codec {

/// A value inside an object, borrowed from it.
struct FieldRef {
  const api::Type* type = nullptr;
  const void* value = nullptr;
};

/// The value at a path such as status.conditions[0].type or metadata.labels['a.b/c'], pointers followed;
/// nothing when a pointer, element or key on the way is absent. Fails when the path is malformed or the type
/// has no such field.
base::Result<std::optional<FieldRef>> find_field(const api::Type& type, const void* value,
                                                 std::string_view path);

/// The text of a value: strings, times and quantities bare, absent "", structs and lists as JSON.
std::string field_text(const FieldRef& field);

/// The text at a path of an object, "" when absent. "kind" and "apiVersion" answer too.
base::Result<std::string> field_text(const api::Object& object, std::string_view path);

/// One line `path: old -> new` per difference; absent is "-". Lists are compared by position. At most
/// `max_lines`, then "... and N more".
std::vector<std::string> diff_objects(const api::Object& before, const api::Object& after,
                                      std::size_t max_lines = 100);
std::vector<std::string> diff_values(const api::Type& type, const void* before, const void* after,
                                     std::size_t max_lines = 100);

}  // namespace orrery::codec
