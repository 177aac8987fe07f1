#include <simgrid/kernel/routing/NetPoint.hpp>
#include <simgrid/kernel/routing/StarZone.hpp>
#include <simgrid/s4u.hpp>
#include <xbt/config.hpp>

#include "model/base/check.h"
#include "model/base/sorted_map.h"
#include "sim/sharing/rate_solver.h"

namespace orrery::sim {
namespace {

namespace sg = simgrid::s4u;
using Action = simgrid::kernel::resource::Action;

// SimGrid's clock is a static double that goes on from one simulation to the next, so dates of its own would
// differ from run to run of one process. Therefore it is asked for rates only: every activity is endless
// there, and the integer clock of the kernel decides when it ends (SharedCapacity). Its clock moves by a step
// that means nothing whenever changes are applied.
constexpr double kStep = 1e-3;
constexpr double kEndlessWork = 1e30;
constexpr std::uint64_t kEndlessBytes = 1'000'000'000'000'000'000;

void set_config(const char* name, const char* value) {
  if (simgrid::config::get_value<std::string>(name) != value)
    sg::Engine::set_config(name, std::string(value));
}

/// Every node's up link, then the other's down link, and the trunks between them when they are of two zones or racks.
class TrunkedStar final : public simgrid::kernel::routing::StarZone {
 public:
  using NetPoint = simgrid::kernel::routing::NetPoint;
  TrunkedStar() : StarZone("world") {}
  struct Place {
    std::uint32_t zone = NodeCapacity::kNoZone, rack = NodeCapacity::kNoRack;
  };
  struct RackTrunks {
    sg::Link *out = nullptr, *in = nullptr;
  };
  void set_place(const NetPoint& node, Place place) {
    if (place_.size() <= node.id()) place_.resize(node.id() + 1);
    place_[node.id()] = place;
  }
  void set_trunk(std::uint32_t from, std::uint32_t to, sg::Link* trunk) { trunks_[{from, to}] = trunk; }
  void set_rack(std::uint32_t rack, RackTrunks trunks) { racks_[rack] = trunks; }
  bool has_rack(std::uint32_t rack) const { return racks_.contains(rack); }
  void get_local_route(const NetPoint* from, const NetPoint* to, simgrid::kernel::routing::Route* route,
                       double* latency) override {
    StarZone::get_local_route(from, to, route, latency);
    const Place a = place_[from->id()], b = place_[to->id()];
    if (const auto trunk = trunks_.find({a.zone, b.zone}); trunk != trunks_.end())
      route->link_list_.push_back(trunk->second->get_impl());
    if (a.rack == b.rack) return;
    if (const auto out = racks_.find(a.rack); out != racks_.end()) route->link_list_.push_back(out->second.out->get_impl());
    if (const auto in = racks_.find(b.rack); in != racks_.end()) route->link_list_.push_back(in->second.in->get_impl());
  }

 private:
  std::vector<Place> place_;  // by NetPoint
  base::SortedMap<std::pair<std::uint32_t, std::uint32_t>, sg::Link*> trunks_;
  base::SortedMap<std::uint32_t, RackTrunks> racks_;
};

class SimgridSolver final : public RateSolver {
 public:
  SimgridSolver() = default;
  ~SimgridSolver() override;
  const char* name() const override { return "simgrid"; }
  void set_trunks(double capacity) override { trunk_capacity_ = capacity; }
  void add_node(const NodeCapacity& capacity) override {
    ORRERY_CHECK(!engine_, "SimGrid's platform is complete");
    capacities_.push_back(capacity);
  }
  void start(std::uint32_t slot, const ShareDemand& demand) override;
  void stop(std::uint32_t slot) override;
  void settle() override;
  void rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) override;

 private:
  struct Running {
    sg::ActivityPtr activity;
    Action* action = nullptr;
  };
  void build();
  void build_trunks(TrunkedStar& star);
  Action* newest_action(const sg::Activity& activity) const;

