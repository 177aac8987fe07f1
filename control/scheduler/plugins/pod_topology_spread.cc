#include "control/scheduler/plugins/pod_topology_spread.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "control/scheduler/framework/count_table.h"
#include "control/scheduler/plugins/spread_view.h"
#include "model/base/math.h"

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kIgnored = -1;

/// The two lowest counts: enough to know the minimum while pods of one domain are removed and added on trial.
struct CriticalPaths {
  struct Path {
    Str value;
    std::int64_t count = INT_MAX;
  } path[2];

  void update(const Str& value, std::int64_t count) {
    const int known = value == path[0].value ? 0 : value == path[1].value ? 1 : -1;
    if (known >= 0) {
      path[known].count = count;
      if (path[0].count > path[1].count) std::swap(path[0], path[1]);
    } else if (count < path[0].count) {
      path[1] = path[0];
      path[0] = {value, count};
    } else if (count < path[1].count) {
      path[1] = {value, count};
    }
  }
};

struct HardState final : StateData {
  explicit HardState(const api::Pod& pod) : affinity(pod) {}
  std::vector<SpreadConstraint> constraints;
  std::vector<CountTable> counts;
  std::vector<CriticalPaths> critical;
  std::vector<bool> self;  // the pod matches its own selector
  RequiredNodeAffinity affinity;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<HardState>(*this); }

  bool few_domains(std::size_t i) const { return static_cast<std::int64_t>(counts[i].size()) < constraints[i].min_domains; }
  /// Pods in the emptiest domain.
  std::int64_t least(std::size_t i) const { return few_domains(i) ? 0 : critical[i].path[0].count; }
  /// Pods in the domain once the pod is there.
  std::int64_t matching(std::size_t i, const Str& domain) const {
    const std::int64_t* count = counts[i].find(domain);
    return (count ? *count : 0) + (self[i] ? 1 : 0);
  }
};

struct SoftState final : StateData {
  std::vector<SpreadConstraint> constraints;
  std::vector<bool> ignored;  // per feasible node, by Snapshot index
  std::vector<CountTable> counts;
  std::vector<double> weights;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<SoftState>(*this); }
};

std::int64_t count_matching(const NodeInfo& node, const api::Selector& selector, const Str& ns) {
  const auto& pods = node.pods();
  return std::count_if(pods.begin(), pods.end(), [&](const PodInfoRef& p) { return counts(selector, ns, p->meta()); });
}

}  // namespace

PodTopologySpread::PodTopologySpread(PluginContext context, SpreadConfig config) : context_(context), config_(std::move(config)) {
  if (!config_.system_defaults) return;
  api::TopologySpreadConstraint host;
  host.topology_key = "kubernetes.io/hostname";
  host.max_skew = 3;
  host.when_unsatisfiable = "ScheduleAnyway";
  api::TopologySpreadConstraint zone = host;
  zone.topology_key = "topology.kubernetes.io/zone";
  zone.max_skew = 5;
  config_.default_constraints = {host, zone};
}

std::vector<SpreadConstraint> PodTopologySpread::constraints(const PodInfo& pod, std::string_view action) const {
  std::vector<SpreadConstraint> out;
  const auto& own = pod.spec().topology_spread_constraints;
  for (const api::TopologySpreadConstraint& c : own) {
    if (c.when_unsatisfiable == action) out.push_back(parse_spread_constraint(c, pod.meta().labels));
  }
  if (!own.empty()) return out;
  for (const api::TopologySpreadConstraint& c : config_.default_constraints) {
    if (c.when_unsatisfiable == action) out.push_back(parse_spread_constraint(c, pod.meta().labels));
  }
  if (out.empty()) return out;
  const api::Selector selector = default_selector(context_.lister, pod.pod());
  if (selector.empty()) return {};
  for (SpreadConstraint& c : out) c.selector = selector;
  return out;
}

std::unique_ptr<ClassView> PodTopologySpread::make_view(const PodInfoRef& pod) const {
  return std::make_unique<SpreadView>(*this, pod);
}

