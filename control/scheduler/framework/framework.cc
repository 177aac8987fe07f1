#include "control/scheduler/framework/framework.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

constexpr PluginSet bit(int slot) { return PluginSet{1} << slot; }

Status internal_error(std::string_view plugin, std::string_view point, const Status& cause) {
  return Status(Code::kError, plugin, base::cat("running ", point, " plugin \"", plugin, "\": ", cause.message()));
}

/// Go's %v of a list of strings.
std::string bracketed(const std::vector<std::string_view>& names) {
  std::string out = "[";
  for (const std::string_view n : names) {
    if (out.size() > 1) out += " ";
    out += n;
  }
  return out + "]";
}

/// Nodes that fail alike mostly share one list of reasons: each list with the number of nodes, some lists perhaps twice.
std::vector<std::pair<const std::vector<Str>*, std::size_t>> shared_reasons(const std::vector<Diagnosis::Rejection>& nodes) {
  constexpr std::size_t kRemembered = 8;
  std::vector<std::pair<const std::vector<Str>*, std::size_t>> out;
  for (const Diagnosis::Rejection& r : nodes) {
    const std::vector<Str>* reasons = &r.status.reasons();
    const auto from = out.size() > kRemembered ? out.end() - kRemembered : out.begin();
    const auto known = std::find_if(from, out.end(), [&](const auto& o) { return o.first == reasons; });
    if (known == out.end()) out.emplace_back(reasons, 1);
    else ++known->second;
  }
  return out;
}

bool matches(const ClusterEvent& wanted, const ClusterEvent& event) {
  if (wanted.wild()) return true;
  return wanted.resource == event.resource && (wanted.action & event.action) != 0;
}

}  // namespace

template <class I>
void Framework::enlist(const PluginLayout& layout, Point point, std::vector<At<I>>& out) const {
  for (const PluginLayout::Entry& e : layout.at(point)) {
    const Plugin* plugin = find(e.plugin);
    // A score that counts nothing is none.
    if (point == Point::kScore && e.weight == 0) continue;
    if (const I* extends = dynamic_cast<const I*>(plugin)) {
      out.push_back({extends, plugin, e.weight, dynamic_cast<const NormalizeScorePlugin*>(plugin)});
    }
  }
}

Framework::Framework(std::vector<std::unique_ptr<Plugin>> plugins, const PluginLayout& layout, int percentage_of_nodes_to_score,
                     bool first_unscored)
    : plugins_(std::move(plugins)), percentage_(percentage_of_nodes_to_score), first_unscored_(first_unscored) {
  ORRERY_CHECK(plugins_.size() <= static_cast<std::size_t>(kMaxPlugins), "too many plugins in a profile");
  int slot = 0;
  for (const auto& p : plugins_) {
    p->slot_ = slot++;
    events_.push_back(p->events());
    if (const auto* assigns = dynamic_cast<const AssignPlugin*>(p.get())) assign_.push_back({assigns, p.get()});
  }
  enlist(layout, Point::kPreEnqueue, pre_enqueue_);
  enlist(layout, Point::kQueueSort, queue_sort_);
  enlist(layout, Point::kPreFilter, pre_filter_);
  enlist(layout, Point::kFilter, filter_);
  enlist(layout, Point::kPostFilter, post_filter_);
  enlist(layout, Point::kPreScore, pre_score_);
  enlist(layout, Point::kScore, score_);
  enlist(layout, Point::kReserve, reserve_);
  enlist(layout, Point::kPermit, permit_);
  enlist(layout, Point::kPreBind, pre_bind_);
  enlist(layout, Point::kBind, bind_);
  enlist(layout, Point::kPostBind, post_bind_);
  ORRERY_CHECK(queue_sort_.size() == 1, "a profile needs one queue sort plugin");
}

Framework::~Framework() = default;

std::vector<std::string_view> Framework::names_of(PluginSet set) const {
  std::vector<std::string_view> out;
  for (const auto& p : plugins_) {
    if (set & bit(p->slot())) out.push_back(p->name());
  }
  std::sort(out.begin(), out.end());
  return out;
}

const Plugin* Framework::find(std::string_view name) const {
  for (const auto& p : plugins_) {
    if (p->name() == name) return p.get();
  }
  return nullptr;
}

PluginSet Framework::bit_of(std::string_view plugin) const {
  const Plugin* p = find(plugin);
  return p ? bit(p->slot()) : 0;
}

bool Framework::anybody_interested(const ClusterEvent& event) const {
  if (event.wild()) return true;
  for (const auto& wanted : events_) {
    for (const ClusterEvent& w : wanted) {
      if (matches(w, event)) return true;
    }
  }
  return false;
}

PluginSet Framework::interested(PluginSet rejectors, const PodInfo& pod, const ClusterChange& change) const {
  PluginSet out = 0;
  for (const auto& p : plugins_) {
    if (!(rejectors & bit(p->slot()))) continue;
    const auto& wanted = events_[static_cast<std::size_t>(p->slot())];
    const bool relevant = std::any_of(wanted.begin(), wanted.end(), [&](const ClusterEvent& w) { return matches(w, change.event); });
    if (relevant && p->hint(pod, change) == QueueingHint::kQueue) out |= bit(p->slot());
  }
  return out;
}

