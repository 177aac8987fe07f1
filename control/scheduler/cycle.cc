#include "control/scheduler/cycle.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

constexpr std::size_t kMinFeasibleNodes = 100;
constexpr int kMinPercentage = 5;

class Cycle {
 public:
  Cycle(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
        CycleMemory& memory, CycleState& state, CycleDetail* detail, PodClasses* classes)
      : framework_(framework), snapshot_(snapshot), nominated_(nominated), pod_(pod), memory_(memory), state_(state),
        detail_(detail), classes_(classes) {}

  CycleResult run() {
    if (snapshot_.size() == 0) {
      result_.status = Status(Code::kUnschedulable, {}, Str("no nodes available to schedule pods"));
      result_.message = result_.status.message();
      return std::move(result_);
    }
    // Who explains the decision or makes it instead sees every score as it is.
    class_ = classes_ && !detail_ && !memory_.tie_break ? classes_->of(PodInfoRef(&pod_)) : nullptr;
    if (class_ && !decide_by_class()) start_again();
    const bool found = class_ ? !classes_->search.feasible.empty() || reject_by_class() : find_feasible();
    if (found) choose();
    return std::move(result_);
  }

 private:
  struct Trial {
    std::uint32_t position;
    Status status;
  };

  std::size_t nodes_wanted(std::size_t nodes) const {
    return framework_.takes_first() ? 1 : feasible_nodes_wanted(nodes, framework_.percentage_of_nodes_to_score());
  }

  /// False when only the plain cycle can tell.
  bool decide_by_class() {
    if (!mark_nominated()) return false;
    const std::size_t wanted = nodes_wanted(snapshot_.size());
    const auto first = static_cast<std::uint32_t>(memory_.next_start % snapshot_.size());
    ClassSearch& search = classes_->search;
    const bool answered = trials_.empty() ? class_->search(first, wanted, search)
                                          : search_beside_nominated(first, wanted, search);
    if (!answered) return false;
    result_.evaluated = search.evaluated;
    return search.feasible.size() < 2 || class_->complete(search);
  }

