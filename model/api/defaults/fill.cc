#include "model/api/defaults/fill.h"

#include <string_view>

#include "model/base/check.h"

namespace orrery::api {

namespace {

void set_scalar(const Type& type, void* value, std::string_view text) {
  switch (type.kind) {
    case TypeKind::kOpt: return set_scalar(type.element(), type.wrap->edit_at(value, 0), text);
    case TypeKind::kString: *static_cast<Str*>(value) = text; return;
    case TypeKind::kBool: *static_cast<bool*>(value) = text == "true"; return;
    case TypeKind::kInt32: *static_cast<std::int32_t*>(value) = IntOrString::parse(text).number(); return;
    case TypeKind::kInt64: *static_cast<std::int64_t*>(value) = IntOrString::parse(text).number(); return;
    default: ORRERY_CHECK(false, "constant defaults are strings, booleans or integers");
  }
}

}  // namespace

bool fill_constants(const Type& type, const void* in, void* out) {
  bool missing = false;
  for (const Field& f : type) {
    if (!f.default_text) continue;
    if (!is_empty(f.type(), static_cast<const char*>(in) + f.offset)) continue;
    missing = true;
    if (!out) return true;
    set_scalar(f.type(), static_cast<char*>(out) + f.offset, f.default_text);
  }
  return missing;
}

}  // namespace orrery::api
