#include "control/scheduler/plugins/spread_view.h"

#include <algorithm>

#include "control/scheduler/plugins/pod_topology_spread.h"
#include "model/base/math.h"

namespace orrery::scheduler {
namespace {

constexpr std::int32_t kIgnoredNode = -1;
/// With more kinds of nodes than this their scores are not made by table.
constexpr std::size_t kMaxKinds = 128;

std::array<std::int64_t, 4> selector_versions(const Lister& lister) {
  return {lister.version(api::KindId::kService), lister.version(api::KindId::kReplicationController),
          lister.version(api::KindId::kReplicaSet), lister.version(api::KindId::kStatefulSet)};
}

template <class List>
bool same_constraints(const List& list, const std::vector<SpreadConstraint>& constraints) {
  return std::equal(list.begin(), list.end(), constraints.begin(), constraints.end(),
                    [](const auto& have, const SpreadConstraint& c) { return have.constraint == c; });
}

/// std::round of what is not negative and below 2^52, for which the difference is exact.
std::int32_t rounded(double x) {
  const auto whole = static_cast<std::int32_t>(x);
  return whole + (x - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

std::int32_t normal(std::int64_t lowest, std::int64_t highest, std::int64_t raw) {
  return static_cast<std::int32_t>(highest == 0 ? kMaxNodeScore : kMaxNodeScore * (highest + lowest - raw) / highest);
}

}  // namespace

SpreadView::SpreadView(const PodTopologySpread& plugin, PodInfoRef pod)
    : plugin_(plugin),
      pod_(std::move(pod)),
      affinity_(pod_->pod()),
      own_constraints_(!pod_->spec().topology_spread_constraints.empty()),
      require_all_(plugin.require_all(*pod_)) {}

bool SpreadView::current() {
  const bool taints_changed = honors_taints_ && taint_version_ != plugin_.snapshot().taint_version();
  return !selectors_changed() && !taints_changed;
}

bool SpreadView::selectors_changed() {
  if (own_constraints_) return false;
  const auto versions = selector_versions(plugin_.lister());
  if (versions == versions_) return false;
  versions_ = versions;
  return take_constraints();
}

/// True when they have changed.
bool SpreadView::take_constraints() {
  std::vector<SpreadConstraint> hard = plugin_.constraints(*pod_, "DoNotSchedule");
  std::vector<SpreadConstraint> soft = plugin_.constraints(*pod_, "ScheduleAnyway");
  if (taken_ && same_constraints(hard_, hard) && same_constraints(soft_, soft)) return false;
  taken_ = true;
  hard_.clear();
  soft_.clear();
  for (SpreadConstraint& c : hard) {
    hard_.emplace_back().self = c.selector.matches(pod_->meta().labels);
    hard_.back().mark = required_mark(c.selector, pod_->meta().namespace_);
    hard_.back().constraint = std::move(c);
  }
  for (SpreadConstraint& c : soft) {
    soft_.emplace_back().by_host = c.by_host();
    soft_.back().mark = required_mark(c.selector, pod_->meta().namespace_);
    soft_.back().constraint = std::move(c);
  }
  return true;
}

void SpreadView::find_topologies() {
  const Snapshot& snapshot = plugin_.snapshot();
  taint_version_ = snapshot.taint_version();
  honors_taints_ = false;
  usable_ = true;
  const auto find = [&](auto& c) {
    c.topology = &snapshot.topology(c.constraint.topology_key);
    honors_taints_ = honors_taints_ || c.constraint.honor_taints;
    usable_ = usable_ && !c.topology->has_empty_value();
  };
  for (Hard& h : hard_) find(h);
  for (Soft& s : soft_) find(s);
}

void SpreadView::rebuild() {
  if (!taken_) {
    versions_ = selector_versions(plugin_.lister());
    take_constraints();
  }
  find_topologies();
  if (!usable_) return;
  const Snapshot& snapshot = plugin_.snapshot();
  for (Soft& s : soft_) {
    if (s.by_host) {
      s.on_host.reset(snapshot.size());
      s.most = 0;
    } else {
      s.sums.assign(s.topology->bound(), 0);
      s.seen.assign(s.topology->bound(), 0);
    }
  }
  cycle_ = 0;
  for (std::size_t i = 0; i < hard_.size(); ++i) {
    Hard& h = hard_[i];
    h.domains = h.least = 0;
    h.sums.assign(h.topology->bound(), 0);
    h.nodes.assign(h.topology->bound(), 0);
    h.values_of.assign(1, 0);
    for (const NodeInfo* node : snapshot.nodes()) {
      if (counts_hard(i, *node)) h.enter(h.topology->value(node->index()));
    }
  }
  count_all();
}

/// The pods that are there. Mostly all constraints count the same, which have a label in common.
void SpreadView::count_all() {
  if (hard_.empty() && soft_.empty()) return;
  const std::optional<LabelMark> mark = hard_.empty() ? soft_[0].mark : hard_[0].mark;
  const auto shared = [&](const auto& c) { return c.mark == mark; };
  const bool by_mark = mark && std::all_of(hard_.begin(), hard_.end(), shared) && std::all_of(soft_.begin(), soft_.end(), shared);
  const PodGroups& groups = plugin_.snapshot().groups();
  for (const PodGroup* group : by_mark ? groups.with_label(*mark) : groups.in_namespace(pod_->meta().namespace_)) {
    for (const PodGroup::Place& p : group->places) {
      if (p.node->handle()) pods_changed(*group, *p.node, static_cast<int>(p.count));
    }
  }
}

bool SpreadView::counts_hard(std::size_t i, const NodeInfo& node) const {
  for (const Hard& h : hard_) {
    if (h.topology->value(node.index()) == TopologyIndex::kMissing) return false;
  }
  return includes(hard_[i].constraint, *pod_, node.node(), affinity_);
}

template <class Constraint>
bool SpreadView::counts(const Constraint& c, const PodGroup& group) const {
  if (group.deleting || (c.mark && !group.has(*c.mark))) return false;
  return scheduler::counts(c.constraint.selector, pod_->meta().namespace_, group.sample().meta());
}

void SpreadView::pods_changed(const PodGroup& group, const NodeInfo& node, int delta) {
  const std::uint32_t at = node.index();
  for (Soft& s : soft_) {
    if (!counts(s, group)) continue;
    if (s.by_host) {
      std::int32_t& count = s.on_host.edit(at);
      count += delta;
      s.most = std::max(s.most, count);
    } else if (!(require_all_ && ignored(at)) && includes(s.constraint, *pod_, node.node(), affinity_)) {
      s.sums[s.topology->value(at)] += delta;
    }
  }
  for (std::size_t i = 0; i < hard_.size(); ++i) {
    if (counts(hard_[i], group) && counts_hard(i, node)) hard_[i].add(hard_[i].topology->value(at), delta);
  }
}

/// One more node that counts; its pods are counted by add().
void SpreadView::Hard::enter(std::uint32_t value) {
  if (nodes[value]++ != 0) return;
  ++domains;
  ++values_of[0];
}

void SpreadView::Hard::add(std::uint32_t value, std::int64_t delta) {
  --values_of[static_cast<std::size_t>(sums[value])];
  sums[value] += delta;
  const auto sum = static_cast<std::size_t>(sums[value]);
  if (sum >= values_of.size()) values_of.resize(sum + 1);
  ++values_of[sum];
  least = std::min(least, sums[value]);
  while (values_of[static_cast<std::size_t>(least)] == 0) ++least;
}

const Status* SpreadView::filter(std::uint32_t position) const {
  for (const Hard& h : hard_) {
    const std::uint32_t value = h.topology->value(position);
    if (value == TopologyIndex::kMissing) return &plugin_.no_label();
    const std::int64_t least = h.domains < h.constraint.min_domains ? 0 : h.least;
    if (h.sums[value] + (h.self ? 1 : 0) - least > h.constraint.max_skew) return &plugin_.skewed();
  }
  return nullptr;
}

bool SpreadView::ignored(std::uint32_t position) const {
  for (const Soft& s : soft_) {
    if (s.topology->value(position) == TopologyIndex::kMissing) return true;
  }
  return false;
}

/// The weight of a constraint grows with the number of its domains among the feasible nodes. Nodes without the label make
/// up one of them unless they are ignored.
void SpreadView::weigh(std::span<const std::uint32_t> feasible) {
  ++cycle_;
  std::size_t ignored_nodes = 0;
  if (require_all_) {
    for (const std::uint32_t at : feasible) ignored_nodes += ignored(at) ? 1 : 0;
  }
  for (Soft& s : soft_) {
    std::size_t domains = 0;
    if (s.by_host) {
      domains = feasible.size() - ignored_nodes;
    } else {
      const std::vector<std::uint32_t>& values = s.topology->values();
      for (const std::uint32_t at : feasible) {
        std::uint32_t& seen = s.seen[values[at]];
        if (seen == cycle_ || (ignored_nodes != 0 && ignored(at))) continue;
        seen = cycle_;
        if (++domains == s.topology->distinct()) break;
      }
    }
    if (domains == s.weighed_domains) continue;
    s.weighed_domains = domains;
    s.weight = base::log(static_cast<double>(domains + 2));
  }
}

bool SpreadView::score(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) {
  if (soft_.empty()) return false;
  weigh(feasible);
  const std::size_t kinds = kinds_of_nodes();
  return kinds != 0 && kinds < feasible.size() ? score_kinds(kinds, feasible, scores) : score_nodes(feasible, scores);
}

/// Nodes with the same count or value for every constraint score alike. The number of such kinds at most; 0: too many, or
/// nodes are to be told apart by missing labels.
std::size_t SpreadView::kinds_of_nodes() const {
  std::size_t kinds = 1;
  for (const Soft& s : soft_) {
    if (require_all_ || (s.by_host && s.topology->has_missing())) return 0;
    kinds *= s.by_host ? static_cast<std::size_t>(s.most) + 1 : s.topology->bound();
    if (kinds > kMaxKinds) return 0;
  }
  return kinds;
}

/// What one constraint adds to the raw score of a node.
double SpreadView::Soft::share(std::int64_t count) const {
  const double weighted = static_cast<double>(count) * weight;
  return weighted + static_cast<double>(constraint.max_skew - 1);
}

/// Adds the constraint's digit to the kind of each node.
void SpreadView::number_kinds(const Soft& s, std::size_t stride, std::span<const std::uint32_t> feasible,
                              std::span<std::int32_t> kinds) {
  const auto step = static_cast<std::int32_t>(stride);
  std::int32_t* const out = kinds.data();
  const std::uint32_t* const at = feasible.data();
  const std::uint32_t* const values = s.topology->values().data();
  const std::size_t n = feasible.size();
  // With a stride of 1 there are no digits yet, or only zeros.
  if (stride == 1 && s.by_host) {
    s.on_host.each(feasible, [out](std::size_t j, std::int32_t count) { out[j] = count; });
  } else if (s.by_host) {
    s.on_host.each(feasible, [out, step](std::size_t j, std::int32_t count) { out[j] += step * count; });
  } else if (stride == 1) {
    for (std::size_t j = 0; j < n; ++j) out[j] = static_cast<std::int32_t>(values[at[j]]);
  } else {
    for (std::size_t j = 0; j < n; ++j) out[j] += step * static_cast<std::int32_t>(values[at[j]]);
  }
}

bool SpreadView::score_kinds(std::size_t kinds, std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) {
  std::array<double, kMaxKinds> sums{};
  std::size_t stride = 1;   // a kind is a number whose digits are counts and values
  for (const Soft& s : soft_) {
    const std::size_t digits = s.by_host ? static_cast<std::size_t>(s.most) + 1 : s.topology->bound();
    for (std::size_t digit = 0; digit < digits; ++digit) {
      if (!s.by_host && digit == TopologyIndex::kMissing) continue;
      const double share = s.share(s.by_host ? static_cast<std::int64_t>(digit) : s.sums[digit]);
      for (std::size_t k = digit * stride; k < kinds; k += digits * stride) {
        for (std::size_t i = k; i < k + stride; ++i) sums[i] += share;
      }
    }
    number_kinds(s, stride, feasible, scores);
    stride *= digits;
  }
  std::array<bool, kMaxKinds> present{};
  for (const std::int32_t kind : scores) present[static_cast<std::size_t>(kind)] = true;
  std::array<std::int32_t, kMaxKinds> score_of;
  std::int32_t lowest = INT32_MAX;
  std::int32_t highest = 0;
  for (std::size_t k = 0; k < kinds; ++k) {
    if (!present[k]) continue;
    score_of[k] = rounded(sums[k]);
    lowest = std::min(lowest, score_of[k]);
    highest = std::max(highest, score_of[k]);
  }
  if (lowest == highest) return false;
  for (std::size_t k = 0; k < kinds; ++k) {
    if (present[k]) score_of[k] = normal(lowest, highest, score_of[k]);
  }
  for (std::int32_t& score : scores) score = score_of[static_cast<std::size_t>(score)];
  return true;
}

bool SpreadView::score_nodes(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) {
  sums_.assign(feasible.size(), 0.0);
  for (const Soft& s : soft_) {
    for (std::size_t j = 0; j < feasible.size(); ++j) {
      const std::uint32_t value = s.topology->value(feasible[j]);
      if (value != TopologyIndex::kMissing) sums_[j] += s.share(s.by_host ? s.on_host.get(feasible[j]) : s.sums[value]);
    }
  }
  std::int32_t lowest = INT32_MAX;
  std::int32_t highest = 0;
  bool any_ignored = false;
  for (std::size_t j = 0; j < feasible.size(); ++j) {
    if (require_all_ && ignored(feasible[j])) {
      scores[j] = kIgnoredNode;
      any_ignored = true;
      continue;
    }
    scores[j] = rounded(sums_[j]);
    lowest = std::min(lowest, scores[j]);
    highest = std::max(highest, scores[j]);
  }
  if (!any_ignored && lowest == highest) return false;
  for (std::int32_t& score : scores) score = score == kIgnoredNode ? 0 : normal(lowest, highest, score);
  return true;
}

}  // namespace orrery::scheduler
