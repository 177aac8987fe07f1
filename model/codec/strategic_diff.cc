#include <algorithm>

#include "model/codec/patch.h"
#include "model/codec/strategic_merge.h"

namespace orrery::codec {

using base::cat;
using base::invalid;
using base::Result;
using base::Status;

namespace strategic {
namespace {

/// Which half of a difference is wanted.
struct Wanted {
  bool changes = true;
  bool deletions = true;
  bool retain_keys = false;  // of the map at hand
};

/// The parts of a patch for one list.
struct ListDiff {
  Items patch, deletions, order;
};

Result<JsonValue> diff_maps(const JsonValue& original, const JsonValue& modified, const api::Type* type,
                            Wanted wanted);

Items sorted_by_text(Items items) {
  std::stable_sort(items.begin(), items.end(),
                   [](const JsonValue& a, const JsonValue& b) { return go_print(a) < go_print(b); });
  return items;
}

JsonValue as_list(Items items) {
  JsonValue v = JsonValue::array();
  v.edit_items() = std::move(items);
  return v;
}

Status diff_list_of_maps(const Items& original, const Items& modified, const Meta& meta, Wanted wanted,
                         ListDiff& out) {
  const std::string_view key = meta.merge_key;
  if (const Status s = check_keys(original, key); !s) return s;
  if (const Status s = check_keys(modified, key); !s) return s;
  const api::Type* element = meta.type && meta.type->element ? plain(&meta.type->element()) : nullptr;
  const Order in_original(original, key), in_modified(modified, key);
  wanted.retain_keys = meta.retain_keys;
  for (const JsonValue& item : modified) {
    const std::size_t i = in_original.find(identity(item, key));
    if (i == Order::kNone) {
      if (wanted.changes) out.patch.push_back(item);
      continue;
    }
    Result<JsonValue> change = diff_maps(original[i], item, element, wanted);
    if (!change) return change.error();
    if (change->members().empty()) continue;
    change->set(key, item[key]);
    out.patch.push_back(*std::move(change));
  }
  bool same_order = original.size() == modified.size();
  for (std::size_t i = 0; same_order && i < modified.size(); ++i)
    same_order = identity(original[i], key) == identity(modified[i], key);
  if (wanted.deletions) {
    Items gone;
    for (const JsonValue& item : original) {
      if (in_modified.find(identity(item, key)) != Order::kNone) continue;
      JsonValue doomed = JsonValue::object();
      doomed.set(kPatch, "delete");
      doomed.set(key, item[key]);
      gone.push_back(std::move(doomed));
    }
    std::stable_sort(gone.begin(), gone.end(), [&](const JsonValue& a, const JsonValue& b) {
      return go_print(a[key]) < go_print(b[key]);
    });
    out.patch.insert(out.patch.end(), gone.begin(), gone.end());
  }
  if (!((wanted.changes && (!out.patch.empty() || !same_order)) || (wanted.deletions && !out.patch.empty())))
    return base::ok_status();
  for (const JsonValue& item : modified) {
    JsonValue place = JsonValue::object();
    place.set(key, item[key]);
    out.order.push_back(std::move(place));
  }
  return base::ok_status();
}

void diff_list_of_scalars(const Items& original, const Items& modified, Wanted wanted, ListDiff& out) {
  const Order in_original(original, ""), in_modified(modified, "");
  if (wanted.changes)
    for (const JsonValue& v : modified)
      if (in_original.find(identity(v, "")) == Order::kNone) out.patch.push_back(v);
  if (wanted.deletions) {
    for (const JsonValue& v : original)
      if (in_modified.find(identity(v, "")) == Order::kNone) out.deletions.push_back(v);
    out.deletions = sorted_by_text(std::move(out.deletions));
    out.deletions.erase(std::unique(out.deletions.begin(), out.deletions.end()), out.deletions.end());
  }
  if ((wanted.deletions && !out.deletions.empty()) || (wanted.changes && !(original == modified)))
    out.order = modified;
}

Status diff_list(JsonValue& patch, std::string_view key, const Items& original, const Items& modified,
                 const Meta& meta, Wanted wanted) {
  ListDiff diff;
  if (original.empty()) {
    if (wanted.changes) diff.patch = modified;
  } else {
    bool maps = false;
    if (const Status s = check_elements({&original, &modified}, maps); !s) return s;
    if (!maps) diff_list_of_scalars(original, modified, wanted, diff);
    else if (const Status s = diff_list_of_maps(original, modified, meta, wanted, diff); !s) return s;
  }
  if (!diff.patch.empty()) patch.set(key, as_list(std::move(diff.patch)));
  if (!diff.deletions.empty()) patch.set(cat(kDeleteFromList, "/", key), as_list(std::move(diff.deletions)));
  if (!diff.order.empty()) patch.set(cat(kSetElementOrder, "/", key), as_list(std::move(diff.order)));
  return base::ok_status();
}

Status diff_member(JsonValue& patch, std::string_view key, const JsonValue& original,
                   const JsonValue& modified, const api::Type* type, Wanted wanted) {
  if (original.is_object() && modified.is_object()) {
    const Result<Meta> meta = lookup(type, key);
    if (!meta) return original == modified ? base::ok_status() : Status(meta.error());
    wanted.retain_keys = meta->retain_keys;
    Result<JsonValue> inner = diff_maps(original, modified, meta->type, wanted);
    if (!inner) return inner.error();
    if (!inner->members().empty()) patch.set(key, *std::move(inner));
    return base::ok_status();
  }
  if (original.is_array() && modified.is_array()) {
    const Result<Meta> meta = lookup(type, key);
    if (!meta) return original == modified ? base::ok_status() : Status(meta.error());
    if (meta->merge) return diff_list(patch, key, original.items(), modified.items(), *meta, wanted);
  }
  if (wanted.changes && !(original == modified)) patch.set(key, modified);
  return base::ok_status();
}

Result<JsonValue> diff_maps(const JsonValue& original, const JsonValue& modified, const api::Type* type,
                            Wanted wanted) {
  JsonValue patch = JsonValue::object();
  Items kept;
  bool has_more = false;  // original has members that modified lacks
  for (const JsonMember& m : modified.members()) {
    if (wanted.retain_keys && !m.value.is_null()) kept.push_back(JsonValue(m.key));
    const JsonValue* old = original.find(m.key);
    if (!old) {
      if (wanted.changes) patch.set(m.key, m.value);
    } else if (const Status s = diff_member(patch, m.key, *old, m.value, type, wanted); !s) {
      return s.error();
    }
  }
  for (const JsonMember& m : original.members()) {
    if (modified.find(m.key)) continue;
    has_more = true;
    if (wanted.deletions) patch.set(m.key, nullptr);
  }
  if (!kept.empty() && (!patch.members().empty() || has_more))
    patch.set(kRetainKeys, as_list(sorted_by_text(std::move(kept))));
  return patch;
}

/// True when both patches set one field to different values: what one side wants and the other has changed.
bool conflict(const JsonValue& a, const JsonValue& b, const api::Type* type, std::string_view merge_key) {
  if (a.is_object() && b.is_object()) {
    for (const JsonMember& m : a.members()) {
      const JsonValue* other = b.find(m.key);
      if (!other || m.key.view().starts_with('$')) continue;
      const Result<Meta> meta = lookup(type, m.key);
      if (conflict(m.value, *other, meta ? meta->type : nullptr, meta && meta->merge ? meta->merge_key : ""))
        return true;
    }
    return false;
  }
  if (a.is_array() && b.is_array() && !merge_key.empty()) {
    const api::Type* element = type && type->element ? plain(&type->element()) : nullptr;
    const Order in_b(b.items(), merge_key);
    return std::any_of(a.items().begin(), a.items().end(), [&](const JsonValue& item) {
      const std::size_t i = in_b.find(identity(item, merge_key));
      return i != Order::kNone && conflict(item, b.items()[i], element, "");
    });
  }
  return !(a == b);
}

}  // namespace
}  // namespace strategic

Result<JsonValue> create_strategic_patch(const api::Type& type, const JsonValue& original,
                                         const JsonValue& modified) {
  return strategic::diff_maps(original, modified, strategic::plain(&type), {});
}

Result<JsonValue> create_three_way_patch(const api::Type& type, const JsonValue& original,
                                         const JsonValue& modified, const JsonValue& current,
                                         bool overwrite) {
  const api::Type* t = strategic::plain(&type);
  const Result<JsonValue> delta = strategic::diff_maps(current, modified, t, {true, false, false});
  if (!delta) return delta.error();
  Result<JsonValue> patch = strategic::diff_maps(original, modified, t, {false, true, false});
  if (!patch) return patch.error();
  const strategic::StrategicMerger merger(strategic::StrategicMerger::Target::kPatch);
  if (const Status s = merger.merge_map(*patch, *delta, t); !s) return s.error();
  if (overwrite) return patch;
  const Result<JsonValue> changed = strategic::diff_maps(original, current, t, {});
  if (!changed) return changed.error();
  if (strategic::conflict(*patch, *changed, t, ""))
    return base::Error{
        base::ErrorCode::kConflict,
        cat("patch:\n", patch->dump(true), "\nconflicts with changes made from original to current:\n",
            changed->dump(true), "\n")};
  return patch;
}

}  // namespace orrery::codec
