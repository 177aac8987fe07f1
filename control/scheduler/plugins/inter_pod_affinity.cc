#include "control/scheduler/plugins/inter_pod_affinity.h"

#include <algorithm>

#include "control/scheduler/framework/count_table.h"
#include "control/scheduler/plugins/affinity_view.h"

namespace orrery::scheduler {
namespace {

using Terms = std::vector<AffinityTerm>;

/// Counts by topology key and value. A pair whose count returns to zero no longer counts as present.
class PairCounts {
 public:
  void add(const NodeInfo& node, const Str& key, std::int64_t delta) {
    const Str* value = node.labels().find(key);
    if (!value) return;
    std::int64_t& count = table(key).at(*value);
    const bool was = count != 0;
    count += delta;
    present_ += (count != 0 ? 1 : 0) - (was ? 1 : 0);
  }
  bool empty() const { return present_ == 0; }
  std::int64_t get(const Str& key, const Str& value) const {
    for (const auto& [k, t] : tables_) {
      if (!(k == key)) continue;
      const std::int64_t* count = t.find(value);
      return count ? *count : 0;
    }
    return 0;
  }
  /// The key of a label of the node that stands in a pair with a positive count; "" when there is none.
  Str touched(const api::Labels& labels) const {
    for (const auto& [k, t] : tables_) {
      const Str* value = labels.find(k);
      const std::int64_t* count = value ? t.find(*value) : nullptr;
      if (count && *count > 0) return k;
    }
    return {};
  }

 private:
  CountTable& table(const Str& key) {
    for (auto& [k, t] : tables_) {
      if (k == key) return t;
    }
    return tables_.emplace_back(key, CountTable()).second;
  }
  std::vector<std::pair<Str, CountTable>> tables_;
  std::int64_t present_ = 0;
};

void count_affinity(PairCounts& counts, const Terms& terms, const api::Pod& target, const NodeInfo& node, std::int64_t delta) {
  if (!InterPodAffinity::matches_all(terms, target)) return;
  for (const AffinityTerm& t : terms) counts.add(node, t.topology_key, delta);
}

void count_anti_affinity(PairCounts& counts, const Terms& terms, const api::Pod& target, const api::Labels& ns_labels,
                         const NodeInfo& node, std::int64_t delta) {
  for (const AffinityTerm& t : terms) {
    if (t.matches(target, ns_labels)) counts.add(node, t.topology_key, delta);
  }
}

struct Hard final : StateData {
  Terms affinity, anti_affinity;   // of the incoming pod
  api::Labels ns_labels;           // of its namespace
  PairCounts existing, matching, repelling;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<Hard>(*this); }

  void update(const PodInfo& pod, const PodInfo& changed, const NodeInfo& node, std::int64_t delta) {
    count_anti_affinity(existing, changed.required_anti_affinity, pod.pod(), ns_labels, node, delta);
    count_affinity(matching, affinity, changed.pod(), node, delta);
    count_anti_affinity(repelling, anti_affinity, changed.pod(), {}, node, delta);
  }
};

struct Soft final : StateData {
  std::vector<std::pair<Str, CountTable>> scores;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<Soft>(*this); }

  void add(const AffinityTerm& term, const api::Pod& target, const api::Labels& ns_labels, const NodeInfo& node, std::int64_t weight) {
    const Str* value = node.labels().find(term.topology_key);
    if (!value || !term.matches(target, ns_labels)) return;
    for (auto& [key, table] : scores) {
      if (!(key == term.topology_key)) continue;
      table.at(*value) += weight;
      return;
    }
    scores.emplace_back(term.topology_key, CountTable()).second.at(*value) += weight;
  }
};

bool satisfies_affinity(const Hard& s, const PodInfo& pod, const NodeInfo& node) {
  bool exist = true;
  for (const AffinityTerm& t : s.affinity) {
    const Str* value = node.labels().find(t.topology_key);
    if (!value) return false;
    exist = exist && s.matching.get(t.topology_key, *value) > 0;
  }
  // The first pod of a group with affinity to itself would never start.
  return exist || (s.matching.empty() && InterPodAffinity::matches_all(s.affinity, pod.pod()));
}

bool satisfies_anti_affinity(const Hard& s, const NodeInfo& node) {
  if (s.repelling.empty()) return true;
  for (const AffinityTerm& t : s.anti_affinity) {
    const Str* value = node.labels().find(t.topology_key);
    if (value && s.repelling.get(t.topology_key, *value) > 0) return false;
  }
  return true;
}

/// A pod of the domain whose anti-affinity keeps `pod` away.
std::string repelling_pod(const Snapshot& snapshot, const Hard& s, const PodInfo& pod, const Str& key, const Str& value) {
  for (const NodeInfo* node : snapshot.nodes_with_required_anti_affinity()) {
    const Str* here = node->labels().find(key);
    if (!here || !(*here == value)) continue;
    for (const PodInfoRef& p : node->pods_with_required_anti_affinity()) {
      for (const AffinityTerm& t : p->required_anti_affinity) {
        if (t.topology_key == key && t.matches(pod.pod(), s.ns_labels)) return api::key_of(p->meta());
      }
    }
  }
  return "a pod";   // one that is only nominated
}

