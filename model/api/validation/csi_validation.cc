#include "model/api/validation/csi_validation.h"

#include <algorithm>
#include <cstdint>

#include "model/api/validation/claim_validation.h"

namespace orrery::api {

namespace {

constexpr std::size_t kNodeIdMax = 192;
constexpr std::int64_t kTokenSecondsMin = 600;
constexpr std::int64_t kTokenSecondsMax = std::int64_t{1} << 32;
constexpr std::size_t kAttachmentBytesMax = 256 * 1024;
constexpr std::size_t kErrorBytesMax = 1024;

void check_driver_entry(const List<CSINodeDriver>& drivers, std::size_t i, const FieldPath& path, ErrorList& errors) {
  const CSINodeDriver& driver = drivers[i];
  check_csi_driver(driver.name, path.child("name"), errors);
  const FieldPath id = path.child("nodeID");
  if (driver.node_id.empty()) errors.required(id, "");
  if (driver.node_id.size() > kNodeIdMax) errors.invalid(id, driver.node_id, base::cat("must be ", std::to_string(kNodeIdMax), " characters or less"));
  if (driver.allocatable && driver.allocatable->count)
    check_non_negative(*driver.allocatable->count, path.child("allocatable", "count"), errors);
  if (repeats(drivers, i, [](const CSINodeDriver& d) { return d.name.view(); })) errors.duplicate(path.child("name"), driver.name);
  for (std::size_t k = 0; k < driver.topology_keys.size(); ++k) {
    const Str& key = driver.topology_keys[k];
    if (key.empty()) errors.required(path, "");
    if (repeats(driver.topology_keys, k, [](const Str& s) { return s.view(); })) errors.duplicate(path, key);
    check_qualified_name(key, path, errors);
  }
}

void check_one_of(const Str& value, std::initializer_list<std::string_view> allowed, const FieldPath& path, ErrorList& errors) {
  if (std::find(allowed.begin(), allowed.end(), value.view()) == allowed.end()) errors.not_supported(path, value, allowed);
}

void check_tokens(const List<TokenRequest>& tokens, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const FieldPath at = path.index(i);
    if (repeats(tokens, i, [](const TokenRequest& t) { return t.audience.view(); })) {
      errors.duplicate(at.child("audience"), tokens[i].audience);
      continue;
    }
    const auto& seconds = tokens[i].expiration_seconds;
    if (!seconds) continue;
    const FieldPath expiry = at.child("expirationSeconds");
    if (*seconds < kTokenSecondsMin) errors.invalid(expiry, *seconds, "may not specify a duration less than 10 minutes");
    if (*seconds > kTokenSecondsMax) errors.invalid(expiry, *seconds, "may not specify a duration larger than 2^32 seconds");
  }
}

void check_attachment_source(const VolumeAttachmentSource& source, const FieldPath& path, ErrorList& errors) {
  constexpr std::string_view kExactlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  if (!source.inline_volume_spec && !source.persistent_volume_name) return errors.required(path, kExactlyOne);
  if (source.inline_volume_spec && source.persistent_volume_name) return errors.forbidden(path, kExactlyOne);
  if (!source.persistent_volume_name) return;
  const FieldPath name = path.child("persistentVolumeName");
  if (source.persistent_volume_name->empty()) errors.required(name, "must specify non empty persistentVolumeName");
  else check_subdomain(*source.persistent_volume_name, name, errors);
}

void check_volume_error(const Box<VolumeError>& error, const FieldPath& path, ErrorList& errors) {
  if (!error) return;
  if (error->message.size() > kErrorBytesMax) errors.too_long(path.child("message"), kAttachmentBytesMax);
  if (error->error_code && *error->error_code < 0)
    errors.invalid(path.child("errorCode"), *error->error_code, inclusive_range_message(0, INT32_MAX));
}

}  // namespace

void check_csi_node(const CSINode& node, ErrorList& errors) {
  const FieldPath spec("spec");
  const FieldPath path = spec.child("drivers");
  for (std::size_t i = 0; i < node.spec->drivers.size(); ++i) check_driver_entry(node.spec->drivers, i, path.index(i), errors);
}

