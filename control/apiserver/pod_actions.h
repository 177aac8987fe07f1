// PodActions: the binding and eviction sub-resources of pods (k8s.io/kubernetes
// pkg/registry/core/pod/storage).
#pragma once
#include "control/apiserver/reader.h"
#include "control/apiserver/writer.h"
#include "model/api/eviction.h"
#include "model/api/pod_disruption_budget.h"

namespace orrery::apiserver {

class PodActions {
 public:
  PodActions(Core& core, Reader& reader, Writer& writer)
      : core_(core), reader_(reader), writer_(writer) {}

  /// Sets spec.nodeName, once, and the condition PodScheduled.
  void bind(CallRef call);
  /// Deletes a pod as far as its disruption budget allows: one compare-and-swap on the budget's
  /// status verifies and counts it down.
  void evict(CallRef call);

 private:
  struct Eviction;
  void look(base::Ref<Eviction> e);
  void find_budget(base::Ref<Eviction> e);
  void spend_budget(base::Ref<Eviction> e, const api::PodDisruptionBudget& budget);
  void mark(base::Ref<Eviction> e);
  void remove(base::Ref<Eviction> e);
  void failed(base::Ref<Eviction> e, const Failure& failure);

  Core& core_;
  Reader& reader_;
  Writer& writer_;
  env::Liveness live_;
};

/// What an eviction does to a budget, as a pure function: the status counted down, or the refusal.
base::Result<api::PodDisruptionBudgetStatus, Failure> verify_and_decrement(
    const api::PodDisruptionBudget& budget, const Str& pod, base::Instant wall);

}  // namespace orrery::apiserver
