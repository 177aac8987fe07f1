#include "model/api/validation/meta_validation.h"

#include <algorithm>

namespace orrery::api {

namespace {

constexpr std::string_view kOrphan = "orphan";
constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::size_t kManagerMax = 128;
constexpr std::size_t kSubresourceMax = 256;

void check_owner(const OwnerReference& owner, const FieldPath& path, ErrorList& errors) {
  const std::string_view api_version = owner.api_version;
  const std::size_t slashes =
      static_cast<std::size_t>(std::count(api_version.begin(), api_version.end(), '/'));
  if (api_version.empty() || slashes > 1 || (slashes == 1 && api_version.back() == '/'))
    errors.invalid(path.child("apiVersion"), api_version, "version must not be empty");
  if (owner.kind.empty()) errors.invalid(path.child("kind"), owner.kind, "must not be empty");
  if (owner.name.empty()) errors.invalid(path.child("name"), owner.name, "must not be empty");
  if (owner.uid.empty()) errors.invalid(path.child("uid"), owner.uid, "must not be empty");
  if (api_version == "v1" && owner.kind == "Event")
    errors.invalid(path, bad_struct("v1.OwnerReference"),
                   "/v1, Kind=Event is disallowed from being an owner");
}

void check_owners(const List<OwnerReference>& owners, const FieldPath& path, ErrorList& errors) {
  const OwnerReference* first = nullptr;
  for (const OwnerReference& owner : owners) {
    check_owner(owner, path, errors);
    if (!owner.controller.value_or(false)) continue;
    if (first)
      errors.invalid(
          path, BadValue::raw("[]v1.OwnerReference{...}"),
          base::cat("Only one reference can have Controller set to true. Found \"true\" in references for ",
                    first->kind, "/", first->name, " and ", owner.kind, "/", owner.name));
    else first = &owner;
  }
}

void check_finalizers(const List<Str>& finalizers, const FieldPath& path, ErrorList& errors) {
  for (const Str& name : finalizers) check_qualified_name(name, path, errors);
  if (contains(finalizers, kOrphan) && contains(finalizers, kForeground))
    errors.invalid(path, BadValue::list({finalizers.begin(), finalizers.size()}),
                   "finalizer orphan and foregroundDeletion cannot be both set");
}

/// The rule of core kinds that upstream applies after the general ones.
void check_finalizer_domains(const List<Str>& finalizers, const FieldPath& meta, ErrorList& errors) {
  for (std::size_t i = 0; i < finalizers.size(); ++i)
    check_finalizer(finalizers[i], meta.child_at("finalizers", i), errors);
}

void check_managed_fields(const List<ManagedFieldsEntry>& entries, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ManagedFieldsEntry& entry = entries[i];
    const FieldPath at = path.index(i);
    if (entry.operation != "Apply" && entry.operation != "Update")
      errors.invalid(at.child("operation"), entry.operation, "must be `Apply` or `Update`");
    if (!entry.fields_type.empty() && entry.fields_type != "FieldsV1")
      errors.invalid(at.child("fieldsType"), entry.fields_type, "must be `FieldsV1`");
    if (entry.manager.size() > kManagerMax) errors.too_long(at.child("manager"), kManagerMax);
    if (entry.subresource.size() > kSubresourceMax) errors.too_long(at.child("subresource"), kSubresourceMax);
  }
}

void check_new_finalizers(const ObjectMeta& old, const ObjectMeta& next, const FieldPath& path,
                          ErrorList& errors) {
  std::vector<Str> extra;
  for (const Str& name : next.finalizers)
    if (!contains(old.finalizers, name)) extra.push_back(name);
  if (extra.empty()) return;
  std::sort(extra.begin(), extra.end());
  extra.erase(std::unique(extra.begin(), extra.end()), extra.end());
  errors.forbidden(
      path.child("finalizers"),
      base::cat("no new finalizers can be added if the object is being deleted, found new finalizers ",
                BadValue::list(extra).take()));
}

BadValue bad_time(Time time) { return time.is_zero() ? BadValue::null() : BadValue::raw(time.str()); }

void check_unchanged(const ObjectMeta& old, const ObjectMeta& next, const FieldPath& path,
                     ErrorList& errors) {
  if (next.generation < old.generation)
    errors.invalid(path.child("generation"), next.generation, "must not be decremented");
  if (next.name != old.name) errors.invalid(path.child("name"), next.name, kImmutableText);
  if (next.namespace_ != old.namespace_)
    errors.invalid(path.child("namespace"), next.namespace_, kImmutableText);
  if (next.uid != old.uid) errors.invalid(path.child("uid"), next.uid, kImmutableText);
  if (next.creation_timestamp != old.creation_timestamp)
    errors.invalid(path.child("creationTimestamp"), bad_time(next.creation_timestamp), kImmutableText);
  if (next.deletion_timestamp != old.deletion_timestamp)
    errors.invalid(path.child("deletionTimestamp"), bad_time(next.deletion_timestamp), kImmutableText);
  if (next.deletion_grace_period_seconds != old.deletion_grace_period_seconds) {
    const auto& seconds = next.deletion_grace_period_seconds;
    errors.invalid(path.child("deletionGracePeriodSeconds"), seconds ? BadValue(*seconds) : BadValue::null(),
                   kImmutableText);
  }
}

}  // namespace

