// PodStatusWriter: brings one pod's status to the API and, at the end, confirms its removal. After
// pkg/kubelet/status/status_manager.go; where upstream reads the pod and patches its status, this one updates the status
// with the newest known resourceVersion and reads only after a conflict, so that no other writer's change is lost either.
#pragma once
#include "nodes/kubelet/pod_host.h"

namespace orrery::kubelet {

/// One request at a time. Failures are retried every KubeletConfig::retry_period; a pod that is gone is left alone.
class PodStatusWriter {
 public:
  /// `recompute` is called when somebody else has changed the pod: the owner is to call report() with a status that is made
  /// from the newest pod().
  PodStatusWriter(PodHost& host, PodHandle pod, PodWorker& owner, base::UniqueFunction<void()> recompute);

  const PodHandle& pod() const { return pod_; }
  /// Takes `pod` when it is not older than what is known.
  void observe(const PodHandle& pod);
  /// The status last decided; the API's own at first.
  const api::PodStatus& reported() const { return *status_; }
  void report(api::PodStatus status);
  /// After the last status is written, and once the pod is being deleted: deletes it with grace 0 and its uid.
  void confirm_removal();
  /// No further requests; answers are ignored.
  void close() { closed_ = true; }

 private:
  void pump();
  void write();
  void written(ApiAnswer answer);
  void read_again();
  void remove();
  void removed(const ApiAnswer& answer);
  void retry_after(base::Nanos delay);
  bool differs() const;

  PodHost& host_;
  PodHandle pod_;
  api::Cow<api::PodStatus> status_;
  PodWorker& owner_;
  base::UniqueFunction<void()> recompute_;
  bool decided_ = false, newer_ = false, busy_ = false, waiting_ = false, remove_ = false, closed_ = false;
};

}  // namespace orrery::kubelet
