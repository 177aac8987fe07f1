#include "control/scheduler/plugins/taint_toleration.h"

#include "control/client/tolerations.h"

namespace orrery::scheduler {
namespace {

bool forbids(const api::Taint& taint) { return taint.effect == "NoSchedule" || taint.effect == "NoExecute"; }

struct SoftTolerations final : StateData {
  std::vector<api::Toleration> list;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<SoftTolerations>(*this); }
};

}  // namespace

Status TaintToleration::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const auto& taints = node.node().spec->taints;
  if (taints.empty()) return {};
  const api::Taint* taint = client::untolerated_taint(taints, pod.spec().tolerations, forbids);
  if (!taint) return {};
  return Status(Code::kUnschedulableAndUnresolvable, name(),
                Str(base::cat("node(s) had untolerated taint {", taint->key, ": ", taint->value, "}")));
}

std::string TaintToleration::shortfall(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  std::string out;
  for (const api::Taint& taint : node.node().spec->taints) {
    const auto this_one = [&](const api::Taint& t) { return forbids(t) && &t == &taint; };
    if (!client::untolerated_taint(node.node().spec->taints, pod.spec().tolerations, this_one)) continue;
    out += base::cat(out.empty() ? "does not tolerate " : ", ", taint.key, taint.value.empty() ? "" : "=", taint.value, ":",
                     taint.effect);
  }
  return out;
}

Status TaintToleration::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const>) const {
  auto soft = std::make_unique<SoftTolerations>();
  for (const api::Toleration& t : pod.spec().tolerations) {
    if (t.effect.empty() || t.effect == "PreferNoSchedule") soft->list.push_back(t);
  }
  state.set_score_state(slot(), std::move(soft));
  return {};
}

std::int64_t TaintToleration::score(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  const auto& tolerations = state.score_state<SoftTolerations>(slot())->list;
  std::int64_t intolerable = 0;
  for (const api::Taint& taint : node.node().spec->taints) {
    if (!(taint.effect == "PreferNoSchedule")) continue;
    bool covered = false;
    for (const api::Toleration& t : tolerations) covered = covered || client::tolerates(t, taint);
    if (!covered) ++intolerable;
  }
  return intolerable;
}

void TaintToleration::normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>,
                                std::span<std::int64_t> scores) const {
  default_normalize(scores, true);
}

std::vector<ClusterEvent> TaintToleration::events() const {
  return {{EventResource::kNode, kActionAdd | kActionUpdateNodeTaint},
          {EventResource::kUnscheduledPod, kActionUpdatePodTolerations}};
}

QueueingHint TaintToleration::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kUnscheduledPod) {
    return change.now && change.now->meta().uid == pod.meta().uid ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  const auto blocked = [&](const api::ObjectRef& node) {
    return client::untolerated_taint(node->as<api::Node>().spec->taints, pod.spec().tolerations, forbids) != nullptr;
  };
  if (!change.now || blocked(change.now)) return QueueingHint::kSkip;
  return !change.old || blocked(change.old) ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
