#include "model/codec/strategic.h"

#include <algorithm>

namespace orrery::codec::strategic {

using api::Field;
using api::PatchStrategy;
using api::Type;
using api::TypeKind;
using base::cat;
using base::Error;
using base::invalid;
using base::Result;

const Type* plain(const Type* type) {
  while (type &&
         (type->kind == TypeKind::kBox || type->kind == TypeKind::kOpt || type->kind == TypeKind::kCow))
    type = &type->element();
  return type;
}

namespace {

const Field* find_field(const Type& type, std::string_view key) {
  for (const Field& f : type) {
    if (!(f.flags & api::kInline)) {
      if (key == f.json) return &f;
    } else if (const Field* inner = find_field(*plain(&f.type()), key)) {
      return inner;
    }
  }
  return nullptr;
}

}  // namespace

Result<Meta> lookup(const Type* type, std::string_view key) {
  Meta meta;
  if (!type) return meta;
  if (type->kind == TypeKind::kMap) {
    meta.type = plain(&type->element());
    return meta;
  }
  if (type->kind != TypeKind::kStruct) return meta;
  const Field* f = find_field(*type, key);
  if (!f)
    return invalid(
        cat("unable to find api field in struct ", type->name, " for the json field \"", key, "\""));
  meta.type = plain(&f->type());
  meta.merge = f->patch == PatchStrategy::kMerge || f->patch == PatchStrategy::kMergeRetainKeys;
  meta.retain_keys = f->patch == PatchStrategy::kRetainKeys || f->patch == PatchStrategy::kMergeRetainKeys;
  meta.merge_key = f->merge_key;
  return meta;
}

std::string identity(const JsonValue& item, std::string_view merge_key) {
  return merge_key.empty() ? item.dump(true) : item[merge_key].dump(true);
}

Order::Order(const Items& items, std::string_view merge_key) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string id = identity(items[i], merge_key);
    if (!at_.contains(id)) at_[id] = i;
  }
}

std::size_t Order::find(const std::string& id) const {
  const std::size_t* i = at_.find(id);
  return i ? *i : kNone;
}

namespace {

struct Placed {
  const JsonValue* item;
  std::size_t wanted, server;
  bool dropped;  // marked for deletion
};

}  // namespace

Items reorder(const Items& merged, const Items& wanted, const Items& server, std::string_view merge_key) {
  const Order wanted_order(wanted, merge_key), server_order(server, merge_key);
  std::vector<Placed> left, right;  // the server's own, the patch's
  for (const JsonValue& item : merged) {
    const std::string id = identity(item, merge_key);
    const Placed p{&item, wanted_order.find(id), server_order.find(id), item[kPatch].text_or("") == "delete"};
    (p.wanted == Order::kNone ? left : right).push_back(p);
  }
  const auto sort = [](std::vector<Placed>& list, std::size_t Placed::*by) {
    std::stable_sort(list.begin(), list.end(), [&](const Placed& a, const Placed& b) {
      return a.dropped != b.dropped ? b.dropped : !a.dropped && a.*by < b.*by;
    });
  };
  sort(right, &Placed::wanted);
  sort(left, &Placed::server);
  Items out;
  out.reserve(merged.size());
  std::size_t i = 0, j = 0;
  while (i < left.size() || j < right.size()) {
    const bool take_left =
        j == right.size() || (i < left.size() && left[i].server != Order::kNone &&
                              right[j].server != Order::kNone && left[i].server < right[j].server);
    out.push_back(*(take_left ? left[i++] : right[j++]).item);
  }
  return out;
}

base::Status check_elements(std::initializer_list<const Items*> lists, bool& maps) {
  const JsonValue* sample = nullptr;
  for (const Items* list : lists) {
    for (const JsonValue& item : *list) {
      if (item.is_array()) return invalid("lists of lists are not supported");
      if (!sample) sample = &item;
      const bool same = item.kind() == sample->kind() || (item.is_number() && sample->is_number());
      if (same) continue;
      std::string all;
      for (const Items* l : lists) {
        JsonValue v = JsonValue::array();
        v.edit_items() = *l;
        all += (all.empty() ? "" : " ") + go_print(v);
      }
      return invalid(cat("list element types are not identical: [", all, "]"));
    }
  }
  if (!sample) return invalid("no elements in any of the given slices");
  maps = sample->is_object();
  return base::ok_status();
}

base::Status check_keys(const Items& items, std::string_view merge_key) {
  for (const JsonValue& item : items) {
    if (!item.is_object()) return bad_type("map[string]interface {}", item);
    if (!item.find(merge_key)) return no_merge_key(item, merge_key);
  }
  return base::ok_status();
}

std::string go_print(const JsonValue& v) {
  switch (v.kind()) {
    case JsonValue::Kind::kNull: return "<nil>";
    case JsonValue::Kind::kString: return std::string(v.text_or(""));
    case JsonValue::Kind::kArray: {
      std::string out = "[";
      for (const JsonValue& item : v.items()) out += (out.size() > 1 ? " " : "") + go_print(item);
      return out + "]";
    }
    case JsonValue::Kind::kObject: {
      std::vector<const JsonMember*> order;
      for (const JsonMember& m : v.members()) order.push_back(&m);
      std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
      std::string out = "map[";
      for (const JsonMember* m : order)
        out += cat(out.size() > 4 ? " " : "", m->key, ":", go_print(m->value));
      return out + "]";
    }
    default: return v.dump();
  }
}

Error no_merge_key(const JsonValue& item, std::string_view merge_key) {
  return invalid(cat("map: ", go_print(item), " does not contain declared merge key: ", merge_key));
}

const char* go_type(const JsonValue& v) {
  switch (v.kind()) {
    case JsonValue::Kind::kNull: return "%!s(<nil>)";
    case JsonValue::Kind::kBool: return "bool";
    case JsonValue::Kind::kInt: return "int64";
    case JsonValue::Kind::kDouble: return "float64";
    case JsonValue::Kind::kString: return "string";
    case JsonValue::Kind::kArray: return "[]interface {}";
    case JsonValue::Kind::kObject: return "map[string]interface {}";
  }
  return "";
}

Error bad_type(const char* expected, const JsonValue& actual) {
  return invalid(cat("expected a ", expected, ", but received a ", go_type(actual)));
}

}  // namespace orrery::codec::strategic
