#include "model/api/meta.h"

namespace orrery::api {

ORRERY_STRUCT(OwnerReference,
  FIELD(api_version, "apiVersion", 5).required(),
  FIELD(kind, "kind", 1).required(),
  FIELD(name, "name", 3).required(),
  FIELD(uid, "uid", 4).required(),
  FIELD(controller, "controller", 6).omit(),
  FIELD(block_owner_deletion, "blockOwnerDeletion", 7).omit())

ORRERY_STRUCT(ManagedFieldsEntry,
  FIELD(manager, "manager", 1).omit(),
  FIELD(operation, "operation", 2).omit(),
  FIELD(api_version, "apiVersion", 3).omit(),
  FIELD(time, "time", 4).omit(),
  FIELD(fields_type, "fieldsType", 6).omit(),
  FIELD(fields_v1, "fieldsV1", 7).omit(),
  FIELD(subresource, "subresource", 8).omit())

ORRERY_STRUCT(ObjectMeta,
  FIELD(name, "name", 1).omit(),
  FIELD(generate_name, "generateName", 2).omit(),
  FIELD(namespace_, "namespace", 3).omit(),
  FIELD(uid, "uid", 5).omit(),
  FIELD(resource_version, "resourceVersion", 6).omit(),
  FIELD(generation, "generation", 7).omit(),
  FIELD(creation_timestamp, "creationTimestamp", 8),
  FIELD(deletion_timestamp, "deletionTimestamp", 9).omit(),
  FIELD(deletion_grace_period_seconds, "deletionGracePeriodSeconds", 10).omit(),
  FIELD(labels, "labels", 11).omit(),
  FIELD(annotations, "annotations", 12).omit(),
  FIELD(owner_references, "ownerReferences", 13).omit().map_list("uid").merge("uid"),
  FIELD(finalizers, "finalizers", 14).omit().set_list().merge(""),
  FIELD(managed_fields, "managedFields", 17).omit())

ORRERY_STRUCT(LabelSelectorRequirement,
  FIELD(key, "key", 1),
  FIELD(operator_, "operator", 2),
  FIELD(values, "values", 3).omit())

ORRERY_STRUCT(LabelSelector,
  FIELD(match_labels, "matchLabels", 1).omit(),
  FIELD(match_expressions, "matchExpressions", 2).omit())

ORRERY_STRUCT(Condition,
  FIELD(type, "type", 1),
  FIELD(status, "status", 2),
  FIELD(observed_generation, "observedGeneration", 3).omit(),
  FIELD(last_transition_time, "lastTransitionTime", 4),
  FIELD(reason, "reason", 5),
  FIELD(message, "message", 6))

ORRERY_STRUCT(StatusCause,
  FIELD(reason, "reason", 1).omit(),
  FIELD(message, "message", 2).omit(),
  FIELD(field, "field", 3).omit())

ORRERY_STRUCT(StatusDetails,
  FIELD(name, "name", 1).omit(),
  FIELD(group, "group", 2).omit(),
  FIELD(kind, "kind", 3).omit(),
  FIELD(uid, "uid", 6).omit(),
  FIELD(causes, "causes", 4).omit(),
  FIELD(retry_after_seconds, "retryAfterSeconds", 5).omit())

ORRERY_STRUCT(ApiStatus,
  FIELD(status, "status", 2).omit(),
  FIELD(message, "message", 3).omit(),
  FIELD(reason, "reason", 4).omit(),
  FIELD(details, "details", 5).omit(),
  FIELD(code, "code", 6).omit())

const OwnerReference* controller_of(const ObjectMeta& meta) {
  for (const OwnerReference& o : meta.owner_references)
    if (o.controller.value_or(false)) return &o;
  return nullptr;
}

}  // namespace orrery::api
