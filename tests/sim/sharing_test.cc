#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>
#include <simgrid/kernel/routing/NetPoint.hpp>
#include <simgrid/kernel/routing/StarZone.hpp>

#include "model/base/random.h"
#include "sim/sharing/shared_capacity.h"
#include "tests/sim/simgrid_engine.h"

namespace orrery::sim::test {
namespace {

namespace sg = simgrid::s4u;
using base::kMillisecond;
using base::kSecond;
using Make = std::unique_ptr<RateSolver> (*)();

constexpr EventTag kTag{0, EventKind::kModel, 0};
constexpr double kCore = 1e9;

struct Item {
  ShareDemand demand;
  double amount = 0;
  base::Nanos start = 0, cancel = -1;
};

struct Workload {
  double trunk = 1e18;
  std::vector<NodeCapacity> nodes;
  std::vector<Item> items;  // by start
};

/// Mixed work and flows with starts, ends and cancellations on the way. If asked, flows have bounds of their own, and two of
/// the nodes are in racks of one zone, one in another, one in none.
Workload draw(std::uint64_t seed, bool bounded_flows = false) {
  base::RandomStream r(base::mix64(seed));
  Workload w;
  const auto below = [&r](std::uint64_t n) { return static_cast<double>(r.below(n)); };
  for (int i = 0; i < 4; ++i) {
    const double cpu = 1 + below(8), up = 1 + below(10), down = 1 + below(10);
    w.nodes.push_back({cpu * kCore, up * 1e8, down * 1e8});
    if (bounded_flows && i < 3) w.nodes.back().zone = i == 0 ? 1 : 0;
    if (bounded_flows && (i == 1 || i == 2)) w.nodes.back().rack = static_cast<std::uint32_t>(i - 1);
  }
  if (bounded_flows) w.trunk = 1e8 * (1 + below(4));
  base::Nanos at = 0;
  const std::uint64_t count = 20 + r.below(60);
  for (std::uint64_t i = 0; i < count; ++i) {
    Item item;
    at += static_cast<base::Nanos>(r.below(3)) * static_cast<base::Nanos>(r.below(40'000'000));
    item.start = at;
    const auto node = static_cast<std::uint32_t>(r.below(4));
    const auto step = static_cast<std::uint32_t>(r.below(4));
    const bool flow = step != 0 && r.below(2) == 0;
    item.demand.node = static_cast<ShareNode>(node);
    item.demand.to = static_cast<ShareNode>(flow ? (node + step) % 4 : node);
    if (flow) {
      item.amount = 1e6 + below(200'000'000);
      if (bounded_flows && r.below(3) != 0) item.demand.bound = 1e7 * (1 + below(40));
    } else {
      item.amount = 1e6 + below(2'000'000'000);
      item.demand.weight = 2 + below(4000);
      if (r.below(3) != 0) item.demand.bound = kCore * (1 + below(30)) / 10;
    }
    if (r.below(8) == 0) item.cancel = at + 1 + static_cast<base::Nanos>(r.below(500'000'000));
    w.items.push_back(item);
  }
  return w;
}

struct Ends {
  std::vector<base::Nanos> at;  // by item, -1 for cancelled ones
  std::uint64_t digest = 0;
  std::vector<double> joules;   // by node, in kSpan
};

constexpr base::Nanos kSpan = 1000 * kSecond;

PowerProfile power_of(std::size_t node) {
  const auto n = static_cast<double>(node);
  return {90 + n, 120 + 5 * n, 200 + 30 * n};
}

std::size_t cores_of(const NodeCapacity& node) { return static_cast<std::size_t>(node.cpu / kCore); }

Ends run(const Workload& w, std::unique_ptr<RateSolver> solver) {
  Kernel kernel;
  SharedCapacity capacity(kernel, std::move(solver));
  capacity.set_trunks(w.trunk);
  for (const NodeCapacity& n : w.nodes) capacity.add_node(n);
  Ends ends;
  ends.at.assign(w.items.size(), -1);
  std::vector<ShareId> ids(w.items.size());
  for (std::size_t i = 0; i < w.items.size(); ++i) {
    const Item& item = w.items[i];
    kernel.at({item.start}, kTag, [&, i] {
      ids[i] = capacity.start(w.items[i].demand, w.items[i].amount, kTag,
                              [&, i] { ends.at[i] = kernel.now().ns; });
    });
    if (item.cancel >= 0) kernel.at({item.cancel}, kTag, [&, i] { capacity.cancel(ids[i]); });
  }
  kernel.run_until({kSpan});
  CHECK(capacity.active() == 0);
  ends.digest = kernel.digest();
  for (std::size_t i = 0; i < w.nodes.size(); ++i)
    ends.joules.push_back(joules(power_of(i), cores_of(w.nodes[i]), static_cast<double>(kSpan),
                                 capacity.use(static_cast<ShareNode>(i))));
  return ends;
}

using Log = std::map<const sg::Activity*, double>;
Log* g_completions = nullptr;

/// A star with one more link on the way between the first node and the next two, which have one more of their own.
struct ForkedStar : simgrid::kernel::routing::StarZone {
  using NetPoint = simgrid::kernel::routing::NetPoint;
  ForkedStar() : StarZone("reference") {}
  void get_local_route(const NetPoint* from, const NetPoint* to, simgrid::kernel::routing::Route* route,
                       double* latency) override {
    StarZone::get_local_route(from, to, route, latency);
    const auto near = [](const NetPoint* p) { return p->get_name() == "h1" || p->get_name() == "h2"; };
    if (from->get_name() == "h0" && near(to)) route->link_list_.push_back(out->get_impl());
    if (to->get_name() == "h0" && near(from)) route->link_list_.push_back(back->get_impl());
    if (near(from)) route->link_list_.push_back(racks[from->get_name() == "h2"].out->get_impl());
    if (near(to)) route->link_list_.push_back(racks[to->get_name() == "h2"].in->get_impl());
  }
  struct Rack {
    sg::Link *out = nullptr, *in = nullptr;
  };
  sg::Link *out = nullptr, *back = nullptr;
  Rack racks[2];
};

/// The same workload in SimGrid itself, on SimGrid's own clock.
class Reference {
 public:
  explicit Reference(const Workload& w) : w_(w) {
    engine_ = orrery::test::simgrid_engine();
    static const bool connected = [] {
      sg::Activity::on_completion_cb([](const sg::Activity& a) {
        if (g_completions && a.get_state() == sg::Activity::State::FINISHED)
          (*g_completions)[&a] = sg::Engine::get_clock();
      });
      return true;
    }();
    (void)connected;
    build();
  }
  Ends run() {
    Log log;
    g_completions = &log;
    zero_ = sg::Engine::get_clock();
    struct Act {
      base::Nanos at;
      std::size_t item;
      bool start;
    };
    std::vector<Act> acts;
    for (std::size_t i = 0; i < w_.items.size(); ++i) {
      acts.push_back({w_.items[i].start, i, true});
      if (w_.items[i].cancel >= 0) acts.push_back({w_.items[i].cancel, i, false});
    }
    std::stable_sort(acts.begin(), acts.end(), [](const Act& a, const Act& b) { return a.at < b.at; });
    std::vector<sg::ActivityPtr> all(w_.items.size());
    for (const Act& a : acts) {
      const double date = zero_ + static_cast<double>(a.at) / 1e9;
      if (date > sg::Engine::get_clock()) engine_->run_until(date);
      if (a.start) all[a.item] = start(w_.items[a.item]);
      else if (!log.count(all[a.item].get())) cancel(*all[a.item]);
    }
    engine_->run_until(zero_ + kSpan / 1e9);
    g_completions = nullptr;
    Ends ends;
    // It stands still after the last event; what follows is idle.
    const double rest = zero_ + kSpan / 1e9 - sg::Engine::get_clock();
    for (std::size_t i = 0; i < hosts_.size(); ++i)
      ends.joules.push_back(sg_host_get_consumed_energy(hosts_[i]) + rest * power_of(i).idle);
    for (const auto& a : all) {
      const auto it = log.find(a.get());
      ends.at.push_back(it == log.end() ? -1 : static_cast<base::Nanos>((it->second - zero_) * 1e9 + 0.5));
    }
    return ends;
  }

 private:
  void build() {
    auto* star = new ForkedStar;  // SimGrid's from here on
    sg::NetZone* zone = star->get_iface();
    const auto trunk = [&](const char* name) { return zone->create_link(name, w_.trunk)->set_latency(0.0)->seal(); };
    star->out = trunk("out");
    star->back = trunk("back");
    star->racks[0] = {trunk("out0"), trunk("in0")};
    star->racks[1] = {trunk("out1"), trunk("in1")};
    for (std::size_t i = 0; i < w_.nodes.size(); ++i) {
      const std::string n = std::to_string(i);
      hosts_.push_back(zone->create_host("h" + n, w_.nodes[i].cpu)->set_property("wattage_per_state", watts(i))->seal());
      auto* up = zone->create_link("u" + n, w_.nodes[i].up)->set_latency(0.0)->seal();
      auto* down = zone->create_link("d" + n, w_.nodes[i].down)->set_latency(0.0)->seal();
      using Route = std::vector<sg::LinkInRoute>;
      zone->add_route(hosts_[i]->get_netpoint(), nullptr, nullptr, nullptr, Route{sg::LinkInRoute(up)},
                      false);
      zone->add_route(nullptr, hosts_[i]->get_netpoint(), nullptr, nullptr, Route{sg::LinkInRoute(down)},
                      false);
    }
    zone->seal();
  }
  static std::string watts(std::size_t i) {
    const PowerProfile p = power_of(i);
    return std::to_string(p.idle) + ":" + std::to_string(p.any_core) + ":" + std::to_string(p.all_cores);
  }
  /// What is cancelled keeps its share until time has moved: by a nanosecond here.
  void cancel(sg::Activity& a) {
    a.cancel();
    engine_->run_until(sg::Engine::get_clock() + 1e-9);
  }
  void bound(const sg::Activity& flow, double bytes_per_second) {
    for (auto* model : engine_->get_all_models())
      for (auto& action : *model->get_started_action_set())
        if (action.get_activity() == flow.get_impl()) action.set_bound(bytes_per_second);
  }
  sg::ActivityPtr start(const Item& item) {
    sg::Host* node = hosts_[static_cast<std::size_t>(item.demand.node)];
    if (item.demand.is_flow()) {
      auto comm = sg::Comm::sendto_init(node, hosts_[static_cast<std::size_t>(item.demand.to)]);
      comm->set_payload_size(static_cast<std::uint64_t>(item.amount));
      comm->vetoable_start();
      if (item.demand.bound < 1e18) bound(*comm, item.demand.bound);
      return comm;
    }
    auto exec = sg::Exec::init();
    exec->set_flops_amount(item.amount)->set_priority(item.demand.weight)->set_host(node);
    if (item.demand.bound < 1e18) exec->set_bound(item.demand.bound);
    exec->vetoable_start();
    return exec;
  }

  const Workload& w_;
  std::unique_ptr<sg::Engine> engine_;
  std::vector<sg::Host*> hosts_;
  double zero_ = 0;
};

TEST_CASE("both solvers end everything when SimGrid itself does, and machines draw what its energy plugin says") {
  std::size_t compared = 0, cancelled = 0;
  double drawn = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const Workload w = draw(seed, seed > 30);
    const Ends own = run(w, make_max_min_solver());
    const Ends lazy = run(w, make_simgrid_solver());
    const Ends reference = Reference(w).run();
    for (std::size_t i = 0; i < w.items.size(); ++i) {
      CAPTURE(i);
      CHECK((own.at[i] < 0) == (reference.at[i] < 0));
      CHECK(std::abs(own.at[i] - lazy.at[i]) <= 10);
      CHECK(std::abs(own.at[i] - reference.at[i]) <= 1000);
      ++(own.at[i] < 0 ? cancelled : compared);
    }
    for (std::size_t i = 0; i < w.nodes.size(); ++i) {
      CAPTURE(i);
      const double idle = power_of(i).idle * kSpan / 1e9;
      CHECK(own.joules[i] - idle == doctest::Approx(reference.joules[i] - idle).epsilon(1e-4));
      CHECK(own.joules[i] == doctest::Approx(lazy.joules[i]).epsilon(1e-9));
      drawn += own.joules[i] - idle;
    }
  }
  CHECK(drawn > 60 * 4 * 50.0);
  CHECK(compared > 1000);
  CHECK(cancelled > 30);
}

TEST_CASE("runs of one process are equal to the bit, with SimGrid too") {
  for (const Make make : {make_max_min_solver, make_simgrid_solver}) {
    const Workload w = draw(77);
    const Ends first = run(w, make()), second = run(w, make());
    CHECK(first.digest == second.digest);
    CHECK(first.at == second.at);
  }
}

TEST_CASE("compilers and optimisation levels agree on every date") {
  CHECK(run(draw(77), make_max_min_solver()).digest == 10731913411210141350ULL);
  CHECK(run(draw(77), make_simgrid_solver()).digest == 10731913411210141350ULL);
}

struct Bench {
  explicit Bench(Make make) : capacity(kernel, make()) {}
  ShareId work(ShareNode node, double seconds, double weight = 1, double bound = 4 * kCore) {
    const std::size_t i = ends.size();
    ends.push_back(-1);
    return capacity.start({node, node, weight, bound}, seconds * kCore, kTag,
                          [this, i] { ends[i] = kernel.now().ns; });
  }
  Kernel kernel;
  SharedCapacity capacity;
  std::vector<base::Nanos> ends;
};

TEST_CASE("shares follow weights up to the bounds; what one leaves the others get") {
  for (const Make make : {make_max_min_solver, make_simgrid_solver}) {
    Bench b(make);
    const ShareNode n = b.capacity.add_node({4 * kCore, 1, 1});
    const ShareId a = b.work(n, 1, 1024), c = b.work(n, 1, 2048), d = b.work(n, 1, 4096);
    CHECK(b.capacity.rate(a) == doctest::Approx(4.0 / 7 * kCore));
    CHECK(b.capacity.rate(c) == doctest::Approx(8.0 / 7 * kCore));
    CHECK(b.capacity.rate(d) == doctest::Approx(16.0 / 7 * kCore));
    b.capacity.adjust(d, 4096, kCore / 2);
    CHECK(b.capacity.rate(a) == doctest::Approx(3.5 / 3 * kCore));
    CHECK(b.capacity.rate(d) == doctest::Approx(kCore / 2));
    b.kernel.run_until({10 * kSecond});
    CHECK(b.ends[2] == 2 * kSecond);
    CHECK(b.ends[1] < b.ends[0]);
    CHECK(b.capacity.active() == 0);
  }
}

TEST_CASE("work alone takes its time to the nanosecond") {
  for (const Make make : {make_max_min_solver, make_simgrid_solver}) {
    Bench b(make);
    const ShareNode n = b.capacity.add_node({4 * kCore, 1, 1});
    b.kernel.at({123'456'789}, kTag, [&] { b.work(n, 0.002, 2, kCore); });
    b.kernel.at({123'456'790}, kTag, [&] { b.work(n, 0.001, 2, kCore / 4); });
    b.kernel.run_until({kSecond});
    CHECK(b.ends == std::vector<base::Nanos>{125'456'789, 127'456'790});
  }
}

TEST_CASE("cancelled work leaves its rest and never ends; a slow machine slows all of its work") {
  Bench b(make_max_min_solver);
  const ShareNode n = b.capacity.add_node({2 * kCore, 1, 1});
  const ShareId a = b.work(n, 1, 1, kCore), c = b.work(n, 1, 1, kCore);
  b.kernel.run_until({250 * kMillisecond});
  CHECK(b.capacity.remaining(a) == doctest::Approx(0.75 * kCore));
  CHECK(b.capacity.cancel(a) == doctest::Approx(0.75 * kCore));
  CHECK(b.capacity.cancel(a) == 0);
  b.capacity.set_speed(n, 50);
  b.kernel.run_until({1 * kSecond});
  CHECK(b.capacity.remaining(c) == doctest::Approx(0.375 * kCore));
  b.capacity.set_speed(n, 100);
  b.kernel.run_until({3 * kSecond});
  CHECK(b.ends == std::vector<base::Nanos>{-1, 1375 * kMillisecond});
}

TEST_CASE("an idle model is not asked for dates") {
  Bench b(make_max_min_solver);
  const ShareNode n = b.capacity.add_node({kCore, 1, 1});
  CHECK(b.kernel.next() == base::kNever);
  b.work(n, 1);
  CHECK(b.kernel.next() == base::Instant{kSecond});
  b.kernel.run_until({2 * kSecond});
  CHECK(b.kernel.next() == base::kNever);
  b.capacity.cancel(b.work(n, 1));
  CHECK(b.kernel.next() == base::kNever);
  b.work(n, 1);
  b.kernel.run_until({5 * kSecond});
  CHECK(b.ends == std::vector<base::Nanos>{kSecond, -1, 3 * kSecond});
}

TEST_CASE("all flows from one zone to another share the trunk between them") {
  for (const Make make : {make_max_min_solver, make_simgrid_solver}) {
    Bench b(make);
    b.capacity.set_trunks(1e9);
    std::vector<ShareNode> n;
    for (const std::uint32_t zone : {0u, 0u, 1u, 1u, NodeCapacity::kNoZone}) n.push_back(b.capacity.add_node({kCore, 1e9, 1e9, zone}));
    const auto flow = [&](int from, int to) { return b.capacity.start({n[from], n[to]}, 1e12, kTag, [] {}); };
    const ShareId x = flow(0, 2), y = flow(1, 3), back = flow(2, 0), inside = flow(3, 2), beside = flow(4, 3);
    CHECK(b.capacity.rate(x) == doctest::Approx(5e8));
    CHECK(b.capacity.rate(y) == doctest::Approx(5e8));
    CHECK(b.capacity.rate(back) == doctest::Approx(1e9));
    CHECK(b.capacity.rate(inside) == doctest::Approx(5e8));
    CHECK(b.capacity.rate(beside) == doctest::Approx(5e8));
    b.capacity.cancel(y);
    CHECK(b.capacity.rate(beside) == doctest::Approx(1e9));
    CHECK(b.capacity.rate(x) == doctest::Approx(5e8));  // by the way into node 2, which it shares with `inside`
  }
}

TEST_CASE("all flows out of a rack share one link, and all flows into it another") {
  for (const Make make : {make_max_min_solver, make_simgrid_solver}) {
    Bench b(make);
    b.capacity.set_trunks(1e9);
    std::vector<ShareNode> n;
    for (const std::uint32_t rack : {0u, 0u, 1u, 1u, NodeCapacity::kNoRack}) n.push_back(b.capacity.add_node({kCore, 1e9, 1e9, 0, rack}));
    const auto flow = [&](int from, int to) { return b.capacity.start({n[from], n[to]}, 1e12, kTag, [] {}); };
    const ShareId x = flow(0, 2), y = flow(1, 4), back = flow(2, 0), inside = flow(3, 2);
    CHECK(b.capacity.rate(x) == doctest::Approx(5e8));
    CHECK(b.capacity.rate(y) == doctest::Approx(5e8));
    CHECK(b.capacity.rate(back) == doctest::Approx(1e9));
    CHECK(b.capacity.rate(inside) == doctest::Approx(5e8));
    b.capacity.cancel(y);
    b.capacity.cancel(inside);
    CHECK(b.capacity.rate(x) == doctest::Approx(1e9));
    CHECK(b.capacity.rate(flow(4, 3)) == doctest::Approx(5e8));
  }
}

TEST_CASE("pulls share the registry and each machine's link") {
  for (const Make make : {make_max_min_solver, make_simgrid_solver}) {
    Bench b(make);
    const ShareNode registry = b.capacity.add_node({0, 1e9, 0});
    std::vector<base::Nanos> ends(10, -1);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const ShareNode n = b.capacity.add_node({kCore, 1e9, i == 0 ? 2e7 : 1e9});
      b.kernel.at({0}, kTag, [&, n, i] {
        b.capacity.start({registry, n}, 98e6, kTag, [&, i] { ends[i] = b.kernel.now().ns; });
      });
    }
    b.kernel.run_until({10 * kSecond});
    CHECK(ends[0] == 4900 * kMillisecond);
    for (std::size_t i = 1; i < ends.size(); ++i) CHECK(ends[i] == 900 * kMillisecond);
  }
}

}  // namespace
}  // namespace orrery::sim::test
