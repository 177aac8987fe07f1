// Validation of pods and of what they are made of. Source: pkg/apis/core/validation/validation.go.
#pragma once
#include "model/api/pod_template.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

/// What the parts of a pod spec need to know of the whole.
struct PodContext {
  const PodSpec& spec;
  const ObjectMeta* pod_meta;  ///< null: the spec is that of a template
  bool host_users = true;
  bool is_pod() const { return pod_meta != nullptr; }
};

/// Volumes and mounts.
void check_volumes(const PodContext& pod, const FieldPath& path, ErrorList& errors);
void check_volume_mounts(const Container& container, const PodContext& pod, const FieldPath& path,
                         ErrorList& errors);
void check_volume_devices(const Container& container, const PodContext& pod, const FieldPath& path,
                          ErrorList& errors);
/// The volume of that name, or null.
const Volume* find_volume(const PodSpec& spec, std::string_view name);

/// Environment. `volume`: the selector stands in a volume, where a container must be named.
void check_env(const Container& container, const FieldPath& path, ErrorList& errors);
void check_env_field(const ObjectFieldSelector& field, const FieldPath& path, ErrorList& errors);
void check_volume_field(const ObjectFieldSelector& field, const FieldPath& path, ErrorList& errors);
void check_resource_field(const ResourceFieldSelector& field, bool volume, const FieldPath& path,
                          ErrorList& errors);

/// Probes and hooks.
void check_probes(const Container& container, const PodContext& pod, const FieldPath& path,
                  ErrorList& errors);

/// Containers of the three lists of a spec.
void check_containers(const PodContext& pod, const FieldPath& spec, ErrorList& errors);
void check_init_containers(const PodContext& pod, const FieldPath& spec, ErrorList& errors);
void check_ephemeral_containers(const PodContext& pod, const FieldPath& spec, ErrorList& errors);
void check_pull_policy(std::string_view policy, const FieldPath& path, ErrorList& errors);

/// Security.
void check_security_context(const SecurityContext* context, const PodContext& pod, const FieldPath& path,
                            ErrorList& errors);
void check_pod_security_context(const PodContext& pod, const FieldPath& path, ErrorList& errors);
/// Rules that depend on the operating system of the pod; `path` is that of the spec.
void check_operating_system(const PodContext& pod, const FieldPath& path, ErrorList& errors);
void check_host_process(const PodContext& pod, const FieldPath& path, ErrorList& errors);

/// Placement.
void check_node_selector(const NodeSelector& selector, const FieldPath& path, ErrorList& errors);
void check_affinity(const Affinity* affinity, const FieldPath& path, ErrorList& errors);
void check_spread_constraints(const List<TopologySpreadConstraint>& constraints, const FieldPath& path,
                              ErrorList& errors);
void check_tolerations(const List<Toleration>& tolerations, const FieldPath& path, ErrorList& errors);
void check_taint_effect(std::string_view effect, bool allow_empty, const FieldPath& path, ErrorList& errors);

/// The whole.
void check_pod_annotations(const Map<Str>& annotations, const PodSpec& spec, const FieldPath& path,
                           ErrorList& errors);
void check_pod_spec(const PodContext& pod, const FieldPath& path, ErrorList& errors);
void check_pod_template(const PodTemplateSpec& pod_template, const FieldPath& path, ErrorList& errors);
/// Of create and of update alike.
void check_pod_meta_and_spec(const Pod& pod, ErrorList& errors);
void check_preemption_policy(std::string_view policy, const FieldPath& path, ErrorList& errors);

void check_pod_create(const Pod& pod, ErrorList& errors);
void check_pod_update(const Pod& old, const Pod& next, ErrorList& errors);
void check_pod_status_update(const Pod& old, const Pod& next, ErrorList& errors);
void check_pod_annotation_update(const Pod& old, const Pod& next, ErrorList& errors);
void check_ephemeral_containers_update(const Pod& old, const Pod& next, ErrorList& errors);
void check_pod_resize(const Pod& old, const Pod& next, ErrorList& errors);

/// Calls visit(container, path) for init, regular and ephemeral containers.
template <class F>
void visit_containers(const PodSpec& spec, const FieldPath& path, F visit) {
  for (std::size_t i = 0; i < spec.init_containers.size(); ++i)
    visit(spec.init_containers[i], path.child_at("initContainers", i));
  for (std::size_t i = 0; i < spec.containers.size(); ++i)
    visit(spec.containers[i], path.child_at("containers", i));
  for (std::size_t i = 0; i < spec.ephemeral_containers.size(); ++i)
    visit(spec.ephemeral_containers[i].common, path.child_at("ephemeralContainers", i));
}

}  // namespace orrery::api
