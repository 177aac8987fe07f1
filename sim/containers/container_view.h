// ContainerView, DataplaneView: a machine's runtime and service table as one process incarnation uses them.
#pragma once
#include <memory>

#include "model/base/sorted_map.h"
#include "sim/containers/runtime.h"

namespace orrery::sim {

class Probe;

/// Every call takes the runtime's latency, takes effect at its end, and answers then. A call whose process has died before
/// takes no effect.
class ContainerView final : public env::Containers {
 public:
  ContainerView(Runtime& runtime, ProcessGate& gate);
  ~ContainerView() override;

  env::MachineInfo machine() const override;
  void run_sandbox(env::SandboxSpec spec, Done<env::SandboxStatus> done) override;
  void stop_sandbox(Str id, Done<base::Unit> done) override;
  void remove_sandbox(Str id, Done<base::Unit> done) override;
  void create_container(Str sandbox, env::ContainerSpec spec, Done<Str> done) override;
  void start_container(Str id, Done<base::Unit> done) override;
  void stop_container(Str id, base::Nanos grace, Done<base::Unit> done) override;
  void remove_container(Str id, Done<base::Unit> done) override;
  void exec(Str id, base::List<Str> command, base::Nanos timeout, Done<int> done) override;
  void list_sandboxes(Done<std::vector<env::SandboxStatus>> done) override;
  void list_containers(Done<std::vector<env::ContainerStatus>> done) override;
  void container_status(Str id, Done<env::ContainerStatus> done) override;
  void events(base::UniqueFunction<void(const env::ContainerEvent&)> on_event) override;
  void pull_image(Str image, Done<env::ImageInfo> done) override;
  void list_images(Done<std::vector<env::ImageInfo>> done) override;
  void remove_image(Str image, Done<base::Unit> done) override;
  void usage(Done<env::UsageStats> done) override;
  env::ProbeWatch watch_probe(env::ProbeSpec spec, base::UniqueFunction<void(env::ProbeResult)> on_change) override;
  void unwatch_probe(env::ProbeWatch watch) override;

 private:
  EventTag tag() const { return {gate_.owner(), EventKind::kContainer, 0}; }
  /// Runs `work` after `delay` as an event of this process.
  template <class F>
  void later(base::Nanos delay, F work) {
    if (gate_.alive()) runtime_.world().kernel().after(delay, tag(), std::move(work));
  }
  /// As later(), for work that starts something; counted as an effect.
  template <class F>
  void spawn(base::Nanos delay, F work);

  void pulled(const Str& image, Done<env::ImageInfo> done);

  Runtime& runtime_;
  ProcessGate& gate_;
  std::uint64_t next_pull_ = 1;
  base::SortedMap<std::uint64_t, ShareId> pulls_;   // under way; they end with the process
  int subscription_ = 0;
  std::uint64_t next_watch_ = 1;
  base::SortedMap<std::uint64_t, std::unique_ptr<Probe>> watches_;
};

class DataplaneView final : public env::Dataplane {
 public:
  DataplaneView(Runtime& runtime, ProcessGate& gate) : runtime_(runtime), gate_(gate) {}
  void apply(std::vector<base::Ref<const env::ServiceEntry>> entries, bool full,
             base::UniqueFunction<void(base::Status)> done) override;

 private:
  Runtime& runtime_;
  ProcessGate& gate_;
};

}  // namespace orrery::sim
