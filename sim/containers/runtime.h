// Runtime: the simulated container runtime and service table of one machine.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "model/base/sorted_map.h"
#include "model/base/hash_map.h"
#include "model/history/record.h"
#include "sim/containers/behaviour.h"
#include "sim/containers/service_table.h"
#include "sim/sharing/shared_capacity.h"
#include "sim/world/runtime_host.h"
#include "sim/world/world.h"

namespace orrery::sim {

using base::Str;

inline constexpr EventTag kContainerTag{0, EventKind::kContainer, 0};

struct RuntimeConfig {
  bool images_present = false;
  bool polled_probes = false;                        ///< every attempt is made, instead of computing the next change
  std::int64_t default_image_bytes = std::int64_t{120} << 20;
  std::int64_t registry_bandwidth = 1'250'000'000;   ///< bytes/s, shared by all pulls
  base::Nanos sandbox_start = 100 * base::kMillisecond;
  base::Nanos container_create = 30 * base::kMillisecond;
  base::Nanos container_start = 10 * base::kMillisecond;
  base::Nanos answer = base::kMillisecond;           ///< of every other call
};

/// What the runtimes of one world share: the image registry, and how often an owner's pods have run.
class Registry {
 public:
  Registry(World& world, const RuntimeConfig& config);
  std::int64_t image_bytes() const { return config_.default_image_bytes; }
  /// Where images come from: pulls share its bandwidth and the links of the machines.
  ShareNode node() const { return node_; }
  /// Counts the pods of an owner from 0.
  std::uint32_t next_run(const Str& owner) { return runs_[owner]++; }

 private:
  RuntimeConfig config_;
  ShareNode node_;
  base::SortedMap<Str, std::uint32_t> runs_;
};

/// State of the machine's containers; survives processes. Views for processes are in container_view.h.
class Runtime final : public RuntimeHost {
 public:
  Runtime(World& world, MachineId machine, const RuntimeConfig& config, std::shared_ptr<Registry> registry, std::size_t number);

  // RuntimeHost
  std::unique_ptr<env::Containers> containers(ProcessGate& gate) override;
  std::unique_ptr<env::Dataplane> dataplane(ProcessGate& gate) override;
  void power_off() override;
  void power_on() override {}
  std::int64_t memory_in_use() const override;
  std::int64_t oom_score() const override;
  void process_memory_changed() override { replan_memory(); }
  void oom_kill() override;
  Answer redirect(const env::Address& to, std::uint64_t draw, env::Address& backend) override {
    return table_.redirect(to, draw, backend);
  }

  struct Sandbox {
    env::SandboxStatus status;
    base::Ref<const Behaviour> behaviour;
    std::uint64_t order = 0;
    std::vector<Str> containers;            // in order of creation
  };
  /// Answered once: true when the request was served, false when the connection was refused or reset.
  using Answered = base::UniqueFunction<void(bool)>;
  struct Request {
    std::uint64_t number = 0;
    ShareId work = ShareId::kNone;
    Answered done;
  };
  struct Container {
    env::ContainerStatus status;
    base::Ref<const Behaviour> behaviour;
    std::uint64_t order = 0;
    base::Instant started;                  // kernel time
    base::Instant ready_at = base::kNever;  // probes succeed from then on
    EventId end = EventId::kNone;           // its planned end
    EventId kill = EventId::kNone;          // SIGKILL after the grace period
    base::Instant term_at = base::kNever;
    std::vector<base::UniqueFunction<void()>> waiting;   // for its end
    std::vector<base::UniqueFunction<void()>> watchers;  // probes, called at start and end
    ShareId work = ShareId::kNone;          // of a worker
    std::vector<Request> served;            // requests that have a thread
    std::deque<Answered> queue;             // requests that wait for one
    double cpu_nanos = 0;                   // of work that has ended
  };
  /// One subscriber per process.
  using Listener = base::UniqueFunction<void(const env::ContainerEvent&)>;

  World& world() { return world_; }
  const RuntimeConfig& config() const { return config_; }
  MachineId machine() const { return machine_; }
  ShareNode node() const { return node_; }
  ServiceTable& table() { return table_; }
  Registry& registry() { return *registry_; }
  base::SortedMap<Str, Sandbox>& sandboxes() { return sandboxes_; }
  base::SortedMap<Str, Container>& all_containers() { return containers_; }
  base::SortedMap<Str, env::ImageInfo>& images() { return images_; }

  // The verbs of the CRI, at the instant they take effect.
  const Sandbox& run_sandbox(const env::SandboxSpec& spec);
  void stop_sandbox(const Str& id);
  void remove_sandbox(const Str& id);
  Str create_container(const Str& sandbox, const env::ContainerSpec& spec);
  bool start_container(const Str& id);
  /// `stopped` runs when it has exited; at once when it is not running.
  void stop_container(const Str& id, base::Nanos grace, base::UniqueFunction<void()> stopped);
  void remove_container(const Str& id);
  void add_image(const Str& name);

  base::Instant wall() const;
  bool has_image(std::string_view name) const { return config_.images_present || images_.contains(name); }
  std::int64_t memory_of(const Container& c) const;
  /// CPU time it has had so far.
  base::Nanos cpu_of(const Container& c) const;
  /// A request reaches this pod IP now. It waits for a thread of the container that serves there, takes the CPU time that the
  /// container's behaviour declares in contention with everything else on the machine, and is answered then. Refused when
  /// nobody serves or the backlog is full; reset when the container ends.
  void request(std::string_view pod_ip, Answered done);
  int subscribe(Listener listener);
  void unsubscribe(int id) { listeners_.erase(id); }
  void record(const history::Record& record);

 private:
  Container* server_of(std::string_view pod_ip);
  ShareDemand demand_of(const Container& c, int threads) const;
  void begin_work(Container& c, int exit_code);
  /// Works at a rate until its time is over.
  void begin_load(Container& c);
  void end_work(Container& c);
  void serve(Container& c, Answered done);
  void answered(const Str& id, std::uint64_t number);
  void share_threads(Container& c);
  void end_container(const Str& id, history::ContainerStopped::How how, int exit_code, Str reason);
  void plan_end(Container& c);
  void replan_memory();
  void memory_reached();
  const Container* oom_victim(std::int64_t& score) const;
  void notify(env::ContainerEventKind kind, const Str& sandbox, const Str& container);
  Str new_id(std::string_view kind);
  Str take_ip();

  World& world_;
  MachineId machine_;
  RuntimeConfig config_;
  std::shared_ptr<Registry> registry_;
  std::size_t number_;
  ShareNode node_;                           // of the machine
  std::uint32_t next_ip_ = 1;
  std::uint64_t next_number_ = 1, next_request_ = 1;
  base::SortedMap<Str, Sandbox> sandboxes_;
  base::SortedMap<Str, Container> containers_;
  base::SortedMap<Str, env::ImageInfo> images_;
  base::SortedMap<Str, Str> ip_owner_;        // pod IP -> sandbox
  base::SortedMap<int, Listener> listeners_;
  int next_listener_ = 1;
  EventId memory_event_ = EventId::kNone;
  ServiceTable table_;
};

std::shared_ptr<Registry> make_registry(World& world, const RuntimeConfig& config);
/// `number` is the machine's place in the pod network: its pods get 10.(128 + number / 256).(number % 256).x.
std::unique_ptr<Runtime> make_runtime(World& world, MachineId machine, const RuntimeConfig& config,
                                      std::shared_ptr<Registry> registry, std::size_t number);

}  // namespace orrery::sim
