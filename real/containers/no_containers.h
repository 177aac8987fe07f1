// NoContainers: a machine without a container runtime. It tells what the machine is and refuses everything else.
#pragma once
#include "model/env/containers.h"
#include "real/loop/loop.h"

namespace orrery::real {

class NoContainers : public env::Containers {
 public:
  explicit NoContainers(Poster post) : post_(std::move(post)) {}

  env::MachineInfo machine() const override;
  void run_sandbox(env::SandboxSpec, Done<env::SandboxStatus> done) override { refuse(std::move(done)); }
  void stop_sandbox(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void remove_sandbox(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void create_container(base::Str, env::ContainerSpec, Done<base::Str> done) override { refuse(std::move(done)); }
  void start_container(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void stop_container(base::Str, base::Nanos, Done<base::Unit> done) override { refuse(std::move(done)); }
  void remove_container(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void exec(base::Str, base::List<base::Str>, base::Nanos, Done<int> done) override { refuse(std::move(done)); }
  void list_sandboxes(Done<std::vector<env::SandboxStatus>> done) override { refuse(std::move(done)); }
  void list_containers(Done<std::vector<env::ContainerStatus>> done) override { refuse(std::move(done)); }
  void container_status(base::Str, Done<env::ContainerStatus> done) override { refuse(std::move(done)); }
  /// There are none.
  void events(base::UniqueFunction<void(const env::ContainerEvent&)>) override {}
  void pull_image(base::Str, Done<env::ImageInfo> done) override { refuse(std::move(done)); }
  void list_images(Done<std::vector<env::ImageInfo>> done) override { refuse(std::move(done)); }
  void remove_image(base::Str, Done<base::Unit> done) override { refuse(std::move(done)); }
  void usage(Done<env::UsageStats> done) override { refuse(std::move(done)); }
  /// Stays kUnknown.
  env::ProbeWatch watch_probe(env::ProbeSpec, base::UniqueFunction<void(env::ProbeResult)>) override {
    return env::ProbeWatch::kNone;
  }
  void unwatch_probe(env::ProbeWatch) override {}

 private:
  template <class T>
  void refuse(Done<T> done) {
    post_([done = std::move(done)]() mutable {
      done(base::Error{base::ErrorCode::kUnavailable, "this machine has no container runtime"});
    });
  }
  Poster post_;
};

}  // namespace orrery::real
