#include "scenarios/bench/descheduling.h"

namespace orrery::scenarios::bench {
namespace {

using scheduler::PodInfoRef;

class Descheduler final : public TimedAgent {
 public:
  explicit Descheduler(const DeschedulingSpec& spec) : spec_(spec) {}
  base::Nanos next() const override { return next_; }

  void act(base::Nanos now, TimedWorld& world) override {
    // The first round comes a period after the run begins, as do all others.
    const bool first = next_ == 0;
    next_ = now + spec_.every;
    if (first || world.version() == seen_) return;
    left_ = spec_.most_evictions.value_or(SIZE_MAX);
    if (spec_.remove_duplicates) evict(scheduler::descheduler::remove_duplicates(world.snapshot()), world);
    if (spec_.topology_spread) {
      evict(scheduler::descheduler::remove_pods_violating_topology_spread(world.snapshot(), *spec_.topology_spread), world);
    }
    if (spec_.low_node_utilization) {
      evict(scheduler::descheduler::low_node_utilization(world.snapshot(), *spec_.low_node_utilization), world);
    }
    if (spec_.high_node_utilization) {
      evict(scheduler::descheduler::high_node_utilization(world.snapshot(), *spec_.high_node_utilization), world);
    }
    seen_ = world.version();
  }

  std::string note() const override {
    return base::cat("descheduler: a round every ", std::to_string(spec_.every / base::kSecond),
                     " s in which something has changed; evicted pods are placed again by the same policy at once");
  }

 private:
  void evict(const std::vector<PodInfoRef>& pods, TimedWorld& world) {
    for (const PodInfoRef& p : pods) {
      if (left_ == 0) return;
      --left_;
      world.evict(*p, Evictor::kDescheduler);
    }
  }

  DeschedulingSpec spec_;
  base::Nanos next_ = 0;
  std::uint64_t seen_ = 0;
  std::size_t left_ = 0;
};

}  // namespace

std::unique_ptr<TimedAgent> make_descheduler(const DeschedulingSpec& spec) { return std::make_unique<Descheduler>(spec); }

}  // namespace orrery::scenarios::bench
