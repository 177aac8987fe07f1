#include "scenarios/bench/autoscaling.h"

#include <algorithm>

#include "control/scheduler/autoscaler/scale_down.h"
#include "control/scheduler/autoscaler/trial_cluster.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;
using scheduler::NodeInfo;
using scheduler::PodInfoRef;
namespace autoscaler = scheduler::autoscaler;

constexpr std::size_t kMostEmptyAtOnce = 10;   // max-scale-down-parallelism
constexpr std::size_t kMostAtOnce = 1000;      // max-nodes-per-scaleup

Str numbered_node(const Str& group, std::size_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return base::cat(group, "-", digits);
}

class Autoscaler final : public TimedAgent {
 public:
  Autoscaler(const AutoscalingSpec& spec, std::uint64_t seed)
      : spec_(spec), random_(base::stream_key(seed, "bench", "autoscaler")), size_(spec.groups.size()), next_number_(spec.groups.size(), 1) {}

  Nanos next() const override {
    Nanos at = next_scan_;
    for (const Coming& c : coming_) at = std::min(at, c.ready);
    return at;
  }

  void act(Nanos now, TimedWorld& world) override {
    // Pods are tried on new nodes before anybody asks for more: the scan of this instant comes after that.
    const bool came = begun_ ? bring(now, world) : begin(world);
    if (came || now < next_scan_) return;
    next_scan_ = now + spec_.scan;
    // Nothing has changed, and no time has run out.
    if (world.version() == seen_ && now < next_deadline_) return;
    if (!scale_up(now, world)) scale_down(now, world);
    seen_ = world.version();
  }

  std::string note() const override {
    return base::cat("autoscaler: scan every ", std::to_string(spec_.scan / base::kSecond), " s, nodes come after ",
                     std::to_string(spec_.provisioning / base::kSecond), " s, go after ", std::to_string(spec_.unneeded / base::kSecond),
                     " s unneeded; ", spec_.keep_nodes ? "the trace's nodes stay beside" : "the trace's nodes are not there",
                     "; node_hours count nodes that are there; offered_load is told for the nodes at the end");
  }

 private:
  struct Coming {
    Nanos ready;
    std::size_t group;
    Str name;
  };
  struct Unneeded {
    Str name;
    Nanos since;
  };

  TraceNode node_of(std::size_t group, const Str& name) const {
    TraceNode out = spec_.groups[group].node;
    out.name = name;
    return out;
  }
  Str next_name(std::size_t group) { return numbered_node(spec_.groups[group].node.name, next_number_[group]++); }

  /// True when nodes came, as below.
  bool begin(TimedWorld& world) {
    begun_ = true;
    bool any = false;
    for (std::size_t g = 0; g < spec_.groups.size(); ++g) {
      for (; size_[g] < spec_.groups[g].min; ++size_[g], any = true) add(g, next_name(g), world);
    }
    return any;
  }

  void add(std::size_t group, const Str& name, TimedWorld& world) {
    world.add_node(node_of(group, name));
    group_of_[name] = group;
  }

  bool bring(Nanos now, TimedWorld& world) {
    const auto ready = [&](const Coming& c) { return c.ready <= now; };
    for (const Coming& c : coming_) {
      if (ready(c)) add(c.group, c.name, world);
    }
    return std::erase_if(coming_, ready) > 0;
  }

  /// Those that have no place on nodes on their way, either.
  std::vector<PodInfoRef> helpless(TimedWorld& world) const {
    std::vector<PodInfoRef> out = world.unschedulable();
    if (out.empty() || coming_.empty()) return out;
    autoscaler::TrialCluster trial;
    for (const Coming& c : coming_) trial.add_node(make_node(node_of(c.group, c.name)));
    std::erase_if(out, [&](const PodInfoRef& p) { return trial.place(p).node != nullptr; });
    return out;
  }

