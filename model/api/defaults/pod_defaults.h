// Defaulting functions of pods and what they are made of, shared by Pod and the workloads. See Fill for their
// shape.
#pragma once
#include "model/api/defaults/fill.h"
#include "model/api/pod_template.h"

namespace orrery::api {

/// "Always" for an image whose tag is "latest", given or implied, else "IfNotPresent".
const char* default_pull_policy(std::string_view image);

bool fill_volume(const Volume& in, Volume* out);
/// What a pod and a template share.
bool fill_pod_spec(const PodSpec& in, PodSpec* out);
bool fill_pod_template(const PodTemplateSpec& in, PodTemplateSpec* out);
/// A pod gets more than a template: requests from limits, host ports, service links.
bool fill_pod(const Pod& in, Pod* out);
/// Rounds amounts finer than a thousandth up.
bool fill_resource_list(const ResourceList& in, ResourceList* out);

}  // namespace orrery::api
