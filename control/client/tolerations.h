// Taints and tolerations (component-helpers/scheduling/corev1, core/v1 Toleration.ToleratesTaint).
#pragma once
#include "model/api/taint.h"

namespace orrery::client {

/// An empty effect or key (the latter with Exists) of the toleration matches all.
inline bool tolerates(const api::Toleration& toleration, const api::Taint& taint) {
  if (!toleration.effect.empty() && !(toleration.effect == taint.effect)) return false;
  if (!toleration.key.empty() && !(toleration.key == taint.key)) return false;
  if (toleration.operator_ == "Exists") return true;
  return (toleration.operator_.empty() || toleration.operator_ == "Equal") && toleration.value == taint.value;
}

/// The first taint that `wanted` accepts and no toleration covers; null when there is none.
template <class Wanted>
const api::Taint* untolerated_taint(const base::List<api::Taint>& taints, const base::List<api::Toleration>& tolerations,
                                    Wanted wanted) {
  for (const api::Taint& taint : taints) {
    if (!wanted(taint)) continue;
    bool covered = false;
    for (const api::Toleration& t : tolerations) covered = covered || tolerates(t, taint);
    if (!covered) return &taint;
  }
  return nullptr;
}

}  // namespace orrery::client
