#include "model/api/container_status.h"

namespace orrery::api {

ORRERY_STRUCT(ContainerStateWaiting,
  FIELD(reason, "reason", 1).omit(),
  FIELD(message, "message", 2).omit())

ORRERY_STRUCT(ContainerStateRunning,
  FIELD(started_at, "startedAt", 1))

ORRERY_STRUCT(ContainerStateTerminated,
  FIELD(exit_code, "exitCode", 1),
  FIELD(signal, "signal", 2).omit(),
  FIELD(reason, "reason", 3).omit(),
  FIELD(message, "message", 4).omit(),
  FIELD(started_at, "startedAt", 5),
  FIELD(finished_at, "finishedAt", 6),
  FIELD(container_id, "containerID", 7).omit())

ORRERY_STRUCT(ContainerState,
  FIELD(waiting, "waiting", 1).omit(),
  FIELD(running, "running", 2).omit(),
  FIELD(terminated, "terminated", 3).omit())

ORRERY_STRUCT(VolumeMountStatus,
  FIELD(name, "name", 1).required(),
  FIELD(mount_path, "mountPath", 2).required(),
  FIELD(read_only, "readOnly", 3).omit(),
  FIELD(recursive_read_only, "recursiveReadOnly", 4).omit())

ORRERY_STRUCT(LinuxContainerUser,
  FIELD(uid, "uid", 1),
  FIELD(gid, "gid", 2),
  FIELD(supplemental_groups, "supplementalGroups", 3).omit())

ORRERY_STRUCT(ContainerUser,
  FIELD(linux, "linux", 1).omit())

ORRERY_STRUCT(ResourceHealth,
  FIELD(resource_id, "resourceID", 1).required(),
  FIELD(health, "health", 2).omit())

ORRERY_STRUCT(ResourceStatus,
  FIELD(name, "name", 1).required(),
  FIELD(resources, "resources", 2).omit().map_list("resourceID"))

ORRERY_STRUCT(ContainerStatus,
  FIELD(name, "name", 1).required(),
  FIELD(state, "state", 2),
  FIELD(last_state, "lastState", 3),
  FIELD(ready, "ready", 4),
  FIELD(restart_count, "restartCount", 5),
  FIELD(image, "image", 6),
  FIELD(image_id, "imageID", 7),
  FIELD(container_id, "containerID", 8).omit(),
  FIELD(started, "started", 9).omit(),
  FIELD(allocated_resources, "allocatedResources", 10).omit(),
  FIELD(resources, "resources", 11).omit(),
  FIELD(volume_mounts, "volumeMounts", 12).omit().merge("mountPath").map_list("mountPath"),
  FIELD(user, "user", 13).omit(),
  FIELD(allocated_resources_status, "allocatedResourcesStatus", 14).omit().merge("name")
      .map_list("name"),
  FIELD(stop_signal, "stopSignal", 15).omit())

}  // namespace orrery::api

namespace orrery::base {
template class Box<std::vector<api::ContainerStatus>>;
}  // namespace orrery::base