/// Affinity is helped by a node that has gained the key or another value of it, anti-affinity by a new node and by one that has
/// lost the key or changed its value; a pod with neither is rejected by others' terms, which any node may help.
bool helped_by_node(const PodInfo& pod, const ClusterChange& change) {
  const auto value = [](const api::ObjectRef& node, const AffinityTerm& t) { return node ? node->meta().labels.find(t.topology_key) : nullptr; };
  const auto gained = [&](const AffinityTerm& t) {
    const Str* before = value(change.old, t);
    const Str* now = value(change.now, t);
    return now && (!before || !(*before == *now));
  };
  const auto left = [&](const AffinityTerm& t) {
    const Str* before = value(change.old, t);
    const Str* now = value(change.now, t);
    return !change.old || (before && (!now || !(*before == *now)));
  };
  if (pod.required_affinity.empty() && pod.required_anti_affinity.empty()) return true;
  return std::any_of(pod.required_affinity.begin(), pod.required_affinity.end(), gained) ||
         std::any_of(pod.required_anti_affinity.begin(), pod.required_anti_affinity.end(), left);
}

}  // namespace

bool InterPodAffinity::matches_all(const Terms& terms, const api::Pod& pod) {
  if (terms.empty()) return false;
  return std::all_of(terms.begin(), terms.end(), [&](const AffinityTerm& t) { return t.matches(pod, api::Labels()); });
}

std::unique_ptr<ClassView> InterPodAffinity::make_view(const PodInfoRef& pod) const {
  return std::make_unique<AffinityView>(*this, pod);
}

AffinityTerm InterPodAffinity::resolved(AffinityTerm term) const {
  if (term.namespace_selector.empty() || term.namespace_selector.is_nothing()) return term;
  for (const api::ObjectRef& ns : context_.lister.list(api::KindId::kNamespace, {})) {
    if (term.namespace_selector.matches(ns->meta().labels)) term.namespaces.push_back(ns->meta().name);
  }
  std::sort(term.namespaces.begin(), term.namespaces.end());
  term.namespace_selector = api::Selector::nothing();
  return term;
}

Status InterPodAffinity::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  auto s = std::make_unique<Hard>();
  for (const AffinityTerm& t : pod.required_affinity) s->affinity.push_back(resolved(t));
  for (const AffinityTerm& t : pod.required_anti_affinity) s->anti_affinity.push_back(resolved(t));
  const auto& anti_nodes = context_.snapshot.nodes_with_required_anti_affinity();
  if (!anti_nodes.empty()) s->ns_labels = namespace_labels(context_.lister, pod.meta().namespace_);
  for (const NodeInfo* node : anti_nodes) {
    for (const PodInfoRef& p : node->pods_with_required_anti_affinity()) {
      count_anti_affinity(s->existing, p->required_anti_affinity, pod.pod(), s->ns_labels, *node, 1);
    }
  }
  if (!s->affinity.empty() || !s->anti_affinity.empty()) {
    for (const NodeInfo* node : context_.snapshot.nodes()) {
      for (const PodInfoRef& p : node->pods()) {
        count_affinity(s->matching, s->affinity, p->pod(), *node, 1);
        count_anti_affinity(s->repelling, s->anti_affinity, p->pod(), {}, *node, 1);
      }
    }
  } else if (s->existing.empty()) {
    return Status::skip();
  }
  state.set_filter_state(slot(), std::move(s));
  return {};
}

void InterPodAffinity::add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const {
  if (Hard* s = state.filter_state<Hard>(slot())) s->update(pod, added, node, 1);
}

void InterPodAffinity::remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const {
  if (Hard* s = state.filter_state<Hard>(slot())) s->update(pod, removed, node, -1);
}

Status InterPodAffinity::filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  const Hard& s = *state.filter_state<Hard>(slot());
  if (!satisfies_affinity(s, pod, node)) return affinity_;
  if (!satisfies_anti_affinity(s, node)) return anti_affinity_;
  if (!s.existing.empty() && !s.existing.touched(node.labels()).empty()) return existing_;
  return {};
}

std::string InterPodAffinity::shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  const Hard& s = *state.filter_state<Hard>(slot());
  std::string out;
  const auto add = [&](const std::string& what) { out += base::cat(out.empty() ? "" : "; ", what); };
  const auto pods_of = [](const AffinityTerm& t) { return base::cat("pod matching \"", t.selector.str(), "\""); };
  const bool near = satisfies_affinity(s, pod, node);
  for (const AffinityTerm& t : s.affinity) {
    const Str* value = node.labels().find(t.topology_key);
    if (!value) add(base::cat("the node has no label ", t.topology_key));
    else if (!near && s.matching.get(t.topology_key, *value) <= 0) add(base::cat("no ", pods_of(t), " in ", t.topology_key, "=", *value));
  }
  for (const AffinityTerm& t : s.anti_affinity) {
    const Str* value = node.labels().find(t.topology_key);
    const std::int64_t n = value ? s.repelling.get(t.topology_key, *value) : 0;
    if (n > 0) add(base::cat("a ", pods_of(t), " in ", t.topology_key, "=", *value));
  }
  const Str key = s.existing.touched(node.labels());
  if (key.empty()) return out;
  const Str& value = *node.labels().find(key);
  add(base::cat(repelling_pod(context_.snapshot, s, pod, key, value), " in ", key, "=", value, " has anti-affinity to this one"));
  return out;
}

