#include "model/api/selector.h"

#include <algorithm>
#include <array>

#include "model/api/int_or_string.h"
#include "model/api/names.h"
#include "model/api/selector_lexer.h"

namespace orrery::api {
namespace {

using base::cat;
using base::Str;

// In upstream's order: binary operators first.
constexpr std::array<std::string_view, 9> kOperators{"in", "notin", "=",      "==", "!=",
                                                     "gt", "lt",    "exists", "!"};
constexpr std::string_view kBinaryOperators = "in, notin, =, ==, !=, gt, lt";

std::string join(const Messages& messages, std::string_view separator) {
  std::string out;
  for (const std::string& m : messages) {
    if (!out.empty()) out += separator;
    out += m;
  }
  return out;
}

void check_value_count(SelectorOp op, const std::vector<Str>& values, const FieldPath& path,
                       ErrorList& errors) {
  switch (op) {
    case SelectorOp::kIn:
    case SelectorOp::kNotIn:
      if (values.empty()) {
        errors.invalid(path, BadValue::list(values),
                       "for 'in', 'notin' operators, values set can't be empty");
      }
      return;
    case SelectorOp::kEquals:
    case SelectorOp::kDoubleEquals:
    case SelectorOp::kNotEquals:
      if (values.size() != 1) {
        errors.invalid(path, BadValue::list(values), "exact-match compatibility requires one single value");
      }
      return;
    case SelectorOp::kExists:
    case SelectorOp::kDoesNotExist:
      if (!values.empty()) {
        errors.invalid(path, BadValue::list(values),
                       "values set must be empty for exists and does not exist");
      }
      return;
    case SelectorOp::kGreaterThan:
    case SelectorOp::kLessThan: break;
  }
  if (values.size() != 1) {
    errors.invalid(path, BadValue::list(values), "for 'Gt', 'Lt' operators, exactly one value is required");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (parse_decimal(values[i])) continue;
    errors.invalid(path.index(i), values[i], "for 'Gt', 'Lt' operators, the value must be an integer");
  }
}

// The recursive descent of labels.Parse. Errors are kept as text; every function is false after one.
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : lexemes_(lex_selector(text)) {}

  base::Result<Selector> parse() {
    std::vector<Requirement> out;
    for (;;) {
      const SelectorLexeme& first = peek();
      if (first.token == SelectorToken::kEnd) break;
      if (!starts_requirement(first)) {
        return base::invalid(cat("found '", first.literal, "', expected: !, identifier, or 'end of string'"));
      }
      if (!requirement(out)) return base::invalid("unable to parse requirement: " + error_);
      const SelectorLexeme& next = take();
      if (next.token == SelectorToken::kEnd) break;
      if (next.token != SelectorToken::kComma) {
        return base::invalid(cat("found '", next.literal, "', expected: ',' or 'end of string'"));
      }
      if (!starts_requirement(peek())) {
        return base::invalid(cat("found '", peek().literal, "', expected: identifier after ','"));
      }
    }
    return Selector::from_requirements(std::move(out));
  }

 private:
  // "in" and "notin" are names everywhere but in the place of an operator.
  static bool is_identifier(const SelectorLexeme& l) {
    return l.token == SelectorToken::kIdentifier || l.token == SelectorToken::kIn ||
           l.token == SelectorToken::kNotIn;
  }
  static bool starts_requirement(const SelectorLexeme& l) {
    return is_identifier(l) || l.token == SelectorToken::kNot;
  }
  static bool ends_requirement(const SelectorLexeme& l) {
    return l.token == SelectorToken::kEnd || l.token == SelectorToken::kComma;
  }
  const SelectorLexeme& peek() const { return lexemes_[position_]; }
  const SelectorLexeme& take() {
    const SelectorLexeme& l = lexemes_[position_];
    if (l.token != SelectorToken::kEnd) ++position_;
    return l;
  }
  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  bool requirement(std::vector<Requirement>& out) {
    const bool negated = peek().token == SelectorToken::kNot;
    if (negated) take();
    const SelectorLexeme& name = take();
    if (!is_identifier(name)) return fail(cat("found '", name.literal, "', expected: identifier"));
    ErrorList errors;
    const FieldPath path;
    if (const Messages wrong = validate_qualified_name(name.literal); !wrong.empty()) {
      errors.invalid(path, name.literal, join(wrong, "; "));
      return fail(errors.str());
    }
    SelectorOp op = negated ? SelectorOp::kDoesNotExist : SelectorOp::kExists;
    std::vector<Str> values;
    if (!(negated || ends_requirement(peek())) && !(operation(op) && operands(op, values))) return false;
    std::optional<Requirement> r = Requirement::make(name.literal, op, std::move(values), path, errors);
    if (!r) return fail(errors.str());
    out.push_back(*std::move(r));
    return true;
  }

