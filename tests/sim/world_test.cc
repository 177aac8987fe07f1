#include <chrono>
#include <sstream>

#include "sim/kernel/event_log.h"
#include "sim/world/incarnation.h"
#include "tests/sim/fixture.h"

namespace orrery::sim::test {
namespace {

// Writes, syncs and talks for ever; the same work in every incarnation.
env::Task<void> churn(env::Environment* env, env::Peer to) {
  base::RandomStream draws = env->random.stream("churn");
  if (!env->disk.size("log").ok()) (void)env->disk.create("log");
  for (int i = 0;; ++i) {
    (void)env->disk.append("log", "line");
    env->disk.sync("log", [](base::Status) {});
    env->network.send_datagram(9, to, text(std::to_string(i)));
    (void)env->disk.create("tmp" + std::to_string(env->process.incarnation()) + "-" + std::to_string(i));
    (void)env->disk.rename("tmp" + std::to_string(env->process.incarnation()) + "-" + std::to_string(i),
                           "state");
    const auto pause = static_cast<base::Nanos>(draws.below(20 * kMillisecond));
    co_await env::sleep(*env, pause);
  }
}

void start_churn(Node& n) {
  n.env.network.on_datagram(9, [](env::Peer, env::Message) {});
  n.tasks.spawn(churn(&n.env, n.peer("b", 9)));
}

TEST_CASE("a process dies at the numbered effect, before or after it, and its later effects are discarded") {
  struct Case {
    Effect effect;
    bool after;
    std::uint64_t log_bytes;
  };
  // One round is append, sync, send, append (of the create), rename.
  const Case cases[] = {{Effect::kAppend, false, 8},  {Effect::kAppend, true, 12}, {Effect::kSync, false, 12},
                        {Effect::kSync, true, 12},    {Effect::kSend, false, 12},  {Effect::kSend, true, 12},
                        {Effect::kRename, false, 12}, {Effect::kRename, true, 12}};
  for (const Case& c : cases) {
    Lab lab;
    int datagrams = 0;
    lab.add("b", [&](Node& n) {
      n.env.network.on_datagram(9, [&](env::Peer, env::Message) { ++datagrams; });
    });
    lab.add("a", nullptr, {}, RestartPolicy::never());
    // Appends are numbers 1 (create), 2, 3 (create), 4, 5, 6: the third line is append 6.
    const std::uint64_t number = c.effect == Effect::kAppend ? 6 : 3;
    lab.world.kill_at(lab.process("a"), {c.effect, number, c.after});
    lab.world.kernel().after(0, {lab.world.owner(lab.process("a")), EventKind::kWorld, 0},
                             [&] { start_churn(lab.node("a")); });
    lab.world.run_for(10 * kSecond);
    CAPTURE(static_cast<int>(c.effect));
    CAPTURE(c.after);
    CHECK_FALSE(lab.world.running(lab.process("a")));
    const auto directory = lab.world.disk(lab.machine("a")).directory("p");
    REQUIRE(directory->find("log") != nullptr);
    CHECK(directory->find("log")->size() == c.log_bytes);
    const bool third_sent = c.effect == Effect::kRename || (c.effect == Effect::kSend && c.after);
    CHECK(datagrams == (third_sent ? 3 : 2));
  }
}

TEST_CASE("a death is armed for one incarnation only and restarts back off") {
  Lab lab;
  std::vector<std::int64_t> starts;
  lab.add("a", [&](Node& n) {
    starts.push_back(lab.world.now().ns / kSecond);
    if (starts.size() < 8) n.env.process.exit(1, "test");
  });
  lab.world.run_for(3000 * kSecond);
  // At once 1 s, then 10, 20, 40, 80, 160, 300.
  CHECK(starts == std::vector<std::int64_t>{0, 1, 11, 31, 71, 151, 311, 611});
  lab.world.kill(lab.process("a"));
  lab.world.run_for(2 * kSecond);
  CHECK(lab.world.starts(lab.process("a")) == 9);  // it had lived long
}

TEST_CASE("a stopped process stays down until it is started") {
  Lab lab;
  lab.add("a");
  lab.world.stop(lab.process("a"));
  lab.world.run_for(1000 * kSecond);
  CHECK_FALSE(lab.world.running(lab.process("a")));
  lab.world.start(lab.process("a"));
  lab.world.run_for(kSecond);
  CHECK(lab.world.running(lab.process("a")));
}

struct Order {
  std::vector<int>& log;
  int number;
  ~Order() { log.push_back(number); }
};

env::Task<void> hold_for_ever(env::Environment* env, std::vector<int>* log, int number) {
  const Order order{*log, number};
  co_await env::sleep(*env, 1000 * kSecond);
}

TEST_CASE("death destroys tasks newest first, then the component, after control is back") {
  std::vector<int> log;
  Lab lab;
  lab.add("a", [&](Node& n) {
    for (int i = 0; i < 3; ++i) n.tasks.spawn(hold_for_ever(&n.env, &log, i));
  }, {}, RestartPolicy::never());
  lab.world.kernel().after(0, {lab.world.owner(lab.process("a")), EventKind::kWorld, 0}, [&] {
    lab.node("a").env.process.exit(0, "done");
    log.push_back(100);
  });
  lab.world.run_for(kSecond);
  CHECK(log == std::vector<int>{100, 2, 1, 0});
  CHECK(lab.world.component(lab.process("a")) == nullptr);
}

env::Task<int> ready_value(int v) { co_return v; }

env::Task<void> await_many(std::int64_t* sum, int count) {
  for (int i = 0; i < count; ++i) {
    const int v = co_await ready_value(1);
    *sum += v;
  }
}

env::Task<int> nest(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await nest(depth - 1);
  co_return below + 1;
}

env::Task<void> run_nest(int* out, int depth) {
  const int reached = co_await nest(depth);
  *out = reached;
}

TEST_CASE("2,000,000 ready tasks and 100,000 nested ones use no stack") {
  std::int64_t sum = 0;
  int depth = 0;
  Lab lab;
  lab.add("a", [&](Node& n) {
    n.tasks.spawn(await_many(&sum, 2'000'000));
    n.tasks.spawn(run_nest(&depth, 100'000));
  });
  CHECK(sum == 2'000'000);
  CHECK(depth == 100'000);
}

struct Run {
  std::uint64_t digest;
  std::uint64_t events;
};

Run eventful(std::uint64_t seed, bool encode, std::vector<env::Site> planted = {}) {
  WorldConfig config;
  config.seed = seed;
  config.network.encode_every_hop = encode;
  config.planted = std::move(planted);
  config.machine_clock = [] { return std::int64_t{std::chrono::steady_clock::now().time_since_epoch().count()}; };
  Lab lab(config);
  for (const char* name : {"a", "b", "c"}) {
    lab.add(name, [&](Node& n) {
      start_churn(n);
      serve_echo(n);
    });
  }
  for (int i = 0; i < 30; ++i) {
    if (lab.world.running(lab.process("a"))) lab.call("a", "b", "hello", kSecond);
    if (lab.world.running(lab.process("c"))) lab.call("c", "a", "there", kSecond);
    for (std::uint64_t k = 0; k < 8; ++k)
      lab.world.kernel().after(kSecond / 2, {0, EventKind::kClient, k}, [] {});
    if (i == 5) lab.world.kill(lab.process("b"));
    if (i == 10) lab.world.power_off(lab.machine("c"));
    if (i == 15) lab.world.power_on(lab.machine("c"));
    if (i == 18) lab.cut({"a"}, {"b"});
    lab.world.run_for(kSecond);
  }
  return {lab.world.digest(), lab.world.kernel().executed()};
}

TEST_CASE("one seed is one history; another seed is another; encoding every hop changes nothing") {
  const Run first = eventful(1, false);
  CHECK(first.events > 5000);
  CHECK(eventful(1, false).digest == first.digest);
  CHECK(eventful(1, true).digest == first.digest);
  CHECK(eventful(2, false).digest != first.digest);
  CHECK(eventful(1, false, {env::Site::kWallClockRead}).digest != first.digest);
  CHECK(eventful(1, false, {env::Site::kPointerOrder}).digest != first.digest);
}

TEST_CASE("the event log gives back date, process, kind and content of every event") {
  std::stringstream file;
  {
    Lab lab;
    EventLogWriter log(file, [&](std::uint32_t owner) { return lab.world.owner_name(owner); });
    lab.add("a");
    lab.world.kernel().set_sink(&log);
    lab.node("a").env.timers.after(5, [] {});
    lab.world.kernel().at({7}, {0, EventKind::kFault, 0xfedcba9876543210u}, [] {});
    lab.world.run_for(10);
    lab.world.kernel().set_sink(nullptr);
  }
  const std::string bytes = file.str();
  EventLogReader reader(file);
  EventLogReader::Event e;
  REQUIRE(reader.next(e));
  CHECK((e.number == 1 && e.time == base::Instant{5} && e.owner == "a/p#0" && e.kind == EventKind::kTimer && e.content == 0));
  REQUIRE(reader.next(e));
  CHECK((e.number == 2 && e.time == base::Instant{7} && e.owner.empty() && e.kind == EventKind::kFault));
  CHECK(e.content == 0xfedcba9876543210u);
  CHECK(!reader.next(e));
  CHECK(reader.ok());
  std::stringstream torn(bytes.substr(0, bytes.size() - 3)), other("something else");
  EventLogReader of_torn(torn), of_other(other);
  CHECK(of_torn.next(e));
  CHECK(!of_torn.next(e));
  CHECK(!of_torn.ok());
  CHECK(!of_other.next(e));
  CHECK(!of_other.ok());
}

TEST_CASE("randomness is keyed by concern, process and incarnation") {
  std::vector<std::uint64_t> draws;
  Lab lab;
  const Lab::Boot draw = [&](Node& n) {
    for (const char* concern : {"x", "y"}) draws.push_back(n.env.random.stream(concern).next());
    CHECK(n.env.random.stream("x").next() == draws[draws.size() - 2]);
  };
  lab.add("a", draw);
  lab.add("b", draw);
  lab.world.kill(lab.process("a"));
  lab.world.run_for(2 * kSecond);
  REQUIRE(draws.size() == 6);
  std::sort(draws.begin(), draws.end());
  CHECK(std::adjacent_find(draws.begin(), draws.end()) == draws.end());
}

TEST_CASE("clocks: offset, drift, steps and stalls") {
  MachineConfig m;
  m.clock_offset = 5 * kSecond;
  m.clock_drift_ppb = 100'000'000;  // 10 % fast
  std::vector<std::int64_t> fired;
  Lab lab;
  lab.add("a", nullptr, m);
  env::Environment& env = lab.node("a").env;
  const auto timer = [&](base::Nanos delay) {
    env.timers.after(delay, [&] { fired.push_back(lab.world.now().ns / kMillisecond); });
  };
  timer(11 * kSecond);
  lab.world.run_for(10 * kSecond + kMillisecond);
  CHECK(fired == std::vector<std::int64_t>{10'000});
  CHECK((env.clock.wall() - lab.world.config().epoch) / kSecond == 16);
  lab.world.step_clock(lab.machine("a"), -kSecond);
  CHECK((env.clock.wall() - lab.world.config().epoch) / kSecond == 15);

  lab.world.set_clock_drift(lab.machine("a"), 0);
  fired.clear();
  const base::Instant mono = env.clock.now();
  timer(2 * kSecond);
  lab.world.run_for(kSecond);
  lab.world.stall_clock(lab.machine("a"), 7 * kSecond);
  timer(kSecond / 2);
  lab.world.run_for(6 * kSecond);
  CHECK(env.clock.now() - mono == kSecond);
  CHECK(fired.empty());
  lab.world.run_for(4 * kSecond);
  CHECK(fired == std::vector<std::int64_t>{17'501 + 1'000, 18'001 + 1'000});
  CHECK(env.clock.now() - mono == 4 * kSecond);
}

TEST_CASE("a timer set before the clock slows down is not early") {
  Lab lab;
  lab.add("a");
  env::Environment& env = lab.node("a").env;
  const base::Instant start = env.clock.now();
  base::Nanos measured = 0;
  env.timers.after(10 * kSecond, [&] { measured = env.clock.now() - start; });
  lab.world.run_for(kSecond);
  lab.world.set_clock_drift(lab.machine("a"), -500'000'000);
  lab.world.run_for(18 * kSecond - kMillisecond);
  CHECK(measured == 0);
  lab.world.run_for(2 * kMillisecond);
  CHECK(measured >= 10 * kSecond);
  CHECK(measured < 10 * kSecond + kMillisecond);
}

TEST_CASE("thinking occupies finite cores, first come first served") {
  MachineConfig m;
  m.cores = 2;
  Lab lab;
  lab.add("a", nullptr, m);
  env::Environment& env = lab.node("a").env;
  std::vector<std::int64_t> done;
  const auto think = [&](base::Nanos cpu) {
    env.compute.spend(cpu, [&] { done.push_back(lab.world.now().ns / kMillisecond); });
  };
  for (int i = 0; i < 3; ++i) think(10 * kMillisecond);
  lab.world.set_cpu_slowdown(lab.machine("a"), 300);
  think(10 * kMillisecond);
  CHECK(done.empty());
  lab.world.run_for(kSecond);
  CHECK(done == std::vector<std::int64_t>{10, 10, 20, 40});
}

TEST_CASE("past the machine's memory the biggest process is killed") {
  MachineConfig m;
  m.memory_bytes = 1000;
  Lab lab;
  lab.add("a", nullptr, m);
  ProcessConfig other;
  other.name = "q";
  other.factory = [](env::Environment& env) { return std::make_unique<Node>(env); };
  const ProcessId q = lab.world.start_process(lab.machine("a"), std::move(other));
  lab.world.run_for(0);
  lab.node("a").env.compute.set_memory(600);
  lab.world.environment(q)->compute.set_memory(400);
  lab.world.run_for(0);
  CHECK(lab.world.running(lab.process("a")));
  lab.world.environment(q)->compute.set_memory(401);
  lab.world.run_for(0);
  CHECK_FALSE(lab.world.running(lab.process("a")));
  CHECK(lab.world.running(q));
}

TEST_CASE("power comes back with the boot list, and the incarnation counts on") {
  Lab lab;
  lab.add("a");
  lab.world.power_off(lab.machine("a"));
  lab.world.run_for(100 * kSecond);
  CHECK(lab.world.starts(lab.process("a")) == 1);
  CHECK_FALSE(lab.world.powered(lab.machine("a")));
  lab.world.power_on(lab.machine("a"));
  lab.world.run_for(3 * kSecond);
  CHECK(lab.world.running(lab.process("a")));
  CHECK(lab.node("a").env.process.incarnation() == 1);
}

TEST_CASE("a kill from inside the process's own callback is safe") {
  Lab lab;
  lab.add("b", serve_echo);
  lab.add("a", [&](Node& n) {
    n.env.timers.after(kSecond, [&] {
      lab.world.kill(lab.process("a"));
      CHECK(n.env.process.exiting());
      n.env.network.send_datagram(1, n.peer("b"), {});
      n.env.network.call(n.peer("b"), text("x"), kSecond, [&](auto) { lab.note("answered"); });
      n.env.timers.after(0, [&] { lab.note("fired"); });
      CHECK(n.env.disk.create("f").ok());
    });
  }, {}, RestartPolicy::never());
  lab.world.run_for(10 * kSecond);
  CHECK(lab.log.empty());
  CHECK(lab.world.disk(lab.machine("a")).directory("p")->names().empty());
}

}  // namespace
}  // namespace orrery::sim::test
