#include "model/codec/patch.h"

namespace orrery::codec {

JsonValue apply_merge_patch(JsonValue document, const JsonValue& patch) {
  if (!patch.is_object()) return patch;
  JsonObject& members = document.edit_members();
  for (const JsonMember& m : patch.members()) {
    if (m.value.is_null()) {
      members.erase(m.key);
      continue;
    }
    JsonValue& slot = members.edit(m.key);
    // Taken out first, so that an unshared value is edited in place.
    JsonValue old = std::move(slot);
    slot = apply_merge_patch(std::move(old), m.value);
  }
  return document;
}

JsonValue create_merge_patch(const JsonValue& original, const JsonValue& modified) {
  if (!original.is_object() || !modified.is_object()) return modified;
  JsonValue patch = JsonValue::object();
  for (const JsonMember& m : modified.members()) {
    const JsonValue* old = original.find(m.key);
    if (!old) {
      patch.set(m.key, m.value);
    } else if (!(*old == m.value)) {
      patch.set(m.key, old->is_object() && m.value.is_object() ? create_merge_patch(*old, m.value) : m.value);
    }
  }
  for (const JsonMember& m : original.members())
    if (!modified.find(m.key)) patch.set(m.key, nullptr);
  return patch;
}

}  // namespace orrery::codec
