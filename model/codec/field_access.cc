#include "model/codec/field_access.h"

#include "model/codec/json_write.h"
#include "model/codec/path_steps.h"

namespace orrery::codec {

using api::Field;
using api::Type;
using api::TypeKind;
using base::cat;
using base::Result;

namespace {

bool is_wrapper(const Type& t) {
  return t.kind == TypeKind::kBox || t.kind == TypeKind::kOpt || t.kind == TypeKind::kCow;
}

/// Follows pointers; false at an absent one.
bool unwrap(FieldRef& at) {
  while (is_wrapper(*at.type)) {
    if (at.value && at.type->wrap->is_nil(at.value)) at.value = nullptr;
    if (at.value) at.value = at.type->wrap->at(at.value, 0);
    at.type = &at.type->element();
  }
  return at.value != nullptr;
}

bool step_into_field(FieldRef& at, std::string_view name) {
  for (const Field& f : *at.type) {
    const void* member = at.value ? member_of(f, at.value) : nullptr;
    if (f.flags & api::kInline) {
      FieldRef inner{&f.type(), member};
      unwrap(inner);
      if (step_into_field(inner, name)) {
        at = inner;
        return true;
      }
    } else if (name == f.json) {
      at = {&f.type(), member};
      return true;
    }
  }
  return false;
}

/// One step; the type goes on even where the value is absent, so that wrong names are always found.
bool step_into(FieldRef& at, const PathStep& step) {
  unwrap(at);
  const Type& t = *at.type;
  const std::string name = step.index >= 0 ? std::to_string(step.index) : step.name;
  if (t.kind == TypeKind::kStruct) return step.index < 0 && step_into_field(at, name);
  if (t.kind == TypeKind::kList) {
    if (step.index < 0) return false;
    const auto i = static_cast<std::size_t>(step.index);
    at = {&t.element(), at.value && i < t.wrap->size(at.value) ? t.wrap->at(at.value, i) : nullptr};
    return true;
  }
  if (t.kind != TypeKind::kMap) return false;
  const void* found = nullptr;
  std::size_t low = 0, high = at.value ? t.wrap->size(at.value) : 0;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const auto order = t.wrap->key_at(at.value, middle)->view().compare(name);
    if (order == 0) {
      found = t.wrap->at(at.value, middle);
      break;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  at = {&t.element(), found};
  return true;
}

}  // namespace

Result<std::optional<FieldRef>> find_field(const Type& type, const void* value, std::string_view path) {
  const Result<std::vector<PathStep>> steps = parse_path(path);
  if (!steps) return steps.error();
  FieldRef at{&type, value};
  for (std::size_t i = 0; i < steps->size(); ++i) {
    if (step_into(at, (*steps)[i])) continue;
    return base::invalid(cat("path \"", path, "\": no field \"",
                             (*steps)[i].index >= 0 ? std::to_string((*steps)[i].index) : (*steps)[i].name,
                             "\" in ", at.type->name));
  }
  if (!unwrap(at)) return std::optional<FieldRef>();
  return std::optional<FieldRef>(at);
}

std::string field_text(const FieldRef& field) {
  FieldRef at = field;
  if (!at.value || !unwrap(at)) return "";
  const void* v = at.value;
  switch (at.type->kind) {
    case TypeKind::kString: return static_cast<const api::Str*>(v)->str();
    case TypeKind::kQuantity: return static_cast<const api::Quantity*>(v)->str();
    case TypeKind::kIntOrString: return static_cast<const api::IntOrString*>(v)->str();
    case TypeKind::kTime:
      return static_cast<const api::Time*>(v)->is_zero() ? "" : static_cast<const api::Time*>(v)->str();
    case TypeKind::kMicroTime:
      return static_cast<const api::MicroTime*>(v)->is_zero() ? ""
                                                              : static_cast<const api::MicroTime*>(v)->str();
    case TypeKind::kRevision: {
      const std::int64_t revision = static_cast<const api::Revision*>(v)->value;
      return revision ? std::to_string(revision) : "";
    }
    default: {
      std::string out;
      write_json(*at.type, v, out);
      return out;
    }
  }
}

Result<std::string> field_text(const api::Object& object, std::string_view path) {
  if (path == "kind") return std::string(object.kind().kind);
  if (path == "apiVersion") return object.kind().api_version();
  const Result<std::optional<FieldRef>> found = find_field(object.kind().type(), object.value(), path);
  if (!found) return found.error();
  return *found ? field_text(**found) : std::string();
}

}  // namespace orrery::codec
