#include "control/scheduler/plugins/node_affinity.h"

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

PreferredNodeAffinity::Terms preferred_terms_of(const PodInfo& pod) {
  const api::NodeAffinity* affinity = node_affinity_of(pod);
  return affinity ? affinity->preferred_during_scheduling_ignored_during_execution : PreferredNodeAffinity::Terms();
}

}  // namespace

NodeAffinity::NodeAffinity(const NodeAffinityConfig& config) {
  if (const auto& required = config.added.required_during_scheduling_ignored_during_execution) {
    has_added_required_ = true;
    added_required_ = NodeSelector(*required);
  }
  std::string error;
  added_preferred_ = PreferredNodeAffinity(config.added.preferred_during_scheduling_ignored_during_execution, error);
  ORRERY_CHECK(error.empty(), "an added affinity that was not validated");
}

Status NodeAffinity::pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const {
  const api::NodeAffinity* affinity = node_affinity_of(pod);
  const bool none = !affinity || !affinity->required_during_scheduling_ignored_during_execution;
  if (none && !has_added_required_ && pod.spec().node_selector.empty()) return Status::skip();
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

Status NodeAffinity::filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  if (!added_allows(node)) return enforced_;
  const Required* s = state.filter_state<Required>(slot());
  const bool fits = s ? s->affinity.matches(node.node()) : RequiredNodeAffinity(pod.pod()).matches(node.node());
  return fits ? Status() : rejected_;
}

std::string NodeAffinity::shortfall(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  if (!added_allows(node)) return base::cat("addedAffinity asks for ", added_required_.shortfall(node.node()));
  return RequiredNodeAffinity(pod.pod()).shortfall(node.node());
}

Status NodeAffinity::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const>) const {
  const PreferredNodeAffinity::Terms terms = preferred_terms_of(pod);
  if (terms.empty() && added_preferred_.empty()) return Status::skip();
  std::string error;
  auto preferred = std::make_unique<Preferred>(PreferredNodeAffinity(terms, error));
  if (!error.empty()) return Status(Code::kError, name(), Str(error));
  state.set_score_state(slot(), std::move(preferred));
  return {};
}

std::int64_t NodeAffinity::score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  const std::int64_t added = added_preferred_.score(node.node());
  if (const Preferred* s = state.score_state<Preferred>(slot())) return added + s->affinity.score(node.node());
  std::string ignored;
  return added + PreferredNodeAffinity(preferred_terms_of(pod), ignored).score(node.node());
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
  const api::Node& node = change.now->as<api::Node>();
  if (has_added_required_ && !added_required_.matches(node)) return QueueingHint::kSkip;
  if (!required.matches(node)) return QueueingHint::kSkip;
  // As upstream: a node that meets only the added terms anew is none that helps.
  const bool before = change.old && required.matches(change.old->as<api::Node>());
  return before ? QueueingHint::kSkip : QueueingHint::kQueue;
}

}  // namespace orrery::scheduler
