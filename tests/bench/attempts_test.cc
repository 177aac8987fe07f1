// A timed run counts how often each pod was tried, whatever tries it: one more run is enough to explain the last attempt.
#include <doctest/doctest.h>

#include <map>

#include "scenarios/bench/synthetic.h"
#include "tests/bench/timed_trace.h"

namespace orrery::scenarios::bench {
namespace {

class Counts final : public scheduler::DecisionWatcher {
 public:
  void deciding(const scheduler::Decision& d) override { ++of_pod[d.pod->meta().name.str()]; }
  std::map<std::string, std::size_t> of_pod;
};

Trace crowded_synthetic(bool gangs) {
  SyntheticSpec spec;
  spec.nodes = {{4, {"", 8000, std::int64_t{8} << 30, 2, "A"}}};
  spec.pods = 300;
  spec.arrivals.between = {LawKind::kExponential, 10 * base::kSecond};
  spec.durations = {LawKind::kLognormal, 100 * base::kSecond, 1.0};
  spec.shapes = {{3, 2000, 1 << 30, {1, 500, "", false}}, {1, 5000, 1 << 30, {}, {}}};
  spec.shapes[1].priority = 10;
  if (gangs) spec.shapes[0].gang_most = 3;
  return generate(spec, 3);
}

}  // namespace

TEST_CASE("attempts are counted as a watcher sees them") {
  std::size_t several = 0;
  const auto check = [&](const char* name, bool gangs, const auto& change) {
    CAPTURE(name);
    const Trace t = crowded_synthetic(gangs);
    scheduler::PolicySpec policy = *scheduler::known_policy(name);
    TimedOptions options;
    change(policy, options);
    Counts counts;
    options.watcher = &counts;
    std::vector<scheduler::PodShape> shapes;
    for (const TracePod& p : t.pods) shapes.push_back(shape_of(p));
    RunRecord out;
    run_timed(t, {}, policy, std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)), 1, out, options);
    REQUIRE(out.notable.size() >= 2);
    for (const NotablePod& n : out.notable) {
      CAPTURE(n.why);
      CHECK(n.attempts == counts.of_pod[n.pod]);
      several += n.attempts > 1;
    }
  };
  const auto nothing = [](scheduler::PolicySpec&, TimedOptions&) {};
  check("BestFit", false, nothing);
  check("Flow", false, nothing);
  check("DRF", false, nothing);
  check("FGD", true, nothing);
  check("BestFit", true, [](scheduler::PolicySpec& p, TimedOptions&) { p.strict = true; });
  check("BestFit", true, [](scheduler::PolicySpec& p, TimedOptions&) { p.preemption = true; });
  check("Default", false, [](scheduler::PolicySpec& p, TimedOptions& o) {
    p.preemption = true;
    o.descheduler.emplace();
    o.descheduler->low_node_utilization = scheduler::descheduler::LowNodeUtilizationArgs{};
    o.descheduler->low_node_utilization->thresholds.cpu = 30;
    o.descheduler->low_node_utilization->target.cpu = 60;
  });
  CHECK(several > 7);
}

}  // namespace orrery::scenarios::bench
