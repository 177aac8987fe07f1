#include "control/scheduler/plugins/default_preemption.h"

#include <algorithm>
#include <climits>

#include "control/client/owner.h"
#include "control/client/pod_util.h"
#include "model/api/pod_disruption_budget.h"

namespace orrery::scheduler {
namespace {

bool terminating_by_preemption(const api::Pod& pod) {
  if (!pod.metadata.deleting()) return false;
  const api::PodCondition* c = api::find_condition(*pod.status, "DisruptionTarget");
  return c && c->status == "True" && c->reason == "PreemptionByScheduler";
}

/// Splits `pods`, in their order, by whether removing them one after the other exceeds a budget.
void split_by_budget(const std::vector<PodInfoRef>& pods, const std::vector<api::ObjectRef>& budgets,
                     std::vector<PodInfoRef>& violating, std::vector<PodInfoRef>& rest) {
  struct Budget {
    const api::PodDisruptionBudget* pdb;
    api::Selector selector;
    std::int32_t allowed;
  };
  std::vector<Budget> left;
  for (const api::ObjectRef& o : budgets) {
    const auto& pdb = o->as<api::PodDisruptionBudget>();
    left.push_back({&pdb, client::selector_of(pdb.spec->selector), pdb.status->disruptions_allowed});
  }
  for (const PodInfoRef& p : pods) {
    bool violated = false;
    for (Budget& b : left) {
      const api::ObjectMeta& meta = p->meta();
      if (meta.labels.empty() || !(b.pdb->metadata.namespace_ == meta.namespace_)) continue;
      if (b.selector.empty() || !b.selector.matches(meta.labels)) continue;
      if (b.pdb->status->disrupted_pods.contains(meta.name)) continue;
      if (--b.allowed < 0) violated = true;
    }
    (violated ? violating : rest).push_back(p);
  }
}

Status no_victims() { return Status(Code::kUnschedulableAndUnresolvable, {}, Str("No preemption victims found for incoming pod")); }

}  // namespace

Status DefaultPreemption::pre_enqueue(const PodInfo& pod) const {
  if (!running_.contains(pod.meta().uid)) return {};
  return Status(Code::kUnschedulableAndUnresolvable, name(), Str("waiting for the preemption for this pod to be finished"));
}

api::Time DefaultPreemption::start_time(const PodInfo& pod) const {
  const api::Time t = pod.pod().status->start_time;
  if (!t.is_zero() || !clock_) return t.is_zero() ? api::Time(INT64_MAX) : t;
  return api::Time::from(clock_->wall());
}

bool DefaultPreemption::more_important(const PodInfo& a, const PodInfo& b) const {
  if (a.priority() != b.priority()) return a.priority() > b.priority();
  return start_time(a) < start_time(b);
}

bool DefaultPreemption::eligible(const PodInfo& pod, const Diagnosis& diagnosis, std::string& why) const {
  if (pod.spec().preemption_policy && *pod.spec().preemption_policy == "Never") {
    why = "not eligible due to preemptionPolicy=Never.";
    return false;
  }
  const Str& nominated = pod.pod().status->nominated_node_name;
  if (nominated.empty()) return true;
  Code code = diagnosis.absent.code();
  for (const Diagnosis::Rejection& r : diagnosis.nodes) {
    if (r.node->name() == nominated) code = r.status.code();
  }
  if (code == Code::kUnschedulableAndUnresolvable) return true;
  const NodeInfo* node = context_.snapshot.find(nominated);
  if (!node) return true;
  for (const PodInfoRef& p : node->pods()) {
    if (p->priority() < pod.priority() && terminating_by_preemption(p->pod())) {
      why = "not eligible due to a terminating pod on the nominated node.";
      return false;
    }
  }
  return true;
}

Status DefaultPreemption::select_victims(CycleState& state, const PodInfo& pod, NodeInfo& node, PreemptionCandidate& out) const {
  const Framework& framework = **framework_;
  const auto remove = [&](const PodInfoRef& p) {
    node.remove_pod(p->pod());
    framework.run_remove_pod(state, pod, *p, node);
  };
  std::vector<PodInfoRef> potential;
  for (const PodInfoRef& p : node.pods()) {
    if (p->priority() < pod.priority()) potential.push_back(p);
  }
  if (potential.empty()) return no_victims();
  for (const PodInfoRef& p : potential) remove(p);
  const Status without = framework.run_filter_with_nominated(state, pod, node, nominated_);
  if (!without.ok()) return without;
  const auto order = [&](const PodInfoRef& a, const PodInfoRef& b) { return more_important(*a, *b); };
  std::stable_sort(potential.begin(), potential.end(), order);
  std::vector<PodInfoRef> violating;
  std::vector<PodInfoRef> rest;
  split_by_budget(potential, context_.lister.list(api::KindId::kPodDisruptionBudget, {}), violating, rest);
  const auto reprieve = [&](const PodInfoRef& p) {
    node.add_pod(p);
    framework.run_add_pod(state, pod, *p, node);
    if (framework.run_filter_with_nominated(state, pod, node, nominated_).ok()) return true;
    remove(p);
    out.victims.push_back(p);
    return false;
  };
  for (const PodInfoRef& p : violating) {
    if (!reprieve(p)) ++out.pdb_violations;
  }
  for (const PodInfoRef& p : rest) reprieve(p);
  if (!violating.empty() && !rest.empty()) std::stable_sort(out.victims.begin(), out.victims.end(), order);
  if (out.victims.empty()) {
    return Status(Code::kError, {}, Str(base::cat("expected at least one victim pod on node \"", node.name(), "\"")));
  }
  return {};
}

std::vector<PreemptionCandidate> DefaultPreemption::candidates(const CycleState& state, const PodInfo& pod,
                                                               const Diagnosis& diagnosis, base::RandomStream& random,
                                                               Diagnosis* statuses) const {
  std::vector<const NodeInfo*> potential;
  if (diagnosis.absent.code() == Code::kUnschedulable) {
    potential = context_.snapshot.nodes();
  } else {
    for (const Diagnosis::Rejection& r : diagnosis.nodes) {
      if (r.status.code() == Code::kUnschedulable) potential.push_back(r.node);
    }
  }
  std::vector<PreemptionCandidate> clean;
  std::vector<PreemptionCandidate> violating;
  if (potential.empty()) return clean;
  const std::size_t n = potential.size();
  const std::size_t offset = random.below(n);
  const std::size_t share = n * static_cast<std::size_t>(config_.min_candidate_nodes_percentage) / 100;
  const std::size_t wanted = std::min(n, std::max<std::size_t>(share, static_cast<std::size_t>(config_.min_candidate_nodes_absolute)));
  for (std::size_t i = 0; i < n; ++i) {
    const NodeInfo* node = potential[(offset + i) % n];
    const auto& there = node->pods();
    if (std::none_of(there.begin(), there.end(), [&](const PodInfoRef& p) { return p->priority() < pod.priority(); })) {
      if (statuses) statuses->nodes.push_back({node, no_victims()});
      continue;
    }
    NodeInfo trial = *node;
    CycleState copy = state.clone();
    PreemptionCandidate candidate{node, {}, 0};
    Status s = select_victims(copy, pod, trial, candidate);
    if (!s.ok()) {
      if (statuses) statuses->nodes.push_back({node, std::move(s)});
      continue;
    }
    (candidate.pdb_violations == 0 ? clean : violating).push_back(std::move(candidate));
    if (!clean.empty() && clean.size() + violating.size() >= wanted) break;
  }
  std::move(violating.begin(), violating.end(), std::back_inserter(clean));
  return clean;
}

const PreemptionCandidate* DefaultPreemption::best(const PodInfo& pod, const std::vector<PreemptionCandidate>& candidates) const {
  using Score = std::int64_t (*)(const DefaultPreemption&, const PreemptionCandidate&);
  static constexpr Score kCriteria[] = {
      [](const DefaultPreemption&, const PreemptionCandidate& c) { return -std::int64_t{c.pdb_violations}; },
      [](const DefaultPreemption&, const PreemptionCandidate& c) { return -std::int64_t{c.victims[0]->priority()}; },
      [](const DefaultPreemption&, const PreemptionCandidate& c) {
        std::int64_t sum = 0;
        for (const PodInfoRef& p : c.victims) sum += std::int64_t{p->priority()} + INT_MAX + 1;
        return -sum;
      },
      [](const DefaultPreemption&, const PreemptionCandidate& c) { return -static_cast<std::int64_t>(c.victims.size()); },
      [](const DefaultPreemption& self, const PreemptionCandidate& c) {
        std::int64_t earliest = INT64_MAX;
        std::int64_t highest = INT64_MIN;
        for (const PodInfoRef& p : c.victims) highest = std::max<std::int64_t>(highest, p->priority());
        for (const PodInfoRef& p : c.victims) {
          if (p->priority() == highest) earliest = std::min(earliest, self.start_time(*p).seconds);
        }
        return earliest;
      }};
  std::vector<const PreemptionCandidate*> left;
  for (const PreemptionCandidate& c : candidates) left.push_back(&c);
  for (const Score score : kCriteria) {
    if (left.size() < 2) break;
    std::vector<const PreemptionCandidate*> kept;
    std::int64_t highest = INT64_MIN;
    for (const PreemptionCandidate* c : left) {
      const std::int64_t s = score(*this, *c);
      if (s > highest) kept.clear();
      highest = std::max(highest, s);
      if (s == highest) kept.push_back(c);
    }
    left = std::move(kept);
  }
  if (left.empty() || !config_.tie_break) return left.empty() ? nullptr : left[0];
  std::vector<ScoredNode> nodes;
  for (const PreemptionCandidate* candidate : left) nodes.push_back({candidate->node->name(), 0});
  return left[config_.tie_break(pod.object(), nodes).value_or(0)];
}

Status DefaultPreemption::post_filter(const CycleState& state, const PodInfo& pod, const Diagnosis& diagnosis,
                                      base::RandomStream& random, PostFilterResult& result) const {
  std::string why;
  const auto rejected = [&](std::string_view text) { return Status(Code::kUnschedulable, name(), Str(base::cat("preemption: ", text))); };
  if (!eligible(pod, diagnosis, why)) return rejected(why);
  Diagnosis statuses;
  statuses.absent = Status(Code::kUnschedulableAndUnresolvable, {}, Str("Preemption is not helpful for scheduling"));
  std::vector<PreemptionCandidate> found = candidates(state, pod, diagnosis, random, &statuses);
  result.dry_runs = found.size() + statuses.nodes.size();
  if (found.empty()) {
    result.nominated_node = Str();
    return rejected(statuses.message(context_.snapshot.size()));
  }
  const PreemptionCandidate* chosen = best(pod, found);
  result.nominated_node = chosen->node->name();
  result.victims = chosen->victims;
  return {};
}

}  // namespace orrery::scheduler
