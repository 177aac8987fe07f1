// Rules shared by the validators of the kinds: names, labels, selectors, amounts, facts of the descriptions.
// Source: k8s.io/apimachinery/pkg/api/validation, .../apis/meta/v1/validation and pkg/apis/core/validation.
#pragma once
#include <string_view>

#include "model/api/meta.h"
#include "model/api/names.h"
#include "model/api/path.h"

namespace orrery::api {

/// A pod that the kubelet made of a file.
inline constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";
/// Before the name of a container.
inline constexpr std::string_view kAppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";
inline constexpr std::string_view kImmutableText = "field is immutable";
inline constexpr std::string_view kNegativeText = "must be greater than or equal to 0";
inline constexpr std::string_view kNotPositiveText = "must be greater than zero";

bool contains(const List<Str>& items, std::string_view item);

/// Whether a name is valid; `prefix`: it is a generateName, and a trailing dash is fine.
using NameRule = Messages (*)(std::string_view name, bool prefix);
Messages subdomain_name(std::string_view name, bool prefix);
Messages label_name(std::string_view name, bool prefix);
Messages service_name(std::string_view name, bool prefix);       ///< DNS 1035 label
Messages path_segment_name(std::string_view name, bool prefix);  ///< kinds without a rule of their own

void check_name(std::string_view name, NameRule rule, const FieldPath& path, ErrorList& errors);
void check_dns_label(std::string_view value, const FieldPath& path, ErrorList& errors);
void check_subdomain(std::string_view value, const FieldPath& path, ErrorList& errors);
void check_qualified_name(std::string_view value, const FieldPath& path, ErrorList& errors);
void check_label_value(std::string_view value, const FieldPath& path, ErrorList& errors);
/// All that is wrong with it in one error.
void check_label_value_once(std::string_view value, const FieldPath& path, ErrorList& errors);
void check_config_key(std::string_view value, const FieldPath& path, ErrorList& errors);
void check_labels(const Map<Str>& labels, const FieldPath& path, ErrorList& errors);
void check_annotations(const Map<Str>& annotations, const FieldPath& path, ErrorList& errors);
/// A null selector is fine.
void check_label_selector(const LabelSelector* selector, const FieldPath& path, ErrorList& errors);
/// Of a valid selector, as metav1.LabelSelectorAsSelector: null matches nothing, empty everything.
bool selector_matches(const LabelSelector* selector, const Map<Str>& labels);

void check_non_negative(std::int64_t value, const FieldPath& path, ErrorList& errors);
void check_port(std::int64_t port, const FieldPath& path, ErrorList& errors);
void check_port_or_name(const IntOrString& port, const FieldPath& path, ErrorList& errors);
/// 0 to 0777
void check_file_mode(const std::optional<std::int32_t>& mode, const FieldPath& path, ErrorList& errors);
/// A count or a percentage, not negative.
void check_count_or_percent(const IntOrString& value, const FieldPath& path, ErrorList& errors);
void check_at_most_100_percent(const IntOrString& value, const FieldPath& path, ErrorList& errors);
/// The number of a count or the percent of a percentage; 0 for other texts.
std::int64_t count_or_percent(const IntOrString& value);

/// "Required value" for every field that the description requires and `value` leaves empty.
void check_required(const Type& type, const void* value, const FieldPath& path, ErrorList& errors);
template <class T>
void check_required(const T& value, const FieldPath& path, ErrorList& errors) {
  check_required(describe<T>(), &value, path, errors);
}

/// A path in a volume: relative, without "..".
void check_descending_path(std::string_view text, const FieldPath& path, ErrorList& errors);
/// And not starting with "..".
void check_local_path(std::string_view text, const FieldPath& path, ErrorList& errors);
void check_no_backsteps(std::string_view text, const FieldPath& path, ErrorList& errors);
bool has_backsteps(std::string_view text);

/// map[string]string{"a":"b"}
BadValue bad_map(const Map<Str>& map);
BadValue bad_count(const IntOrString& value);
/// core.Thing{...}
BadValue bad_struct(std::string_view type);
/// `a`, `b`: the names of the fields that differ, for upstream's diffs.
std::string changed_fields(const Type& type, const void* old, const void* next);

/// True when `items[0..n)` has `items[n]`, by `key`.
template <class L, class K>
bool repeats(const L& items, std::size_t n, K key) {
  for (std::size_t i = 0; i < n; ++i)
    if (key(items[i]) == key(items[n])) return true;
  return false;
}

template <class T>
bool same(const T& a, const T& b) {
  return deep_equal(describe<T>(), &a, &b);
}

}  // namespace orrery::api
