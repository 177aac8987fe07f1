#include "model/codec/yaml_write.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "model/base/ascii.h"
#include "model/codec/json_text.h"
#include "model/codec/json_write.h"
#include "model/codec/yaml_text.h"

namespace orrery::codec {
namespace {

constexpr std::size_t kSimpleKey = 128;  // longer keys need the "? " form

using base::is_digit;
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80); }

/// go-yaml's order of keys: letters after anything else, numbers by value.
bool key_less(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) continue;
    const bool a_letter = is_letter(a[i]), b_letter = is_letter(b[i]);
    const auto byte_less = [&] {
      return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    };
    if (a_letter && b_letter) return byte_less();
    if (a_letter || b_letter) return b_letter;
    std::uint64_t a_number = 0, b_number = 0;
    if (a[i] == '0' || b[i] == '0') {
      // Zeros in the middle of a number count.
      for (std::size_t k = i; k-- > 0 && is_digit(a[k]);)
        if (a[k] != '0') {
          a_number = b_number = 1;
          break;
        }
    }
    std::size_t a_end = i, b_end = i;
    for (; a_end < a.size() && is_digit(a[a_end]); ++a_end)
      a_number = a_number * 10 + static_cast<std::uint64_t>(a[a_end] - '0');
    for (; b_end < b.size() && is_digit(b[b_end]); ++b_end)
      b_number = b_number * 10 + static_cast<std::uint64_t>(b[b_end] - '0');
    if (a_number != b_number) return a_number < b_number;
    if (a_end != b_end) return a_end < b_end;
    return byte_less();
  }
  return a.size() < b.size();
}

/// Go's %g with the shortest digits.
void append_float(double d, std::string& out) {
  char room[40];
  const auto end = std::to_chars(room, room + sizeof room, d, std::chars_format::scientific).ptr;
  const std::string_view text(room, static_cast<std::size_t>(end - room));
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  if (d != 0 && (exponent < -4 || exponent >= 6)) out += text;
  else append_json_double(d, out);
}

class YamlWriter {
 public:
  explicit YamlWriter(std::string& out) : out_(out) {}

  /// A value after "key:" or "- "; containers with entries are the callers' business.
  void scalar(const JsonValue& v, std::size_t indent) {
    switch (v.kind()) {
      case JsonValue::Kind::kString: append_yaml_string(v.text_or(""), indent + 2, false, out_); break;
      case JsonValue::Kind::kDouble: append_float(v.double_or(0), out_); break;
      case JsonValue::Kind::kArray: out_ += "[]"; break;
      case JsonValue::Kind::kObject: out_ += "{}"; break;
      default: v.append_to(out_);
    }
    out_ += '\n';
  }

  /// The lines of a map at column `indent`; the first continues the current line.
  void map(const JsonObject& members, std::size_t indent) {
    std::vector<const JsonMember*> order;
    for (const JsonMember& m : members) order.push_back(&m);
    std::sort(order.begin(), order.end(),
              [](const auto* a, const auto* b) { return key_less(a->key, b->key); });
    bool first = true;
    for (const JsonMember* m : order) {
      if (!first) out_.append(indent, ' ');
      first = false;
      const bool simple = m->key.size() <= kSimpleKey;
      if (!simple) out_ += "? ";
      append_yaml_string(m->key, indent + 2, simple, out_);
      if (!simple) {
        out_ += '\n';
        out_.append(indent, ' ');
      }
      out_ += ':';
      nested(m->value, indent);
    }
  }

  void list(const std::vector<JsonValue>& items, std::size_t indent) {
    bool first = true;
    for (const JsonValue& item : items) {
      if (!first) out_.append(indent, ' ');
      first = false;
      out_ += "- ";
      if (item.is_object() && !item.members().empty()) map(item.members(), indent + 2);
      else if (item.is_array() && !item.items().empty()) list(item.items(), indent + 2);
      else scalar(item, indent);
    }
  }

 private:
  void nested(const JsonValue& v, std::size_t indent) {
    if (v.is_object() && !v.members().empty()) {
      out_ += '\n';
      out_.append(indent + 2, ' ');
      map(v.members(), indent + 2);
    } else if (v.is_array() && !v.items().empty()) {
      // A list in a map is not indented further.
      out_ += '\n';
      out_.append(indent, ' ');
      list(v.items(), indent);
    } else {
      out_ += ' ';
      scalar(v, indent);
    }
  }
  std::string& out_;
};

}  // namespace

std::string to_yaml(const JsonValue& value) {
  std::string out;
  YamlWriter writer(out);
  if (value.is_object() && !value.members().empty()) writer.map(value.members(), 0);
  else if (value.is_array() && !value.items().empty()) writer.list(value.items(), 0);
  else writer.scalar(value, 0);
  return out;
}

std::string to_yaml(const api::Object& object) {
  const base::Result<JsonValue> value = parse_json(to_json(object));
  ORRERY_CHECK(value.ok(), "an object's JSON does not parse");
  return to_yaml(*value);
}

}  // namespace orrery::codec
