#include "model/api/path.h"

#include <algorithm>

namespace orrery::api {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// Length of the valid UTF-8 sequence at `i`, or 0.
std::size_t utf8_length(std::string_view s, std::size_t i) {
  const auto byte = [&](std::size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0u; };
  const auto tail = [&](std::size_t k) { return (byte(k) & 0xC0) == 0x80; };
  const unsigned b = byte(i);
  if (b >= 0xC2 && b <= 0xDF) return tail(i + 1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    const unsigned c = byte(i + 1);
    const bool overlong = b == 0xE0 && c < 0xA0;
    const bool surrogate = b == 0xED && c > 0x9F;
    return tail(i + 1) && tail(i + 2) && !overlong && !surrogate ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const unsigned c = byte(i + 1);
    const bool outside = (b == 0xF0 && c < 0x90) || (b == 0xF4 && c > 0x8F);
    return tail(i + 1) && tail(i + 2) && tail(i + 3) && !outside ? 4 : 0;
  }
  return 0;
}

void append_hex_byte(std::string& out, unsigned char c) {
  out += "\\x";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

void append_escaped_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\a': out += "\\a"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\v': out += "\\v"; return;
    default: break;
  }
  if (c < 0x20 || c == 0x7F) append_hex_byte(out, static_cast<unsigned char>(c));
  else out += c;
}

}  // namespace

std::string go_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      append_escaped_ascii(out, text[i++]);
      continue;
    }
    const std::size_t n = utf8_length(text, i);
    if (n == 0) {
      append_hex_byte(out, c);
      ++i;
    } else if (n == 2 && c == 0xC2 && static_cast<unsigned char>(text[i + 1]) <= 0xA0) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(text[i + 1]) >> 4];
      out += kHex[static_cast<unsigned char>(text[i + 1]) & 15];
      i += n;
    } else {
      out += text.substr(i, n);
      i += n;
    }
  }
  out += '"';
  return out;
}

void FieldPath::append_to(std::string& out) const {
  if (parent_) parent_->append_to(out);
  for (const std::string_view name : {name_, next_}) {
    if (name.empty()) continue;
    if (!out.empty()) out += '.';
    out += name;
  }
  if (index_ >= 0) out += "[" + std::to_string(index_) + "]";
  else if (index_ == kKey) out += base::cat("[", key_, "]");
}

std::string FieldPath::str() const {
  if (is_nil()) return "<nil>";
  std::string out;
  append_to(out);
  return out;
}

std::string_view field_error_reason(FieldErrorType type) {
  switch (type) {
    case FieldErrorType::kNotFound: return "FieldValueNotFound";
    case FieldErrorType::kRequired: return "FieldValueRequired";
    case FieldErrorType::kDuplicate: return "FieldValueDuplicate";
    case FieldErrorType::kInvalid: return "FieldValueInvalid";
    case FieldErrorType::kNotSupported: return "FieldValueNotSupported";
    case FieldErrorType::kForbidden: return "FieldValueForbidden";
    case FieldErrorType::kTooLong: return "FieldValueTooLong";
    case FieldErrorType::kTooMany: return "FieldValueTooMany";
    case FieldErrorType::kInternal: return "InternalError";
    case FieldErrorType::kTypeInvalid: return "FieldValueTypeInvalid";
  }
  return "";
}

std::string_view field_error_text(FieldErrorType type) {
  switch (type) {
    case FieldErrorType::kNotFound: return "Not found";
    case FieldErrorType::kRequired: return "Required value";
    case FieldErrorType::kDuplicate: return "Duplicate value";
    case FieldErrorType::kInvalid: return "Invalid value";
    case FieldErrorType::kNotSupported: return "Unsupported value";
    case FieldErrorType::kForbidden: return "Forbidden";
    case FieldErrorType::kTooLong: return "Too long";
    case FieldErrorType::kTooMany: return "Too many";
    case FieldErrorType::kInternal: return "Internal error";
    case FieldErrorType::kTypeInvalid: return "Invalid value";
  }
  return "";
}

BadValue BadValue::list(std::span<const base::Str> items) {
  std::string text = "[]string{";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i) text += ", ";
    text += go_quote(items[i]);
  }
  return raw(text + "}");
}

std::string FieldError::body() const {
  std::string out(field_error_text(type));
  if (!bad_value.empty()) out += ": " + bad_value;
  if (!detail.empty()) out += ": " + detail;
  return out;
}

std::string FieldError::str() const { return base::cat(field, ": ", body()); }

void ErrorList::put(FieldErrorType type, const FieldPath& path, std::string value, std::string_view detail) {
  items_.push_back({type, path.str(), std::move(value), std::string(detail)});
}

void ErrorList::not_found(const FieldPath& path, BadValue value) {
  put(FieldErrorType::kNotFound, path, std::move(value).take(), {});
}
void ErrorList::required(const FieldPath& path, std::string_view detail) {
  put(FieldErrorType::kRequired, path, {}, detail);
}
void ErrorList::duplicate(const FieldPath& path, BadValue value) {
  put(FieldErrorType::kDuplicate, path, std::move(value).take(), {});
}
void ErrorList::invalid(const FieldPath& path, BadValue value, std::string_view detail) {
  put(FieldErrorType::kInvalid, path, std::move(value).take(), detail);
}
void ErrorList::forbidden(const FieldPath& path, std::string_view detail) {
  put(FieldErrorType::kForbidden, path, {}, detail);
}
void ErrorList::internal(const FieldPath& path, std::string_view detail) {
  put(FieldErrorType::kInternal, path, {}, detail);
}
void ErrorList::type_invalid(const FieldPath& path, BadValue value, std::string_view detail) {
  put(FieldErrorType::kTypeInvalid, path, std::move(value).take(), detail);
}

void ErrorList::not_supported(const FieldPath& path, BadValue value,
                              std::span<const std::string_view> supported) {
  std::string detail;
  for (const std::string_view s : supported) {
    detail += detail.empty() ? "supported values: " : ", ";
    detail += go_quote(s);
  }
  put(FieldErrorType::kNotSupported, path, std::move(value).take(), detail);
}

void ErrorList::too_long(const FieldPath& path, std::int64_t max_bytes) {
  const std::string limit = std::to_string(max_bytes);
  const std::string_view unit = max_bytes == 1 ? " byte" : " bytes";
  put(FieldErrorType::kTooLong, path, {},
      max_bytes < 0 ? "value is too long" : base::cat("may not be more than ", limit, unit));
}

void ErrorList::too_many(const FieldPath& path, std::int64_t actual, std::int64_t max) {
  put(FieldErrorType::kTooMany, path, actual < 0 ? std::string() : std::to_string(actual),
      max < 0 ? "has too many items"
              : base::cat("must have at most ", std::to_string(max), max == 1 ? " item" : " items"));
}

void ErrorList::invalid_each(const FieldPath& path, std::string_view value,
                             const std::vector<std::string>& messages) {
  for (const std::string& m : messages) invalid(path, value, m);
}

void ErrorList::append(ErrorList other) {
  for (FieldError& e : other.items_) items_.push_back(std::move(e));
}

std::string ErrorList::str() const {
  std::vector<std::string> texts;
  for (const FieldError& e : items_) {
    std::string text = e.str();
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
  }
  if (texts.empty()) return "";
  if (texts.size() == 1) return texts[0];
  std::string out = "[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i) out += ", ";
    out += texts[i];
  }
  return out + "]";
}

}  // namespace orrery::api