Status Framework::run_pre_enqueue(const PodInfo& pod) const {
  for (const auto& at : pre_enqueue_) {
    Status s = at.point->pre_enqueue(pod);
    if (!s.ok()) return s;
  }
  return {};
}

Status Framework::run_pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes, PluginSet& restricting) const {
  Status rejection;
  for (const auto& at : pre_filter_) {
    NodeNames mine;
    Status s = at.point->pre_filter(state, pod, mine);
    if (s.skipped()) {
      state.skip_filter |= bit(at.plugin->slot());
      continue;
    }
    if (s.code() == Code::kUnschedulableAndUnresolvable) return s;
    if (s.rejected()) {
      rejection = s;
      continue;
    }
    if (!s.ok()) return internal_error(at.plugin->name(), "PreFilter", s);
    if (!mine) continue;
    restricting |= bit(at.plugin->slot());
    if (!nodes) nodes = std::move(mine);
    else absl::erase_if(*nodes, [&](const Str& n) { return !mine->contains(n); });
    if (!nodes->empty()) continue;
    const std::vector<std::string_view> names = names_of(restricting);
    const std::string why = names.size() == 1 ? base::cat("node(s) didn't satisfy plugin ", names[0])
                                              : base::cat("node(s) didn't satisfy plugin(s) ", bracketed(names), " simultaneously");
    return Status(Code::kUnschedulableAndUnresolvable, {}, Str(why));
  }
  return rejection;
}

Status Framework::run_filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  for (const auto& at : filter_) {
    if (state.skip_filter & bit(at.plugin->slot())) continue;
    Status s = at.point->filter(state, pod, node);
    if (s.ok()) continue;
    return s.rejected() ? s : internal_error(at.plugin->name(), "Filter", s);
  }
  return {};
}

std::optional<Framework::Trial> Framework::beside_nominated(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                                                            const Nominated& nominated) const {
  const std::vector<PodInfoRef>& waiting = nominated.nominated_on(node.name());
  const auto counts = [&](const PodInfoRef& p) { return p->priority() >= pod.priority() && !(p->meta().uid == pod.meta().uid); };
  if (!std::any_of(waiting.begin(), waiting.end(), counts)) return std::nullopt;
  Trial trial{state.clone(), node};
  for (const PodInfoRef& p : waiting) {
    if (!counts(p)) continue;
    trial.node.add_pod(p);
    run_add_pod(trial.state, pod, *p, trial.node);
  }
  return trial;
}

Status Framework::run_filter_with_nominated(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                                            const Nominated& nominated) const {
  if (const std::optional<Trial> trial = beside_nominated(state, pod, node, nominated)) {
    Status s = run_filter(trial->state, pod, trial->node);
    if (!s.ok()) return s;
  }
  return run_filter(state, pod, node);
}

std::vector<Objection> Framework::objections(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                                             const Nominated& nominated) const {
  std::vector<Objection> out;
  const auto ask = [&](const CycleState& with, const NodeInfo& where) {
    for (const auto& at : filter_) {
      if (with.skip_filter & bit(at.plugin->slot())) continue;
      const bool known = std::any_of(out.begin(), out.end(), [&](const Objection& o) { return o.plugin == at.plugin->name(); });
      Status s = known ? Status() : at.point->filter(with, pod, where);
      if (!s.ok()) out.push_back({at.plugin->name(), std::move(s), at.point->shortfall(with, pod, where)});
    }
  };
  if (const std::optional<Trial> trial = beside_nominated(state, pod, node, nominated)) ask(trial->state, trial->node);
  ask(state, node);
  return out;
}

void Framework::run_add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const {
  for (const auto& at : pre_filter_) {
    if (!(state.skip_filter & bit(at.plugin->slot()))) at.point->add_pod(state, pod, added, node);
  }
}

void Framework::run_remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const {
  for (const auto& at : pre_filter_) {
    if (!(state.skip_filter & bit(at.plugin->slot()))) at.point->remove_pod(state, pod, removed, node);
  }
}

Status Framework::run_post_filter(const CycleState& state, const PodInfo& pod, Diagnosis& diagnosis,
                                  base::RandomStream& random, PostFilterResult& result) const {
  Status rejection;
  for (const auto& at : post_filter_) {
    Status s = at.point->post_filter(state, pod, diagnosis, random, result);
    if (s.ok()) return s;
    if (s.code() == Code::kUnschedulableAndUnresolvable || s.code() == Code::kError) return s;
    if (rejection.ok()) rejection = s;
  }
  return rejection;
}

