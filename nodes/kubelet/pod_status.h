// The status that the kubelet reports of a pod, as a pure function of what it knows.
// Sources: k8s.io/kubernetes pkg/kubelet/kubelet_pods.go (generateAPIPodStatus, getPhase, convertToAPIContainerStatuses),
// pkg/kubelet/status/generate.go, pkg/kubelet/status/status_manager.go.
#pragma once
#include <span>

#include "model/api/pod.h"
#include "nodes/kubelet/container_run.h"

namespace orrery::kubelet {

/// A phase decided by the kubelet itself: eviction, deadline, refusal.
struct Verdict {
  Str reason, message;
  Str disruption_message;            ///< not empty: condition DisruptionTarget / TerminationByKubelet
};

struct StatusInput {
  const api::Pod& pod;               ///< newest known API object
  const api::PodStatus& previous;    ///< what was last reported; the pod's own status at first
  std::span<const ContainerRun> init, app;  ///< in the order of the spec
  Str host_ip, pod_ip;
  bool sandbox_ready = false;
  bool terminal = false;             ///< nothing runs and nothing will be started any more
  const Verdict* verdict = nullptr;
  base::Instant wall;
};

/// Everything but what others write: conditions that are not the kubelet's are those of `pod`. Containers that were never
/// seen are waiting: ContainerCreating, or PodInitializing when there are init containers.
api::PodStatus compute_status(const StatusInput& input);

/// The phase that containers' statuses amount to.
const char* phase_of(const api::PodSpec& spec, const api::List<api::ContainerStatus>& init,
                     const api::List<api::ContainerStatus>& app, bool terminal, bool initialized);

/// The kubelet's own conditions in upstream's order; transition times are kept where the status stays.
void append_conditions(const StatusInput& input, api::PodStatus& status);
bool is_kubelet_condition(std::string_view type);

/// Null when none has the name.
const api::ContainerStatus* find_status(const api::List<api::ContainerStatus>& list, std::string_view name);

/// Whether an exited container of this kind is started again.
bool restarts(const api::PodSpec& spec, const api::Container& container, bool init, int exit_code);

inline constexpr const char* kContainerIdScheme = "containerd://";

}  // namespace orrery::kubelet
