// The simulated container runtime: CPU in contention, requests that queue, pulls that share links, memory,
// probes.
#include "sim/containers/container_view.h"
#include "sim/sharing/shared_capacity.h"
#include "sim/world/trace_sink.h"
#include "tests/sim/fixture.h"

namespace orrery::sim::test {
namespace {

using base::Str;

/// Machines with a runtime and one process each, "p".
struct Yard {
  explicit Yard(RuntimeConfig c = present())
      : config(c), registry(make_registry(world, config)) {}
  static RuntimeConfig present() {
    RuntimeConfig c;
    c.images_present = true;
    return c;
  }
  Runtime& add(const char* name, int cores = 4, std::int64_t memory = std::int64_t{1} << 30) {
    MachineConfig m;
    m.name = name;
    m.cores = cores;
    m.memory_bytes = memory;
    const MachineId id = world.add_machine(m);
    world.attach_runtime(id, make_runtime(world, id, config, registry, machines.size()));
    ProcessConfig p;
    p.name = "p";
    p.factory = [](env::Environment& e) { return std::make_unique<Node>(e); };
    machines.push_back(id);
    processes.push_back(world.start_process(id, std::move(p)));
    world.run_for(0);
    return static_cast<Runtime&>(*world.runtime(id));
  }
  env::Containers& containers(std::size_t machine) {
    return world.environment(processes[machine])->containers;
  }
  /// A running container with this behaviour; `at` is its sandbox's IP.
  Str start(Runtime& runtime, const char* behaviour, env::ContainerResources resources = {}) {
    env::SandboxSpec box;
    box.pod_namespace = "n";
    box.pod_name = base::cat("pod-", std::to_string(++pods));
    box.pod_uid = box.pod_name;
    box.annotations.set(kBehaviourAnnotation, behaviour);
    const env::SandboxStatus sandbox = runtime.run_sandbox(box).status;
    ip = sandbox.ip;
    env::ContainerSpec spec;
    spec.name = "c";
    spec.image = "i";
    spec.resources = resources;
    const Str id = runtime.create_container(sandbox.id, spec);
    REQUIRE(runtime.start_container(id));
    return id;
  }
  const env::ContainerStatus& status(Runtime& runtime, const Str& id) {
    return runtime.all_containers().find(id)->second.status;
  }
  /// From the start of the world to the container's end, in ms; -1 while it runs.
  std::int64_t end_ms(Runtime& runtime, const Str& id) {
    const env::ContainerStatus& s = status(runtime, id);
    if (s.state != env::ContainerState::kExited) return -1;
    return (s.finished_wall - world.config().epoch) / kMillisecond;
  }
  /// Sends a request now; its answer goes to `answers` as "ok 12" (ms) or "no 12".
  void request(Runtime& runtime, const Str& to) {
    runtime.request(to, [this](bool ok) {
      answers.push_back(base::cat(ok ? "ok " : "no ", std::to_string(world.now().ns / kMillisecond)));
    });
  }

