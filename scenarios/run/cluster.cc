#include "scenarios/run/cluster.h"

#include "control/plane/plane.h"
#include "control/scheduler/config/configuration.h"
#include "model/base/str.h"
#include "nodes/agent.h"
#include "scenarios/run/cpu_model.h"
#include "sim/containers/runtime.h"
#include "sim/world/machine.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using base::Str;

constexpr const char* kLoadBalancer = "api";
constexpr const char* kUsers = "users";
constexpr sim::EventTag kTag{0, sim::EventKind::kWorld, 0};

std::string master_ip(std::size_t index) { return cat("10.0.0.", std::to_string(index + 1)); }

std::string node_ip(std::size_t index) {
  return cat("10.", std::to_string(1 + index / 62500), ".", std::to_string(index / 250 % 250), ".", std::to_string(index % 250 + 1));
}

sim::MachineConfig machine_config(const MachineSpec& m, const std::string& ip) {
  sim::MachineConfig c;
  c.name = m.name;
  c.address = ip;
  c.zone = m.zone;
  c.rack = m.rack;
  c.cores = static_cast<int>((m.cpu_milli + 999) / 1000);
  c.memory_bytes = m.memory_bytes;
  c.disk.capacity_bytes = m.disk_bytes;
  c.disk.sync_min = m.disk_sync_min;
  c.disk.sync_max = m.disk_sync_max;
  c.power = {m.power.idle, m.power.any_core, m.power.all_cores};
  return c;
}

kubelet::KubeletConfig kubelet_config(const MachineSpec& m, const std::string& ip, std::vector<env::Address> api) {
  kubelet::KubeletConfig k;
  k.node_name = m.name;
  k.node_ip = ip;
  k.zone = m.zone;
  k.max_pods = static_cast<int>(m.pods);
  k.apiservers = std::move(api);
  for (const auto& [key, value] : m.labels) k.labels.set(key, Str(value));
  for (const auto& [name, count] : m.devices) k.devices.set(name, api::Quantity(count, api::QuantityFormat::kDecimalSI));
  for (const auto& [driver, limit] : m.volume_limits) k.volume_limits.emplace_back(driver, limit);
  for (const TaintSpec& t : m.taints) {
    api::Taint taint;
    taint.key = t.key;
    taint.value = t.value;
    taint.effect = t.effect;
    k.taints.push_back(taint);
  }
  return k;
}

proxy::ProxyConfig proxy_config(const std::string& node, std::vector<env::Address> api) {
  proxy::ProxyConfig p;
  p.node_name = node;
  p.apiservers = std::move(api);
  return p;
}

store::MemberConfig member_config(const ClusterSpec& cluster, std::size_t index) {
  store::MemberConfig c;
  c.id = index + 1;
  for (std::size_t i = 0; i < cluster.masters.size(); ++i)
    c.members.push_back({i + 1, cluster.masters[i].name});
  c.snapshot_count = cluster.snapshot_count;
  if (cluster.control_plane_costs) {
    c.write_cpu = 300 * base::kMicrosecond;   // etcd's share of a pod created and bound on Kubernetes 1.33, per write
    c.read_cpu = 100 * base::kMicrosecond;
  }
  return c;
}

constexpr base::Nanos kMachineBootSpread = 2 * base::kSecond;
constexpr base::Nanos kProcessStartSpread = 3 * base::kSecond;

/// Policies that draw do so by the run's seed.
std::shared_ptr<const scheduler::Configuration> seeded(const std::shared_ptr<const scheduler::Configuration>& given, std::uint64_t seed) {
  if (!given) return given;
  auto out = std::make_shared<scheduler::Configuration>(*given);
  for (scheduler::Profile& p : out->profiles) {
    if (p.research) p.research->seed = seed;
  }
  return out;
}

sim::ProcessConfig process(const char* name, env::ComponentFactory factory, base::Nanos delay) {
  sim::ProcessConfig p;
  p.name = name;
  p.factory = std::move(factory);
  p.boot_delay = delay;
  return p;
}

}  // namespace

Cluster::Cluster(const Scenario& scenario, WorldState& state, sim::TraceSink* trace, scheduler::DecisionWatcher* watcher)
    : scenario_(scenario), state_(state), watcher_(watcher) {
  sim::WorldConfig config;
  config.seed = scenario.seed;
  config.epoch = scenario.epoch;
  config.network.same_zone = scenario.cluster.same_zone;
  config.network.cross_zone = scenario.cluster.cross_zone;
  config.network.host_bandwidth = scenario.cluster.host_bandwidth;
  config.network.encode_every_hop = scenario.cluster.encode_every_hop;
  for (const std::string& name : scenario.planted) {
    env::Site site;
    if (env::parse_site(name, site)) config.planted.push_back(site);
  }
  config.machine_clock = scenario.machine_clock;
  world_ = std::make_unique<sim::World>(config, make_solver(cpu_model(scenario)));
  world_->set_trace(trace);
  add_machines();
  start_masters();
  start_nodes();
  start_users();
}

