// Energy: timed runs against SimGrid's host energy plugin, which runs the same work; machines that are off.
#include <doctest/doctest.h>

#include "scenarios/bench/timed.h"
#include "tests/bench/timed_trace.h"
#include "tests/sim/simgrid_engine.h"

namespace orrery::scenarios::bench {
namespace {

namespace sg = simgrid::s4u;

const EnergySpec kWatts{{90, 130, 250}, 7};
constexpr double kSpeed = 1e9;   // of a core, operations a second

/// What SimGrid's plugin says the hosts draw until `last`, when each pod works on its node from its arrival on. One pod after
/// another is started, hosts have one core that is as fast as all of the node's.
double drawn_by_simgrid(const Trace& trace, const std::vector<std::size_t>& node_of, base::Nanos last) {
  const auto engine = orrery::test::simgrid_engine();
  const double zero = sg::Engine::get_clock();
  sg::NetZone* zone = sg::create_empty_zone("world");
  std::vector<sg::Host*> hosts;
  const std::string watts = std::to_string(kWatts.power.idle) + ":" + std::to_string(kWatts.power.any_core) + ":" + std::to_string(kWatts.power.all_cores);
  for (const TraceNode& n : trace.nodes) {
    hosts.push_back(zone->create_host(n.name.str(), kSpeed * static_cast<double>(n.milli_cpu) / 1000)->set_property("wattage_per_state", watts)->seal());
  }
  zone->seal();
  std::vector<sg::ExecPtr> all;
  for (std::size_t i = 0; i < trace.pods.size(); ++i) {
    const TracePod& p = trace.pods[i];
    const double date = zero + in_seconds(p.arrival), rate = kSpeed * static_cast<double>(p.milli_cpu) / 1000;
    if (date > sg::Engine::get_clock()) engine->run_until(date);
    if (p.milli_cpu == 0) continue;
    all.push_back(sg::Exec::init());
    all.back()->set_flops_amount(rate * in_seconds(p.duration))->set_bound(rate)->set_host(hosts[node_of[i]]);
    all.back()->vetoable_start();
  }
  engine->run_until(zero + in_seconds(last));
  double joules = 0;
  // It stands still after the last event; what follows is idle.
  for (sg::Host* h : hosts) joules += sg_host_get_consumed_energy(h) + (zero + in_seconds(last) - sg::Engine::get_clock()) * kWatts.power.idle;
  engine->run_until(zero + in_seconds(last) + 3600);   // SimGrid's end does not bear work that goes on
  return joules;
}

TimedOptions with_energy() {
  TimedOptions out;
  out.measuring.energy = kWatts;
  return out;
}

}  // namespace

TEST_CASE("a timed run draws what SimGrid's plugin says") {
  Trace t;
  t.timed = true;
  t.nodes = {{"a", 8000, 1 << 30, 0, ""}, {"b", 2500, 1 << 30, 0, ""}, {"c", 16000, 1 << 30, 0, ""}};
  base::RandomStream random(base::mix64(11));
  for (int i = 0; i < 60; ++i) {
    t.pods.push_back(cpu_pod(("p" + std::to_string(i)).c_str(), 7 * i, 1 + static_cast<int>(random.below(60)), static_cast<std::int64_t>(random.below(4)) * 250));
  }
  TimedOptions options = with_energy();
  const RunRecord r = run_with(t, options, "Default");
  REQUIRE(*r.metric("wait_mean_s") == 0);   // SimGrid's work does not wait
  // Where they went: nodes of one pod after another, from the explanation of each start.
  class Nodes final : public scheduler::DecisionWatcher {
   public:
    void deciding(const scheduler::Decision& d) override { snapshot = &d.snapshot; }
    const scheduler::Snapshot* snapshot = nullptr;
  } watcher;
  std::vector<std::size_t> node_of(t.pods.size());
  options.watcher = &watcher;
  options.on_start = [&](std::uint32_t pod, base::Nanos) {
    for (std::size_t n = 0; n < t.nodes.size(); ++n) {
      for (const scheduler::PodInfoRef& there : watcher.snapshot->find(t.nodes[n].name)->pods()) {
        if (there->meta().name == t.pods[pod].name) node_of[pod] = n;
      }
    }
  };
  CHECK(run_with(t, options, "Default").digest == r.digest);
  const double expected = drawn_by_simgrid(t, node_of, t.pods.back().arrival);
  const double idle = 3 * kWatts.power.idle * in_seconds(t.pods.back().arrival);
  CHECK(expected > idle * 1.1);
  CHECK(*r.metric("energy_kwh") * 3.6e6 - idle == doctest::Approx(expected - idle).epsilon(1e-6));
}

TEST_CASE("energy by hand: idle, half, full, and only after the warm-up") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 4000, 1 << 30, 0, ""}, {"m", 4000, 1 << 30, 0, ""}};
  t.pods = {cpu_pod("full", 0, 10, 4000), cpu_pod("half", 20, 10, 2000), cpu_pod("end", 40, 1, 1000)};
  TimedOptions options = with_energy();
  CHECK(*run_with(t, options).metric("energy_kwh") * 3.6e6 == doctest::Approx(40 * 90 + 10 * 250 + 10 * 190 + 20 * 90));
  CHECK(*run_with(t, options).metric("energy_wh_per_pod") == doctest::Approx(*run_with(t, options).metric("energy_kwh") * 1000 / 2));   // "end" has not ended
  options.measuring.warmup = {WarmupRule::Kind::kSpan, 5 * base::kSecond};
  CHECK(*run_with(t, options).metric("energy_kwh") * 3.6e6 == doctest::Approx(35 * 90 + 5 * 250 + 10 * 190 + 20 * 90));
  CHECK(run_with(t, TimedOptions()).metric("energy_kwh") == nullptr);
}