  RuntimeConfig config;
  World world{WorldConfig{}};
  std::shared_ptr<Registry> registry;
  std::vector<MachineId> machines;
  std::vector<ProcessId> processes;
  int pods = 0;
  Str ip;
  std::vector<std::string> answers;
};

env::ContainerResources cpu(std::int64_t shares, std::int64_t quota_milli = 0) {
  env::ContainerResources r;
  r.cpu_shares = shares;
  r.cpu_quota_milli = quota_milli;
  return r;
}

TEST_CASE("workers share the cores by weight, each at most one core and its quota") {
  Yard y;
  Runtime& r = y.add("m", 2);
  const Str a = y.start(r, R"({"kind":"work","cpuSeconds":1})", cpu(1024));
  y.world.run_until({2 * kSecond});
  CHECK(y.end_ms(r, a) == 1000);
  const char* work = R"({"kind":"work","cpuSeconds":3})";
  const Str heavy = y.start(r, work, cpu(3072)), light = y.start(r, work, cpu(1024)),
            quota = y.start(r, work, cpu(3072, 500));
  // 0.5 by quota; the rest, 1.5 cores, would be 1.125 : 0.375, but a worker has one thread: 1 : 0.5.
  y.world.run_until({5 * kSecond});
  CHECK(y.end_ms(r, heavy) == 5000);
  CHECK(r.cpu_of(r.all_containers().find(light)->second) == 1'500'000'000);
  y.world.run_until({20 * kSecond});
  CHECK(y.end_ms(r, light) == 6500);
  CHECK(y.end_ms(r, quota) == 8000);
}

TEST_CASE("a container that exits after its time may work meanwhile, on several cores, up to its quota") {
  Yard y;
  Runtime& r = y.add("m", 4);
  const auto worked = [&](const Str& id) { return r.cpu_of(r.all_containers().find(id)->second); };
  const char* busy = R"({"kind":"exit","after":"10s","busyMilli":2500})";
  const Str free = y.start(r, busy), quota = y.start(r, busy, cpu(2, 500)), lazy = y.start(r, R"({"kind":"exit","after":"10s"})");
  y.world.run_until({4 * kSecond});
  CHECK(worked(free) == 10 * kSecond);
  CHECK(worked(quota) == 2 * kSecond);
  CHECK(worked(lazy) == 0);
  y.world.run_until({20 * kSecond});
  for (const Str& id : {free, quota, lazy}) CHECK(y.end_ms(r, id) == 10'000);
  CHECK(worked(free) == 25 * kSecond);
  CHECK(worked(quota) == 5 * kSecond);
}

TEST_CASE("requests queue for the threads of their container and share its CPU with the neighbours") {
  Yard y;
  Runtime& r = y.add("m", 1);
  y.start(r, R"({"kind":"service","ready":"1s","cpuPerRequest":"10ms"})", cpu(1024));
  const Str one = y.ip;
  y.request(r, one);
  CHECK(y.answers == std::vector<std::string>{"no 0"});  // not ready yet
  y.world.run_until({kSecond});
  y.answers.clear();
  for (int i = 0; i < 3; ++i) y.request(r, one);
  y.world.run_until({2 * kSecond});
  CHECK(y.answers == std::vector<std::string>{"ok 1010", "ok 1020", "ok 1030"});
  y.answers.clear();
  y.start(r, R"({"kind":"work","cpuSeconds":10})", cpu(1024));
  for (int i = 0; i < 2; ++i) y.request(r, one);
  y.world.run_until({3 * kSecond});
  CHECK(y.answers == std::vector<std::string>{"ok 2020", "ok 2040"});
}

TEST_CASE("threads of one container share its weight and quota") {
  Yard y;
  Runtime& r = y.add("m", 4);
  y.start(r, R"({"kind":"service","ready":"0s","cpuPerRequest":"10ms","threads":2})", cpu(1024, 1000));
  for (int i = 0; i < 3; ++i) y.request(r, y.ip);
  y.world.run_until({kSecond});
  // Two at half a core each; then the third has the whole core.
  CHECK(y.answers == std::vector<std::string>{"ok 20", "ok 20", "ok 30"});
}

TEST_CASE("when a container ends its requests are reset") {
  Yard y;
  Runtime& r = y.add("m", 1);
  const Str id = y.start(r, R"({"kind":"service","ready":"0s","cpuPerRequest":"10ms"})");
  for (int i = 0; i < 3; ++i) y.request(r, y.ip);
  y.world.run_until({15 * kMillisecond});
  r.stop_container(id, 0, [] {});
  y.world.run_until({kSecond});
  CHECK(y.answers == std::vector<std::string>{"ok 10", "no 15", "no 15"});
  CHECK(r.cpu_of(r.all_containers().find(id)->second) == 15 * kMillisecond);
  y.request(r, y.ip);
  CHECK(y.answers.back() == "no 1000");
  CHECK(y.world.sharing().active() == 0);
}

TEST_CASE("a slow machine and a dead one") {
  Yard y;
  Runtime& r = y.add("m", 1);
  const Str a = y.start(r, R"({"kind":"work","cpuSeconds":2})");
  y.world.run_until({kSecond});
  y.world.set_cpu_slowdown(y.machines[0], 200);
  y.world.run_until({2 * kSecond});
  y.world.set_cpu_slowdown(y.machines[0], 100);
  y.world.run_until({3 * kSecond});
  CHECK(y.end_ms(r, a) == 2500);
  const Str b = y.start(r, R"({"kind":"work","cpuSeconds":2})");
  y.world.run_until({4 * kSecond});
  y.world.power_off(y.machines[0]);
  y.world.run_until({10 * kSecond});
  CHECK(y.status(r, b).exit_code == 255);
  CHECK(y.world.sharing().active() == 0);
}

TEST_CASE("pulls share the registry; one that its process does not live to see gives its part back") {
  RuntimeConfig c;
  c.default_image_bytes = 100'000'000;
  c.registry_bandwidth = 300'000'000;
  c.answer = 0;
  Yard y(c);
  for (const char* name : {"a", "b", "c"}) y.add(name);
  std::vector<std::int64_t> done(3, -1);
  for (std::size_t i = 0; i < 3; ++i)
    y.containers(i).pull_image("image", [&, i](base::Result<env::ImageInfo> r) {
      CHECK(r.ok());
      done[i] = y.world.now().ns / kMillisecond;
    });
  y.world.run_until({500 * kMillisecond});
  y.world.kill(y.processes[2]);
  y.world.run_until({5 * kSecond});
  CHECK(done == std::vector<std::int64_t>{833, 833, -1});
  CHECK(static_cast<Runtime&>(*y.world.runtime(y.machines[0])).has_image("image"));
  CHECK_FALSE(static_cast<Runtime&>(*y.world.runtime(y.machines[2])).has_image("image"));
  CHECK(y.world.sharing().active() == 0);
}

TEST_CASE("a pull and a bulk message share the machine's way in") {
  RuntimeConfig c;
  c.default_image_bytes = 125'000'000;  // 100 ms of its link
  c.registry_bandwidth = 10'000'000'000;
  c.answer = 0;
  Yard y(c);
  for (const char* name : {"a", "b"}) y.add(name);
  std::vector<std::int64_t> done;
  const auto note = [&] { done.push_back(y.world.now().ns / kMillisecond); };
  y.world.environment(y.processes[1])->network.serve_calls(80, [&](env::Peer, env::Message, env::Reply) { note(); });
  y.containers(1).pull_image("image", [&](base::Result<env::ImageInfo>) { note(); });
  env::Environment& a = *y.world.environment(y.processes[0]);
  a.network.call(a.network.resolve({"b", 80}), text(std::string(62'500'000, 'x')), kSecond, [](auto) {});
  y.world.run_until({kSecond});
  REQUIRE(done.size() == 2);
  CHECK(done[0] == 100);  // the call, which began a round trip after the pull
  CHECK(done[1] == 150);
}

/// What process `p` of the first machine spends: dates of its ends in ms.
struct Thinker {
  explicit Thinker(Yard& y) : yard(y) {}
  void think(base::Nanos cpu) {
    yard.world.environment(yard.processes[0])->compute.spend(cpu, [this] { ends.push_back(yard.world.now().ns / kMillisecond); });
  }
  Yard& yard;
  std::vector<std::int64_t> ends;
};

TEST_CASE("a process and busy containers share the machine's cores by weight") {
  struct Case {
    int cores;
    std::int64_t shares, process_end, container_end;
  };
  const Case cases[] = {
      {2, 1024, 100, 1000},  // a core for each
      {1, 1024, 200, 1100},  // half of the core each
      {1, 3072, 400, 1100},  // a quarter for the process
      {1, 2, 100, 1100},     // 1024 : 2
  };
  for (const Case& c : cases) {
    CAPTURE(c.shares);
    Yard y;
    Runtime& r = y.add("m", c.cores);
    const Str work = y.start(r, R"({"kind":"work","cpuSeconds":1})", cpu(c.shares));
    Thinker t(y);
    t.think(100 * kMillisecond);
    y.world.run_until({2 * kSecond});
    CHECK(t.ends == std::vector<std::int64_t>{c.process_end});
    CHECK(y.end_ms(r, work) == c.container_end);
  }
}

TEST_CASE("threads of a process share its weight; when the containers rest, first come is first served again") {
  Yard y;
  Runtime& r = y.add("m", 1);
  const Str work = y.start(r, R"({"kind":"work","cpuSeconds":0.3})", cpu(1024));
  Thinker t(y);
  for (int i = 0; i < 2; ++i) t.think(100 * kMillisecond);  // a quarter of the core each until 400 ms
  y.world.run_until({kSecond});
  CHECK(t.ends == std::vector<std::int64_t>{400, 400});
  CHECK(y.end_ms(r, work) == 500);
  for (int i = 0; i < 2; ++i) t.think(100 * kMillisecond);
  y.world.run_until({2 * kSecond});
  CHECK(t.ends == std::vector<std::int64_t>{400, 400, 1100, 1200});
}

TEST_CASE("a machine whose containers do not work serves its processes first come first served") {
  Yard y;
  Runtime& r = y.add("m", 2);
  y.start(r, R"({"memory":"10Mi"})");
  Thinker t(y);
  for (int i = 0; i < 5; ++i) t.think(10 * kMillisecond);
  CHECK(y.world.sharing().active() == 0);
  y.world.run_until({kSecond});
  CHECK(t.ends == std::vector<std::int64_t>{10, 10, 20, 20, 30});
}

TEST_CASE("what a process was thinking about dies with it and leaves its part of the cores") {
  Yard y;
  Runtime& r = y.add("m", 1);
  const Str work = y.start(r, R"({"kind":"work","cpuSeconds":1})", cpu(1024));
  Thinker t(y);
  t.think(kSecond);
  y.world.run_until({500 * kMillisecond});
  y.world.kill(y.processes[0]);
  y.world.run_until({3 * kSecond});
  CHECK(t.ends.empty());
  CHECK(y.end_ms(r, work) == 1250);
  CHECK(y.world.sharing().active() == 0);
}

TEST_CASE("memory: the container's limit, then the machine's, by the kernel's score") {
  Yard y;
  Runtime& r = y.add("m", 4, 1000 << 20);
  env::ContainerResources limited = cpu(2), burstable = cpu(2), guaranteed = cpu(2);
  limited.memory_limit_bytes = 200 << 20;
  burstable.oom_score_adj = 500;
  guaranteed.oom_score_adj = -997;
  const Str leak = y.start(r, R"({"kind":"memory-leak","memory":"100Mi","perSecond":"10Mi"})", limited);
  const Str big = y.start(r, R"({"memory":"300Mi"})", burstable);
  const Str kept = y.start(r, R"({"memory":"400Mi"})", guaranteed);
  CHECK(r.memory_in_use() == 800 << 20);
  y.world.run_until({9 * kSecond});
  CHECK(r.memory_in_use() == 890 << 20);
  y.world.run_until({20 * kSecond});
  CHECK(y.end_ms(r, leak) == 10'001);
  CHECK(y.status(r, leak).reason == "OOMKilled");
  CHECK(y.status(r, leak).exit_code == 137);
  CHECK(r.memory_in_use() == 700 << 20);
  // What the machine's own processes take counts too.
  y.world.environment(y.processes[0])->compute.set_memory(350 << 20);
  y.world.run_until({21 * kSecond});
  CHECK(y.status(r, big).reason == "OOMKilled");
  CHECK(y.end_ms(r, kept) == -1);
  CHECK(y.world.running(y.processes[0]));
}

TEST_CASE(
    "memory: a process counts against its machine, and goes before a container of the same standing that "
    "holds less") {
  Yard y;
  Runtime& r = y.add("m", 4, 1000 << 20);
  env::ContainerResources guaranteed = cpu(2);
  guaranteed.oom_score_adj = -997;
  const Str leak = y.start(r, R"({"kind":"memory-leak","memory":"100Mi","perSecond":"10Mi"})", guaranteed);
  y.world.run_until({10 * kSecond});
  y.world.environment(y.processes[0])->compute.set_memory(700 << 20);
  y.world.run_until({19 * kSecond});
  CHECK(y.world.running(y.processes[0]));
  y.world.run_until({20 * kSecond + 2 * kMillisecond});
  CHECK_FALSE(y.world.running(y.processes[0]));
  CHECK(y.end_ms(r, leak) == -1);
  y.world.run_until({200 * kSecond});
  CHECK(y.end_ms(r, leak) == 90'001);
}

struct ProcessFacts final : TraceSink {
  bool recording(history::RecordKind) const override { return true; }
  void record(base::Instant, const env::Process& process, const history::Record& record) override {
    if (record.kind != history::RecordKind::kProcess) return;
    const auto what = static_cast<const history::ProcessRecord&>(record).what;
    using What = history::ProcessRecord::What;
    if (what == What::kOomKilled) lines.push_back(base::cat("oom ", process.name()));
    if (what == What::kStarted) lines.push_back(base::cat("start ", process.name()));
  }
  bool logs(env::LogLevel) const override { return false; }
  void log(base::Instant, const env::Process&, env::LogLevel, std::string_view) override {}
  std::vector<std::string> lines;
};

TEST_CASE(
    "a process that grows past its machine's memory is killed, told apart from other deaths, and restarted") {
  ProcessFacts facts;
  Lab lab;
  lab.world.set_trace(&facts);
  MachineConfig m;
  m.memory_bytes = 1000;
  // Declares while it is being built, as the control plane's processes do.
  lab.add(
      "a", [](Node& n) { n.env.compute.set_memory(n.env.process.incarnation() == 0 ? 1001 : 900); }, m);
  lab.world.run_for(30 * kSecond);
  CHECK(facts.lines == std::vector<std::string>{"start p", "oom p", "start p"});
  CHECK(lab.world.running(lab.process("a")));
}

TEST_CASE("attempted and computed probes report the same changes at the same instants") {
  base::RandomStream draws(base::mix64(5));
  std::size_t changes = 0;
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    const base::Nanos ready = static_cast<base::Nanos>(draws.below(40)) * kSecond;
    const std::uint64_t period = 1 + draws.below(9), phase = draws.below(3), delay = draws.below(10),
                        watch_at = draws.below(20);
    const int need_ok = 1 + static_cast<int>(draws.below(3)), need_bad = 1 + static_cast<int>(draws.below(4));
    const base::Nanos life = static_cast<base::Nanos>(20 + draws.below(60)) * kSecond;
    std::vector<std::string> told[2];
    for (const bool polled : {false, true}) {
      RuntimeConfig c = Yard::present();
      c.polled_probes = polled;
      Yard y(c);
      Runtime& r = y.add("m");
      const std::string behaviour = R"({"kind":"exit","after":")" + std::to_string(life / kSecond) +
                                    R"(s","ready":")" + std::to_string(ready / kSecond) + "s\"}";
      const Str id = y.start(r, behaviour.c_str());
      y.world.run_until({static_cast<std::int64_t>(watch_at) * kSecond});
      env::ProbeSpec spec;
      spec.container_id = id;
      spec.initial_delay = static_cast<base::Nanos>(delay) * kSecond;
      spec.period = static_cast<base::Nanos>(period) * kSecond;
      spec.phase = static_cast<base::Nanos>(phase) * 300 * kMillisecond;
      spec.success_threshold = need_ok;
      spec.failure_threshold = need_bad;
      y.containers(0).watch_probe(spec, [&](env::ProbeResult result) {
        told[polled].push_back(base::cat(std::to_string(y.world.now().ns),
                                         result == env::ProbeResult::kSuccess ? " ok" : " bad"));
      });
      y.world.run_until({100 * kSecond});
    }
    CHECK(told[0] == told[1]);
    changes += told[0].size();
  }
  CHECK(changes > 200);
}

}  // namespace
}  // namespace orrery::sim::test
