// From a container of a pod to what the runtime is told to create (pkg/kubelet/kubelet_pods.go makeEnvironmentVariables,
// third_party/forked/golang/expansion).
#pragma once
#include <vector>

#include "nodes/kubelet/references.h"
#include "model/env/containers.h"

namespace orrery::kubelet {

struct ContainerSpecInput {
  const api::Pod& pod;
  const api::Container& container;
  env::ContainerType type = env::ContainerType::kApp;
  std::uint32_t attempt = 0;
  std::int64_t memory_capacity_bytes = 0;
  Str pod_ip, host_ip, node_name;
  const std::vector<Reference>& references;         ///< env_references(container) ...
  const std::vector<api::ObjectRef>& objects;       ///< ... and what they name
};

/// Fails with upstream's text when a key is missing that is not optional.
base::Result<env::ContainerSpec> container_spec(const ContainerSpecInput& input);

/// $(NAME) replaced by the variable's value; $$ is one $; unknown names stay.
std::string expand_variables(std::string_view text, const std::vector<env::EnvVar>& variables);

/// True when a running container has to be replaced. Of a running pod only images can change.
bool definition_changed(const api::Container& before, const api::Container& after);

}  // namespace orrery::kubelet
