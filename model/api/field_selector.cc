#include <algorithm>

#include "model/api/selector.h"

namespace orrery::api {
namespace {

using base::cat;

// At commas that no backslash precedes.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> out;
  if (text.empty()) return out;
  std::size_t start = 0;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escaped) {
      escaped = false;
    } else if (text[i] == '\\') {
      escaped = true;
    } else if (text[i] == ',') {
      out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  out.push_back(text.substr(start));
  return out;
}

bool is_escapable(char c) { return c == '\\' || c == ',' || c == '='; }

base::Result<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) return base::invalid("invalid field selector: invalid escape sequence: \\");
      if (!is_escapable(text[i])) {
        return base::invalid(cat("invalid field selector: invalid escape sequence: ", text.substr(i - 1, 2)));
      }
      out += text[i];
    } else if (is_escapable(c)) {
      // Upstream prints the number of the character.
      return base::invalid("invalid field selector: unescaped character in value: " +
                           std::to_string(static_cast<int>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

// At the first of "!=", "==", "=".
bool split_term(std::string_view term, std::string_view& field, bool& equal, std::string_view& value) {
  for (std::size_t i = 0; i < term.size(); ++i) {
    const std::string_view rest = term.substr(i);
    const bool two = rest.starts_with("!=") || rest.starts_with("==");
    if (!two && rest[0] != '=') continue;
    field = term.substr(0, i);
    equal = rest[0] == '=';
    value = rest.substr(two ? 2 : 1);
    return true;
  }
  return false;
}

}  // namespace

base::Result<FieldSelector> FieldSelector::parse(std::string_view text) {
  std::vector<std::string_view> parts = split_terms(text);
  std::sort(parts.begin(), parts.end());
  FieldSelector out;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    std::string_view field;
    std::string_view value;
    bool equal = true;
    if (!split_term(part, field, equal, value)) {
      return base::invalid(cat("invalid selector: '", text, "'; can't understand '", part, "'"));
    }
    const base::Result<std::string> plain = unescape(value);
    if (!plain) return plain.error();
    out.terms_.push_back({field, *plain, equal});
  }
  return out;
}

FieldSelector FieldSelector::from_terms(std::vector<Term> terms) {
  FieldSelector out;
  out.terms_ = std::move(terms);
  return out;
}

std::optional<base::Str> FieldSelector::required_value(std::string_view field) const {
  for (const Term& t : terms_) {
    if (t.equal && t.field == field) return t.value;
  }
  return std::nullopt;
}

std::string FieldSelector::str() const {
  std::string out;
  for (const Term& t : terms_) {
    if (!out.empty()) out += ',';
    out += cat(t.field, t.equal ? "=" : "!=", escape_field_value(t.value));
  }
  return out;
}

std::string escape_field_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (is_escapable(c)) out += '\\';
    out += c;
  }
  return out;
}

FieldSelector node_field_selector(std::span<const SelectorExpression> expressions, const FieldPath& path,
                                  ErrorList& errors) {
  std::vector<FieldSelector::Term> out;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const SelectorExpression& e = expressions[i];
    const FieldPath item = path.index(i);
    if (e.op != "In" && e.op != "NotIn") {
      errors.not_supported(item.child("operator"), e.op, {"In", "NotIn"});
    } else if (e.values.size() != 1) {
      errors.invalid(item.child("values"), BadValue::list(e.values), "must have one element");
    } else {
      out.push_back({e.key, e.values[0], e.op == "In"});
    }
  }
  return FieldSelector::from_terms(std::move(out));
}

}  // namespace orrery::api