  bool search_beside_nominated(std::uint32_t first, std::size_t wanted, ClassSearch& out) {
    out.feasible.clear();
    out.rejected.clear();
    out.totals.clear();
    const auto n = static_cast<std::uint32_t>(snapshot_.size());
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t at = first + i < n ? first + i : first + i - n;
      out.evaluated = i + 1;
      const bool fits = class_->feasible(at);
      if (!fits_beside_nominated(at, fits)) {
        out.rejected.push_back(at);
      } else {
        if (out.feasible.size() == wanted) break;
        out.feasible.push_back(at);
        out.totals.push_back(class_->node_score(at));
      }
    }
    return !class_->broken() && !broken_;
  }

  /// Nodes with pods nominated to them are filtered with those as well, by the plain rules.
  bool mark_nominated() {
    for (const std::string_view name : nominated_.nodes()) {
      if (const NodeInfo* node = snapshot_.find(name)) trials_.push_back({node->index(), {}});
    }
    if (trials_.empty()) return true;
    std::sort(trials_.begin(), trials_.end(), [](const Trial& a, const Trial& b) { return a.position < b.position; });
    return take_states();
  }

  Trial* trial_at(std::uint32_t position) {
    const auto at = std::lower_bound(trials_.begin(), trials_.end(), position,
                                     [](const Trial& t, std::uint32_t p) { return t.position < p; });
    return at != trials_.end() && at->position == position ? &*at : nullptr;
  }

  bool fits_beside_nominated(std::uint32_t position, bool fits) {
    Trial* trial = trial_at(position);
    if (!trial) return fits;
    trial->status = framework_.run_filter_with_nominated(state_, pod_, *snapshot_.nodes()[position], nominated_);
    broken_ = broken_ || trial->status.code() == Code::kError;
    return trial->status.ok();
  }

  /// What PreFilter leaves behind, for trials.
  bool take_states() {
    PluginSet restricting = 0;
    NodeNames names;
    return framework_.run_pre_filter(state_, pod_, names, restricting).ok() && !names;
  }

  void start_again() {
    class_ = nullptr;
    result_.evaluated = 0;
    trials_.clear();
    state_ = CycleState();
  }

  /// No node fits. False, as there is nothing to choose from.
  bool reject_by_class() {
    const auto status_of = [&](std::uint32_t position) {
      const Trial* trial = trial_at(position);
      return trial ? trial->status : class_->rejection(position);
    };
    for (const std::uint32_t at : classes_->search.rejected) {
      result_.diagnosis.nodes.push_back({snapshot_.nodes()[at], status_of(at)});
    }
    advance(classes_->search.rejected.size());
    for (const Diagnosis::Rejection& r : result_.diagnosis.nodes) note_rejector(r.status);
    if (trials_.empty()) take_states();
    return unschedulable();
  }

  void advance(std::size_t processed) { memory_.next_start = (memory_.next_start + processed) % snapshot_.size(); }

  /// False when there is no feasible node or an error.
  bool find_feasible() {
    PluginSet restricting = 0;
    NodeNames names;
    const Status s = framework_.run_pre_filter(state_, pod_, names, restricting);
    if (!s.ok()) {
      if (!s.rejected()) return fail(s);
      result_.diagnosis.absent = s;
      result_.diagnosis.pre_filter_message = s.message();
      note_rejector(s);
      if (restricting != 0 && s.plugin().empty()) result_.diagnosis.unschedulable |= restricting;
      return unschedulable();
    }
    if (nominated_fits()) return true;
    std::vector<const NodeInfo*> subset;
    if (names) {
      for (const Str& name : *names) {
        if (const NodeInfo* node = snapshot_.find(name)) subset.push_back(node);
      }
      std::string list;
      for (const std::string_view n : framework_.names_of(restricting)) list += base::cat(list.empty() ? "" : " ", n);
      result_.diagnosis.absent = Status(Code::kUnschedulableAndUnresolvable, {},
                                        Str(base::cat("node(s) didn't satisfy plugin(s) [", list, "]")));
    }
    const bool went_well = filter_nodes(names ? subset : snapshot_.nodes());
    advance(feasible_.size() + result_.diagnosis.nodes.size());
    if (!went_well) return false;
    if (!feasible_.empty()) return true;
    for (const Diagnosis::Rejection& r : result_.diagnosis.nodes) note_rejector(r.status);
    if (names) result_.diagnosis.unschedulable |= restricting;
    return unschedulable();
  }

  bool nominated_fits() {
    const Str& name = pod_.pod().status->nominated_node_name;
    const NodeInfo* node = name.empty() ? nullptr : snapshot_.find(name);
    if (!node) return false;
    ++result_.evaluated;
    if (!framework_.run_filter_with_nominated(state_, pod_, *node, nominated_).ok()) return false;
    feasible_.push_back(node);
    return true;
  }

  bool filter_nodes(const std::vector<const NodeInfo*>& nodes) {
    if (nodes.empty()) return true;
    const std::size_t wanted = nodes_wanted(nodes.size());
    std::size_t at = memory_.next_start % nodes.size();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const NodeInfo* node = nodes[at];
      if (++at == nodes.size()) at = 0;
      ++result_.evaluated;
      Status s = framework_.run_filter_with_nominated(state_, pod_, *node, nominated_);
      if (s.ok()) {
        // Upstream notices that it has enough by finding one more.
        if (feasible_.size() == wanted) return true;
        feasible_.push_back(node);
      } else if (s.code() == Code::kError) {
        return fail(s);
      } else {
        result_.diagnosis.nodes.push_back({node, std::move(s)});
      }
    }
    return true;
  }

  void choose() {
    if (class_) advance(classes_->search.feasible.size() + classes_->search.rejected.size());
    result_.feasible = class_ ? classes_->search.feasible.size() : feasible_.size();
    if (detail_) detail_->feasible = feasible_;
    if (result_.feasible == 1) {
      result_.node = feasible_node(0);
      if (memory_.tie_break) told({0});
      return;
    }
    if (class_) {
      draw(classes_->search.totals);
      return;
    }
    const Status s = framework_.run_score(state_, pod_, feasible_, totals_, detail_ ? &detail_->plugins : nullptr);
    if (!s.ok()) {
      fail(s);
      return;
    }
    if (!memory_.tie_break || !told(totals_)) draw(totals_);
    if (detail_) detail_->totals = std::move(totals_);
  }

  template <class Number>
  void draw(const std::vector<Number>& totals) {
    Number best = totals[0];
    for (const Number t : totals) best = std::max(best, t);
    const auto tied = static_cast<std::uint64_t>(std::count(totals.begin(), totals.end(), best));
    std::uint64_t skip = tied > 1 && !memory_.first_of_best ? memory_.ties.below(tied) : 0;
    auto chosen = std::find(totals.begin(), totals.end(), best);
    for (; skip > 0; --skip) chosen = std::find(chosen + 1, totals.end(), best);
    result_.node = feasible_node(static_cast<std::size_t>(chosen - totals.begin()));
  }

  const NodeInfo* feasible_node(std::size_t i) const {
    return class_ ? snapshot_.nodes()[classes_->search.feasible[i]] : feasible_[i];
  }

  /// True when the tie-break chose one of the feasible nodes.
  bool told(const std::vector<std::int64_t>& totals) {
    std::vector<ScoredNode> nodes;
    for (std::size_t i = 0; i < totals.size(); ++i) nodes.push_back({feasible_[i]->name(), totals[i]});
    const std::optional<std::size_t> choice = memory_.tie_break(pod_.object(), nodes);
    if (choice) result_.node = feasible_[*choice];
    return choice.has_value();
  }

  void note_rejector(const Status& s) {
    // Most nodes fail by the plugin that the node before failed by.
    if (s.plugin().data() != rejector_.data()) {
      rejector_ = s.plugin();
      rejector_bit_ = framework_.bit_of(rejector_);
    }
    const PluginSet bit = rejector_bit_;
    if (s.code() == Code::kPending) result_.diagnosis.pending |= bit;
    else result_.diagnosis.unschedulable |= bit;
  }

  bool unschedulable() {
    result_.tried_preemption = true;
    result_.post_filter.dry = detail_ != nullptr;
    const Status s = framework_.run_post_filter(state_, pod_, result_.diagnosis, memory_.preemption, result_.post_filter);
    result_.dry_runs = result_.post_filter.dry_runs;
    result_.diagnosis.post_filter_message = s.message();
    result_.message = result_.diagnosis.message(snapshot_.size());
    result_.status = Status(Code::kUnschedulable, {}, Str(result_.message));
    return false;
  }

  bool fail(const Status& s) {
    result_.node = nullptr;
    result_.status = s;
    result_.message = s.message();
    result_.post_filter.nominated_node = Str();
    return false;
  }

  const Framework& framework_;
  const Snapshot& snapshot_;
  const Nominated& nominated_;
  const PodInfo& pod_;
  CycleMemory& memory_;
  CycleState& state_;
  CycleDetail* detail_;
  PodClasses* classes_;
  PodClass* class_ = nullptr;          // null: the plain cycle
  std::vector<Trial> trials_;          // nodes with nominated pods, when a class decides
  bool broken_ = false;
  std::string_view rejector_;          // of the rejection noted last
  PluginSet rejector_bit_ = 0;
  CycleResult result_;
  std::vector<const NodeInfo*> feasible_;
  std::vector<std::int64_t> totals_;   // per feasible node
};

}  // namespace

std::size_t feasible_nodes_wanted(std::size_t nodes, int percentage) {
  if (nodes < kMinFeasibleNodes) return nodes;
  if (percentage == 0) percentage = std::max(50 - static_cast<int>(nodes / 125), kMinPercentage);
  return std::max(nodes * static_cast<std::size_t>(percentage) / 100, kMinFeasibleNodes);
}

CycleResult schedule_pod(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
                         CycleMemory& memory, CycleState& state, CycleDetail* detail, PodClasses* classes) {
  return Cycle(framework, snapshot, nominated, pod, memory, state, detail, classes).run();
}

}  // namespace orrery::scheduler
