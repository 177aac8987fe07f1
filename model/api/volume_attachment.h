// storage.k8s.io/v1 VolumeAttachment: a volume that is to be, or is, attached to a node. Source: k8s.io/api/storage/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/persistent_volume.h"

namespace orrery::api {

/// Exactly one is set.
struct VolumeAttachmentSource {
  std::optional<Str> persistent_volume_name;
  Box<PersistentVolumeSpec> inline_volume_spec;
};

struct VolumeAttachmentSpec {
  Str attacher;                       ///< the CSI driver
  VolumeAttachmentSource source;
  Str node_name;
};

struct VolumeError {
  Time time;
  Str message;
  std::optional<std::int32_t> error_code;
};

struct VolumeAttachmentStatus {
  bool attached = false;
  Map<Str> attachment_metadata;
  Box<VolumeError> attach_error, detach_error;
};

struct VolumeAttachment {
  ObjectMeta metadata;
  Cow<VolumeAttachmentSpec> spec;
  Cow<VolumeAttachmentStatus> status;
};

ORRERY_DECLARE_STRUCT(VolumeAttachmentSource)
ORRERY_DECLARE_STRUCT(VolumeAttachmentSpec)
ORRERY_DECLARE_STRUCT(VolumeError)
ORRERY_DECLARE_STRUCT(VolumeAttachmentStatus)
ORRERY_DECLARE_KIND(VolumeAttachment)

}  // namespace orrery::api