  double trunk_capacity_ = std::numeric_limits<double>::infinity();
  std::vector<NodeCapacity> capacities_;
  std::unique_ptr<sg::Engine> engine_;
  std::vector<sg::Host*> hosts_;
  std::vector<Running> running_;        // by slot
  std::vector<sg::ActivityPtr> ended_;  // held until SimGrid has buried them
};

SimgridSolver::~SimgridSolver() {
  if (!engine_) return;
  for (Running& r : running_)
    if (r.activity) {
      r.activity->cancel();
      ended_.push_back(std::move(r.activity));
    }
  settle();
}

// No latency: messages have the fabric's.
void SimgridSolver::build() {
  ORRERY_CHECK(!sg::Engine::has_instance(), "two simulations with SimGrid in one process");
  int count = 2;
  char program[] = "orrery", quiet[] = "--log=root.thresh:critical";
  char* arguments[] = {program, quiet, nullptr};
  engine_ = std::make_unique<sg::Engine>(&count, arguments);
  set_config("network/model", "CM02");
  if (simgrid::config::get_value<bool>("network/crosstraffic"))
    sg::Engine::set_config("network/crosstraffic", false);
  auto* star = new TrunkedStar;  // SimGrid's from here on
  sg::NetZone* zone = star->get_iface();
  for (std::size_t i = 0; i < capacities_.size(); ++i) {
    const NodeCapacity& c = capacities_[i];
    const std::string n = std::to_string(i);
    // One core of the whole capacity: on several, SimGrid would hold every work to one core's speed.
    sg::Host* host = zone->create_host("h" + n, c.cpu > 0 ? c.cpu : 1);
    host->seal();
    sg::Link* up = zone->create_link("u" + n, c.up > 0 ? c.up : 1)->set_latency(0.0)->seal();
    sg::Link* down = zone->create_link("d" + n, c.down > 0 ? c.down : 1)->set_latency(0.0)->seal();
    zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr,
                    std::vector<sg::LinkInRoute>{sg::LinkInRoute(up)}, false);
    zone->add_route(nullptr, host->get_netpoint(), nullptr, nullptr,
                    std::vector<sg::LinkInRoute>{sg::LinkInRoute(down)}, false);
    star->set_place(*host->get_netpoint(), {c.zone, c.rack});
    hosts_.push_back(host);
  }
  build_trunks(*star);
  zone->seal();
}

void SimgridSolver::build_trunks(TrunkedStar& star) {
  if (trunk_capacity_ == std::numeric_limits<double>::infinity()) return;
  const auto link = [&](const std::string& name) {
    return star.get_iface()->create_link(name, trunk_capacity_)->set_latency(0.0)->seal();
  };
  std::uint32_t zones = 0;
  for (const NodeCapacity& c : capacities_) {
    if (c.zone != NodeCapacity::kNoZone) zones = std::max(zones, c.zone + 1);
    if (c.rack == NodeCapacity::kNoRack || star.has_rack(c.rack)) continue;
    const std::string n = std::to_string(c.rack);
    star.set_rack(c.rack, {link("ro" + n), link("ri" + n)});
  }
  for (std::uint32_t from = 0; from < zones; ++from) {
    for (std::uint32_t to = 0; to < zones; ++to) {
      if (from == to) continue;
      star.set_trunk(from, to, link("t" + std::to_string(from) + "-" + std::to_string(to)));
    }
  }
}

Action* SimgridSolver::newest_action(const sg::Activity& activity) const {
  for (auto* model : engine_->get_all_models()) {
    auto& started = *model->get_started_action_set();
    if (!started.empty() && started.back().get_activity() == activity.get_impl()) return &started.back();
  }
  ORRERY_CHECK(false, "SimGrid did not start an activity");
  return nullptr;
}

void SimgridSolver::start(std::uint32_t slot, const ShareDemand& d) {
  if (!engine_) build();
  if (slot >= running_.size()) running_.resize(slot + 1);
  sg::Host* node = hosts_[static_cast<std::uint32_t>(d.node)];
  if (d.is_flow()) {
    auto comm = sg::Comm::sendto_init(node, hosts_[static_cast<std::uint32_t>(d.to)]);
    comm->set_payload_size(kEndlessBytes);
    comm->vetoable_start();
    running_[slot].activity = comm;
  } else {
    auto exec = sg::Exec::init();
    exec->set_flops_amount(kEndlessWork)->set_priority(d.weight)->set_host(node);
    if (d.bound < std::numeric_limits<double>::infinity()) exec->set_bound(d.bound);
    exec->vetoable_start();
    running_[slot].activity = exec;
  }
  running_[slot].action = newest_action(*running_[slot].activity);
  // Comm::set_rate has no effect on direct communications.
  if (d.is_flow() && d.bound < std::numeric_limits<double>::infinity()) running_[slot].action->set_bound(d.bound);
}

void SimgridSolver::stop(std::uint32_t slot) {
  running_[slot].activity->cancel();
  ended_.push_back(std::move(running_[slot].activity));
  running_[slot] = {};
}

void SimgridSolver::settle() {
  if (!engine_) return;
  const double until = sg::Engine::get_clock() + kStep;
  engine_->run_until(until);
  ended_.clear();
  // What was cancelled has left the system only now.
  for (auto* model : engine_->get_all_models()) model->next_occurring_event(sg::Engine::get_clock());
}

void SimgridSolver::rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) {
  out.resize(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) out[i] = running_[members[i]].action->get_rate();
}

}  // namespace

std::unique_ptr<RateSolver> make_simgrid_solver() { return std::make_unique<SimgridSolver>(); }

}  // namespace orrery::sim