void check_finalizer(std::string_view name, const FieldPath& path, ErrorList& errors) {
  if (name.find('/') != std::string_view::npos || name == "kubernetes" || name == kOrphan ||
      name == kForeground)
    return;
  errors.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified");
}

void check_meta(const ObjectMeta& meta, bool namespaced, NameRule rule, ErrorList& errors) {
  const FieldPath path("metadata");
  if (!meta.generate_name.empty())
    errors.invalid_each(path.child("generateName"), meta.generate_name, rule(meta.generate_name, true));
  if (meta.name.empty()) errors.required(path.child("name"), "name or generateName is required");
  else check_name(meta.name, rule, path.child("name"), errors);
  if (!namespaced) {
    if (!meta.namespace_.empty()) errors.forbidden(path.child("namespace"), "not allowed on this type");
  } else if (meta.namespace_.empty()) {
    errors.required(path.child("namespace"), "");
  } else {
    check_name(meta.namespace_, label_name, path.child("namespace"), errors);
  }
  check_non_negative(meta.generation, path.child("generation"), errors);
  check_labels(meta.labels, path.child("labels"), errors);
  check_annotations(meta.annotations, path.child("annotations"), errors);
  check_owners(meta.owner_references, path.child("ownerReferences"), errors);
  check_finalizers(meta.finalizers, path.child("finalizers"), errors);
  check_managed_fields(meta.managed_fields, path.child("managedFields"), errors);
  check_finalizer_domains(meta.finalizers, path, errors);
}

void check_meta_update(const ObjectMeta& old, const ObjectMeta& next, ErrorList& errors) {
  const FieldPath path("metadata");
  if (old.deleting() && !next.finalizers.shares(old.finalizers))
    check_new_finalizers(old, next, path, errors);
  check_unchanged(old, next, path, errors);
  if (!next.labels.shares(old.labels)) check_labels(next.labels, path.child("labels"), errors);
  if (!next.annotations.shares(old.annotations))
    check_annotations(next.annotations, path.child("annotations"), errors);
  if (!next.owner_references.shares(old.owner_references))
    check_owners(next.owner_references, path.child("ownerReferences"), errors);
  if (!next.managed_fields.shares(old.managed_fields))
    check_managed_fields(next.managed_fields, path.child("managedFields"), errors);
  if (!next.finalizers.shares(old.finalizers)) {
    check_finalizers(next.finalizers, path.child("finalizers"), errors);
    check_finalizer_domains(next.finalizers, path, errors);
  }
}

}  // namespace orrery::api
