#include "model/api/volume_attachment.h"

namespace orrery::api {

ORRERY_STRUCT(VolumeAttachmentSource,
  FIELD(persistent_volume_name, "persistentVolumeName", 1).omit(),
  FIELD(inline_volume_spec, "inlineVolumeSpec", 2).omit())

ORRERY_STRUCT(VolumeAttachmentSpec,
  FIELD(attacher, "attacher", 1).required(),
  FIELD(source, "source", 2),
  FIELD(node_name, "nodeName", 3))

ORRERY_STRUCT(VolumeError,
  FIELD(time, "time", 1),
  FIELD(message, "message", 2).omit(),
  FIELD(error_code, "errorCode", 3).omit())

ORRERY_STRUCT(VolumeAttachmentStatus,
  FIELD(attached, "attached", 1),
  FIELD(attachment_metadata, "attachmentMetadata", 2).omit(),
  FIELD(attach_error, "attachError", 3).omit(),
  FIELD(detach_error, "detachError", 4).omit())

ORRERY_STRUCT(VolumeAttachment,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api