Status Framework::run_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                            std::vector<std::int64_t>& totals, std::vector<ScoredPlugin>* detail) const {
  for (const auto& at : pre_score_) {
    Status s = at.point->pre_score(state, pod, feasible);
    if (s.skipped()) state.skip_score |= bit(at.plugin->slot());
    else if (!s.ok()) return internal_error(at.plugin->name(), "PreScore", s);
  }
  totals.assign(feasible.size(), 0);
  std::vector<std::int64_t> scores(feasible.size());
  for (const auto& at : score_) {
    if (state.skip_score & bit(at.plugin->slot())) continue;
    for (std::size_t i = 0; i < feasible.size(); ++i) scores[i] = at.point->score(state, pod, *feasible[i]);
    if (detail) detail->push_back({at.plugin, at.weight, scores, {}});
    if (at.normalize) at.normalize->normalize(state, pod, feasible, scores);
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (scores[i] < 0 || scores[i] > kMaxNodeScore) {
        return Status(Code::kError, at.plugin->name(),
                      base::cat("plugin \"", at.plugin->name(), "\" returns an invalid score ", std::to_string(scores[i]),
                                ", it should in the range of [0, 100] after normalizing"));
      }
      scores[i] *= at.weight;
      totals[i] += scores[i];
    }
    if (detail) detail->back().weighted = scores;
  }
  return {};
}

Status Framework::run_reserve(CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  for (const auto& at : reserve_) {
    Status s = at.point->reserve(state, pod, node);
    if (!s.ok()) return s.rejected() ? s : internal_error(at.plugin->name(), "Reserve", s);
  }
  return {};
}

void Framework::run_unreserve(CycleState& state, const PodInfo& pod, std::string_view node) const {
  for (auto at = reserve_.rbegin(); at != reserve_.rend(); ++at) at->point->unreserve(state, pod, node);
}

PodInfoRef Framework::run_assign(PodInfoRef pod, const NodeInfo& node) const {
  for (const auto& at : assign_) {
    if (!pod) break;
    pod = at.point->assign(pod, node);
  }
  return pod;
}

Status Framework::run_permit(CycleState& state, const PodInfo& pod, std::string_view node, base::Nanos& timeout) const {
  Status waiting;
  timeout = 0;
  for (const auto& at : permit_) {
    base::Nanos mine = 0;
    Status s = at.point->permit(state, pod, node, mine);
    if (s.code() == Code::kWait) {
      waiting = s;
      timeout = std::max(timeout, mine);
    } else if (!s.ok()) {
      return s.rejected() ? s : internal_error(at.plugin->name(), "Permit", s);
    }
  }
  return waiting;
}

env::Task<Status> Framework::run_pre_bind(CycleState* state, PodInfoRef pod, Str node) const {
  for (const auto& at : pre_bind_) {
    const Status s = co_await at.point->pre_bind(state, pod, node);
    if (s.ok()) continue;
    if (s.rejected()) co_return s;
    co_return internal_error(at.plugin->name(), "PreBind", s);
  }
  co_return Status();
}

env::Task<Status> Framework::run_bind(CycleState* state, PodInfoRef pod, Str node) const {
  for (const auto& at : bind_) {
    const Status s = co_await at.point->bind(state, pod, node);
    if (s.skipped()) continue;
    if (s.ok() || s.rejected()) co_return s;
    co_return internal_error(at.plugin->name(), "Bind", s);
  }
  co_return Status::skip();
}

void Framework::run_post_bind(CycleState& state, const PodInfo& pod, std::string_view node) const {
  for (const auto& at : post_bind_) at.point->post_bind(state, pod, node);
}

std::string Diagnosis::message(std::size_t all_nodes) const {
  std::string out = base::cat("0/", std::to_string(all_nodes), " nodes are available:");
  if (!pre_filter_message.empty()) {
    out += base::cat(" ", pre_filter_message, ".");
  } else {
    base::BTreeMap<Str, std::size_t> counts;
    for (const auto& [reasons, n] : shared_reasons(nodes)) {
      for (const Str& reason : *reasons) counts[reason] += n;
    }
    if (nodes.size() < all_nodes) {
      for (const Str& reason : absent.reasons()) counts[reason] += all_nodes - nodes.size();
    }
    std::vector<std::string> lines;
    for (const auto& [reason, n] : counts) lines.push_back(base::cat(std::to_string(n), " ", reason));
    std::sort(lines.begin(), lines.end());
    for (std::size_t i = 0; i < lines.size(); ++i) out += base::cat(i == 0 ? " " : ", ", lines[i]);
    if (!lines.empty()) out += ".";
  }
  if (!post_filter_message.empty()) out += base::cat(" ", post_filter_message);
  return out;
}

void default_normalize(std::span<std::int64_t> scores, bool reverse) {
  std::int64_t highest = 0;
  for (const std::int64_t s : scores) highest = std::max(highest, s);
  for (std::int64_t& s : scores) {
    if (highest != 0) s = kMaxNodeScore * s / highest;
    if (reverse) s = kMaxNodeScore - s;
  }
}

}  // namespace orrery::scheduler
