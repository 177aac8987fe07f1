#include "control/scheduler/plugins/node_affinity.h"

#include "control/scheduler/framework/node_affinity.h"

namespace orrery::scheduler {
namespace {

struct Required final : StateData {
  explicit Required(const api::Pod& pod) : affinity(pod) {}
  RequiredNodeAffinity affinity;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<Required>(*this); }
};

struct Preferred final : StateData {
  explicit Preferred(PreferredNodeAffinity a) : affinity(std::move(a)) {}
  PreferredNodeAffinity affinity;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<Preferred>(*this); }
};

/// The node names that a term's matchFields allow; nullopt: any.
NodeNames names_of(const api::NodeSelectorTerm& term) {
  NodeNames out;
  for (const api::NodeSelectorRequirement& r : term.match_fields) {
    if (!(r.key == "metadata.name") || !(r.operator_ == "In")) continue;
    base::BTreeSet<Str> names;
    for (const Str& v : r.values) names.insert(v);
    if (!out) out = std::move(names);
    else absl::erase_if(*out, [&](const Str& n) { return !names.contains(n); });
  }
  return out;
}

const api::NodeAffinity* node_affinity_of(const PodInfo& pod) {
  return pod.spec().affinity ? pod.spec().affinity->node_affinity.get() : nullptr;
}

}  // namespace

Status NodeAffinity::pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const {
  const api::NodeAffinity* affinity = node_affinity_of(pod);
  const bool none = !affinity || !affinity->required_during_scheduling_ignored_during_execution;
  if (none && pod.spec().node_selector.empty()) return Status::skip();
  state.set_filter_state(slot(), std::make_unique<Required>(pod.pod()));
  if (none) return {};
  const auto& terms = affinity->required_during_scheduling_ignored_during_execution->node_selector_terms;
  if (terms.empty()) return {};
  base::BTreeSet<Str> names;
  for (const api::NodeSelectorTerm& term : terms) {
    const NodeNames mine = names_of(term);
    if (!mine) return {};  // terms are alternatives: this one allows every node
    names.insert(mine->begin(), mine->end());
  }
  if (names.empty()) return Status(Code::kUnschedulableAndUnresolvable, name(), Str("pod affinity terms conflict"));
  nodes = std::move(names);
  return {};
}

Status NodeAffinity::filter(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  return state.filter_state<Required>(slot())->affinity.matches(node.node()) ? Status() : rejected_;
}

Status NodeAffinity::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const>) const {
  const api::NodeAffinity* affinity = node_affinity_of(pod);
  if (!affinity || affinity->preferred_during_scheduling_ignored_during_execution.empty()) return Status::skip();
  std::string error;
  auto preferred = std::make_unique<Preferred>(PreferredNodeAffinity(pod.pod(), error));
  if (!error.empty()) return Status(Code::kError, name(), Str(error));
  state.set_score_state(slot(), std::move(preferred));
  return {};
}

std::int64_t NodeAffinity::score(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  return state.score_state<Preferred>(slot())->affinity.score(node.node());
}

void NodeAffinity::normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>,
                             std::span<std::int64_t> scores) const {
  default_normalize(scores, false);
}

std::vector<ClusterEvent> NodeAffinity::events() const {
  return {{EventResource::kNode, kActionAdd | kActionUpdateNodeLabel}};
}

QueueingHint NodeAffinity::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (!change.now) return QueueingHint::kSkip;
  const RequiredNodeAffinity required(pod.pod());
  if (!required.matches(change.now->as<api::Node>())) return QueueingHint::kSkip;
  const bool before = change.old && required.matches(change.old->as<api::Node>());
  return before ? QueueingHint::kSkip : QueueingHint::kQueue;
}

}  // namespace orrery::scheduler
