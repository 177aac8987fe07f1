// Field paths and field errors, as k8s.io/apimachinery/pkg/util/validation/field: the texts are what API
// users read.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/str.h"

namespace orrery::api {

/// `text` in double quotes, escaped as Go's %q. Valid UTF-8 beyond U+00A0 counts as printable.
std::string go_quote(std::string_view text);

/// A place in an object, such as spec.containers[0].ports[1].name: one link of a list that lives on the
/// stack, so that a path costs nothing until an error prints it. Names and keys are borrowed. A path must
/// not outlive the one it was made from; making a path from a temporary does not compile, name the step
/// in between:
///   const FieldPath container = spec.child_at("containers", i);
///   check_name(container.child("name"));
class FieldPath {
 public:
  /// Go's nil path: prints "<nil>", and its children print without it.
  FieldPath() = default;
  explicit FieldPath(std::string_view name) : name_(name) {}

  FieldPath child(std::string_view name) const& { return FieldPath(this, name, {}, kNone, {}); }
  FieldPath child(std::string_view name, std::string_view next) const& {
    return FieldPath(this, name, next, kNone, {});
  }
  /// NAME[index]
  FieldPath child_at(std::string_view name, std::size_t index) const& {
    return FieldPath(this, name, {}, static_cast<std::int64_t>(index), {});
  }
  /// NAME[key]
  FieldPath child_key(std::string_view name, std::string_view key) const& {
    return FieldPath(this, name, {}, kKey, key);
  }
  FieldPath index(std::size_t i) const& { return FieldPath(this, {}, {}, static_cast<std::int64_t>(i), {}); }
  FieldPath key(std::string_view k) const& { return FieldPath(this, {}, {}, kKey, k); }
  FieldPath child(std::string_view name) const&& = delete;
  FieldPath child(std::string_view name, std::string_view next) const&& = delete;
  FieldPath child_at(std::string_view name, std::size_t index) const&& = delete;
  FieldPath child_key(std::string_view name, std::string_view key) const&& = delete;
  FieldPath index(std::size_t i) const&& = delete;
  FieldPath key(std::string_view k) const&& = delete;

  bool is_nil() const { return !parent_ && name_.empty() && index_ == kNone; }
  std::string str() const;

 private:
  static constexpr std::int64_t kNone = -1;
  static constexpr std::int64_t kKey = -2;
  FieldPath(const FieldPath* parent, std::string_view name, std::string_view next, std::int64_t index,
            std::string_view key)
      : parent_(parent), name_(name), next_(next), key_(key), index_(index) {}
  void append_to(std::string& out) const;

  const FieldPath* parent_ = nullptr;
  std::string_view name_;
  std::string_view next_;
  std::string_view key_;
  std::int64_t index_ = kNone;
};

enum class FieldErrorType : unsigned char {
  kNotFound,
  kRequired,
  kDuplicate,
  kInvalid,
  kNotSupported,
  kForbidden,
  kTooLong,
  kTooMany,
  kInternal,
  kTypeInvalid,
};

/// The reason of a status cause: "FieldValueInvalid", ...
std::string_view field_error_reason(FieldErrorType type);
/// What people read: "Invalid value", ...
std::string_view field_error_text(FieldErrorType type);

/// The offending value, rendered when the error is made: strings quoted, numbers and booleans plain.
class BadValue {
 public:
  BadValue(std::string_view s) : text_(go_quote(s)) {}          // NOLINT: implicit on purpose
  BadValue(const char* s) : BadValue(std::string_view(s)) {}    // NOLINT: implicit on purpose
  BadValue(const std::string& s) : BadValue(std::string_view(s)) {}  // NOLINT: implicit on purpose
  BadValue(const base::Str& s) : BadValue(s.view()) {}          // NOLINT: implicit on purpose
  BadValue(bool b) : text_(b ? "true" : "false") {}             // NOLINT: implicit on purpose
  BadValue(int v) : text_(std::to_string(v)) {}                 // NOLINT: implicit on purpose
  BadValue(long v) : text_(std::to_string(v)) {}                // NOLINT: implicit on purpose
  BadValue(long long v) : text_(std::to_string(v)) {}           // NOLINT: implicit on purpose
  BadValue(unsigned v) : text_(std::to_string(v)) {}            // NOLINT: implicit on purpose
  BadValue(unsigned long v) : text_(std::to_string(v)) {}       // NOLINT: implicit on purpose
  BadValue(unsigned long long v) : text_(std::to_string(v)) {}  // NOLINT: implicit on purpose
  /// Already rendered, for what has a String method in Go (quantities, IntOrString) or is printed as a
  /// struct.
  static BadValue raw(std::string text) { return BadValue(Raw{}, std::move(text)); }
  static BadValue null() { return raw("null"); }
  /// A Go []string: []string{"a", "b"}.
  static BadValue list(std::span<const base::Str> items);
  std::string take() && { return std::move(text_); }

 private:
  struct Raw {};
  BadValue(Raw, std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct FieldError {
  FieldErrorType type = FieldErrorType::kInvalid;
  std::string field;
  std::string bad_value;  ///< rendered; empty when it is not printed
  std::string detail;
  /// Without the field: `Invalid value: "y": detail`.
  std::string body() const;
  /// `spec.x: Invalid value: "y": detail`
  std::string str() const;
};

/// Errors in the order in which they were found.
class ErrorList {
 public:
  void not_found(const FieldPath& path, BadValue value);
  void required(const FieldPath& path, std::string_view detail);
  void duplicate(const FieldPath& path, BadValue value);
  void invalid(const FieldPath& path, BadValue value, std::string_view detail);
  void not_supported(const FieldPath& path, BadValue value, std::span<const std::string_view> supported);
  void not_supported(const FieldPath& path, BadValue value,
                     std::initializer_list<std::string_view> supported) {
    not_supported(path, std::move(value), std::span(supported.begin(), supported.size()));
  }
  void forbidden(const FieldPath& path, std::string_view detail);
  /// `max_bytes` < 0: the limit is not named.
  void too_long(const FieldPath& path, std::int64_t max_bytes);
  /// `actual` < 0: not printed; `max` < 0: the limit is not named.
  void too_many(const FieldPath& path, std::int64_t actual, std::int64_t max);
  void internal(const FieldPath& path, std::string_view detail);
  void type_invalid(const FieldPath& path, BadValue value, std::string_view detail);
  /// One "Invalid value" per message, for the validators of names.h.
  void invalid_each(const FieldPath& path, std::string_view value, const std::vector<std::string>& messages);

  void add(FieldError error) { items_.push_back(std::move(error)); }
  void append(ErrorList other);
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  const FieldError& operator[](std::size_t i) const { return items_[i]; }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  /// Upstream's aggregate: one error as it is, several as "[a, b]", repeated texts once; "" when empty.
  std::string str() const;

 private:
  void put(FieldErrorType type, const FieldPath& path, std::string value, std::string_view detail);
  std::vector<FieldError> items_;
};

}  // namespace orrery::api
