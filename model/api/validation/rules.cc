#include "model/api/validation/rules.h"
#include "model/base/ascii.h"

#include <algorithm>
#include <cctype>

namespace orrery::api {

namespace {

constexpr std::size_t kAnnotationBytesMax = 256 * 1024;

/// A trailing dash of a generateName is followed by letters later.
template <class Validate>
Messages name_or_prefix(std::string_view name, bool prefix, Validate validate) {
  if (!prefix || name.size() < 2 || name.back() != '-') return validate(name);
  std::string masked(name);
  masked.back() = 'a';
  return validate(masked);
}

bool has_upper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_percent(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return false;
  text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void check_requirement(const LabelSelectorRequirement& r, const FieldPath& path, ErrorList& errors) {
  if (r.operator_ == "In" || r.operator_ == "NotIn") {
    if (r.values.empty())
      errors.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (r.operator_ == "Exists" || r.operator_ == "DoesNotExist") {
    if (!r.values.empty())
      errors.forbidden(path.child("values"),
                       "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else {
    errors.invalid(path.child("operator"), r.operator_, "not a valid selector operator");
  }
  check_qualified_name(r.key, path.child("key"), errors);
  for (std::size_t i = 0; i < r.values.size(); ++i)
    check_label_value(r.values[i], path.child_at("values", i), errors);
}

}  // namespace

bool contains(const List<Str>& items, std::string_view item) {
  return std::any_of(items.begin(), items.end(), [item](const Str& s) { return s == item; });
}

Messages subdomain_name(std::string_view name, bool prefix) {
  return name_or_prefix(name, prefix, validate_dns1123_subdomain);
}
Messages label_name(std::string_view name, bool prefix) {
  return name_or_prefix(name, prefix, validate_dns1123_label);
}
Messages service_name(std::string_view name, bool prefix) {
  return name_or_prefix(name, prefix, validate_dns1035_label);
}
Messages path_segment_name(std::string_view name, bool prefix) {
  return prefix ? validate_path_segment_prefix(name) : validate_path_segment_name(name);
}

void check_name(std::string_view name, NameRule rule, const FieldPath& path, ErrorList& errors) {
  errors.invalid_each(path, name, rule(name, false));
}
void check_dns_label(std::string_view value, const FieldPath& path, ErrorList& errors) {
  errors.invalid_each(path, value, validate_dns1123_label(value));
}
void check_subdomain(std::string_view value, const FieldPath& path, ErrorList& errors) {
  errors.invalid_each(path, value, validate_dns1123_subdomain(value));
}
void check_qualified_name(std::string_view value, const FieldPath& path, ErrorList& errors) {
  errors.invalid_each(path, value, validate_qualified_name(value));
}
void check_label_value(std::string_view value, const FieldPath& path, ErrorList& errors) {
  errors.invalid_each(path, value, validate_label_value(value));
}
void check_label_value_once(std::string_view value, const FieldPath& path, ErrorList& errors) {
  const Messages messages = validate_label_value(value);
  if (messages.empty()) return;
  std::string all = messages[0];
  for (std::size_t i = 1; i < messages.size(); ++i) all += ";" + messages[i];
  errors.invalid(path, value, all);
}
void check_config_key(std::string_view value, const FieldPath& path, ErrorList& errors) {
  errors.invalid_each(path, value, validate_config_map_key(value));
}

void check_labels(const Map<Str>& labels, const FieldPath& path, ErrorList& errors) {
  for (const auto& [key, value] : labels) {
    check_qualified_name(key, path, errors);
    check_label_value(value, path, errors);
  }
}

void check_annotations(const Map<Str>& annotations, const FieldPath& path, ErrorList& errors) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations) {
    const bool lowered = has_upper(key);
    errors.invalid_each(path, key, validate_qualified_name(lowered ? base::to_lower(key) : std::string_view(key)));
    bytes += key.size() + value.size();
  }
  if (bytes > kAnnotationBytesMax) errors.too_long(path, kAnnotationBytesMax);
}

void check_label_selector(const LabelSelector* selector, const FieldPath& path, ErrorList& errors) {
  if (!selector) return;
  if (!selector->match_labels.empty())
    check_labels(selector->match_labels, path.child("matchLabels"), errors);
  for (std::size_t i = 0; i < selector->match_expressions.size(); ++i)
    check_requirement(selector->match_expressions[i], path.child_at("matchExpressions", i), errors);
}

bool selector_matches(const LabelSelector* selector, const Map<Str>& labels) {
  if (!selector) return false;
  for (const auto& [key, value] : selector->match_labels) {
    const Str* found = labels.find(key);
    if (!found || *found != value) return false;
  }
  for (const LabelSelectorRequirement& r : selector->match_expressions) {
    const Str* found = labels.find(r.key);
    if (r.operator_ == "In" && !(found && contains(r.values, *found))) return false;
    if (r.operator_ == "NotIn" && found && contains(r.values, *found)) return false;
    if (r.operator_ == "Exists" && !found) return false;
    if (r.operator_ == "DoesNotExist" && found) return false;
  }
  return true;
}

void check_non_negative(std::int64_t value, const FieldPath& path, ErrorList& errors) {
  if (value < 0) errors.invalid(path, value, kNegativeText);
}

void check_port(std::int64_t port, const FieldPath& path, ErrorList& errors) {
  if (port >= 1 && port <= 65535) return;
  for (const std::string& message : validate_port_number(port)) errors.invalid(path, port, message);
}

void check_port_or_name(const IntOrString& port, const FieldPath& path, ErrorList& errors) {
  if (port.is_int()) check_port(port.number(), path, errors);
  else errors.invalid_each(path, port.text(), validate_port_name(port.text()));
}

void check_file_mode(const std::optional<std::int32_t>& mode, const FieldPath& path, ErrorList& errors) {
  if (mode && (*mode < 0 || *mode > 0777))
    errors.invalid(path, *mode, "must be a number between 0 and 0777 (octal), both inclusive");
}

void check_count_or_percent(const IntOrString& value, const FieldPath& path, ErrorList& errors) {
  if (value.is_int()) return check_non_negative(value.number(), path, errors);
  for (const std::string& message : validate_percent(value.text()))
    errors.invalid(path, bad_count(value), message);
}

void check_at_most_100_percent(const IntOrString& value, const FieldPath& path, ErrorList& errors) {
  if (value.is_string() && count_or_percent(value) > 100)
    errors.invalid(path, bad_count(value), "must not be greater than 100%");
}

std::int64_t count_or_percent(const IntOrString& value) {
  if (value.is_int()) return value.number();
  const std::string_view text = value.text();
  if (!is_percent(text)) return 0;
  return IntOrString(Str(text.substr(0, text.size() - 1))).int_value();
}

void check_required(const Type& type, const void* value, const FieldPath& path, ErrorList& errors) {
  for (const Field& f : type)
    if ((f.flags & kRequired) && is_empty(f.type(), static_cast<const char*>(value) + f.offset))
      errors.required(path.child(f.json), "");
}

bool has_backsteps(std::string_view text) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t slash = std::min(text.find('/', at), text.size());
    if (text.substr(at, slash - at) == "..") return true;
    at = slash + 1;
  }
  return false;
}

