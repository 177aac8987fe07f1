#include "model/codec/go_dump.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/base/str.h"
#include "model/codec/go_names.h"
#include "model/codec/go_type.h"
#include "model/codec/json_write.h"

namespace orrery::codec {
namespace {

using api::Field;
using api::Type;
using api::TypeKind;
using base::cat;

constexpr std::string_view kZeroTime =
    "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}";
/// resource.maxInt64Factors: decimal digits that surely fit 64 bits.
constexpr std::int64_t kMaxDigits = 18;

/// The fields of a Go Quantity that ParseQuantity made of a canonical text.
struct GoQuantity {
  std::int64_t value = 0, scale = 0;
  std::string_view text, format = "DecimalSI";  ///< text: kept where parsing proves it canonical
};

struct Suffix {
  std::string_view text;
  int exponent;  ///< of ten, or of two with `binary`
  bool binary;
};
constexpr Suffix kSuffixes[] = {{"", 0, false},   {"n", -9, false},  {"u", -6, false},  {"m", -3, false},
                                {"k", 3, false},  {"M", 6, false},   {"G", 9, false},   {"T", 12, false},
                                {"P", 15, false}, {"E", 18, false},  {"Ki", 10, true},  {"Mi", 20, true},
                                {"Gi", 30, true}, {"Ti", 40, true},  {"Pi", 50, true},  {"Ei", 60, true}};

GoQuantity go_quantity(std::string_view text) {
  GoQuantity q;
  if (text == "0") {
    q.text = text;
    return q;
  }
  const bool negative = text.starts_with('-');
  const std::size_t begin = negative || text.starts_with('+');
  const std::size_t end = std::min(text.find_first_not_of("0123456789.", begin), text.size());
  std::string digits(text.substr(begin, end - begin));
  std::size_t decimals = 0;
  if (const std::size_t point = digits.find('.'); point != digits.npos) {
    decimals = digits.size() - point - 1;
    digits.erase(point, 1);
  }
  const std::string_view rest = text.substr(end);
  const Suffix* suffix = std::find_if(std::begin(kSuffixes), std::end(kSuffixes),
                                      [&](const Suffix& s) { return s.text == rest; });
  std::int64_t exponent = 0;
  const bool binary = suffix != std::end(kSuffixes) && suffix->binary;
  if (suffix != std::end(kSuffixes)) {
    exponent = suffix->exponent;
  } else {
    q.format = "DecimalExponent";
    std::from_chars(rest.data() + 1, rest.data() + rest.size(), exponent);
  }
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (binary) {
    q.format = "BinarySI";
    const std::int64_t room = 15 - static_cast<std::int64_t>(digits.size()) - exponent * 3 / 10 - 1;
    if (room < 0) return q;
    q.value = number << exponent;
    if ((number & 7) != 0) q.text = text;
  } else {
    if (static_cast<std::int64_t>(digits.size()) > kMaxDigits) return q;
    q.value = number;
    q.scale = exponent - static_cast<std::int64_t>(decimals);
    if (q.scale % 3 == 0 && !digits.ends_with("000") && digits[0] != '0') q.text = text;
  }
  if (negative) q.value = -q.value;
  return q;
}

class Dump {
 public:
  std::string take() { return std::move(out_); }

  /// `go`: the Go type. An element of a slice or map and what a pointer points to are written untyped.
  void write(const Type& type, const void* value, std::string_view go, bool typed) {
    if (type.kind == TypeKind::kCow) return write(type.element(), type.wrap->at(value, 0), go, typed);
    if (typed) out_ += cat("(", go, ")");
    const bool pointer = type.kind == TypeKind::kBox || type.kind == TypeKind::kOpt;
    if (pointer && !type.wrap->is_nil(value))
      return write(type.element(), type.wrap->at(value, 0), go.substr(1), false);
    if (pointer || (go.starts_with('*') && api::is_empty(type, value))) out_ += "<nil>";
    else if (type.kind == TypeKind::kList || type.kind == TypeKind::kMap) entries(type, value, go);
    else if (type.kind == TypeKind::kStruct) fields(type, value);
    else scalar(type, value);
  }

 private:
  void entries(const Type& type, const void* value, std::string_view go) {
    const std::size_t n = type.wrap->size(value);
    if (n == 0) {
      out_ += "<nil>";
      return;
    }
    const bool map = type.kind == TypeKind::kMap;
    const std::string element = go.starts_with("[]") ? std::string(go.substr(2)) : go_type(type.element());
    out_ += map ? "map[" : "[";
    for (std::size_t i = 0; i < n; ++i) {
      if (i) out_ += ' ';
      if (map) out_ += cat(type.wrap->key_at(value, i)->view(), ":");
      write(type.element(), type.wrap->at(value, i), element, false);
    }
    out_ += ']';
  }

  void fields(const Type& type, const void* value) {
    const std::string_view owner = type.name;
    out_ += '{';
    bool first = true;
    for (const Field& f : type) {
      if (!std::exchange(first, false)) out_ += ' ';
      const GoName row = go_name(owner, f.json);
      const std::string derived = go_type(f.type());
      if (!row.name.empty()) out_ += row.name;
      else if (f.flags & api::kInline) out_ += std::string_view(derived).substr(3);
      else out_ += cat(std::string(1, static_cast<char>(f.json[0] - 'a' + 'A')), f.json + 1);
      out_ += ':';
      write(f.type(), member_of(f, value), row.type.empty() ? std::string_view(derived) : row.type, true);
      if (owner == "ObjectMeta" && std::string_view(f.json) == "namespace") out_ += " SelfLink:(string)";
    }
    out_ += '}';
  }

  void scalar(const Type& type, const void* value) {
    switch (type.kind) {
      case TypeKind::kBool: out_ += *static_cast<const bool*>(value) ? "true" : "false"; return;
      case TypeKind::kInt32: out_ += std::to_string(*static_cast<const std::int32_t*>(value)); return;
      case TypeKind::kInt64: out_ += std::to_string(*static_cast<const std::int64_t*>(value)); return;
      case TypeKind::kString: out_ += static_cast<const api::Str*>(value)->view(); return;
      case TypeKind::kRevision:
        if (const std::int64_t n = static_cast<const api::Revision*>(value)->value) out_ += std::to_string(n);
        return;
      case TypeKind::kQuantity: return quantity(*static_cast<const api::Quantity*>(value));
      case TypeKind::kIntOrString: return int_or_string(*static_cast<const api::IntOrString*>(value));
      case TypeKind::kTime: out_ += kZeroTime; return;
      default: out_ += "<nil>";
    }
  }

  void quantity(const api::Quantity& value) {
    const std::string text = value.str();
    const GoQuantity q = go_quantity(text);
    out_ += cat("{i:(resource.int64Amount){value:(int64)", std::to_string(q.value), " scale:(resource.Scale)",
                std::to_string(q.scale), "} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)", q.text,
                " Format:(resource.Format)", q.format, "}");
  }

  void int_or_string(const api::IntOrString& value) {
    out_ += cat("{Type:(intstr.Type)", value.is_string() ? "1" : "0", " IntVal:(int32)",
                std::to_string(value.number()), " StrVal:(string)", value.text(), "}");
  }

  std::string out_;
};

}  // namespace

std::string go_dump(const Type& type, const void* value) {
  Dump d;
  d.write(type, value, go_type(type), true);
  return d.take();
}

}  // namespace orrery::codec
