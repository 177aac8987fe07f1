#include "fake_env.h"

namespace orrery::test {

namespace {

base::Error refused() { return {base::ErrorCode::kUnavailable, "not in this test"}; }

class NoDisk final : public env::Disk {
 public:
  base::Status create(std::string_view) override { return refused(); }
  base::Status append(std::string_view, std::string_view) override { return refused(); }
  base::Status append(std::string_view, env::BodyRef) override { return refused(); }
  base::Result<std::string> read_at(std::string_view, std::uint64_t, std::uint64_t) override {
    return refused();
  }
  base::Result<std::uint64_t> size(std::string_view) override { return refused(); }
  base::Status truncate(std::string_view, std::uint64_t) override { return refused(); }
  base::Status rename(std::string_view, std::string_view) override { return refused(); }
  base::Status remove(std::string_view) override { return refused(); }
  base::Result<std::vector<std::string>> list() override { return refused(); }
  void sync(std::string_view, Done) override {}
  void sync_dir(Done) override {}
};

class NoContainers final : public env::Containers {
 public:
  env::MachineInfo machine() const override { return {}; }
  void run_sandbox(env::SandboxSpec, Done<env::SandboxStatus>) override {}
  void stop_sandbox(base::Str, Done<base::Unit>) override {}
  void remove_sandbox(base::Str, Done<base::Unit>) override {}
  void create_container(base::Str, env::ContainerSpec, Done<base::Str>) override {}
  void start_container(base::Str, Done<base::Unit>) override {}
  void stop_container(base::Str, Nanos, Done<base::Unit>) override {}
  void remove_container(base::Str, Done<base::Unit>) override {}
  void exec(base::Str, base::List<base::Str>, Nanos, Done<int>) override {}
  void list_sandboxes(Done<std::vector<env::SandboxStatus>>) override {}
  void list_containers(Done<std::vector<env::ContainerStatus>>) override {}
  void container_status(base::Str, Done<env::ContainerStatus>) override {}
  void events(base::UniqueFunction<void(const env::ContainerEvent&)>) override {}
  void pull_image(base::Str, Done<env::ImageInfo>) override {}
  void list_images(Done<std::vector<env::ImageInfo>>) override {}
  void remove_image(base::Str, Done<base::Unit>) override {}
  void usage(Done<env::UsageStats>) override {}
  env::ProbeWatch watch_probe(env::ProbeSpec,
                              base::UniqueFunction<void(env::ProbeResult)>) override {
    return env::ProbeWatch::kNone;
  }
  void unwatch_probe(env::ProbeWatch) override {}
};

class NoDataplane final : public env::Dataplane {
 public:
  void apply(std::vector<base::Ref<const env::ServiceEntry>>, bool,
             base::UniqueFunction<void(base::Status)>) override {}
};

}  // namespace

struct FakeEnv::Parts {
  NoDisk disk;
  NoContainers containers;
  NoDataplane dataplane;
};

FakeEnv::FakeEnv()
    : parts_(std::make_unique<Parts>()),
      env_(new env::Environment{time, time, random, network, parts_->disk, parts_->containers,
                                parts_->dataplane, compute, trace, faults, process, trampoline}) {}
FakeEnv::~FakeEnv() = default;

}  // namespace orrery::test
