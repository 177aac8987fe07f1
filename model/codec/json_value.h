// JsonValue: any JSON document as a value, for patches and configuration. Keeps 64-bit integers exactly and
// the order of keys.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/base/ref.h"
#include "model/base/result.h"
#include "model/base/str.h"

namespace orrery::codec {

class JsonArray;
class JsonObject;

/// Arrays and objects are shared between copies until edited. Nesting is bounded by the parser (kMaxDepth),
/// so that recursion over a value is safe.
class JsonValue {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };
  static constexpr std::size_t kMaxDepth = 1000;

  JsonValue();
  JsonValue(std::nullptr_t) : JsonValue() {}                  // NOLINT: implicit on purpose
  JsonValue(bool b);                                          // NOLINT
  JsonValue(std::int64_t i);                                  // NOLINT
  JsonValue(int i) : JsonValue(std::int64_t{i}) {}            // NOLINT
  JsonValue(double d);                                        // NOLINT
  JsonValue(base::Str s);                                     // NOLINT
  JsonValue(std::string_view s) : JsonValue(base::Str(s)) {}  // NOLINT
  JsonValue(const char* s) : JsonValue(base::Str(s)) {}       // NOLINT
  JsonValue(const std::string& s) : JsonValue(base::Str(s)) {}  // NOLINT
  JsonValue(const JsonValue&);
  JsonValue(JsonValue&&) noexcept;
  JsonValue& operator=(const JsonValue&);
  JsonValue& operator=(JsonValue&&) noexcept;
  ~JsonValue();
  static JsonValue array();
  static JsonValue object();

  Kind kind() const { return static_cast<Kind>(v_.index()); }
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_array() const { return kind() == Kind::kArray; }
  bool is_object() const { return kind() == Kind::kObject; }
  bool is_number() const { return kind() == Kind::kInt || kind() == Kind::kDouble; }

  /// The value when it has that kind, else the given one.
  bool bool_or(bool other) const { return kind() == Kind::kBool ? std::get<1>(v_) : other; }
  std::int64_t int_or(std::int64_t other) const { return kind() == Kind::kInt ? std::get<2>(v_) : other; }
  double double_or(double other) const;  ///< integers too
  std::string_view text_or(std::string_view other) const {
    return is_string() ? std::get<4>(v_).view() : other;
  }
  base::Str str() const { return is_string() ? std::get<4>(v_) : base::Str(); }

  /// Elements; an empty vector when this is no array. edit_items() makes it an array first and detaches.
  const std::vector<JsonValue>& items() const;
  std::vector<JsonValue>& edit_items();
  /// Members; an empty object when this is no object. edit_members() makes it an object first and detaches.
  const JsonObject& members() const;
  JsonObject& edit_members();

  /// Member `key`, or null when this is no object or has none.
  const JsonValue* find(std::string_view key) const;
  /// find() along keys, for configuration: at("a", "b").
  const JsonValue& operator[](std::string_view key) const;
  void set(std::string_view key, JsonValue value);

  /// Objects are equal whatever the order of keys; 1 equals 1.0.
  friend bool operator==(const JsonValue& a, const JsonValue& b);

  /// Compact text as encoding/json prints it; keys in their order, or sorted as Go prints maps.
  std::string dump(bool sort_keys = false) const;
  void append_to(std::string& out, bool sort_keys = false) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, base::Str, base::Ref<JsonArray>,
               base::Ref<JsonObject>>
      v_;
};

struct JsonMember {
  base::Str key;
  JsonValue value;
};

class JsonArray : public base::RefCounted {
 public:
  std::vector<JsonValue> items;
};

/// Members in order of insertion. Lookup is linear in small objects and by index in large ones.
class JsonObject : public base::RefCounted {
 public:
  JsonObject();
  JsonObject(const JsonObject&);
  ~JsonObject();
  JsonObject& operator=(const JsonObject&) = delete;

  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }
  const JsonMember* begin() const { return members_.data(); }
  const JsonMember* end() const { return members_.data() + members_.size(); }
  const JsonValue* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// Created null when absent. Valid until the next insertion or removal.
  JsonValue& edit(std::string_view key);
  void set(std::string_view key, JsonValue value) { edit(key) = std::move(value); }
  bool erase(std::string_view key);
  JsonValue& value_at(std::size_t index) { return members_[index].value; }

 private:
  struct Index;
  static constexpr std::size_t kLinear = 16;
  std::size_t locate(std::string_view key) const;
  std::vector<JsonMember> members_;
  mutable Index* index_ = nullptr;  // built by the first lookup in a large object
};

/// Integers without fraction and exponent that fit stay integers; other numbers become doubles. Of duplicate
/// keys the last value counts, at the place of the first. Error texts are those of encoding/json.
base::Result<JsonValue> parse_json(std::string_view text, std::size_t max_depth = JsonValue::kMaxDepth);

/// "map", "slice", "string", ... as Go names the type of a decoded value in messages.
const char* go_kind(const JsonValue& value);

}  // namespace orrery::codec