void check_csi_node_update(const CSINode& old, const CSINode& next, ErrorList& errors) {
  check_csi_node(next, errors);
  const FieldPath spec("spec");
  for (const CSINodeDriver& before : old.spec->drivers)
    for (const CSINodeDriver& after : next.spec->drivers)
      if (before.name == after.name && !same(before, after))
        errors.invalid(spec.child("drivers"), bad_struct("storage.CSINodeDriver"), kImmutableText);
}

void check_csi_driver(const CSIDriver& driver, ErrorList& errors) {
  const CSIDriverSpec& spec = *driver.spec;
  const FieldPath path("spec");
  if (!spec.attach_required) errors.required(path.child("attachedRequired"), "");
  if (!spec.pod_info_on_mount) errors.required(path.child("podInfoOnMount"), "");
  if (!spec.storage_capacity) errors.required(path.child("storageCapacity"), "");
  if (spec.fs_group_policy)
    check_one_of(*spec.fs_group_policy, {"File", "None", "ReadWriteOnceWithFSType"}, path.child("fsGroupPolicy"), errors);
  check_tokens(spec.token_requests, path.child("tokenRequests"), errors);
  for (const Str& mode : spec.volume_lifecycle_modes)
    check_one_of(mode, {"Persistent", "Ephemeral"}, path.child("volumeLifecycleModes"), errors);
}

void check_csi_driver_update(const CSIDriver& old, const CSIDriver& next, ErrorList& errors) {
  check_csi_driver(next, errors);
  const FieldPath spec("spec");
  if (old.spec->attach_required != next.spec->attach_required)
    errors.invalid(spec.child("attachedRequired"), next.spec->attach_required.value_or(false), kImmutableText);
  if (!same(old.spec->volume_lifecycle_modes, next.spec->volume_lifecycle_modes))
    errors.invalid(spec.child("volumeLifecycleModes"), bad_struct("storage.CSIDriverSpec"), kImmutableText);
}

void check_storage_capacity(const CSIStorageCapacity& capacity, ErrorList& errors) {
  check_label_selector(capacity.node_topology.get(), FieldPath("nodeTopology"), errors);
  check_subdomain(capacity.storage_class_name, FieldPath("storageClassName"), errors);
  if (capacity.capacity && capacity.capacity->sign() < 0)
    errors.invalid(FieldPath("capacity"), capacity.capacity->str(), kNegativeText);
}

void check_storage_capacity_update(const CSIStorageCapacity& old, const CSIStorageCapacity& next, ErrorList& errors) {
  check_storage_capacity(next, errors);
  if (!same(old.node_topology, next.node_topology))
    errors.invalid(FieldPath("nodeTopology"), bad_struct("v1.LabelSelector"), kImmutableText);
  if (old.storage_class_name != next.storage_class_name)
    errors.invalid(FieldPath("storageClassName"), next.storage_class_name, kImmutableText);
}

void check_volume_attachment(const VolumeAttachment& attachment, ErrorList& errors) {
  const FieldPath spec("spec");
  if (attachment.spec->attacher.empty()) errors.required(spec.child("attacher"), "");
  else check_csi_driver(attachment.spec->attacher, spec.child("attacher"), errors);
  check_attachment_source(attachment.spec->source, spec.child("source"), errors);
  check_subdomain(attachment.spec->node_name, spec.child("nodeName"), errors);
}

void check_volume_attachment_update(const VolumeAttachment& old, const VolumeAttachment& next, ErrorList& errors) {
  check_volume_attachment(next, errors);
  if (!same(*old.spec, *next.spec)) errors.invalid(FieldPath("spec"), bad_struct("storage.VolumeAttachmentSpec"), kImmutableText);
}

void check_volume_attachment_status(const VolumeAttachment&, const VolumeAttachment& next, ErrorList& errors) {
  const FieldPath status("status");
  std::size_t bytes = 0;
  for (const auto& [key, value] : next.status->attachment_metadata) bytes += key.size() + value.size();
  if (bytes > kAttachmentBytesMax) errors.too_long(status.child("attachmentMetadata"), kAttachmentBytesMax);
  check_volume_error(next.status->attach_error, status.child("attachError"), errors);
  check_volume_error(next.status->detach_error, status.child("detachError"), errors);
}

}  // namespace orrery::api
