// NoRuntime: the containers and service table of a machine without a container runtime.
#pragma once
#include "model/env/containers.h"
#include "model/env/dataplane.h"
#include "sim/kernel/kernel.h"
#include "sim/world/process_gate.h"

namespace orrery::sim {

/// Refuses everything with kUnavailable.
class NoContainers final : public env::Containers {
 public:
  NoContainers(Kernel& kernel, ProcessGate& gate) : kernel_(kernel), gate_(gate) {}
  env::MachineInfo machine() const override { return {}; }
  void run_sandbox(env::SandboxSpec, Done<env::SandboxStatus> done) override { refuse(std::move(done)); }
  void stop_sandbox(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void remove_sandbox(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void create_container(base::Str, env::ContainerSpec, Done<base::Str> done) override {
    refuse(std::move(done));
  }
  void start_container(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void stop_container(base::Str, base::Nanos, Done<base::Unit> done) override { refuse(std::move(done)); }
  void remove_container(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void exec(base::Str, base::List<base::Str>, base::Nanos, Done<int> done) override {
    refuse(std::move(done));
  }
  void list_sandboxes(Done<std::vector<env::SandboxStatus>> done) override { refuse(std::move(done)); }
  void list_containers(Done<std::vector<env::ContainerStatus>> done) override { refuse(std::move(done)); }
  void container_status(base::Str, Done<env::ContainerStatus> done) override { refuse(std::move(done)); }
  void events(base::UniqueFunction<void(const env::ContainerEvent&)>) override {}
  void pull_image(base::Str, Done<env::ImageInfo> done) override { refuse(std::move(done)); }
  void list_images(Done<std::vector<env::ImageInfo>> done) override { refuse(std::move(done)); }
  void remove_image(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void usage(Done<env::UsageStats> done) override { refuse(std::move(done)); }
  env::ProbeWatch watch_probe(env::ProbeSpec, base::UniqueFunction<void(env::ProbeResult)>) override {
    return env::ProbeWatch::kNone;
  }
  void unwatch_probe(env::ProbeWatch) override {}

 private:
  template <class T>
  void refuse(Done<T> done) {
    if (!gate_.alive()) return;
    kernel_.after(0, {gate_.owner(), EventKind::kContainer, 0}, [done = std::move(done)]() mutable {
      done(base::Error{base::ErrorCode::kUnavailable, "no container runtime on this machine"});
    });
  }
  Kernel& kernel_;
  ProcessGate& gate_;
};

/// Refuses tables with kUnavailable.
class NoDataplane final : public env::Dataplane {
 public:
  NoDataplane(Kernel& kernel, ProcessGate& gate) : kernel_(kernel), gate_(gate) {}
  void apply(std::vector<base::Ref<const env::ServiceEntry>>, bool,
             base::UniqueFunction<void(base::Status)> done) override {
    if (!gate_.alive()) return;
    kernel_.after(0, {gate_.owner(), EventKind::kDataplane, 0},
                  [done = std::move(done)]() mutable {
                    done(base::Error{base::ErrorCode::kUnavailable, "no service table on this machine"});
                  });
  }

 private:
  Kernel& kernel_;
  ProcessGate& gate_;
};

}  // namespace orrery::sim