Status PodTopologySpread::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  std::vector<SpreadConstraint> hard = constraints(pod, "DoNotSchedule");
  if (hard.empty()) return Status::skip();
  auto s = std::make_unique<HardState>(pod.pod());
  s->constraints = std::move(hard);
  const std::size_t n = s->constraints.size();
  s->counts.resize(n);
  s->critical.resize(n);
  for (const SpreadConstraint& c : s->constraints) s->self.push_back(c.selector.matches(pod.meta().labels));
  for (const NodeInfo* node : context_.snapshot.nodes()) {
    if (!has_all_keys(node->labels(), s->constraints)) continue;
    for (std::size_t i = 0; i < n; ++i) {
      const SpreadConstraint& c = s->constraints[i];
      if (!includes(c, pod, node->node(), s->affinity)) continue;
      s->counts[i].at(*node->labels().find(c.topology_key)) += count_matching(*node, c.selector, pod.meta().namespace_);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (const CountTable::Row& row : s->counts[i].rows()) s->critical[i].update(row.value, row.count);
  }
  state.set_filter_state(slot(), std::move(s));
  return {};
}

void PodTopologySpread::update(CycleState& state, const PodInfo& pod, const PodInfo& changed, const NodeInfo& node,
                               int delta) const {
  HardState* s = state.filter_state<HardState>(slot());
  if (!s || !(changed.meta().namespace_ == pod.meta().namespace_) || !has_all_keys(node.labels(), s->constraints)) return;
  for (std::size_t i = 0; i < s->constraints.size(); ++i) {
    const SpreadConstraint& c = s->constraints[i];
    if (!c.selector.matches(changed.meta().labels) || !includes(c, pod, node.node(), s->affinity)) continue;
    const Str& value = *node.labels().find(c.topology_key);
    std::int64_t& count = s->counts[i].at(value);
    count += delta;
    s->critical[i].update(value, count);
  }
}

void PodTopologySpread::add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const {
  update(state, pod, added, node, 1);
}

void PodTopologySpread::remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const {
  update(state, pod, removed, node, -1);
}

Status PodTopologySpread::filter(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  const HardState& s = *state.filter_state<HardState>(slot());
  for (std::size_t i = 0; i < s.constraints.size(); ++i) {
    const SpreadConstraint& c = s.constraints[i];
    const Str* value = node.labels().find(c.topology_key);
    if (!value) return no_label_;
    if (s.matching(i, *value) - s.least(i) > c.max_skew) return skewed_;
  }
  return {};
}

std::string PodTopologySpread::shortfall(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  const HardState& s = *state.filter_state<HardState>(slot());
  std::string out;
  const auto add = [&](const std::string& what) { out += base::cat(out.empty() ? "" : "; ", what); };
  for (std::size_t i = 0; i < s.constraints.size(); ++i) {
    const SpreadConstraint& c = s.constraints[i];
    const Str* value = node.labels().find(c.topology_key);
    if (!value) {
      add(base::cat("the node has no label ", c.topology_key));
      continue;
    }
    const std::int64_t with = s.matching(i, *value);
    const std::int64_t least = s.least(i);
    if (with - least <= c.max_skew) continue;
    add(base::cat(c.topology_key, "=", *value, " would have ", std::to_string(with), " matching pods, the emptiest domain has ",
                  std::to_string(least), s.few_domains(i) ? " (there are fewer domains than minDomains)" : "",
                  ": skew ", std::to_string(with - least), ", allowed ", std::to_string(c.max_skew)));
  }
  return out;
}

