// Validation of CSI's kinds. Source: pkg/apis/storage/validation.
#pragma once
#include "model/api/csi_driver.h"
#include "model/api/csi_node.h"
#include "model/api/csi_storage_capacity.h"
#include "model/api/validation/rules.h"
#include "model/api/volume_attachment.h"

namespace orrery::api {

void check_csi_node(const CSINode& node, ErrorList& errors);
void check_csi_node_update(const CSINode& old, const CSINode& next, ErrorList& errors);
void check_csi_driver(const CSIDriver& driver, ErrorList& errors);
void check_csi_driver_update(const CSIDriver& old, const CSIDriver& next, ErrorList& errors);
void check_storage_capacity(const CSIStorageCapacity& capacity, ErrorList& errors);
void check_storage_capacity_update(const CSIStorageCapacity& old, const CSIStorageCapacity& next, ErrorList& errors);
void check_volume_attachment(const VolumeAttachment& attachment, ErrorList& errors);
void check_volume_attachment_update(const VolumeAttachment& old, const VolumeAttachment& next, ErrorList& errors);
void check_volume_attachment_status(const VolumeAttachment& old, const VolumeAttachment& next, ErrorList& errors);

}  // namespace orrery::api
