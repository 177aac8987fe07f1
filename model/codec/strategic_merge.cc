#include "model/codec/strategic_merge.h"

#include "model/codec/patch.h"

namespace orrery::codec {

using base::cat;
using base::invalid;
using base::Result;
using base::Status;

namespace strategic {
namespace {

constexpr const char* kMapType = "map[string]interface {}";
constexpr const char* kListType = "[]interface {}";

/// NAME of "PREFIX/NAME".
Result<std::string> directive_target(std::string_view key, std::string_view prefix) {
  if (key.size() > prefix.size() && key[prefix.size()] == '/')
    return std::string(key.substr(prefix.size() + 1));
  return invalid(prefix == kDeleteFromList ? "invalid patch format of primitive list"
                                           : "invalid patch format of setElementOrder list");
}

void drop_nulls(JsonValue& value) {
  if (value.is_array()) {
    for (JsonValue& v : value.edit_items()) drop_nulls(v);
    return;
  }
  if (!value.is_object()) return;
  JsonValue kept = JsonValue::object();
  for (const JsonMember& m : value.members()) {
    if (m.value.is_null()) continue;
    JsonValue v = m.value;
    drop_nulls(v);
    kept.set(m.key, std::move(v));
  }
  value = std::move(kept);
}

/// Drops every object that carries a directive. False when `value` is one itself.
bool drop_directives(JsonValue& value) {
  if (value.is_object()) {
    if (value.find(kPatch)) return false;
    JsonValue kept = JsonValue::object();
    for (const JsonMember& m : value.members()) {
      JsonValue v = m.value;
      if (drop_directives(v)) kept.set(m.key, std::move(v));
    }
    value = std::move(kept);
  } else if (value.is_array()) {
    Items kept;
    for (JsonValue& v : value.edit_items())
      if (drop_directives(v)) kept.push_back(std::move(v));
    value.edit_items() = std::move(kept);
  }
  return true;
}

/// The order of the patch's elements must be that of the directive.
Status check_order(const Items& patch, const Items& order, std::string_view merge_key) {
  if (patch.empty() || order.empty()) return base::ok_status();
  const auto value_of = [&](const JsonValue& item, std::string& id) -> Status {
    if (!merge_key.empty()) {
      if (!item.is_object()) return bad_type(kMapType, item);
      if (!item.find(merge_key)) return no_merge_key(item, merge_key);
    }
    id = identity(item, merge_key);
    return base::ok_status();
  };
  std::size_t i = 0, j = 0;
  std::string a, b;
  while (i < patch.size() && j < order.size()) {
    if (patch[i].find(kPatch)) {
      ++i;
      continue;
    }
    if (const Status s = value_of(patch[i], a); !s) return s;
    if (const Status s = value_of(order[j], b); !s) return s;
    i += a == b;
    ++j;
  }
  while (i < patch.size() && patch[i].find(kPatch)) ++i;
  if (i == patch.size()) return base::ok_status();
  JsonValue left = JsonValue::array(), right = JsonValue::array();
  left.edit_items() = patch;
  right.edit_items() = order;
  return invalid(cat("The order in patch list:\n", go_print(left), "\n doesn't match ", kSetElementOrder,
                     " list:\n", go_print(right), "\n"));
}

}  // namespace

void StrategicMerger::take(JsonValue& original, std::string_view key, JsonValue value) const {
  if (in_document_) {
    drop_nulls(value);
    if (!drop_directives(value)) {
      original.edit_members().erase(key);
      return;
    }
  }
  original.set(key, std::move(value));
}

Status StrategicMerger::merge_map(JsonValue& original, JsonValue patch, const api::Type* type) const {
  if (const JsonValue* directive = patch.find(kPatch)) {
    const std::string_view word = directive->text_or("");
    if (word == "replace") {
      patch.edit_members().erase(kPatch);
      original = std::move(patch);
      return base::ok_status();
    }
    if (word == "delete") {
      original = JsonValue::object();
      return base::ok_status();
    }
    return invalid(cat("unknown patch type: ", go_print(*directive), " in map: ", go_print(patch)));
  }
  original.edit_members();
  if (const Status s = retain_keys(original, patch); !s) return s;
  if (const Status s = ordered_lists(original, patch, type); !s) return s;
  for (const JsonMember& m : patch.members())
    if (const Status s = member(original, m.key, m.value, type); !s) return s;
  return base::ok_status();
}

Status StrategicMerger::retain_keys(JsonValue& original, JsonValue& patch) const {
  const JsonValue* found = patch.find(kRetainKeys);
  if (!found) return base::ok_status();
  const JsonValue list = *found;
  patch.edit_members().erase(kRetainKeys);
  if (!in_document_) {
    const JsonValue* other = original.find(kRetainKeys);
    if (other && !(*other == list))
      return invalid(cat(go_print(*other), " and ", go_print(list),
                         " are not deep equal: this may happen when calculating the 3-way diff patch"));
    original.set(kRetainKeys, list);
    return base::ok_status();
  }
  if (!list.is_array()) return invalid("invalid patch format of retainKeys");
  JsonValue kept = JsonValue::object();
  for (const JsonValue& key : list.items()) kept.set(key.text_or(""), true);
  for (const JsonMember& m : patch.members()) {
    const std::string_view key = m.key;
    if (m.value.is_null() || key.starts_with(kDeleteFromList) || key.starts_with(kSetElementOrder)) continue;
    if (!kept.find(key)) return invalid("invalid patch format of retainKeys");
  }
  JsonValue rest = JsonValue::object();
  for (const JsonMember& m : original.members())
    if (kept.find(m.key)) rest.set(m.key, m.value);
  original = std::move(rest);
  return base::ok_status();
}

Status StrategicMerger::ordered_lists(JsonValue& original, JsonValue& patch, const api::Type* type) const {
  const JsonValue directives = patch;
  for (const JsonMember& m : directives.members()) {
    const std::string_view key = m.key;
    if (!key.starts_with(kSetElementOrder)) continue;
    if (!in_document_) {
      const JsonValue* other = original.find(key);
      if (other && !(*other == m.value)) return invalid("invalid patch format of setElementOrder list");
      original.set(key, m.value);
    }
    patch.edit_members().erase(key);
    if (!m.value.is_array()) return bad_type(kListType, m.value);
    const Result<std::string> name = directive_target(key, kSetElementOrder);
    if (!name) return name.error();
    if (const Status s = ordered_list(original, patch, *name, m.value.items(), type); !s) return s;
  }
  return base::ok_status();
}

Status StrategicMerger::ordered_list(JsonValue& original, JsonValue& patch, std::string_view name,
                                     const Items& order, const api::Type* type) const {
  const JsonValue* in_original = original.find(name);
  const JsonValue* in_patch = patch.find(name);
  if (in_original && !in_original->is_array()) return bad_type(kListType, *in_original);
  if (in_patch && !in_patch->is_array()) return bad_type(kListType, *in_patch);
  const Result<Meta> meta = lookup(type, name);
  if (!meta) return meta.error();
  const Items server = in_original ? in_original->items() : Items();
  const Items changes = in_patch ? in_patch->items() : Items();
  if (const Status s = check_order(changes, order, meta->merge_key); !s) return s;
  if (!in_original && !in_patch) return base::ok_status();
  Items merged = in_original ? server : changes;
  if (in_original && in_patch) {
    if (!meta->merge) merged = changes;
    else if (const Status s = merge_list(merged, changes, *meta, false); !s) return s;
  }
  bool maps = false;
  if (const Status s = check_elements({&server, &changes}, maps); !s) return s;
  if (maps) {
    if (const Status s = check_keys(merged, meta->merge_key); !s) return s;
    if (const Status s = check_keys(order, meta->merge_key); !s) return s;
  }
  JsonValue list = JsonValue::array();
  list.edit_items() = reorder(merged, order, server, meta->merge_key);
  if (in_document_ && !in_original) drop_directives(list);
  original.set(name, std::move(list));
  patch.edit_members().erase(name);
  return base::ok_status();
}

Status StrategicMerger::member(JsonValue& original, std::string_view key, const JsonValue& value,
                               const api::Type* type) const {
  const bool delete_list = key.starts_with(kDeleteFromList);
  std::string target;
  if (delete_list) {
    if (!in_document_) {
      original.set(key, value);
      return base::ok_status();
    }
    Result<std::string> name = directive_target(key, kDeleteFromList);
    if (!name) return name.error();
    target = *std::move(name);
    key = target;
  }
  const JsonValue* old = original.find(key);
  if (value.is_null()) {
    if (old) original.edit_members().erase(key);
    if (in_document_) return base::ok_status();
    old = nullptr;
  }
  if (!old || (old->kind() != value.kind() && !(old->is_number() && value.is_number()))) {
    if (!delete_list) take(original, key, value);
    return base::ok_status();
  }
  if (!value.is_object() && !value.is_array()) {
    original.set(key, value);
    return base::ok_status();
  }
  const Result<Meta> meta = lookup(type, key);
  if (!meta) return meta.error();
  JsonValue& slot = original.edit_members().edit(key);
  if (value.is_object()) return merge_map(slot, value, meta->type);
  if (!meta->merge) {
    slot = value;
    return base::ok_status();
  }
  return merge_list(slot.edit_items(), value.items(), *meta, delete_list);
}

Status StrategicMerger::merge_list(Items& original, const Items& patch, const Meta& meta,
                                   bool delete_list) const {
  if (original.empty() && patch.empty()) return base::ok_status();
  bool maps = false;
  if (const Status s = check_elements({&original, &patch}, maps); !s) return s;
  if (!maps) {
    const Order in_patch(patch, "");
    Items merged;
    if (delete_list && in_document_) {
      for (const JsonValue& v : original)
        if (in_patch.find(identity(v, "")) == Order::kNone) merged.push_back(v);
      original = std::move(merged);
      return base::ok_status();
    }
    base::HashMap<std::string, bool> seen;
    for (const Items* list : {static_cast<const Items*>(&original), &patch}) {
      for (const JsonValue& v : *list) {
        bool& met = seen[identity(v, "")];
        if (!met) merged.push_back(v);
        met = true;
      }
    }
    original = reorder(merged, patch, original, "");
    return base::ok_status();
  }
  if (meta.merge_key.empty()) {
    const api::Type* element = meta.type && meta.type->element ? plain(&meta.type->element()) : nullptr;
    return invalid(cat("cannot merge lists without merge key for ",
                       element && element->kind == api::TypeKind::kStruct ? "type struct" : "type map"));
  }
  Items changes = patch;
  if (const Status s = special_elements(original, changes, meta.merge_key); !s) return s;
  const Items server = original;
  if (const Status s = plain_elements(original, changes, meta); !s) return s;
  if (const Status s = check_keys(original, meta.merge_key); !s) return s;
  original = reorder(original, changes, server, meta.merge_key);
  return base::ok_status();
}

/// Elements that are directives: they act on `original` and leave `patch`.
Status StrategicMerger::special_elements(Items& original, Items& patch, std::string_view merge_key) {
  Items rest;
  base::HashMap<std::string, bool> doomed;
  bool replace = false, any_doomed = false;
  for (JsonValue& v : patch) {
    const JsonValue* directive = v.find(kPatch);
    if (!directive) {
      rest.push_back(std::move(v));
      continue;
    }
    const std::string_view word = directive->text_or("");
    if (word == "delete") {
      if (!v.find(merge_key)) return no_merge_key(v, merge_key);
      doomed[identity(v, merge_key)] = true;
      any_doomed = true;
    } else if (word == "replace") {
      replace = true;
    } else if (word == "merge") {
      return invalid("merging lists cannot yet be specified in the patch");
    } else {
      return invalid(cat("unknown patch type: ", go_print(*directive), " in map: ", go_print(v)));
    }
  }
  patch = std::move(rest);
  if (replace) {
    original = std::move(patch);
    patch.clear();
    return base::ok_status();
  }
  if (!any_doomed) return base::ok_status();
  Items kept;
  for (JsonValue& v : original)
    if (!v.find(merge_key) || !doomed.contains(identity(v, merge_key))) kept.push_back(std::move(v));
  original = std::move(kept);
  return base::ok_status();
}

Status StrategicMerger::plain_elements(Items& original, const Items& patch, const Meta& meta) const {
  const api::Type* element = meta.type && meta.type->element ? plain(&meta.type->element()) : nullptr;
  base::HashMap<std::string, std::size_t> at;
  for (std::size_t i = 0; i < original.size(); ++i) {
    if (!original[i].find(meta.merge_key)) continue;
    const std::string id = identity(original[i], meta.merge_key);
    if (!at.contains(id)) at[id] = i;
  }
  for (const JsonValue& v : patch) {
    if (!v.find(meta.merge_key)) return no_merge_key(v, meta.merge_key);
    const std::string id = identity(v, meta.merge_key);
    if (const std::size_t* i = at.find(id)) {
      if (const Status s = merge_map(original[*i], v, element); !s) return s;
      continue;
    }
    JsonValue added = v;
    if (in_document_) drop_directives(added);
    at[id] = original.size();
    original.push_back(std::move(added));
  }
  return base::ok_status();
}

}  // namespace strategic

Result<JsonValue> apply_strategic_patch(const api::Type& type, JsonValue document, const JsonValue& patch) {
  if (!patch.is_object() || !(document.is_object() || document.is_null()))
    return invalid("invalid JSON document");
  const strategic::StrategicMerger merger(strategic::StrategicMerger::Target::kDocument);
  const Status done = merger.merge_map(document, patch, strategic::plain(&type));
  if (!done) return done.error();
  return document;
}

}  // namespace orrery::codec