void check_no_backsteps(std::string_view text, const FieldPath& path, ErrorList& errors) {
  if (has_backsteps(text)) errors.invalid(path, text, "must not contain '..'");
}

void check_descending_path(std::string_view text, const FieldPath& path, ErrorList& errors) {
  if (text.starts_with("/")) errors.invalid(path, text, "must be a relative path");
  check_no_backsteps(text, path, errors);
}

void check_local_path(std::string_view text, const FieldPath& path, ErrorList& errors) {
  check_descending_path(text, path, errors);
  if (text.starts_with("..") && !text.starts_with("../"))
    errors.invalid(path, text, "must not start with '..'");
}

BadValue bad_map(const Map<Str>& map) {
  std::string out = "map[string]string{";
  const char* separator = "";
  for (const auto& [key, value] : map) {
    out += separator;
    out += go_quote(key) + ":" + go_quote(value);
    separator = ", ";
  }
  return BadValue::raw(out + "}");
}

BadValue bad_count(const IntOrString& value) { return BadValue::raw(value.str()); }

BadValue bad_struct(std::string_view type) { return BadValue::raw(base::cat(type, "{...}")); }

std::string changed_fields(const Type& type, const void* old, const void* next) {
  std::string out;
  for (const Field& f : type) {
    if (deep_equal(f.type(), static_cast<const char*>(old) + f.offset,
                   static_cast<const char*>(next) + f.offset))
      continue;
    if (!out.empty()) out += ", ";
    out += base::cat("`", f.json, "`");
  }
  return out;
}

}  // namespace orrery::api
