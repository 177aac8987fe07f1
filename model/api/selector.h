// Label, field and node selectors as values: parsing, printing and matching as in apimachinery's labels and
// fields packages, metav1.LabelSelectorAsSelector and component-helpers' node affinity.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/api/path.h"
#include "model/base/cow.h"
#include "model/base/result.h"
#include "model/base/str.h"

namespace orrery::api {

using Labels = base::Map<base::Str>;

enum class SelectorOp : unsigned char {
  kIn,
  kNotIn,
  kEquals,
  kDoubleEquals,
  kNotEquals,
  kGreaterThan,
  kLessThan,
  kExists,
  kDoesNotExist,
};

/// "in", "notin", "=", "==", "!=", "gt", "lt", "exists", "!"
std::string_view to_string(SelectorOp op);

/// One condition on one label. Values keep the order in which they were given.
class Requirement {
 public:
  /// Validates as upstream; the errors carry paths below `path` ("key", "values[0]", ...).
  static std::optional<Requirement> make(base::Str key, SelectorOp op, std::vector<base::Str> values,
                                         const FieldPath& path, ErrorList& errors);
  /// Without validation, for values that were validated when they were stored.
  static Requirement unchecked(base::Str key, SelectorOp op, std::vector<base::Str> values);

  const base::Str& key() const { return key_; }
  SelectorOp op() const { return op_; }
  const std::vector<base::Str>& values() const { return values_; }
  bool matches(const Labels& labels) const { return matches_value(labels.find(key_)); }
  /// `value`: of the key, null when there is none.
  bool matches_value(const base::Str* value) const;
  /// Values sorted.
  std::string str() const;
  friend bool operator==(const Requirement& a, const Requirement& b) {
    return a.key_ == b.key_ && a.op_ == b.op_ && a.values_ == b.values_;
  }

 private:
  bool has_value(const base::Str& value) const;
  base::Str key_;
  std::vector<base::Str> values_;
  std::int64_t bound_ = 0;  // of Gt and Lt
  bool has_bound_ = false;
  SelectorOp op_ = SelectorOp::kExists;
};

/// What a selector in an object is made of: an operator in API spelling ("In", "NotIn", "Exists",
/// "DoesNotExist"; for nodes also "Gt", "Lt"). Views must live during the call only.
struct SelectorExpression {
  base::Str key;
  std::string_view op;
  std::span<const base::Str> values;
};

/// All requirements must match. Default: everything.
class Selector {
 public:
  static Selector everything() { return {}; }
  static Selector nothing();
  /// labels.Parse: `a=b,c in (x,y),!d,e>5`. Fails with its texts.
  static base::Result<Selector> parse(std::string_view text);
  /// Equality with every entry; not validated.
  static Selector from_set(const Labels& set);
  /// Sorts the requirements by key.
  static Selector from_requirements(std::vector<Requirement> requirements);

  bool matches(const Labels& labels) const {
    if (nothing_) return false;
    for (const Requirement& r : requirements_) {
      if (!r.matches(labels)) return false;
    }
    return true;
  }
  /// Restricts nothing.
  bool empty() const { return !nothing_ && requirements_.empty(); }
  bool is_nothing() const { return nothing_; }
  const std::vector<Requirement>& requirements() const { return requirements_; }
  void add(Requirement requirement);
  /// The value that `label` must have, when the selector's first requirement on it allows exactly one.
  std::optional<base::Str> required_value(std::string_view label) const;
  /// Canonical text; "" for everything and for nothing.
  std::string str() const;
  friend bool operator==(const Selector& a, const Selector& b) {
    return a.nothing_ == b.nothing_ && a.requirements_ == b.requirements_;
  }

 private:
  std::vector<Requirement> requirements_;
  bool nothing_ = false;
};

/// metav1.LabelSelectorAsSelector of a selector that is present: empty selects everything. (Of an absent one
/// the caller takes Selector::nothing().)
base::Result<Selector> label_selector(const Labels& match_labels,
                                      std::span<const SelectorExpression> expressions);

/// matchExpressions of one node selector term. Empty: nothing. On errors the result matches nothing.
Selector node_label_selector(std::span<const SelectorExpression> expressions, const FieldPath& path,
                             ErrorList& errors);

/// `metadata.name=x,spec.nodeName!=y`, or matchFields of a node selector term.
class FieldSelector {
 public:
  struct Term {
    base::Str field;
    base::Str value;
    bool equal = true;
    friend bool operator==(const Term&, const Term&) = default;
  };
  /// fields.ParseSelector: terms in text order after sorting, values unescaped. Fails with its texts.
  static base::Result<FieldSelector> parse(std::string_view text);
  static FieldSelector from_terms(std::vector<Term> terms);

  bool empty() const { return terms_.empty(); }
  const std::vector<Term>& terms() const { return terms_; }
  /// `get(field)` gives a string_view, empty for an unknown field.
  template <class F>
  bool matches(F get) const {
    for (const Term& t : terms_) {
      if ((std::string_view(get(t.field.view())) == t.value.view()) != t.equal) return false;
    }
    return true;
  }
  std::optional<base::Str> required_value(std::string_view field) const;
  std::string str() const;

 private:
  std::vector<Term> terms_;
};

/// matchFields of one node selector term; exactly one value each.
FieldSelector node_field_selector(std::span<const SelectorExpression> expressions, const FieldPath& path,
                                  ErrorList& errors);

/// `\`, `,` and `=` preceded by `\`.
std::string escape_field_value(std::string_view value);

}  // namespace orrery::api
