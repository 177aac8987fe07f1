// FakeContainers: a container runtime in memory on virtual time. What a container does is told by its image.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/env/containers.h"
#include "tests/client/fake_process.h"

namespace orrery::test {

/// Times count from the start of the container.
struct FakeBehaviour {
  base::Nanos run_for = -1;            ///< -1: for ever
  int exit_code = 0;
  const char* reason = "";
  base::Nanos term_takes = 0;          ///< from SIGTERM to its end; -1: ignores SIGTERM
  base::Nanos ready_after = 0;         ///< probes succeed from then on; -1: never
  base::Nanos sick_after = -1;         ///< probes fail from then on
};

class FakeContainers final : public env::Containers {
 public:
  explicit FakeContainers(VirtualTime& time) : time_(time) {}

  std::map<std::string, FakeBehaviour> behaviours;                ///< by image, with tag
  std::map<std::string, int> pull_failures;                       ///< by image: how many pulls fail
  std::map<std::string, env::ImageInfo> images;
  std::vector<std::string> log;                                   ///< "start a#0", "term a#0 30s", "exit a#0 143", ...
  env::UsageStats stats;
  env::MachineInfo info{4000, std::int64_t{8} << 30, std::int64_t{100} << 30, "boot-1", "machine-1", "Test OS", "6.1", "fake://1", "amd64"};
  base::Nanos latency = base::kMillisecond;
  int probes_watched = 0;

  struct Box {
    env::SandboxStatus status;
    bool removed = false;
  };
  struct Run {
    env::ContainerStatus status;
    std::uint64_t generation = 0;
    std::vector<base::UniqueFunction<void()>> waiting;
  };
  std::map<std::string, Box> sandboxes;
  std::map<std::string, Run> runs;

  void present(const std::string& image) { images[image] = {image, "sha256:" + image, 1000, {}}; }
  /// A process died: what is subscribed or under way belongs to it.
  void new_process() {
    ++epoch_;
    listener_ = nullptr;
    probes_.clear();
  }
  int running() const {
    int n = 0;
    for (const auto& [id, r] : runs) n += r.status.state == env::ContainerState::kRunning;
    return n;
  }
  std::string find(const std::string& name) const {
    std::string out;
    std::uint32_t attempt = 0;
    for (const auto& [id, r] : runs) {
      if (r.status.spec.name == name && (out.empty() || r.status.spec.attempt >= attempt)) {
        out = id;
        attempt = r.status.spec.attempt;
      }
    }
    return out;
  }

