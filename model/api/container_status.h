// What the kubelet reports of containers. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/resources.h"

namespace orrery::api {

struct ContainerStateWaiting {
  Str reason, message;
};

struct ContainerStateRunning {
  Time started_at;
};

struct ContainerStateTerminated {
  std::int32_t exit_code = 0, signal = 0;
  Str reason, message;
  Time started_at, finished_at;
  Str container_id;
};

/// At most one member is set; none is waiting.
struct ContainerState {
  Box<ContainerStateWaiting> waiting;
  Box<ContainerStateRunning> running;
  Box<ContainerStateTerminated> terminated;
};

struct VolumeMountStatus {
  Str name, mount_path;
  bool read_only = false;
  std::optional<Str> recursive_read_only;
};

struct LinuxContainerUser {
  std::int64_t uid = 0, gid = 0;
  List<std::int64_t> supplemental_groups;
};

struct ContainerUser {
  Box<LinuxContainerUser> linux;
};

struct ResourceHealth {
  Str resource_id, health;
};

struct ResourceStatus {
  Str name;
  List<ResourceHealth> resources;
};

struct ContainerStatus {
  Str name;
  ContainerState state, last_state;
  bool ready = false;
  std::int32_t restart_count = 0;
  Str image, image_id, container_id;
  std::optional<bool> started;
  ResourceList allocated_resources;
  Box<ResourceRequirements> resources;
  List<VolumeMountStatus> volume_mounts;
  Box<ContainerUser> user;
  List<ResourceStatus> allocated_resources_status;
  std::optional<Str> stop_signal;
};

ORRERY_DECLARE_STRUCT(ContainerStateWaiting)
ORRERY_DECLARE_STRUCT(ContainerStateRunning)
ORRERY_DECLARE_STRUCT(ContainerStateTerminated)
ORRERY_DECLARE_STRUCT(ContainerState)
ORRERY_DECLARE_STRUCT(VolumeMountStatus)
ORRERY_DECLARE_STRUCT(LinuxContainerUser)
ORRERY_DECLARE_STRUCT(ContainerUser)
ORRERY_DECLARE_STRUCT(ResourceHealth)
ORRERY_DECLARE_STRUCT(ResourceStatus)
ORRERY_DECLARE_STRUCT(ContainerStatus)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<std::vector<api::ContainerStatus>>;
}  // namespace orrery::base
