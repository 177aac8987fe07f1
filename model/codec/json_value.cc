#include "model/codec/json_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/base/hash_map.h"
#include "model/codec/json_lexer.h"
#include "model/codec/json_text.h"

namespace orrery::codec {

using base::Ref;
using base::Str;

JsonValue::JsonValue() = default;
JsonValue::JsonValue(bool b) : v_(b) {}
JsonValue::JsonValue(std::int64_t i) : v_(i) {}
JsonValue::JsonValue(double d) : v_(d) {}
JsonValue::JsonValue(Str s) : v_(std::move(s)) {}
JsonValue::JsonValue(const JsonValue&) = default;
JsonValue::JsonValue(JsonValue&&) noexcept = default;
JsonValue& JsonValue::operator=(const JsonValue&) = default;
JsonValue& JsonValue::operator=(JsonValue&&) noexcept = default;
JsonValue::~JsonValue() = default;

JsonValue JsonValue::array() {
  JsonValue v;
  v.v_ = base::make_ref<JsonArray>();
  return v;
}

JsonValue JsonValue::object() {
  JsonValue v;
  v.v_ = base::make_ref<JsonObject>();
  return v;
}

double JsonValue::double_or(double other) const {
  if (kind() == Kind::kInt) return static_cast<double>(std::get<2>(v_));
  return kind() == Kind::kDouble ? std::get<3>(v_) : other;
}

const std::vector<JsonValue>& JsonValue::items() const {
  static const std::vector<JsonValue> kNone;
  return is_array() ? std::get<5>(v_)->items : kNone;
}

std::vector<JsonValue>& JsonValue::edit_items() {
  if (!is_array()) *this = array();
  auto& ref = std::get<5>(v_);
  if (ref->use_count() > 1) ref = base::make_ref<JsonArray>(*ref);
  return ref->items;
}

const JsonObject& JsonValue::members() const {
  static const JsonObject kNone;
  return is_object() ? *std::get<6>(v_) : kNone;
}

JsonObject& JsonValue::edit_members() {
  if (!is_object()) *this = object();
  auto& ref = std::get<6>(v_);
  if (ref->use_count() > 1) ref = base::make_ref<JsonObject>(*ref);
  return *ref;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  return is_object() ? members().find(key) : nullptr;
}

const JsonValue& JsonValue::operator[](std::string_view key) const {
  static const JsonValue kNull;
  const JsonValue* v = find(key);
  return v ? *v : kNull;
}

void JsonValue::set(std::string_view key, JsonValue value) { edit_members().set(key, std::move(value)); }

bool operator==(const JsonValue& a, const JsonValue& b) {
  using Kind = JsonValue::Kind;
  if (a.kind() != b.kind()) return a.is_number() && b.is_number() && a.double_or(0) == b.double_or(0);
  switch (a.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return a.bool_or(false) == b.bool_or(false);
    case Kind::kInt: return a.int_or(0) == b.int_or(0);
    case Kind::kDouble: return a.double_or(0) == b.double_or(0);
    case Kind::kString: return a.text_or("") == b.text_or("");
    case Kind::kArray: return &a.items() == &b.items() || a.items() == b.items();
    case Kind::kObject: break;
  }
  const JsonObject& x = a.members();
  const JsonObject& y = b.members();
  if (&x == &y) return true;
  if (x.size() != y.size()) return false;
  return std::all_of(x.begin(), x.end(), [&](const JsonMember& m) {
    const JsonValue* other = y.find(m.key);
    return other && m.value == *other;
  });
}

std::string JsonValue::dump(bool sort_keys) const {
  std::string out;
  append_to(out, sort_keys);
  return out;
}

void JsonValue::append_to(std::string& out, bool sort_keys) const {
  switch (kind()) {
    case Kind::kNull: out += "null"; return;
    case Kind::kBool: out += bool_or(false) ? "true" : "false"; return;
    case Kind::kInt: append_int(int_or(0), out); return;
    case Kind::kDouble: append_json_double(double_or(0), out); return;
    case Kind::kString: append_json_string(text_or(""), out); return;
    case Kind::kArray: {
      const char* before = "[";
      for (const JsonValue& v : items()) {
        out += before;
        before = ",";
        v.append_to(out, sort_keys);
      }
      out += items().empty() ? "[]" : "]";
      return;
    }
    case Kind::kObject: break;
  }
  std::vector<const JsonMember*> order;
  order.reserve(members().size());
  for (const JsonMember& m : members()) order.push_back(&m);
  if (sort_keys)
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
  const char* before = "{";
  for (const JsonMember* m : order) {
    out += before;
    before = ",";
    append_json_string(m->key, out);
    out += ':';
    m->value.append_to(out, sort_keys);
  }
  out += order.empty() ? "{}" : "}";
}

struct JsonObject::Index {
  base::HashMap<Str, std::size_t> at;
};

JsonObject::JsonObject() = default;
JsonObject::JsonObject(const JsonObject& o) : RefCounted(o), members_(o.members_) {}
JsonObject::~JsonObject() { delete index_; }

std::size_t JsonObject::locate(std::string_view key) const {
  const std::size_t n = members_.size();
  if (n <= kLinear) {
    for (std::size_t i = 0; i < n; ++i)
      if (members_[i].key == key) return i;
    return n;
  }
  if (!index_) {
    index_ = new Index;
    for (std::size_t i = 0; i < n; ++i) index_->at[members_[i].key] = i;
  }
  const std::size_t* i = index_->at.find(key);
  return i ? *i : n;
}

const JsonValue* JsonObject::find(std::string_view key) const {
  const std::size_t i = locate(key);
  return i < members_.size() ? &members_[i].value : nullptr;
}

JsonValue& JsonObject::edit(std::string_view key) {
  const std::size_t i = locate(key);
  if (i == members_.size()) {
    members_.push_back({Str(key), {}});
    if (index_) index_->at[members_.back().key] = i;
  }
  return members_[i].value;
}

bool JsonObject::erase(std::string_view key) {
  const std::size_t i = locate(key);
  if (i == members_.size()) return false;
  members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(i));
  delete index_;  // positions have moved
  index_ = nullptr;
  return true;
}

