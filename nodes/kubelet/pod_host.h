// PodHost: what a pod's worker needs of its kubelet.
#pragma once
#include "control/client/pod_util.h"
#include "model/env/environment.h"
#include "nodes/kubelet/api_caller.h"
#include "nodes/kubelet/attached_volumes.h"
#include "nodes/kubelet/image_puller.h"
#include "nodes/kubelet/kubelet_config.h"
#include "nodes/kubelet/references.h"

namespace orrery::kubelet {

using client::PodHandle;

class PodWorker;

/// Outlives its workers.
class PodHost : public ApiCaller {
 public:
  virtual env::Environment& env() = 0;
  virtual const KubeletConfig& config() const = 0;
  virtual ImagePuller& images() = 0;
  virtual ReferenceReader& references() = 0;
  virtual AttachedVolumes& volumes() = 0;
  virtual std::int64_t memory_capacity() const = 0;
  virtual void event(const PodHandle& pod, bool warning, const char* reason, Str message) = 0;
  /// Offset of a probe's first attempt.
  virtual base::Nanos probe_phase(env::ProbeKind kind, base::Nanos period) = 0;
  /// Time until the next pass over statuses that others have overwritten.
  virtual base::Nanos until_status_pass() = 0;
  /// Nothing of the pod runs any more; its resources are free. May be called inside any call on the worker.
  virtual void worker_ended(PodWorker& worker) = 0;
  /// Nothing of the pod is left on the machine or in the API. The host may drop the worker.
  virtual void worker_removed(PodWorker& worker) = 0;
};

}  // namespace orrery::kubelet
