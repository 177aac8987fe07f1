// metav1: what every object carries, and the types shared by many kinds. Source: k8s.io/apimachinery/pkg/apis/meta/v1.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

struct OwnerReference {
  Str api_version, kind, name, uid;
  std::optional<bool> controller, block_owner_deletion;
};

struct ManagedFieldsEntry {
  Str manager, operation, api_version;
  Time time;
  Str fields_type;
  RawJson fields_v1;
  Str subresource;
};

struct ObjectMeta {
  Str name, generate_name, namespace_, uid;
  Revision resource_version;
  std::int64_t generation = 0;
  Time creation_timestamp;
  Time deletion_timestamp;                              ///< zero: not being deleted
  std::optional<std::int64_t> deletion_grace_period_seconds;
  Map<Str> labels, annotations;
  List<OwnerReference> owner_references;
  List<Str> finalizers;
  List<ManagedFieldsEntry> managed_fields;

  bool deleting() const { return !deletion_timestamp.is_zero(); }
};

struct LabelSelectorRequirement {
  Str key, operator_;
  List<Str> values;
};

struct LabelSelector {
  Map<Str> match_labels;
  List<LabelSelectorRequirement> match_expressions;
};

/// metav1.Condition, used by newer kinds.
struct Condition {
  Str type, status;
  std::int64_t observed_generation = 0;
  Time last_transition_time;
  Str reason, message;
};

struct StatusCause {
  Str reason, message, field;
};

struct StatusDetails {
  Str name, group, kind, uid;
  List<StatusCause> causes;
  std::int32_t retry_after_seconds = 0;
};

/// metav1.Status: what a failed (or a delete) request answers.
struct ApiStatus {
  Str status, message, reason;
  Box<StatusDetails> details;
  std::int32_t code = 0;
};

/// The controlling owner, or null.
const OwnerReference* controller_of(const ObjectMeta& meta);

ORRERY_DECLARE_STRUCT(OwnerReference)
ORRERY_DECLARE_STRUCT(ManagedFieldsEntry)
ORRERY_DECLARE_STRUCT(ObjectMeta)
ORRERY_DECLARE_STRUCT(LabelSelectorRequirement)
ORRERY_DECLARE_STRUCT(LabelSelector)
ORRERY_DECLARE_STRUCT(Condition)
ORRERY_DECLARE_STRUCT(StatusCause)
ORRERY_DECLARE_STRUCT(StatusDetails)
ORRERY_DECLARE_STRUCT(ApiStatus)

}  // namespace orrery::api