Status InterPodAffinity::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const>) const {
  const bool own = !pod.preferred_affinity.empty() || !pod.preferred_anti_affinity.empty();
  if (config_.ignore_preferred_terms_of_existing_pods && !own) return Status::skip();
  const auto& nodes = own ? context_.snapshot.nodes() : context_.snapshot.nodes_with_affinity();
  if (nodes.empty()) return Status::skip();
  auto s = std::make_unique<Soft>();
  std::vector<WeightedAffinityTerm> wanted;
  for (const WeightedAffinityTerm& t : pod.preferred_affinity) wanted.push_back({resolved(t.term), t.weight});
  for (const WeightedAffinityTerm& t : pod.preferred_anti_affinity) wanted.push_back({resolved(t.term), -t.weight});
  const api::Labels ns_labels = namespace_labels(context_.lister, pod.meta().namespace_);
  const api::Labels none;
  for (const NodeInfo* node : nodes) {
    for (const PodInfoRef& p : own ? node->pods() : node->pods_with_affinity()) {
      for (const WeightedAffinityTerm& t : wanted) s->add(t.term, p->pod(), none, *node, t.weight);
      if (config_.hard_pod_affinity_weight > 0) {
        for (const AffinityTerm& t : p->required_affinity) {
          s->add(t, pod.pod(), ns_labels, *node, config_.hard_pod_affinity_weight);
        }
      }
      for (const WeightedAffinityTerm& t : p->preferred_affinity) s->add(t.term, pod.pod(), ns_labels, *node, t.weight);
      for (const WeightedAffinityTerm& t : p->preferred_anti_affinity) s->add(t.term, pod.pod(), ns_labels, *node, -t.weight);
    }
  }
  if (s->scores.empty()) return Status::skip();
  state.set_score_state(slot(), std::move(s));
  return {};
}

std::int64_t InterPodAffinity::score(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  std::int64_t sum = 0;
  for (const auto& [key, table] : state.score_state<Soft>(slot())->scores) {
    const Str* value = node.labels().find(key);
    const std::int64_t* score = value ? table.find(*value) : nullptr;
    if (score) sum += *score;
  }
  return sum;
}

void InterPodAffinity::normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>,
                                 std::span<std::int64_t> scores) const {
  std::int64_t lowest = INT64_MAX;
  std::int64_t highest = INT64_MIN;
  for (const std::int64_t s : scores) {
    lowest = std::min(lowest, s);
    highest = std::max(highest, s);
  }
  const std::int64_t range = highest - lowest;
  for (std::int64_t& s : scores) {
    const double share = range > 0 ? static_cast<double>(s - lowest) / static_cast<double>(range) : 0.0;
    s = static_cast<std::int64_t>(static_cast<double>(kMaxNodeScore) * share);
  }
}

std::vector<ClusterEvent> InterPodAffinity::events() const {
  return {{EventResource::kAssignedPod, kActionAdd | kActionDelete | kActionUpdatePodLabel},
          {EventResource::kUnscheduledPod, kActionUpdatePodLabel},
          {EventResource::kNode, kActionAdd | kActionUpdateNodeLabel}};
}

QueueingHint InterPodAffinity::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kNode) {
    if (!change.now) return QueueingHint::kSkip;
    return helped_by_node(pod, change) ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  const auto is_mine = [&](const api::ObjectRef& o) { return o && o->meta().uid == pod.meta().uid; };
  if (is_mine(change.now)) return QueueingHint::kQueue;
  if (change.event.resource == EventResource::kUnscheduledPod) return QueueingHint::kSkip;
  Terms affinity, anti_affinity;
  for (const AffinityTerm& t : pod.required_affinity) affinity.push_back(resolved(t));
  for (const AffinityTerm& t : pod.required_anti_affinity) anti_affinity.push_back(resolved(t));
  const auto attracted = [&](const api::ObjectRef& o) { return o && matches_all(affinity, o->as<api::Pod>()); };
  const auto repelled = [&](const api::ObjectRef& o) {
    if (!o) return false;
    const api::Pod& other = o->as<api::Pod>();
    for (const AffinityTerm& t : anti_affinity) {
      if (t.matches(other, {})) return true;
    }
    const PodInfo theirs(o);
    const api::Labels ns_labels = namespace_labels(context_.lister, pod.meta().namespace_);
    return std::any_of(theirs.required_anti_affinity.begin(), theirs.required_anti_affinity.end(),
                       [&](const AffinityTerm& t) { return t.matches(pod.pod(), ns_labels); });
  };
  if (attracted(change.now) && !attracted(change.old)) return QueueingHint::kQueue;
  if (repelled(change.old) && !repelled(change.now)) return QueueingHint::kQueue;
  return QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
