#include "model/api/container.h"

namespace orrery::api {

ORRERY_STRUCT(ContainerPort,
  FIELD(name, "name", 1).omit(),
  FIELD(host_port, "hostPort", 2).omit().range(0, 65535),
  FIELD(container_port, "containerPort", 3).required().range(1, 65535),
  FIELD(protocol, "protocol", 4).omit().def("TCP").values("SCTP,TCP,UDP"),
  FIELD(host_ip, "hostIP", 5).omit())

ORRERY_STRUCT(VolumeMount,
  FIELD(name, "name", 1).required(),
  FIELD(read_only, "readOnly", 2).omit(),
  FIELD(recursive_read_only, "recursiveReadOnly", 7).omit().values("Disabled,Enabled,IfPossible"),
  FIELD(mount_path, "mountPath", 3).required(),
  FIELD(sub_path, "subPath", 4).omit(),
  FIELD(mount_propagation, "mountPropagation", 5).omit().values("Bidirectional,HostToContainer,None"),
  FIELD(sub_path_expr, "subPathExpr", 6).omit())

ORRERY_STRUCT(VolumeDevice,
  FIELD(name, "name", 1).required(),
  FIELD(device_path, "devicePath", 2).required())

ORRERY_STRUCT(ContainerResizePolicy,
  FIELD(resource_name, "resourceName", 1).required(),
  FIELD(restart_policy, "restartPolicy", 2).required().values("NotRequired,RestartContainer"))

ORRERY_STRUCT(Container,
  FIELD(name, "name", 1).required(),
  FIELD(image, "image", 2).omit(),
  FIELD(command, "command", 3).omit(),
  FIELD(args, "args", 4).omit(),
  FIELD(working_dir, "workingDir", 5).omit(),
  FIELD(ports, "ports", 6).omit().merge("containerPort").map_list("containerPort,protocol"),
  FIELD(env_from, "envFrom", 19).omit(),
  FIELD(env, "env", 7).omit().merge("name").map_list("name"),
  FIELD(resources, "resources", 8),
  FIELD(resize_policy, "resizePolicy", 23).omit(),
  FIELD(restart_policy, "restartPolicy", 24).omit(),
  FIELD(volume_mounts, "volumeMounts", 9).omit().merge("mountPath").map_list("mountPath"),
  FIELD(volume_devices, "volumeDevices", 21).omit().merge("devicePath").map_list("devicePath"),
  FIELD(liveness_probe, "livenessProbe", 10).omit(),
  FIELD(readiness_probe, "readinessProbe", 11).omit(),
  FIELD(startup_probe, "startupProbe", 22).omit(),
  FIELD(lifecycle, "lifecycle", 12).omit(),
  FIELD(termination_message_path, "terminationMessagePath", 13).omit().def("/dev/termination-log"),
  FIELD(termination_message_policy, "terminationMessagePolicy", 20).omit().def("File")
      .values("FallbackToLogsOnError,File"),
  FIELD(image_pull_policy, "imagePullPolicy", 14).omit().values("Always,IfNotPresent,Never"),
  FIELD(security_context, "securityContext", 15).omit(),
  FIELD(stdin, "stdin", 16).omit(),
  FIELD(stdin_once, "stdinOnce", 17).omit(),
  FIELD(tty, "tty", 18).omit())

ORRERY_STRUCT(EphemeralContainer,
  FIELD(common, "", 1).inlined(),
  FIELD(target_container_name, "targetContainerName", 2).omit())

}  // namespace orrery::api

namespace orrery::base {
template class Box<std::vector<api::Container>>;
template class Box<std::vector<api::EphemeralContainer>>;
}  // namespace orrery::base