Cluster::~Cluster() = default;

sim::MachineId Cluster::add_machine(const MachineSpec& machine, const std::string& ip, std::size_t number) {
  const sim::MachineId id = world_->add_machine(machine_config(machine, ip));
  world_->attach_runtime(id, sim::make_runtime(*world_, id, runtime_, registry_, number));
  return id;
}

void Cluster::add_machines() {
  const ClusterSpec& c = scenario_.cluster;
  runtime_.images_present = c.images_present;
  runtime_.polled_probes = c.polled_probes;
  runtime_.default_image_bytes = c.image_bytes;
  runtime_.registry_bandwidth = c.registry_bandwidth;
  registry_ = sim::make_registry(*world_, runtime_);
  for (std::size_t i = 0; i < c.masters.size(); ++i) masters_.push_back(add_machine(c.masters[i], master_ip(i), i));
  for (std::size_t i = 0; i < c.nodes.size(); ++i) nodes_.push_back(add_machine(c.nodes[i], node_ip(i), c.masters.size() + i));
  MachineSpec users;
  users.name = kUsers;
  users.zone = c.masters[0].zone;
  users.cpu_milli = 64'000;
  users_ = world_->add_machine(machine_config(users, "10.0.255.1"));
  if (c.api_access != ApiAccess::kLoadBalancer) return;
  sim::LoadBalancerConfig lb;
  lb.host = kLoadBalancer;
  lb.port = api::kApiserverPort;
  lb.check_period = c.health_check;
  for (const MachineSpec& m : c.masters) lb.backends.push_back({m.name, api::kApiserverPort});
  world_->add_load_balancer(lb);
}

std::vector<env::Address> Cluster::api_endpoints(std::size_t index) const {
  const ClusterSpec& c = scenario_.cluster;
  if (c.api_access == ApiAccess::kLoadBalancer) return {{kLoadBalancer, api::kApiserverPort}};
  std::vector<env::Address> out;
  for (std::size_t i = 0; i < c.masters.size(); ++i)
    out.push_back({c.masters[(index + i) % c.masters.size()].name, api::kApiserverPort});
  return out;
}

/// Machines that are switched on together do not come up together: which master wins an election is the seed's choice.
void Cluster::launch(sim::MachineId machine, sim::ProcessConfig config) {
  const Str name = world_->machine(machine).config().name;
  base::RandomStream machine_draw = world_->stream("boot", name);
  base::RandomStream process_draw = world_->stream("boot", cat(name, "/", config.name));
  const auto machine_part = static_cast<base::Nanos>(machine_draw.below(static_cast<std::uint64_t>(kMachineBootSpread)));
  const auto process_part = static_cast<base::Nanos>(process_draw.below(static_cast<std::uint64_t>(kProcessStartSpread)));
  world_->kernel().at(base::Instant{machine_part + process_part}, kTag, [this, machine, c = std::move(config)]() mutable {
    world_->start_process(machine, std::move(c));
  });
}

void Cluster::start_masters() {
  const ClusterSpec& c = scenario_.cluster;
  const auto configuration = seeded(c.scheduler, scenario_.seed);
  for (std::size_t i = 0; i < c.masters.size(); ++i) {
    const sim::MachineId m = masters_[i];
    const env::Address local_store{c.masters[i].name, api::kStoreClientPort};
    const env::Address local_api{c.masters[i].name, api::kApiserverPort};
    launch(m, process("etcd", plane::make_store_member(member_config(c, i)), base::kSecond));
    plane::ApiserverProcess apiserver;
    apiserver.config.advertise_address = master_ip(i);
    apiserver.config.cost.permille = c.control_plane_costs ? 1000 : 0;
    apiserver.store_endpoints = {local_store};
    launch(m, process("kube-apiserver", plane::make_apiserver(apiserver), 2 * base::kSecond));
    plane::ControllerManagerProcess manager;
    manager.apiservers = {local_api};
    manager.qps = c.client_go_limits ? c.controller_qps : 0;
    manager.burst = c.controller_burst;
    manager.fencing = c.fencing;
    manager.config.node_monitor_grace = c.node_monitor_grace;
    manager.config.pod_groups = configuration && configuration->schedules_gangs();
    launch(m, process("kube-controller-manager", plane::make_controller_manager(manager), 2 * base::kSecond));
    plane::SchedulerProcess scheduler;
    scheduler.apiservers = {local_api};
    scheduler.qps = c.client_go_limits ? c.scheduler_qps : 0;
    scheduler.burst = c.scheduler_burst;
    scheduler.configuration = configuration;
    scheduler.fencing = c.fencing;
    scheduler.watcher = watcher_;
    launch(m, process("kube-scheduler", plane::make_scheduler(scheduler), 2 * base::kSecond));
    const std::vector<env::Address> api = api_endpoints(i);
    launch(m, process("kubelet", nodes::make_kubelet(kubelet_config(c.masters[i], master_ip(i), {local_api})),
                                     base::kSecond));
    launch(m, process("kube-proxy", nodes::make_kube_proxy(proxy_config(c.masters[i].name, api)), 3 * base::kSecond));
  }
}