namespace {

JsonValue number_value(std::string_view text) {
  std::int64_t i = 0;
  const char* end = text.data() + text.size();
  const auto whole = std::from_chars(text.data(), end, i);
  if (whole.ec == std::errc() && whole.ptr == end) return i;
  double d = 0;
  const auto real = std::from_chars(text.data(), end, d);
  // Out of range: infinite marks it for the caller; too small is zero.
  if (real.ec != std::errc())
    d = text.find("e-") == std::string_view::npos && text.find("E-") == std::string_view::npos ? INFINITY : 0;
  return d;
}

bool parse_value(JsonLexer& in, JsonValue& out, std::string& range_error) {
  const char first = in.peek_value();
  std::string_view text;
  switch (first) {
    case 0: return false;
    case '{': {
      if (!in.open()) return false;
      JsonObject& members = out.edit_members();
      for (bool start = true; in.next_member(start, text); start = false) {
        JsonValue& value = members.edit(text);
        value = JsonValue();
        if (!parse_value(in, value, range_error)) return false;
      }
      return in.ok();
    }
    case '[': {
      if (!in.open()) return false;
      std::vector<JsonValue>& items = out.edit_items();
      for (bool start = true; in.next_element(start); start = false)
        if (!parse_value(in, items.emplace_back(), range_error)) return false;
      return in.ok();
    }
    case '"':
      if (!in.string(text)) return false;
      out = JsonValue(text);
      return true;
    case 't':
    case 'f':
    case 'n':
      if (!in.literal()) return false;
      if (first != 'n') out = JsonValue(first == 't');
      return true;
    default:
      if (!in.number(text)) return false;
      out = number_value(text);
      if (std::isinf(out.double_or(0)) && range_error.empty())
        range_error = base::cat("json: cannot unmarshal number ", text, " into Go value of type float64");
      return true;
  }
}

}  // namespace

base::Result<JsonValue> parse_json(std::string_view text, std::size_t max_depth) {
  JsonLexer in(text, max_depth);
  JsonValue value;
  std::string range_error;
  parse_value(in, value, range_error);
  in.finish();
  if (!in.ok()) return base::invalid(in.error());
  if (!range_error.empty()) return base::invalid(std::move(range_error));
  return value;
}

const char* go_kind(const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull: return "nil";
    case JsonValue::Kind::kBool: return "bool";
    case JsonValue::Kind::kInt: return "int64";
    case JsonValue::Kind::kDouble: return "float64";
    case JsonValue::Kind::kString: return "string";
    case JsonValue::Kind::kArray: return "slice";
    case JsonValue::Kind::kObject: return "map";
  }
  return "";
}

}  // namespace orrery::codec
