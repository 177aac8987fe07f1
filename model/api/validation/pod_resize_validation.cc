#include <algorithm>

#include "model/api/qos.h"
#include "model/api/pod_resources.h"
#include "model/api/validation/meta_validation.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

namespace {


bool has_pod_resources(const Pod& pod) {
  const auto& resources = pod.spec->resources;
  return resources && !(resources->requests.empty() && resources->limits.empty());
}

bool removes_any(const ResourceList& old, const ResourceList& next) {
  return std::any_of(old.begin(), old.end(), [&](const auto& entry) { return !next.contains(entry.first); });
}

bool restarts_for_memory(const Container& container) {
  for (const ContainerResizePolicy& p : container.resize_policy)
    if (p.resource_name == "memory") return p.restart_policy == "RestartContainer";
  return false;
}

void check_container_resize(const Container& old, const Container& next, const FieldPath& path,
                            ErrorList& errors) {
  const FieldPath at = path.child("resources");
  if (removes_any(old.resources.requests, next.resources.requests))
    errors.forbidden(at.child("requests"), "resource requests cannot be removed");
  const FieldPath limits = at.child("limits");
  if (removes_any(old.resources.limits, next.resources.limits))
    errors.forbidden(limits, "resource limits cannot be removed");
  if (restarts_for_memory(next)) return;
  const Quantity* before = old.resources.limits.find("memory");
  const Quantity* after = next.resources.limits.find("memory");
  if (before && after && after->cmp(*before) < 0)
    errors.forbidden(limits.key("memory"),
                     "memory limits cannot be decreased unless resizePolicy is RestartContainer");
  if (!before && after)
    errors.forbidden(limits.key("memory"),
                     "memory limits cannot be added unless resizePolicy is RestartContainer");
}

/// The nodes of older releases cannot resize; a running container whose status has resources tells.
bool node_can_resize(const Pod& pod) {
  for (const ContainerStatus& status : pod.status->container_statuses)
    if (status.state.running) return status.resources.has_value();
  return true;
}

void restore_entry(const ResourceList& old, ResourceList& munged, const char* name) {
  if (const Quantity* amount = old.find(name)) munged.set(name, *amount);
  else munged.erase(name);
}

/// `next` with the cpu and the memory of `old`.
Container with_old_compute(const Container& old, const Container& next) {
  Container munged = next;
  const auto restore = [](const ResourceList& before, ResourceList& after) {
    if (before.is_nil()) return after.clear();
    restore_entry(before, after, "cpu");
    restore_entry(before, after, "memory");
  };
  restore(old.resources.limits, munged.resources.limits);
  restore(old.resources.requests, munged.resources.requests);
  munged.resources.claims.clear();
  return munged;
}

void check_only_compute(const Pod& old, const Pod& next, const FieldPath& path, ErrorList& errors) {
  PodSpec munged = *next.spec;
  for (std::size_t i = 0; i < munged.containers.size(); ++i) {
    Container& c = munged.containers.edit()[i];
    c = with_old_compute(old.spec->containers[i], c);
    if (!same(c, old.spec->containers[i]))
      errors.forbidden(path, "only cpu and memory resources are mutable");
  }
  for (std::size_t i = 0; i < munged.init_containers.size(); ++i) {
    const Container& before = old.spec->init_containers[i];
    if (!is_sidecar(munged.init_containers[i])) {
      if (!same(munged.init_containers[i], before))
        errors.forbidden(path, "resources for non-sidecar init containers are immutable");
      continue;
    }
    Container& c = munged.init_containers.edit()[i];
    c = with_old_compute(before, c);
    if (!same(c, before))
      errors.forbidden(path, "only cpu and memory resources for sidecar containers are mutable");
  }
  if (errors.empty() && !same(munged, *old.spec))
    errors.forbidden(path, "only cpu and memory resources are mutable");
}

}  // namespace

void check_pod_resize(const Pod& old, const Pod& next, ErrorList& errors) {
  const FieldPath root;
  if (has_pod_resources(old) || has_pod_resources(next))
    return errors.forbidden(root, "pods with pod-level resources cannot be resized");
  if (old.metadata.annotations.contains(kMirrorAnnotation))
    return errors.forbidden(root, "static pods cannot be resized");
  if (old.spec->os && old.spec->os->name == "windows")
    return errors.forbidden(root, "windows pods cannot be resized");
  check_meta_update(old.metadata, next.metadata, errors);
  check_pod_meta_and_spec(next, errors);
  const FieldPath path("spec");
  if (old.spec->containers.size() != next.spec->containers.size() ||
      old.spec->init_containers.size() != next.spec->init_containers.size())
    return errors.forbidden(path, "only cpu and memory resources are mutable");
  if (qos_class(*old.spec) != qos_class(*next.spec))
    errors.invalid(path, next.status->qos_class, "Pod QOS Class may not change as a result of resizing");
  if (!node_can_resize(old)) errors.forbidden(path, "Pod running on node without support for resize");
  for (std::size_t i = 0; i < old.spec->init_containers.size(); ++i)
    if (is_sidecar(old.spec->init_containers[i]))
      check_container_resize(old.spec->init_containers[i], next.spec->init_containers[i],
                             path.child_at("initContainers", i), errors);
  for (std::size_t i = 0; i < old.spec->containers.size(); ++i)
    check_container_resize(old.spec->containers[i], next.spec->containers[i], path.child_at("containers", i),
                           errors);
  check_only_compute(old, next, path, errors);
}

}  // namespace orrery::api
