#include "model/codec/partial_patch.h"

#include "model/codec/json_read.h"
#include "model/codec/json_write.h"
#include "model/codec/patch.h"

namespace orrery::codec {
namespace {

using api::Field;
using api::Type;
using api::TypeKind;

/// The struct behind wrappers that have a value, ready for writing; null when there is none.
void* struct_in(const Type*& type, void* value) {
  while (type->kind == TypeKind::kCow || type->kind == TypeKind::kBox || type->kind == TypeKind::kOpt) {
    if (type->wrap->is_nil(value)) return nullptr;
    value = type->wrap->edit_at(value, 0);
    type = &type->element();
  }
  return type->kind == TypeKind::kStruct ? value : nullptr;
}

bool whole_field(const Type& owner, const Field& field, void* member, const JsonMember& m, PartialPatch how) {
  JsonValue document = JsonValue::object(), patch = JsonValue::object();
  patch.set(m.key, m.value);
  if (!omitted(field, member)) {
    std::string text;
    write_json(field.type(), member, text);
    auto present = parse_json(text);
    if (!present.ok()) return false;
    document.set(m.key, std::move(*present));
  }
  if (how == PartialPatch::kMerge) {
    document = apply_merge_patch(std::move(document), patch);
  } else {
    auto out = apply_strategic_patch(owner, std::move(document), patch);
    if (!out.ok()) return false;
    document = std::move(*out);
  }
  field.type().destroy(member);
  field.type().construct(member);
  const JsonValue* next = document.find(m.key);
  if (!next) return true;
  ReadOptions strict;
  strict.validation = api::FieldValidation::kStrict;
  return read_json(field.type(), member, next->dump(), strict).ok();
}

}  // namespace

bool patch_fields(const Type& type, void* value, const JsonValue& patch, PartialPatch how) {
  if (type.kind != TypeKind::kStruct || !patch.is_object()) return false;
  for (const JsonMember& m : patch.members()) {
    const Field* field = type.find(m.key);
    if (!field || (field->flags & api::kInline)) return false;
    void* member = member_of(*field, value);
    const Type* inner = &field->type();
    const bool plain = field->patch == api::PatchStrategy::kReplace || field->patch == api::PatchStrategy::kMerge;
    void* inside = m.value.is_object() && plain ? struct_in(inner, member) : nullptr;
    const bool done = inside ? patch_fields(*inner, inside, m.value, how) : whole_field(type, *field, member, m, how);
    if (!done) return false;
  }
  return true;
}

}  // namespace orrery::codec