  bool operation(SelectorOp& op) {
    const SelectorLexeme& l = take();
    switch (l.token) {
      case SelectorToken::kIn: op = SelectorOp::kIn; return true;
      case SelectorToken::kNotIn: op = SelectorOp::kNotIn; return true;
      case SelectorToken::kEquals: op = SelectorOp::kEquals; return true;
      case SelectorToken::kDoubleEquals: op = SelectorOp::kDoubleEquals; return true;
      case SelectorToken::kNotEquals: op = SelectorOp::kNotEquals; return true;
      case SelectorToken::kGreaterThan: op = SelectorOp::kGreaterThan; return true;
      case SelectorToken::kLessThan: op = SelectorOp::kLessThan; return true;
      default: return fail(cat("found '", l.literal, "', expected: ", kBinaryOperators));
    }
  }

  bool operands(SelectorOp op, std::vector<Str>& values) {
    if (op == SelectorOp::kIn || op == SelectorOp::kNotIn) {
      if (!value_set(values)) return false;
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      return true;
    }
    if (ends_requirement(peek())) {
      values.emplace_back();
      return true;
    }
    const SelectorLexeme& value = take();
    if (!is_identifier(value)) return fail(cat("found '", value.literal, "', expected: identifier"));
    values.emplace_back(value.literal);
    return true;
  }

  bool value_set(std::vector<Str>& values) {
    const SelectorLexeme& open = take();
    if (open.token != SelectorToken::kOpenParen) return fail(cat("found '", open.literal, "' expected: '('"));
    const SelectorLexeme& first = peek();
    if (first.token == SelectorToken::kCloseParen) {
      take();
      values.emplace_back();
      return true;
    }
    if (!is_identifier(first) && first.token != SelectorToken::kComma) {
      return fail(cat("found '", first.literal, "', expected: ',', ')' or identifier"));
    }
    return identifiers(values);
  }

  // Ends after the closing parenthesis. A missing value between commas is the empty string.
  bool identifiers(std::vector<Str>& values) {
    for (;;) {
      const SelectorLexeme& l = take();
      if (is_identifier(l)) {
        values.emplace_back(l.literal);
        if (peek().token == SelectorToken::kComma) continue;
        if (peek().token == SelectorToken::kCloseParen) break;
        return fail(cat("found '", peek().literal, "', expected: ',' or ')'"));
      }
      if (l.token != SelectorToken::kComma) {
        return fail(cat("found '", l.literal, "', expected: ',', or identifier"));
      }
      if (values.empty()) values.emplace_back();
      const SelectorToken next = peek().token;
      if (next == SelectorToken::kComma || next == SelectorToken::kCloseParen) values.emplace_back();
      if (next == SelectorToken::kCloseParen) break;
    }
    take();
    return true;
  }

  std::vector<SelectorLexeme> lexemes_;
  std::size_t position_ = 0;
  std::string error_;
};

std::optional<SelectorOp> api_operator(std::string_view text, bool node) {
  if (text == "In") return SelectorOp::kIn;
  if (text == "NotIn") return SelectorOp::kNotIn;
  if (text == "Exists") return SelectorOp::kExists;
  if (text == "DoesNotExist") return SelectorOp::kDoesNotExist;
  if (node && text == "Gt") return SelectorOp::kGreaterThan;
  if (node && text == "Lt") return SelectorOp::kLessThan;
  return std::nullopt;
}

bool key_less(const Requirement& a, const Requirement& b) { return a.key() < b.key(); }

std::vector<Str> copy(std::span<const Str> values) { return {values.begin(), values.end()}; }

}  // namespace

std::string_view to_string(SelectorOp op) { return kOperators[static_cast<std::size_t>(op)]; }

std::optional<Requirement> Requirement::make(Str key, SelectorOp op, std::vector<Str> values,
                                             const FieldPath& path, ErrorList& errors) {
  const std::size_t before = errors.size();
  if (const Messages wrong = validate_qualified_name(key); !wrong.empty()) {
    errors.invalid(path.child("key"), key, join(wrong, "; "));
  }
  const FieldPath value_path = path.child("values");
  check_value_count(op, values, value_path, errors);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Messages wrong = validate_label_value(values[i]);
    if (wrong.empty()) continue;
    const FieldPath item = value_path.index(i);
    errors.invalid(item.key(key), values[i], join(wrong, "; "));
  }
  if (errors.size() != before) return std::nullopt;
  return unchecked(std::move(key), op, std::move(values));
}

Requirement Requirement::unchecked(Str key, SelectorOp op, std::vector<Str> values) {
  Requirement r;
  r.key_ = std::move(key);
  r.op_ = op;
  r.values_ = std::move(values);
  if ((op == SelectorOp::kGreaterThan || op == SelectorOp::kLessThan) && r.values_.size() == 1) {
    const base::Result<std::int64_t> bound = parse_decimal(r.values_[0]);
    r.has_bound_ = bound.ok();
    if (bound) r.bound_ = *bound;
  }
  return r;
}