TEST_CASE("nodes have the watts of their group, else of their model") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 4000, 1 << 30, 0, "A"}, {"m", 1000, 1 << 30, 0, "A"}, {"l", 1000, 1 << 30, 0, "B"}};
  t.nodes[1].power = PowerSpec{10, 10, 20};
  t.pods = {cpu_pod("a", 0, 10, 2000), cpu_pod("end", 20, 1, 1000)};
  TimedOptions options = with_energy();
  options.measuring.energy->models = {{"A", {50, 60, 160}, {}}};
  CHECK(*run_with(t, options).metric("energy_kwh") * 3.6e6 == doctest::Approx(10 * 110 + 10 * 50 + 20 * 10 + 20 * 90));
}

TEST_CASE("GPUs draw by how much of them is allocated, each by its model") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 4000, 1 << 30, 2, "A"}, {"m", 1000, 1 << 30, 4, "B"}};
  t.pods = {cpu_pod("half", 0, 10, 0), cpu_pod("both", 20, 10, 0), cpu_pod("end", 40, 1, 0)};
  t.pods[0].gpu = {1, 500, "A", false};
  t.pods[1].gpu = {2, 1000, "A", false};
  TimedOptions options = with_energy();
  const auto joules = [&] { return *run_with(t, options).metric("energy_kwh") * 3.6e6; };
  const double without = joules();
  options.measuring.energy->gpu = {20, 100};
  CHECK(joules() - without == doctest::Approx(40 * 6 * 20 + 10 * 0.5 * 80 + 10 * 2 * 80));
  options.measuring.energy->models = {{"A", kWatts.power, {5, 45}}};
  CHECK(joules() - without == doctest::Approx(40 * (2 * 5 + 4 * 20) + 10 * 0.5 * 40 + 10 * 2 * 40));
  options.measuring.warmup = {WarmupRule::Kind::kSpan, 25 * base::kSecond};
  const double late = joules();
  options.measuring.energy = kWatts;
  CHECK(late - joules() == doctest::Approx(15 * (2 * 5 + 4 * 20) + 5 * 2 * 40));
}

TEST_CASE("machines that the autoscaler does not need are off") {
  Trace t;
  t.timed = true;
  // A pod at the beginning makes a machine come after a minute; it goes when it has been empty for a minute.
  t.pods = {cpu_pod("a", 0, 60, 2000), cpu_pod("b", 1000, 1, 0)};
  TimedOptions options = with_energy();
  options.autoscaler.emplace();
  AutoscalingSpec& a = *options.autoscaler;
  a.keep_nodes = false;
  a.groups.push_back({0, 3, 0, {"g", 4000, 1 << 30, 0, ""}});
  a.scan = 10 * base::kSecond;
  a.provisioning = base::kMinute;
  a.unneeded = a.after_add = base::kMinute;
  const RunRecord r = run_with(t, options);
  REQUIRE(*r.metric("nodes_added") == 1);
  REQUIRE(*r.metric("nodes_removed") == 1);
  const double there = *r.metric("node_hours") * 3600;
  CHECK(there >= 120);
  CHECK(there < 200);
  CHECK(*r.metric("energy_kwh") * 3.6e6 == doctest::Approx(60 * 190 + (there - 60) * 90 + (3 * 1000 - there) * 7));
}

}  // namespace orrery::scenarios::bench