Status PodTopologySpread::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const {
  auto s = std::make_unique<SoftState>();
  s->constraints = constraints(pod, "ScheduleAnyway");
  if (s->constraints.empty()) return Status::skip();
  const bool require_all = this->require_all(pod);
  const std::size_t n = s->constraints.size();
  s->counts.resize(n);
  s->ignored.resize(context_.snapshot.size());
  std::size_t ignored = 0;
  for (const NodeInfo* node : feasible) {
    if (require_all && !has_all_keys(node->labels(), s->constraints)) {
      s->ignored[node->index()] = true;
      ++ignored;
      continue;
    }
    for (std::size_t i = 0; i < n; ++i) {
      if (s->constraints[i].by_host()) continue;
      s->counts[i].at(node->labels().get(s->constraints[i].topology_key));
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t domains = s->constraints[i].by_host() ? feasible.size() - ignored : s->counts[i].size();
    s->weights.push_back(base::log(static_cast<double>(domains + 2)));
  }
  const RequiredNodeAffinity affinity(pod.pod());
  for (const NodeInfo* node : context_.snapshot.nodes()) {
    if (require_all && !has_all_keys(node->labels(), s->constraints)) continue;
    for (std::size_t i = 0; i < n; ++i) {
      const SpreadConstraint& c = s->constraints[i];
      if (c.by_host() || !includes(c, pod, node->node(), affinity)) continue;
      std::int64_t* count = s->counts[i].find(node->labels().get(c.topology_key));
      if (count) *count += count_matching(*node, c.selector, pod.meta().namespace_);
    }
  }
  state.set_score_state(slot(), std::move(s));
  return {};
}

std::int64_t PodTopologySpread::score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  const SoftState& s = *state.score_state<SoftState>(slot());
  if (s.ignored[node.index()]) return 0;
  double score = 0;
  for (std::size_t i = 0; i < s.constraints.size(); ++i) {
    const SpreadConstraint& c = s.constraints[i];
    const Str* value = node.labels().find(c.topology_key);
    if (!value) continue;
    const std::int64_t count = c.by_host() ? count_matching(node, c.selector, pod.meta().namespace_) : *s.counts[i].find(*value);
    const double weighted = static_cast<double>(count) * s.weights[i];
    score += weighted + static_cast<double>(c.max_skew - 1);
  }
  return static_cast<std::int64_t>(std::round(score));
}

void PodTopologySpread::normalize(const CycleState& state, const PodInfo&, std::span<const NodeInfo* const> feasible,
                                  std::span<std::int64_t> scores) const {
  const SoftState& s = *state.score_state<SoftState>(slot());
  std::int64_t lowest = INT64_MAX;
  std::int64_t highest = 0;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    if (s.ignored[feasible[i]->index()]) {
      scores[i] = kIgnored;
      continue;
    }
    lowest = std::min(lowest, scores[i]);
    highest = std::max(highest, scores[i]);
  }
  for (std::int64_t& score : scores) {
    if (score == kIgnored) score = 0;
    else if (highest == 0) score = kMaxNodeScore;
    else score = kMaxNodeScore * (highest + lowest - score) / highest;
  }
}

std::vector<ClusterEvent> PodTopologySpread::events() const {
  return {{EventResource::kAssignedPod, kActionAdd | kActionDelete | kActionUpdatePodLabel},
          {EventResource::kUnscheduledPod, kActionUpdatePodLabel | kActionUpdatePodTolerations},
          {EventResource::kNode, kActionAdd | kActionDelete | kActionUpdateNodeLabel | kActionUpdateNodeTaint}};
}

QueueingHint PodTopologySpread::hint(const PodInfo& pod, const ClusterChange& change) const {
  const std::vector<SpreadConstraint> hard = constraints(pod, "DoNotSchedule");
  if (change.event.resource == EventResource::kNode) {
    const bool before = change.old && has_all_keys(change.old->meta().labels, hard);
    const bool now = change.now && has_all_keys(change.now->meta().labels, hard);
    if (before != now) return QueueingHint::kQueue;
    if (!now) return QueueingHint::kSkip;
    const bool moved = std::any_of(hard.begin(), hard.end(), [&](const SpreadConstraint& c) {
      return !(*change.old->meta().labels.find(c.topology_key) == *change.now->meta().labels.find(c.topology_key));
    });
    const auto taints = [](const api::ObjectRef& o) -> const auto& { return o->as<api::Node>().spec->taints; };
    return moved || !api::deep_equal(taints(change.old), taints(change.now)) ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  const auto counts = [&](const SpreadConstraint& c, const api::ObjectRef& o) {
    return o && o->meta().namespace_ == pod.meta().namespace_ && c.selector.matches(o->meta().labels);
  };
  const bool mine = change.old && change.now && change.now->meta().uid == pod.meta().uid;
  if (!mine && change.event.resource == EventResource::kUnscheduledPod) return QueueingHint::kSkip;
  const auto tolerations = [](const api::ObjectRef& o) -> const auto& { return o->as<api::Pod>().spec->tolerations; };
  if (mine && std::any_of(hard.begin(), hard.end(), [](const SpreadConstraint& c) { return c.honor_taints; }) &&
      !api::deep_equal(tolerations(change.old), tolerations(change.now))) {
    return QueueingHint::kQueue;
  }
  const bool changes = std::any_of(hard.begin(), hard.end(),
                                   [&](const SpreadConstraint& c) { return counts(c, change.old) != counts(c, change.now); });
  return changes ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