  bool scale_up(Nanos now, TimedWorld& world) {
    const std::vector<PodInfoRef> pods = helpless(world);
    std::vector<autoscaler::ScaleUpOption> options;
    for (std::size_t g = 0; g < spec_.groups.size() && !pods.empty(); ++g) {
      const AutoscalingGroup& group = spec_.groups[g];
      if (size_[g] >= group.max) continue;
      autoscaler::ScaleUpOption option;
      option.group = g;
      option.priority = group.priority;
      option.node.add(make_node(group.node)->status->allocatable);
      option.estimate = autoscaler::estimate(pods, [&](const Str& name) { return make_node(node_of(g, name)); },
                                             std::min(kMostAtOnce, group.max - size_[g]));
      if (option.estimate.nodes > 0) options.push_back(std::move(option));
    }
    if (options.empty()) return false;
    const autoscaler::ScaleUpOption& chosen = options[autoscaler::choose(spec_.expander, options, random_)];
    for (std::size_t i = 0; i < chosen.estimate.nodes; ++i) coming_.push_back({now + spec_.provisioning, chosen.group, next_name(chosen.group)});
    size_[chosen.group] += chosen.estimate.nodes;
    last_grown_ = now;
    world.scaled_up();
    // What this group does not take is looked at again in the next scan.
    next_deadline_ = now;
    return true;
  }

  void scale_down(Nanos now, TimedWorld& world) {
    const auto managed = [&](const NodeInfo& n) {
      const auto at = group_of_.find(n.name());
      return at != group_of_.end() && size_[at->second] > spec_.groups[at->second].min;
    };
    std::vector<Unneeded> known;
    known.swap(unneeded_);
    for (const NodeInfo* n : autoscaler::unneeded_nodes(world.snapshot(), spec_.threshold, managed)) {
      const auto before = std::find_if(known.begin(), known.end(), [&](const Unneeded& u) { return u.name == n->name(); });
      unneeded_.push_back({n->name(), before == known.end() ? now : before->since});
    }
    if (last_grown_ < 0 || now >= last_grown_ + spec_.after_add) remove_unneeded(now, world);
    next_deadline_ = INT64_MAX;
    for (const Unneeded& u : unneeded_) {
      const Nanos allowed = last_grown_ < 0 ? 0 : last_grown_ + spec_.after_add;
      next_deadline_ = std::min(next_deadline_, std::max(u.since + spec_.unneeded, allowed));
    }
  }

  void remove_unneeded(Nanos now, TimedWorld& world) {
    std::size_t removed = 0;
    std::optional<Str> to_drain;
    for (const Unneeded& u : std::vector<Unneeded>(unneeded_)) {
      const NodeInfo* const node = world.snapshot().find(u.name);
      if (now < u.since + spec_.unneeded || removed == kMostEmptyAtOnce) continue;
      if (size_[group_of_.at(u.name)] <= spec_.groups[group_of_.at(u.name)].min) continue;
      if (!node->pods().empty()) {
        if (!to_drain) to_drain = u.name;
        continue;
      }
      remove(u.name, world);
      ++removed;
    }
    if (removed > 0 || !to_drain) return;
    const std::vector<PodInfoRef> pods = world.snapshot().find(*to_drain)->pods();
    for (const PodInfoRef& p : pods) world.evict(*p, Evictor::kAutoscaler);
    remove(*to_drain, world);
  }

  void remove(const Str& name, TimedWorld& world) {
    world.remove_node(name);
    --size_[group_of_.at(name)];
    group_of_.erase(name);
    std::erase_if(unneeded_, [&](const Unneeded& u) { return u.name == name; });
  }

  AutoscalingSpec spec_;
  base::RandomStream random_;
  std::vector<std::size_t> size_;              // by group, with those on their way
  std::vector<std::size_t> next_number_;       // by group
  base::BTreeMap<Str, std::size_t> group_of_;  // by node that is there
  std::vector<Coming> coming_;
  std::vector<Unneeded> unneeded_;
  bool begun_ = false;
  Nanos next_scan_ = 0, last_grown_ = -1;
  Nanos next_deadline_ = 0;                    // a scan has to look again then although nothing changes
  std::uint64_t seen_ = UINT64_MAX;
};

}  // namespace

std::unique_ptr<TimedAgent> make_autoscaler(const AutoscalingSpec& spec, std::uint64_t seed) { return std::make_unique<Autoscaler>(spec, seed); }

}  // namespace orrery::scenarios::bench
