#include <algorithm>

#include "model/api/validation/pod_validation.h"

namespace orrery::api {

namespace {

void check_propagation(const VolumeMount& mount, const Container& container, const FieldPath& path,
                       ErrorList& errors) {
  const Str& mode = *mount.mount_propagation;
  const FieldPath at = path.child("mountPropagation");
  if (mode != "None" && mode != "HostToContainer" && mode != "Bidirectional")
    errors.not_supported(at, mode, {"Bidirectional", "HostToContainer", "None"});
  const bool privileged =
      container.security_context && container.security_context->privileged.value_or(false);
  if (mode == "Bidirectional" && !privileged)
    errors.forbidden(at, "Bidirectional mount propagation is available only to privileged containers");
}

void check_recursive_read_only(const VolumeMount& mount, const FieldPath& path, ErrorList& errors) {
  const Str& mode = *mount.recursive_read_only;
  const FieldPath at = path.child("recursiveReadOnly");
  if (mode == "Disabled") return;
  if (mode != "Enabled" && mode != "IfPossible")
    return errors.not_supported(at, mode, {"Disabled", "IfPossible", "Enabled"});
  if (!mount.read_only) errors.forbidden(at, "may only be specified when readOnly is true");
  if (mount.mount_propagation && *mount.mount_propagation != "None")
    errors.forbidden(at, "may only be specified when mountPropagation is None or not specified");
}

/// `path` is that of the list: upstream names some fields without the index.
void check_sub_paths(const VolumeMount& mount, const Volume* volume, const FieldPath& path,
                     const FieldPath& at, ErrorList& errors) {
  if (volume && volume->source->image) {
    if (!mount.sub_path.empty())
      errors.invalid(at.child("subPath"), mount.sub_path, "not allowed in image volume sources");
    if (!mount.sub_path_expr.empty())
      errors.invalid(at.child("subPathExpr"), mount.sub_path_expr, "not allowed in image volume sources");
  }
  if (!mount.sub_path.empty()) check_descending_path(mount.sub_path, path.child("subPath"), errors);
  if (mount.sub_path_expr.empty()) return;
  if (!mount.sub_path.empty())
    errors.invalid(at.child("subPathExpr"), mount.sub_path_expr,
                   "subPathExpr and subPath are mutually exclusive");
  check_descending_path(mount.sub_path_expr, path.child("subPathExpr"), errors);
}

}  // namespace

void check_volume_mounts(const Container& container, const PodContext& pod, const FieldPath& path,
                         ErrorList& errors) {
  const List<VolumeMount>& mounts = container.volume_mounts;
  const List<VolumeDevice>& devices = container.volume_devices;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const VolumeMount& mount = mounts[i];
    const FieldPath at = path.index(i);
    const Volume* volume = find_volume(pod.spec, mount.name);
    if (mount.name.empty()) errors.required(at.child("name"), "");
    if (!volume) errors.not_found(at.child("name"), mount.name);
    if (mount.mount_path.empty()) errors.required(at.child("mountPath"), "");
    if (repeats(mounts, i, [](const VolumeMount& m) { return m.mount_path.view(); }))
      errors.invalid(at.child("mountPath"), mount.mount_path, "must be unique");
    if (std::any_of(devices.begin(), devices.end(),
                    [&](const VolumeDevice& d) { return d.name == mount.name; }))
      errors.invalid(at.child("name"), mount.name, "must not already exist in volumeDevices");
    if (std::any_of(devices.begin(), devices.end(),
                    [&](const VolumeDevice& d) { return d.device_path == mount.mount_path; }))
      errors.invalid(at.child("mountPath"), mount.mount_path,
                     "must not already exist as a path in volumeDevices");
    check_sub_paths(mount, volume, path, at, errors);
    if (mount.mount_propagation) check_propagation(mount, container, path, errors);
    if (mount.recursive_read_only) check_recursive_read_only(mount, path, errors);
  }
}

void check_volume_devices(const Container& container, const PodContext& pod, const FieldPath& path,
                          ErrorList& errors) {
  const List<VolumeMount>& mounts = container.volume_mounts;
  const List<VolumeDevice>& devices = container.volume_devices;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const VolumeDevice& device = devices[i];
    const FieldPath at = path.index(i);
    const Volume* volume = find_volume(pod.spec, device.name);
    if (device.name.empty()) errors.required(at.child("name"), "");
    else if (repeats(devices, i, [](const VolumeDevice& d) { return d.name.view(); }))
      errors.invalid(at.child("name"), device.name, "must be unique");
    if (volume && !volume->source->persistent_volume_claim && !volume->source->ephemeral)
      errors.invalid(at.child("name"), device.name,
                     "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    if (!volume) errors.not_found(at.child("name"), device.name);
    if (device.device_path.empty()) errors.required(at.child("devicePath"), "");
    if (repeats(devices, i, [](const VolumeDevice& d) { return d.device_path.view(); }))
      errors.invalid(at.child("devicePath"), device.device_path, "must be unique");
    if (has_backsteps(device.device_path))
      errors.invalid(at.child("devicePath"), device.device_path, "can not contain backsteps ('..')");
    if (std::any_of(mounts.begin(), mounts.end(),
                    [&](const VolumeMount& m) { return m.name == device.name; }))
      errors.invalid(at.child("name"), device.name, "must not already exist in volumeMounts");
    if (std::any_of(mounts.begin(), mounts.end(),
                    [&](const VolumeMount& m) { return m.mount_path == device.device_path; }))
      errors.invalid(at.child("devicePath"), device.device_path,
                     "must not already exist as a path in volumeMounts");
  }
}

}  // namespace orrery::api
