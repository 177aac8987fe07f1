// Cluster: the simulated cluster of a scenario: machines, processes, load balancer, and who leads what.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "scenarios/run/http_load.h"
#include "scenarios/run/write_load.h"
#include "scenarios/run/user_agent.h"
#include "scenarios/spec/scenario.h"
#include "sim/containers/runtime.h"
#include "sim/world/world.h"

namespace orrery::scheduler {
class DecisionWatcher;
}

namespace orrery::scenarios {

/// Host names: masters master-1.., nodes GROUP-N, "users" for virtual users, "api" for the load balancer.
class Cluster {
 public:
  /// Builds the world and plans the start of every process within the first five seconds. `state` outlives it.
  /// `watcher` (may be null) sees the decisions of its schedulers.
  Cluster(const Scenario& scenario, WorldState& state, sim::TraceSink* trace, scheduler::DecisionWatcher* watcher = nullptr);
  ~Cluster();

  sim::World& world() { return *world_; }
  /// The kubectl user, or null while its process does not run.
  UserAgent* user();
  /// A node that joins while the cluster runs: its machine is switched on now. Not with SimGrid's solver.
  void add_node(const MachineSpec& machine);
  /// Switches the machine of a node off for good.
  void remove_node(const std::string& name);
  /// Zones of the masters in turn.
  const std::string& zone_of_new_node() const { return scenario_.cluster.masters[nodes_.size() % masters_.size()].zone; }
  /// Starts a process on the machine that stands for all users, now.
  void start_user_process(const std::string& name, env::ComponentFactory factory);
  /// Null while it does not run.
  env::Component* component_of_user(const std::string& name);
  /// How a user of the API connects; `index` as for api_endpoints().
  client::ClientConfig user_client(const std::string& user, std::size_t index) const;
  /// Tells the state what each master and node has drawn so far.
  void measure_energy();
  /// Reads back all acknowledged writes of all write loads; `done` once.
  void verify_writes(base::UniqueFunction<void()> done);
  /// Where clients of the API that are not on a master connect; `index` spreads them in client-list mode.
  std::vector<env::Address> api_endpoints(std::size_t index) const;

 private:
  void add_machines();
  sim::MachineId add_machine(const MachineSpec& machine, const std::string& ip, std::size_t number);
  std::vector<sim::ProcessConfig> node_processes(const MachineSpec& machine, std::size_t index) const;
  void launch(sim::MachineId machine, sim::ProcessConfig config);
  void start_masters();
  void start_nodes();
  void start_users();

  const Scenario& scenario_;
  WorldState& state_;
  scheduler::DecisionWatcher* watcher_;
  std::unique_ptr<sim::World> world_;
  sim::RuntimeConfig runtime_;
  std::shared_ptr<sim::Registry> registry_;
  std::vector<sim::MachineId> masters_, nodes_;
  sim::MachineId users_{};
  sim::ProcessId kubectl_{};
  std::vector<sim::ProcessId> write_loads_;
  std::vector<std::unique_ptr<HttpLoad>> http_loads_;
};

}  // namespace orrery::scenarios