  env::MachineInfo machine() const override { return info; }
  void run_sandbox(env::SandboxSpec spec, Done<env::SandboxStatus> done) override {
    later([this, spec = std::move(spec), done = std::move(done)]() mutable {
      Box box;
      box.status.id = "sandbox-" + std::to_string(++ids_);
      box.status.spec = spec;
      box.status.ip = "10.1.0." + std::to_string(ids_);
      box.status.ready = true;
      box.status.created_wall = time_.wall();
      sandboxes[box.status.id.str()] = box;
      log.push_back("sandbox " + spec.pod_name.str());
      done(box.status);
    });
  }
  void stop_sandbox(Str id, Done<base::Unit> done) override {
    later([this, id, done = std::move(done)]() mutable {
      const auto it = sandboxes.find(id.str());
      if (it != sandboxes.end()) it->second.status.ready = false;
      for (auto& [cid, r] : runs) {
        if (r.status.sandbox_id == id && r.status.state == env::ContainerState::kRunning) finish(cid, 137, "Error");
      }
      done(base::Unit{});
    });
  }
  void remove_sandbox(Str id, Done<base::Unit> done) override {
    later([this, id, done = std::move(done)]() mutable {
      sandboxes.erase(id.str());
      std::erase_if(runs, [&](const auto& e) { return e.second.status.sandbox_id == id; });
      done(base::Unit{});
    });
  }
  void create_container(Str sandbox, env::ContainerSpec spec, Done<Str> done) override {
    later([this, sandbox, spec = std::move(spec), done = std::move(done)]() mutable {
      if (!images.count(spec.image.str())) return done(base::Error{base::ErrorCode::kNotFound, "no image"});
      const std::string id = "c" + std::to_string(++ids_);
      Run& run = runs[id];
      run.status.id = id;
      run.status.sandbox_id = sandbox;
      run.status.image_id = images[spec.image.str()].id;
      run.status.created_wall = time_.wall();
      run.status.spec = std::move(spec);
      done(Str(id));
    });
  }
  void start_container(Str id, Done<base::Unit> done) override {
    later([this, id, done = std::move(done)]() mutable {
      Run& run = runs.at(id.str());
      run.status.state = env::ContainerState::kRunning;
      run.status.started_wall = time_.wall();
      log.push_back("start " + name(run));
      const FakeBehaviour b = behaviour(run);
      if (b.run_for >= 0) after(b.run_for, id, [this, id, b] { finish(id.str(), b.exit_code, b.reason); });
      if (b.ready_after >= 0) after(b.ready_after, id, [this] { probe_all(); });
      if (b.sick_after >= 0) after(b.sick_after, id, [this] { probe_all(); });
      done(base::Unit{});
      emit(env::ContainerEventKind::kStarted, run);
    });
  }
  void stop_container(Str id, base::Nanos grace, Done<base::Unit> done) override {
    later([this, id, grace, done = std::move(done)]() mutable {
      const auto it = runs.find(id.str());
      if (it == runs.end() || it->second.status.state != env::ContainerState::kRunning) return done(base::Unit{});
      log.push_back("term " + name(it->second) + " " + std::to_string(grace / base::kSecond) + "s");
      it->second.waiting.push_back([this, epoch = epoch_, done = std::move(done)]() mutable {
        if (epoch == epoch_) done(base::Unit{});
      });
      const FakeBehaviour b = behaviour(it->second);
      if (b.term_takes >= 0 && b.term_takes < grace) after(b.term_takes, id, [this, id] { finish(id.str(), 143, "Error"); });
      after(grace, id, [this, id] { finish(id.str(), 137, "Error"); });
    });
  }
  void remove_container(Str id, Done<base::Unit> done) override {
    later([this, id, done = std::move(done)]() mutable {
      runs.erase(id.str());
      done(base::Unit{});
    });
  }
  void exec(Str id, base::List<Str> command, base::Nanos, Done<int> done) override {
    later([this, id, command, done = std::move(done)]() mutable {
      const auto it = runs.find(id.str());
      log.push_back("exec " + (it == runs.end() ? std::string("?") : name(it->second)) + " " + command.front().str());
      done(command.front() == "false" ? 1 : 0);
    });
  }
  void list_sandboxes(Done<std::vector<env::SandboxStatus>> done) override {
    later([this, done = std::move(done)]() mutable {
      std::vector<env::SandboxStatus> out;
      for (const auto& [id, b] : sandboxes) out.push_back(b.status);
      done(std::move(out));
    });
  }
  void list_containers(Done<std::vector<env::ContainerStatus>> done) override {
    later([this, done = std::move(done)]() mutable {
      std::vector<env::ContainerStatus> out;
      for (const auto& [id, r] : runs) out.push_back(r.status);
      done(std::move(out));
    });
  }
  void container_status(Str id, Done<env::ContainerStatus> done) override {
    later([this, id, done = std::move(done)]() mutable {
      const auto it = runs.find(id.str());
      if (it == runs.end()) return done(base::Error{base::ErrorCode::kNotFound, "no container"});
      done(it->second.status);
    });
  }
  void events(base::UniqueFunction<void(const env::ContainerEvent&)> on_event) override { listener_ = std::move(on_event); }
  void pull_image(Str image, Done<env::ImageInfo> done) override {
    log.push_back("pull " + image.str());
    time_.after(base::kSecond, [this, image, epoch = epoch_, done = std::move(done)]() mutable {
      if (epoch != epoch_) return;
      if (pull_failures[image.str()]-- > 0) return done(base::Error{base::ErrorCode::kUnavailable, "no such manifest"});
      present(image.str());
      done(images[image.str()]);
    });
  }
  void list_images(Done<std::vector<env::ImageInfo>> done) override {
    later([this, done = std::move(done)]() mutable {
      std::vector<env::ImageInfo> out;
      for (const auto& [name, i] : images) out.push_back(i);
      done(std::move(out));
    });
  }
  void remove_image(Str image, Done<base::Unit> done) override {
    images.erase(image.str());
    later([done = std::move(done)]() mutable { done(base::Unit{}); });
  }
  void usage(Done<env::UsageStats> done) override {
    later([this, done = std::move(done)]() mutable { done(stats); });
  }
  env::ProbeWatch watch_probe(env::ProbeSpec spec, base::UniqueFunction<void(env::ProbeResult)> on_change) override {
    const auto id = ++probe_ids_;
    Probe& p = probes_[id];
    p.spec = std::move(spec);
    p.on_change = std::make_shared<base::UniqueFunction<void(env::ProbeResult)>>(std::move(on_change));
    ++probes_watched;
    later([this] { probe_all(); });
    return static_cast<env::ProbeWatch>(id);
  }
  void unwatch_probe(env::ProbeWatch watch) override { probes_.erase(static_cast<std::uint64_t>(watch)); }

