#include <algorithm>
#include <array>

#include "model/api/validation/pod_validation.h"
#include "model/base/ascii.h"

namespace orrery::api {

namespace {

constexpr std::array<std::string_view, 9> kEnvFields{
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
constexpr std::array<std::string_view, 5> kVolumeFields{
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"};
/// What the conversion of field labels knows beyond the two sets.
constexpr std::array<std::string_view, 5> kOtherFields{
    "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase"};
constexpr std::array<std::string_view, 6> kResources{
    "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
constexpr std::array<std::string_view, 13> kByteDivisors{"1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                                         "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& set, std::string_view item) {
  return std::find(set.begin(), set.end(), item) != set.end();
}

/// "metadata.labels['KEY']" into its two parts.
bool split_subscript(std::string_view text, std::string_view& path, std::string_view& key) {
  if (!text.ends_with("']")) return false;
  const std::size_t open = text.find("['");
  if (open == std::string_view::npos || open == 0) return false;
  path = text.substr(0, open);
  key = text.substr(open + 2, text.size() - open - 4);
  return true;
}

bool is_known_field(std::string_view path) {
  return has(kEnvFields, path) || has(kOtherFields, path) || path == "spec.hostname";
}

void check_field(const ObjectFieldSelector& field, std::span<const std::string_view> allowed,
                 const FieldPath& path, ErrorList& errors) {
  if (field.api_version.empty()) return errors.required(path.child("apiVersion"), "");
  if (field.field_path.empty()) return errors.required(path.child("fieldPath"), "");
  const FieldPath at = path.child("fieldPath");
  const std::string_view text = field.field_path;
  if (field.api_version != "v1")
    return errors.invalid(
        at, text, base::cat("error converting fieldPath: unsupported pod version: ", field.api_version));
  std::string_view base_path, key;
  if (split_subscript(text, base_path, key)) {
    if (base_path == "metadata.annotations") return check_qualified_name(base::to_lower(key), path, errors);
    if (base_path == "metadata.labels") return check_qualified_name(key, path, errors);
    if (is_known_field(base_path)) return errors.invalid(path, base_path, "does not support subscript");
    return errors.invalid(
        at, text, base::cat("error converting fieldPath: field label does not support subscript: ", text));
  }
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return;
  if (is_known_field(text)) return errors.not_supported(at, text, allowed);
  errors.invalid(at, text, base::cat("error converting fieldPath: field label not supported: ", text));
}

void check_divisor(std::string_view resource, const Quantity& divisor, const FieldPath& path,
                   ErrorList& errors) {
  if (divisor.is_zero()) return;
  const std::string text = divisor.str();
  const FieldPath at = path.child("divisor");
  const bool bytes = has(kByteDivisors, text);
  if (resource == "limits.cpu" || resource == "requests.cpu") {
    if (text != "1m" && text != "1")
      errors.invalid(at, resource, "only divisor's values 1m and 1 are supported with the cpu resource");
    return;
  }
  if (bytes) return;
  const std::string_view name =
      resource.ends_with(".memory")                            ? "the memory resource"
      : resource.ends_with(".ephemeral-storage")               ? "the local ephemeral storage resource"
      : resource.find(".hugepages-") != std::string_view::npos ? "the hugepages resource"
                                                               : "";
  if (!name.empty())
    errors.invalid(
        at, resource,
        base::cat("only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are "
                  "supported with ",
                  name));
}

template <class Selector>
void check_key_selector(const Selector& selector, const FieldPath& path, ErrorList& errors) {
  check_name(selector.ref.name, subdomain_name, path.child("name"), errors);
  if (selector.key.empty()) errors.required(path.child("key"), "");
  else check_config_key(selector.key, path.child("key"), errors);
}

void check_value_from(const EnvVar& var, const FieldPath& path, ErrorList& errors) {
  const EnvVarSource& from = *var.value_from;
  int sources = 0;
  if (from.field_ref) ++sources, check_env_field(*from.field_ref, path.child("fieldRef"), errors);
  if (from.resource_field_ref)
    ++sources, check_resource_field(*from.resource_field_ref, false, path.child("resourceFieldRef"), errors);
  if (from.config_map_key_ref)
    ++sources, check_key_selector(*from.config_map_key_ref, path.child("configMapKeyRef"), errors);
  if (from.secret_key_ref)
    ++sources, check_key_selector(*from.secret_key_ref, path.child("secretKeyRef"), errors);
  if (sources == 0)
    errors.invalid(
        path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
  else if (!var.value.empty()) errors.invalid(path, "", "may not be specified when `value` is not empty");
  else if (sources > 1) errors.invalid(path, "", "may not have more than one field specified at a time");
}

template <class Source>
void check_env_source(const Source& source, const FieldPath& path, ErrorList& errors) {
  if (source.ref.name.empty()) errors.required(path.child("name"), "");
  else errors.invalid_each(path.child("name"), source.ref.name, subdomain_name(source.ref.name, true));
}

void check_env_from(const List<EnvFromSource>& list, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const EnvFromSource& from = list[i];
    const FieldPath at = path.index(i);
    if (!from.prefix.empty())
      errors.invalid_each(at.child("prefix"), from.prefix, validate_relaxed_env_var_name(from.prefix));
    if (from.config_map_ref) check_env_source(*from.config_map_ref, at.child("configMapRef"), errors);
    if (from.secret_ref) check_env_source(*from.secret_ref, at.child("secretRef"), errors);
    if (!from.config_map_ref && !from.secret_ref)
      errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
    if (from.config_map_ref && from.secret_ref)
      errors.invalid(path, "", "may not have more than one field specified at a time");
  }
}

}  // namespace

void check_env_field(const ObjectFieldSelector& field, const FieldPath& path, ErrorList& errors) {
  check_field(field, kEnvFields, path, errors);
}

void check_volume_field(const ObjectFieldSelector& field, const FieldPath& path, ErrorList& errors) {
  check_field(field, kVolumeFields, path, errors);
}

void check_resource_field(const ResourceFieldSelector& field, bool volume, const FieldPath& path,
                          ErrorList& errors) {
  const std::string_view resource = field.resource;
  if (volume && field.container_name.empty()) errors.required(path.child("containerName"), "");
  else if (resource.empty()) errors.required(path.child("resource"), "");
  else if (!has(kResources, resource) && !resource.starts_with("requests.hugepages-") &&
           !resource.starts_with("limits.hugepages-"))
    errors.not_supported(path.child("resource"), resource, kResources);
  check_divisor(resource, field.divisor, path, errors);
}

void check_env(const Container& container, const FieldPath& path, ErrorList& errors) {
  const FieldPath env = path.child("env");
  for (std::size_t i = 0; i < container.env.size(); ++i) {
    const EnvVar& var = container.env[i];
    const FieldPath at = env.index(i);
    if (var.name.empty()) errors.required(at.child("name"), "");
    else errors.invalid_each(at.child("name"), var.name, validate_relaxed_env_var_name(var.name));
    if (var.value_from) check_value_from(var, at.child("valueFrom"), errors);
  }
  if (!container.env_from.empty()) check_env_from(container.env_from, path.child("envFrom"), errors);
}

}  // namespace orrery::api
