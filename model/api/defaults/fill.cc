#include "model/api/defaults/fill.h"

#include <string_view>

#include "model/base/check.h"

namespace orrery::api {

namespace {

void set_scalar(const Type& type, void* value, std::string_view text) {
  switch (type.kind) {
    case TypeKind::kOpt:
      return set_scalar(type.element(), type.wrap->edit_at(value, 0), text);
    case TypeKind::kString:
      *static_cast<Str*>(value) = text;
      return;
    case TypeKind::kBool:
      *static_cast<bool*>(value) = text == "true";
      return;
    case TypeKind::kInt32:
      *static_cast<std::int32_t*>(value) = IntOrString::parse(text).number();
      return;
    case TypeKind::kInt64:
      *static_cast<std::int64_t*>(value) = IntOrString::parse(text).number();
      return;
    default:
      ORRERY_CHECK(false, "constant defaults are strings, booleans or integers");
  }
}

bool is_unset(const Type& type, const void* value) {
  if (type.kind == TypeKind::kString) return static_cast<const Str*>(value)->empty();
  return is_empty(type, value);
}

}  // namespace

ConstantDefaults::ConstantDefaults(const Type& type) {
  for (const Field& f : type)
    if (f.default_text) entries_.push_back({f.offset, &f.type(), f.default_text});
}

bool ConstantDefaults::fill(const void* in, void* out) const {
  bool missing = false;
  for (const Entry& entry : entries_) {
    if (!is_unset(*entry.type, static_cast<const char*>(in) + entry.offset)) continue;
    missing = true;
    if (!out) return true;
    set_scalar(*entry.type, static_cast<char*>(out) + entry.offset, entry.text);
  }
  return missing;
}

}  // namespace orrery::api
