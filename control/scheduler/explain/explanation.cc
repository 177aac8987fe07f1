#include "control/scheduler/explain/explanation.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

class Explainer {
 public:
  Explainer(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod)
      : framework_(framework), snapshot_(snapshot), nominated_(nominated), pod_(pod) {}

  Explanation run(CycleMemory memory) {
    base::RandomStream preemption = memory.preemption;   // as it was when the cycle drew from it
    result_ = schedule_pod(framework_, snapshot_, nominated_, pod_, memory, state_, &detail_);
    out_.status = result_.status;
    out_.message = result_.message;
    for (const NodeInfo* node : snapshot_.nodes()) out_.nodes.push_back({node->name(), false, false, {}, {}, {}, 0, {}});
    const bool passed_pre_filter = result_.diagnosis.pre_filter_message.empty() &&
                                   (result_.status.code() != Code::kError || result_.evaluated > 0);
    if (passed_pre_filter) name_filters();
    tell_pre(framework_.pre_filters(), state_.skip_filter, passed_pre_filter ? Status() : result_.status, out_.pre_filters);
    if (detail_.feasible.size() > 1) tell_pre(framework_.pre_scores(), state_.skip_score, result_.status, out_.pre_scores);
    tell_rejections(passed_pre_filter);
    tell_scores();
    tell_choice();
    tell_candidates(preemption);
    out_.outcome = !out_.chosen.empty()                    ? Outcome::kScheduled
                   : out_.status.code() == Code::kError    ? Outcome::kError
                   : !out_.nominated.empty()               ? Outcome::kPreempting
                                                           : Outcome::kUnschedulable;
    return std::move(out_);
  }

 private:
  void name_filters() {
    for (const auto& at : framework_.filters()) {
      if (!(state_.skip_filter & framework_.bit_of(at.plugin->name()))) out_.filters.push_back(at.plugin->name());
    }
  }

  /// The plugins up to the one that failed.
  template <class Points>
  void tell_pre(const Points& points, PluginSet skipped, const Status& failure,
                std::vector<std::pair<std::string_view, std::string>>& out) const {
    const Status& rejected = failure.ok() || !failure.plugin().empty() ? failure : result_.diagnosis.absent;
    for (const auto& at : points) {
      const bool failed = !rejected.ok() && rejected.plugin() == at.plugin->name();
      const bool skip = skipped & framework_.bit_of(at.plugin->name());
      out.emplace_back(at.plugin->name(), failed ? rejected.message() : skip ? "" : "success");
      if (failed) return;
    }
  }

  void tell_rejections(bool passed_pre_filter) {
    for (const NodeInfo* node : detail_.feasible) verdict(*node).feasible = verdict(*node).filtered = true;
    for (const Diagnosis::Rejection& r : result_.diagnosis.nodes) {
      verdict(*r.node).status = r.status;
      verdict(*r.node).filtered = true;
    }
    for (const NodeInfo* node : snapshot_.nodes()) {
      NodeVerdict& v = verdict(*node);
      if (v.feasible) continue;
      if (!v.filtered && !result_.diagnosis.absent.reasons().empty()) v.status = result_.diagnosis.absent;
      if (passed_pre_filter) v.objections = framework_.objections(state_, pod_, *node, nominated_);
    }
  }

  void tell_scores() {
    for (std::size_t i = 0; i < detail_.feasible.size(); ++i) {
      NodeVerdict& v = verdict(*detail_.feasible[i]);
      for (const ScoredPlugin& p : detail_.plugins) {
        if (p.weighted.empty()) continue;   // it failed
        v.scores.push_back({p.plugin->name(), p.raw[i], p.weighted[i] / p.weight, p.weight, p.weighted[i]});
      }
      if (!detail_.totals.empty()) v.total = detail_.totals[i];
    }
  }

  void tell_choice() {
    if (!result_.node) return;
    out_.chosen = result_.node->name();
    const std::int64_t best = verdict(*result_.node).total;
    for (const NodeInfo* node : detail_.feasible) {
      if (verdict(*node).total == best) out_.tied.push_back(node->name());
    }
    if (out_.tied.size() == 1) out_.tied.clear();
  }

  void tell_candidates(base::RandomStream& random) {
    const auto* preemption = dynamic_cast<const DefaultPreemption*>(framework_.find("DefaultPreemption"));
    const std::optional<Str>& nominated = result_.post_filter.nominated_node;
    if (!preemption || !result_.tried_preemption || !nominated) return;
    out_.nominated = *nominated;
    Diagnosis others;
    for (const PreemptionCandidate& c : preemption->candidates(state_, pod_, result_.diagnosis, random, &others)) {
      ExplainedCandidate& e = out_.candidates.emplace_back();
      e.node = c.node->name();
      e.pdb_violations = c.pdb_violations;
      for (const PodInfoRef& v : c.victims) e.victims.push_back(api::key_of(v->meta()));
    }
    for (const Diagnosis::Rejection& r : others.nodes) verdict(*r.node).no_preemption = r.status;
  }

  NodeVerdict& verdict(const NodeInfo& node) { return out_.nodes[node.index()]; }

  const Framework& framework_;
  const Snapshot& snapshot_;
  const Nominated& nominated_;
  const PodInfo& pod_;
  CycleState state_;
  CycleDetail detail_;
  CycleResult result_;
  Explanation out_;
};

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kScheduled: return "scheduled";
    case Outcome::kUnschedulable: return "unschedulable";
    case Outcome::kPreempting: return "preempting";
    case Outcome::kError: return "error";
  }
  return "";
}

const NodeVerdict* Explanation::find(std::string_view node) const {
  const auto at = std::find_if(nodes.begin(), nodes.end(), [&](const NodeVerdict& v) { return v.node == node; });
  return at == nodes.end() ? nullptr : &*at;
}

const ExplainedCandidate* Explanation::candidate(std::string_view node) const {
  const auto at = std::find_if(candidates.begin(), candidates.end(), [&](const ExplainedCandidate& c) { return c.node == node; });
  return at == candidates.end() ? nullptr : &*at;
}

Explanation explain(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
                    CycleMemory memory) {
  return Explainer(framework, snapshot, nominated, pod).run(std::move(memory));
}

}  // namespace orrery::scheduler
