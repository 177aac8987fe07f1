#include "model/api/validation/core_validation.h"

#include "model/api/validation/meta_validation.h"

namespace orrery::api {

namespace {

constexpr std::size_t kDataBytesMax = 1024 * 1024;
constexpr std::string_view kImmutableDataText = "field is immutable when `immutable` is set";
constexpr std::size_t kEventFieldMax = 128;
constexpr std::size_t kEventMessageMax = 1024;

/// What a secret of a certain type must hold; `second` may be null.
struct SecretKeys {
  const char* type;
  const char* first;
  const char* second;
};
constexpr SecretKeys kSecretKeys[] = {
    {"kubernetes.io/dockercfg", ".dockercfg", nullptr},
    {"kubernetes.io/dockerconfigjson", ".dockerconfigjson", nullptr},
    {"kubernetes.io/tls", "tls.crt", "tls.key"},
};

void check_secret_type(const Secret& secret, ErrorList& errors) {
  const FieldPath data("data"), meta("metadata");
  const auto require = [&](const char* key) {
    if (key && !secret.data.contains(key)) errors.required(data.key(key), "");
  };
  for (const SecretKeys& keys : kSecretKeys) {
    if (secret.type != keys.type) continue;
    require(keys.first);
    require(keys.second);
  }
  if (secret.type == "kubernetes.io/service-account-token") {
    constexpr std::string_view kName = "kubernetes.io/service-account.name";
    if (secret.metadata.annotations.get(kName).empty())
      errors.required(meta.child_key("annotations", kName), "");
  } else if (secret.type == "kubernetes.io/basic-auth") {
    if (secret.data.contains("username") || secret.data.contains("password")) return;
    require("username");
    require("password");
  } else if (secret.type == "kubernetes.io/ssh-auth") {
    if (secret.data.get("ssh-privatekey").data.empty()) errors.required(data.key("ssh-privatekey"), "");
  }
}

/// A field of an event that newer clients must fill in.
void check_event_text(const Str& text, const char* name, std::size_t max, bool required, ErrorList& errors) {
  const FieldPath path(name);
  if (required && text.empty()) errors.required(path, "");
  if (text.size() > max)
    errors.invalid(path, "", base::cat("can have at most ", std::to_string(max), " characters"));
}

template <class T>
void check_immutable_data(const T& old, const T& next, ErrorList& errors) {
  if (!next.immutable.value_or(false)) errors.forbidden(FieldPath("immutable"), kImmutableDataText);
  if (!same(old.data, next.data)) errors.forbidden(FieldPath("data"), kImmutableDataText);
}

}  // namespace

void check_namespace(const Namespace& space, ErrorList& errors) {
  const FieldPath spec("spec");
  for (const Str& finalizer : space.spec->finalizers) {
    check_qualified_name(finalizer, spec.child("finalizers"), errors);
    check_finalizer(finalizer, spec.child("finalizers"), errors);
  }
}

void check_namespace_status(const Namespace&, const Namespace& next, ErrorList& errors) {
  const FieldPath status("status");
  const Str& phase = next.status->phase;
  if (!next.metadata.deleting() && phase != "Active")
    errors.invalid(status.child("Phase"), phase, "may only be 'Active' if `deletionTimestamp` is empty");
  if (next.metadata.deleting() && phase != "Terminating")
    errors.invalid(status.child("Phase"), phase,
                   "may only be 'Terminating' if `deletionTimestamp` is not empty");
}

void check_config_map(const ConfigMap& map, ErrorList& errors) {
  const FieldPath data("data"), binary("binaryData"), root;
  std::size_t bytes = 0;
  for (const auto& [key, value] : map.data) {
    check_config_key(key, data.key(key), errors);
    if (map.binary_data.contains(key))
      errors.invalid(data.key(key), key, "duplicate of key present in binaryData");
    bytes += value.size();
  }
  for (const auto& [key, value] : map.binary_data) {
    check_config_key(key, binary.key(key), errors);
    bytes += value.data.size();
  }
  if (bytes > kDataBytesMax) errors.too_long(root, kDataBytesMax);
}

void check_config_map_update(const ConfigMap& old, const ConfigMap& next, ErrorList& errors) {
  if (old.immutable.value_or(false)) {
    check_immutable_data(old, next, errors);
    if (!same(old.binary_data, next.binary_data))
      errors.forbidden(FieldPath("binaryData"), kImmutableDataText);
  }
  if (!next.data.shares(old.data) || !next.binary_data.shares(old.binary_data))
    check_config_map(next, errors);
}

void check_secret(const Secret& secret, ErrorList& errors) {
  const FieldPath data("data");
  std::size_t bytes = 0;
  for (const auto& [key, value] : secret.data) {
    check_config_key(key, data.key(key), errors);
    bytes += value.data.size();
  }
  if (bytes > kDataBytesMax) errors.too_long(data, kDataBytesMax);
  check_secret_type(secret, errors);
}

void check_secret_update(const Secret& old, const Secret& next, ErrorList& errors) {
  if (old.type != next.type) errors.invalid(FieldPath("type"), next.type, kImmutableText);
  if (old.immutable.value_or(false)) check_immutable_data(old, next, errors);
  if (!next.data.shares(old.data) || !next.metadata.annotations.shares(old.metadata.annotations))
    check_secret(next, errors);
}

void check_event(const Event& event, ErrorList& errors) {
  const FieldPath involved("involvedObject");
  const Str& space = event.involved_object.namespace_;
  const std::string_view own = event.metadata.namespace_;
  const bool modern = !event.event_time.is_zero();
  const bool of_cluster = own == "default" || own == "kube-system";
  // Upstream does not compare the namespaces of events in the new form.
  if (space.empty() ? !of_cluster : !modern && space != own)
    errors.invalid(involved.child("namespace"), space, "does not match event.namespace");
  if (modern) {
    if (event.reporting_component.empty()) errors.required(FieldPath("reportingComponent"), "");
    check_qualified_name(event.reporting_component, FieldPath("reportingComponent"), errors);
    check_event_text(event.reporting_instance, "reportingInstance", kEventFieldMax, true, errors);
    check_event_text(event.action, "action", kEventFieldMax, true, errors);
    check_event_text(event.reason, "reason", kEventFieldMax, true, errors);
    check_event_text(event.message, "message", kEventMessageMax, false, errors);
  }
  check_subdomain(event.metadata.namespace_, FieldPath("namespace"), errors);
}

void check_lease(const Lease& lease, ErrorList& errors) {
  const LeaseSpec& spec = lease.spec;
  if (spec.lease_duration_seconds && *spec.lease_duration_seconds <= 0) {
    const FieldPath path("spec");
    errors.invalid(path.child("leaseDurationSeconds"), *spec.lease_duration_seconds,
                   "must be greater than 0");
  }
  if (spec.lease_transitions && *spec.lease_transitions < 0) {
    const FieldPath path("spec");
    errors.invalid(path.child("leaseTransitions"), *spec.lease_transitions, kNegativeText);
  }
}

}  // namespace orrery::api