  void kill_sandbox(const std::string& id) {
    Box& box = sandboxes.at(id);
    box.status.ready = false;
    for (auto& [cid, r] : runs) {
      if (r.status.sandbox_id == id && r.status.state == env::ContainerState::kRunning) finish(cid, 137, "Error");
    }
    env::ContainerEvent e{env::ContainerEventKind::kSandboxDied, id, {}, box.status.spec.pod_uid};
    if (listener_) listener_(e);
  }
  void finish(const std::string& id, int code, const char* reason) {
    const auto it = runs.find(id);
    if (it == runs.end() || it->second.status.state != env::ContainerState::kRunning) return;
    Run& run = it->second;
    run.status.state = env::ContainerState::kExited;
    run.status.exit_code = code;
    run.status.reason = *reason ? Str(reason) : Str(code == 0 ? "Completed" : "Error");
    run.status.finished_wall = time_.wall();
    ++run.generation;
    log.push_back("exit " + name(run) + " " + std::to_string(code));
    auto waiting = std::move(run.waiting);
    run.waiting.clear();
    for (auto& w : waiting) w();
    emit(env::ContainerEventKind::kStopped, run);
  }

 private:
  struct Probe {
    env::ProbeSpec spec;
    std::shared_ptr<base::UniqueFunction<void(env::ProbeResult)>> on_change;
    env::ProbeResult last = env::ProbeResult::kUnknown;
  };
  template <class F>
  void later(F work) {
    time_.after(latency, [this, epoch = epoch_, work = std::move(work)]() mutable {
      if (epoch == epoch_) work();
    });
  }
  template <class F>
  void after(base::Nanos delay, const Str& id, F work) {
    time_.after(delay, [this, id, generation = runs.at(id.str()).generation, work]() mutable {
      const auto it = runs.find(id.str());
      if (it != runs.end() && it->second.generation == generation) work();
    });
  }
  FakeBehaviour behaviour(const Run& run) const {
    const auto it = behaviours.find(run.status.spec.image.str());
    return it == behaviours.end() ? FakeBehaviour{} : it->second;
  }
  static std::string name(const Run& run) { return run.status.spec.name.str() + "#" + std::to_string(run.status.spec.attempt); }
  void emit(env::ContainerEventKind kind, const Run& run) {
    env::ContainerEvent e{kind, run.status.sandbox_id, run.status.id, sandboxes[run.status.sandbox_id.str()].status.spec.pod_uid};
    if (listener_) listener_(e);
  }
  /// Every watch hears of a changed result; initial delays count, periods and thresholds do not.
  void probe_all() {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, p] : probes_) ids.push_back(id);
    for (const std::uint64_t id : ids) {
      const auto it = probes_.find(id);
      if (it == probes_.end()) continue;
      const auto run = runs.find(it->second.spec.container_id.str());
      if (run == runs.end() || run->second.status.state != env::ContainerState::kRunning) continue;
      const FakeBehaviour b = behaviour(run->second);
      const base::Nanos age = time_.wall() - run->second.status.started_wall;
      const bool ok = b.ready_after >= 0 && age >= b.ready_after && (b.sick_after < 0 || age < b.sick_after);
      const auto result = ok ? env::ProbeResult::kSuccess : env::ProbeResult::kFailure;
      if (result == it->second.last) continue;
      // A startup probe that has not succeeded yet is not a failure before its threshold, which this runtime never reaches.
      if (!ok && it->second.spec.kind == env::ProbeKind::kStartup && b.ready_after >= 0) continue;
      it->second.last = result;
      const auto call = it->second.on_change;
      (*call)(result);
    }
  }

  VirtualTime& time_;
  base::UniqueFunction<void(const env::ContainerEvent&)> listener_;
  std::map<std::uint64_t, Probe> probes_;
  std::uint64_t probe_ids_ = 0;
  int ids_ = 0, epoch_ = 0;
};

}  // namespace orrery::test
