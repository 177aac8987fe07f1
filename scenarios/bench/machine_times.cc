#include "scenarios/bench/machine_times.h"

#include <algorithm>

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

bool is_there(const TraceNode& node, Nanos at) {
  return std::none_of(node.away.begin(), node.away.end(), [&](const TraceNode::Away& a) { return a.from <= at && at < a.until; });
}

class MachineTimes final : public TimedAgent {
 public:
  MachineTimes(const std::vector<TraceNode>& nodes, Nanos from) {
    for (const TraceNode& n : nodes) {
      for (const TraceNode::Away& a : n.away) {
        if (a.from > from) changes_.push_back({a.from, &n, false});
        if (a.until > from && a.until < INT64_MAX) changes_.push_back({a.until, &n, true});
      }
    }
    std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  }
  bool idle() const { return changes_.empty(); }

  Nanos next() const override { return done_ < changes_.size() ? changes_[done_].at : INT64_MAX; }

  void act(Nanos now, TimedWorld& world) override {
    for (; next() <= now; ++done_) {
      const Change& c = changes_[done_];
      if (c.comes) {
        world.add_node(*c.node);
        continue;
      }
      const std::vector<scheduler::PodInfoRef> pods = world.snapshot().find(c.node->name)->pods();
      for (const scheduler::PodInfoRef& p : pods) world.evict(*p, Evictor::kMachine);
      world.remove_node(c.node->name);
    }
  }

  std::string note() const override {
    const auto come = std::count_if(changes_.begin(), changes_.end(), [](const Change& c) { return c.comes; });
    return base::cat("machines come and go as recorded: ", std::to_string(come), " come and ", std::to_string(std::ssize(changes_) - come),
                     " go after the first pod has come; pods on one that goes are evicted (machine_lost_pods) and begin anew; ",
                     "offered_load is told for the nodes at the end");
  }

 private:
  struct Change {
    Nanos at;
    const TraceNode* node;
    bool comes;
  };
  std::vector<Change> changes_;
  std::size_t done_ = 0;
};

}  // namespace

std::vector<TraceNode> nodes_at(const std::vector<TraceNode>& nodes, Nanos at) {
  std::vector<TraceNode> out;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(out), [&](const TraceNode& n) { return is_there(n, at); });
  return out;
}

std::unique_ptr<TimedAgent> make_machine_times(const std::vector<TraceNode>& nodes, Nanos from) {
  auto out = std::make_unique<MachineTimes>(nodes, from);
  return out->idle() ? nullptr : std::move(out);
}

}  // namespace orrery::scenarios::bench