bool Requirement::has_value(const Str& value) const {
  for (const Str& v : values_) {
    if (v == value) return true;
  }
  return false;
}

bool Requirement::matches_value(const Str* value) const {
  switch (op_) {
    case SelectorOp::kIn:
    case SelectorOp::kEquals:
    case SelectorOp::kDoubleEquals: return value && has_value(*value);
    case SelectorOp::kNotIn:
    case SelectorOp::kNotEquals: return !value || !has_value(*value);
    case SelectorOp::kExists: return value != nullptr;
    case SelectorOp::kDoesNotExist: return value == nullptr;
    case SelectorOp::kGreaterThan:
    case SelectorOp::kLessThan: break;
  }
  if (!value || !has_bound_) return false;
  const base::Result<std::int64_t> number = parse_decimal(*value);
  return number && (op_ == SelectorOp::kGreaterThan ? *number > bound_ : *number < bound_);
}

std::string Requirement::str() const {
  if (op_ == SelectorOp::kExists) return key_.str();
  if (op_ == SelectorOp::kDoesNotExist) return cat("!", key_);
  std::vector<Str> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  std::string list;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i) list += ',';
    list += sorted[i].view();
  }
  if (op_ == SelectorOp::kIn || op_ == SelectorOp::kNotIn) {
    return cat(key_, " ", to_string(op_), " (", list, ")");
  }
  const std::string_view sign = op_ == SelectorOp::kGreaterThan ? ">"
                                : op_ == SelectorOp::kLessThan  ? "<"
                                                                : to_string(op_);
  return cat(key_, sign, list);
}

Selector Selector::nothing() {
  Selector s;
  s.nothing_ = true;
  return s;
}

base::Result<Selector> Selector::parse(std::string_view text) { return SelectorParser(text).parse(); }

Selector Selector::from_set(const Labels& set) {
  Selector s;
  s.requirements_.reserve(set.size());
  for (const auto& [key, value] : set) {
    s.requirements_.push_back(Requirement::unchecked(key, SelectorOp::kEquals, {value}));
  }
  return s;
}

Selector Selector::from_requirements(std::vector<Requirement> requirements) {
  Selector s;
  s.requirements_ = std::move(requirements);
  std::stable_sort(s.requirements_.begin(), s.requirements_.end(), key_less);
  return s;
}

void Selector::add(Requirement requirement) {
  if (nothing_) return;
  const auto at = std::upper_bound(requirements_.begin(), requirements_.end(), requirement, key_less);
  requirements_.insert(at, std::move(requirement));
}

std::optional<Str> Selector::required_value(std::string_view label) const {
  for (const Requirement& r : requirements_) {
    if (r.key() != label) continue;
    const bool exact = r.op() == SelectorOp::kEquals || r.op() == SelectorOp::kDoubleEquals ||
                       r.op() == SelectorOp::kIn;
    if (exact && r.values().size() == 1) return r.values()[0];
    return std::nullopt;
  }
  return std::nullopt;
}

std::string Selector::str() const {
  std::string out;
  for (std::size_t i = 0; i < requirements_.size(); ++i) {
    if (i) out += ',';
    out += requirements_[i].str();
  }
  return out;
}

base::Result<Selector> label_selector(const Labels& match_labels,
                                      std::span<const SelectorExpression> expressions) {
  std::vector<Requirement> out;
  const FieldPath path;
  ErrorList errors;
  for (const auto& [key, value] : match_labels) {
    std::optional<Requirement> r = Requirement::make(key, SelectorOp::kEquals, {value}, path, errors);
    if (!r) return base::invalid(errors.str());
    out.push_back(*std::move(r));
  }
  for (const SelectorExpression& e : expressions) {
    const std::optional<SelectorOp> op = api_operator(e.op, false);
    if (!op) return base::invalid(cat(go_quote(e.op), " is not a valid label selector operator"));
    std::optional<Requirement> r = Requirement::make(e.key, *op, copy(e.values), path, errors);
    if (!r) return base::invalid(errors.str());
    out.push_back(*std::move(r));
  }
  return Selector::from_requirements(std::move(out));
}

Selector node_label_selector(std::span<const SelectorExpression> expressions, const FieldPath& path,
                             ErrorList& errors) {
  if (expressions.empty()) return Selector::nothing();
  const std::size_t before = errors.size();
  std::vector<Requirement> out;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const FieldPath item = path.index(i);
    const std::optional<SelectorOp> op = api_operator(expressions[i].op, true);
    if (!op) {
      errors.not_supported(item.child("operator"), expressions[i].op,
                           {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"});
      continue;
    }
    std::optional<Requirement> r =
        Requirement::make(expressions[i].key, *op, copy(expressions[i].values), item, errors);
    if (r) out.push_back(*std::move(r));
  }
  if (errors.size() != before) return Selector::nothing();
  return Selector::from_requirements(std::move(out));
}

}  // namespace orrery::api
