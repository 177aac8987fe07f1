// RemovePodsViolatingTopologySpreadConstraint (pkg/framework/plugins/removepodsviolatingtopologyspreadconstraint).
#include <algorithm>
#include <cmath>
#include <map>

#include "control/client/owner.h"
#include "control/scheduler/descheduler/evictable.h"
#include "control/scheduler/descheduler/strategies.h"
#include "model/codec/json_write.h"

namespace orrery::scheduler::descheduler {
namespace {

struct Domain {
  Str value;
  std::vector<PodInfoRef> pods;   // those evicted first stand last
};

bool bound_to_nodes(const PodInfo& pod) {
  return !pod.spec().node_selector.empty() || (pod.spec().affinity && pod.spec().affinity->node_affinity);
}

/// Who stays before who goes: those that cannot be evicted, those with a selector or node affinity, higher priority.
bool stays_before(const PodInfoRef& a, const PodInfoRef& b) {
  if (evictable(*a) != evictable(*b)) return !evictable(*a);
  if (bound_to_nodes(*a) != bound_to_nodes(*b)) return bound_to_nodes(*a);
  return a->priority() > b->priority();
}

/// One constraint of one namespace.
class Balance {
 public:
  Balance(const Snapshot& snapshot, const Str& ns, const api::TopologySpreadConstraint& constraint, bool node_fit)
      : snapshot_(snapshot), constraint_(constraint), node_fit_(node_fit) {
    std::map<Str, std::vector<PodInfoRef>> by_value;
    const api::Selector selector = client::selector_of(constraint.label_selector);
    for (const NodeInfo* n : snapshot.nodes()) {
      const Str* const value = n->labels().find(constraint.topology_key);
      if (!value) continue;
      std::vector<PodInfoRef>& pods = by_value[*value];
      for (const PodInfoRef& p : n->pods()) {
        if (p->meta().namespace_ == ns && !p->meta().deleting() && selector.matches(p->meta().labels)) pods.push_back(p);
      }
    }
    for (auto& [value, pods] : by_value) {
      all_ += static_cast<double>(pods.size());
      std::stable_sort(pods.begin(), pods.end(), stays_before);
      domains_.push_back({value, std::move(pods)});
    }
    std::stable_sort(domains_.begin(), domains_.end(), [](const Domain& a, const Domain& b) { return a.pods.size() < b.pods.size(); });
  }

  std::vector<PodInfoRef> run() {
    if (domains_.empty() || skew(0, domains_.size() - 1) <= static_cast<double>(constraint_.max_skew)) return {};
    average_ = all_ / static_cast<double>(domains_.size());
    find_nodes_below();
    std::size_t low = 0;
    std::size_t high = domains_.size() - 1;
    while (low < high) {
      if (size(high) <= average_) --high;
      const double moved = movable(low, high);
      if (moved <= 0) ++low;
      else move(low, high, static_cast<std::size_t>(moved));
    }
    return std::move(out_);
  }

 private:
  double size(std::size_t d) const { return static_cast<double>(domains_[d].pods.size()); }
  double skew(std::size_t low, std::size_t high) const { return size(high) - size(low); }

  /// As many as bring the one down or the other up to the average, or both within maxSkew, whichever is least; all rounded up.
  double movable(std::size_t low, std::size_t high) const {
    const double apart = skew(low, high);
    const auto allowed = static_cast<double>(constraint_.max_skew);
    if (apart <= allowed) return 0;
    return std::min({std::ceil(size(high) - average_), std::ceil(average_ - size(low)), std::ceil((apart - allowed) / 2)});
  }

  /// Pods that fit nowhere else are not evicted, but count as moved.
  void move(std::size_t low, std::size_t high, std::size_t count) {
    std::vector<PodInfoRef>& from = domains_[high].pods;
    const auto first = from.end() - static_cast<std::ptrdiff_t>(count);
    for (auto p = first; p != from.end(); ++p) {
      const auto fits = [&](const NodeInfo* n) { return fits_on(**p, *n); };
      if (evictable(**p) && (!node_fit_ || std::any_of(below_.begin(), below_.end(), fits))) out_.push_back(*p);
    }
    std::vector<PodInfoRef>& to = domains_[low].pods;
    to.insert(to.end(), first, from.end());
    from.erase(first, from.end());
  }

  void find_nodes_below() {
    for (const Domain& d : domains_) {
      if (static_cast<double>(d.pods.size()) >= average_) continue;
      for (const NodeInfo* n : snapshot_.nodes()) {
        const Str* const value = n->labels().find(constraint_.topology_key);
        if (value && *value == d.value) below_.push_back(n);
      }
    }
  }

  const Snapshot& snapshot_;
  const api::TopologySpreadConstraint& constraint_;
  bool node_fit_;
  std::vector<Domain> domains_;
  double all_ = 0, average_ = 0;
  std::vector<const NodeInfo*> below_;
  std::vector<PodInfoRef> out_;
};

}  // namespace

std::vector<PodInfoRef> remove_pods_violating_topology_spread(const Snapshot& snapshot, const TopologySpreadArgs& args) {
  std::map<Str, std::map<std::string, const api::TopologySpreadConstraint*>> by_namespace;   // each constraint once, by its text
  for (const NodeInfo* n : snapshot.nodes()) {
    for (const PodInfoRef& p : n->pods()) {
      for (const api::TopologySpreadConstraint& c : p->spec().topology_spread_constraints) {
        if (c.when_unsatisfiable == "ScheduleAnyway" && !args.include_soft) continue;
        by_namespace[p->meta().namespace_].emplace(codec::to_json(c), &c);
      }
    }
  }
  std::vector<PodInfoRef> out;
  for (const auto& [ns, constraints] : by_namespace) {
    for (const auto& [text, constraint] : constraints) {
      for (PodInfoRef& p : Balance(snapshot, ns, *constraint, args.topology_node_fit).run()) {
        const auto same = [&](const PodInfoRef& other) { return other->meta().uid == p->meta().uid; };
        if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(p));
      }
    }
  }
  return out;
}

}  // namespace orrery::scheduler::descheduler
