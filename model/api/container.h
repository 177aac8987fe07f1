// Container, init and ephemeral containers. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/env.h"
#include "model/api/probe.h"
#include "model/api/resources.h"
#include "model/api/security_context.h"

namespace orrery::api {

struct ContainerPort {
  Str name;
  std::int32_t host_port = 0, container_port = 0;
  Str protocol, host_ip;
};

struct VolumeMount {
  Str name;
  bool read_only = false;
  std::optional<Str> recursive_read_only;
  Str mount_path, sub_path;
  std::optional<Str> mount_propagation;
  Str sub_path_expr;
};

struct VolumeDevice {
  Str name, device_path;
};

struct ContainerResizePolicy {
  Str resource_name, restart_policy;
};

/// Also stands for upstream's EphemeralContainerCommon, whose fields and numbers are the same.
struct Container {
  Str name, image;
  List<Str> command, args;
  Str working_dir;
  List<ContainerPort> ports;
  List<EnvFromSource> env_from;
  List<EnvVar> env;
  ResourceRequirements resources;
  List<ContainerResizePolicy> resize_policy;
  std::optional<Str> restart_policy;
  List<VolumeMount> volume_mounts;
  List<VolumeDevice> volume_devices;
  Box<Probe> liveness_probe, readiness_probe, startup_probe;
  Box<Lifecycle> lifecycle;
  Str termination_message_path, termination_message_policy, image_pull_policy;
  Box<SecurityContext> security_context;
  bool stdin = false, stdin_once = false, tty = false;
};

struct EphemeralContainer {
  Container common;
  Str target_container_name;
};

ORRERY_DECLARE_STRUCT(ContainerPort)
ORRERY_DECLARE_STRUCT(VolumeMount)
ORRERY_DECLARE_STRUCT(VolumeDevice)
ORRERY_DECLARE_STRUCT(ContainerResizePolicy)
ORRERY_DECLARE_STRUCT(Container)
ORRERY_DECLARE_STRUCT(EphemeralContainer)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<std::vector<api::Container>>;
extern template class Box<std::vector<api::EphemeralContainer>>;
}  // namespace orrery::base