void Cluster::start_nodes() {
  const ClusterSpec& c = scenario_.cluster;
  for (std::size_t i = 0; i < c.nodes.size(); ++i) {
    for (sim::ProcessConfig& p : node_processes(c.nodes[i], i)) launch(nodes_[i], std::move(p));
  }
}

std::vector<sim::ProcessConfig> Cluster::node_processes(const MachineSpec& machine, std::size_t index) const {
  const std::vector<env::Address> api = api_endpoints(index);
  std::vector<sim::ProcessConfig> out;
  out.push_back(process("kubelet", nodes::make_kubelet(kubelet_config(machine, node_ip(index), api)), base::kSecond));
  out.push_back(process("kube-proxy", nodes::make_kube_proxy(proxy_config(machine.name, api)), 3 * base::kSecond));
  return out;
}

void Cluster::add_node(const MachineSpec& machine) {
  const std::size_t index = nodes_.size();
  const sim::MachineId id = add_machine(machine, node_ip(index), scenario_.cluster.masters.size() + index);
  nodes_.push_back(id);
  for (sim::ProcessConfig& p : node_processes(machine, index)) {
    const base::Nanos delay = p.boot_delay;
    world_->kernel().after(delay, kTag, [this, id, c = std::move(p)]() mutable { world_->start_process(id, std::move(c)); });
  }
}

void Cluster::remove_node(const std::string& name) {
  sim::MachineId id{};
  if (world_->find_machine(name, id)) world_->power_off(id);
}

client::ClientConfig Cluster::user_client(const std::string& user, std::size_t index) const {
  client::ClientConfig c;
  c.user = user;
  c.user_agent = "orrery";
  c.endpoints = api_endpoints(index);
  return c;
}

void Cluster::start_user_process(const std::string& name, env::ComponentFactory factory) {
  world_->start_process(users_, process(name.c_str(), std::move(factory), 0));
}

env::Component* Cluster::component_of_user(const std::string& name) {
  sim::ProcessId id{};
  return world_->find_process(users_, name, id) ? world_->component(id) : nullptr;
}

void Cluster::start_users() {
  const client::ClientConfig kubectl = user_client("kubernetes-admin", 0);
  start_user_process("kubectl", [kubectl](env::Environment& env) {
    return std::make_unique<UserAgent>(env, kubectl, 10 * base::kMinute);
  });
  world_->find_process(users_, "kubectl", kubectl_);
  for (std::size_t i = 0; i < scenario_.clients.size(); ++i) {
    const ClientSpec& spec = scenario_.clients[i];
    ClientTally& tally = state_.tally(spec.name);
    tally.epoch = scenario_.epoch;
    if (spec.kind == ClientSpec::Kind::kHttp) {
      tally.http = true;
      http_loads_.push_back(std::make_unique<HttpLoad>(*world_, nodes_, spec, tally));
      http_loads_.back()->start();
      continue;
    }
    std::vector<client::ClientConfig> ways;
    if (spec.via == "all") {
      for (const MachineSpec& m : scenario_.cluster.masters) {
        ways.push_back(user_client(spec.name, i));
        ways.back().endpoints = {{m.name, api::kApiserverPort}};
        tally.ways.push_back(m.name);
      }
    } else {
      ways.push_back(user_client(spec.name, i));
    }
    start_user_process(spec.name, [ways, spec, &tally](env::Environment& env) {
      return std::make_unique<WriteLoad>(env, ways, spec, tally);
    });
    sim::ProcessId id{};
    world_->find_process(users_, spec.name, id);
    write_loads_.push_back(id);
  }
}

void Cluster::measure_energy() {
  for (const std::vector<sim::MachineId>* group : {&masters_, &nodes_}) {
    for (const sim::MachineId id : *group) {
      const sim::Machine& m = world_->machine(id);
      state_.note_energy(m.config().name, m.joules());
    }
  }
}

UserAgent* Cluster::user() { return static_cast<UserAgent*>(world_->component(kubectl_)); }

void Cluster::verify_writes(base::UniqueFunction<void()> done) {
  auto left = std::make_shared<std::size_t>(write_loads_.size());
  auto finished = std::make_shared<base::UniqueFunction<void()>>(std::move(done));
  if (*left == 0) return (*finished)();
  for (const sim::ProcessId id : write_loads_)
    static_cast<WriteLoad*>(world_->component(id))->verify([left, finished] {
      if (--*left == 0) (*finished)();
    });
}

}  // namespace orrery::scenarios
