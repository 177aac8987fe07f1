#include "sim/faults/fault_executor.h"
#include "sim/faults/swarm.h"
#include "tests/sim/fixture.h"

namespace orrery::sim::test {
namespace {

TEST_CASE("a plan survives being printed and parsed") {
  FaultPlan plan;
  for (unsigned i = 0; i < static_cast<unsigned>(FaultKind::kCount); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    plan.push_back(
        {{n * 7}, static_cast<FaultKind>(i), "m-" + std::to_string(i), i % 2 ? "\"q\"\n" : "", n % 3, -n, n});
  }
  const auto back = parse_fault_plan(to_json_lines(plan) + "\n  \n");
  REQUIRE(back.ok());
  CHECK(*back == plan);
  CHECK(to_json_line({{5}, FaultKind::kProcessKill, "a/p", "", 0, 0, 0}) ==
        R"({"at":5,"kind":"process/kill","target":"a/p"})");
}

TEST_CASE("bad plans are refused with their line") {
  struct Case {
    const char* text;
    const char* why;
  };
  const Case cases[] = {
      {"nonsense", "line 1: a fault is not a JSON object"},
      {"[]", "line 1: a fault is not a JSON object"},
      {R"({"at":1,"kind":"process/kill"})", "line 1: missing target"},
      {R"({"kind":"process/kill","target":"a"})", "line 1: missing at"},
      {"\n{\"at\":1,\"kind\":\"process/hug\",\"target\":\"a\"}",
       "line 2: unknown fault kind \"process/hug\""},
      {R"({"at":1,"kind":"process/kill","target":"a","x":1})", "line 1: unknown key \"x\""},
      {R"({"at":1.5,"kind":"process/kill","target":"a"})", "line 1: at is not an integer"},
      {R"({"at":18446744073709551615,"kind":"process/kill","target":"a"})", "line 1: at is too large"},
      {R"({"at":-1,"kind":"process/kill","target":"a"})", "line 1: at and duration are not below 0"},
      {R"({"at":1,"kind":"process/kill","target":7})", "line 1: target is not a string"},
  };
  for (const Case& c : cases) {
    const auto plan = parse_fault_plan(c.text);
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().message == c.why);
  }
}

struct FaultLab : Lab {
  FaultLab() {
    for (const char* name : {"m1", "m2", "w1", "w2"}) {
      MachineConfig m;
      m.zone = name[1] == '1' ? "x" : "y";
      add(name, serve_echo, m);
    }
  }
  base::Status plan(const char* lines) {
    auto parsed = parse_fault_plan(lines);
    REQUIRE(parsed.ok());
    return faults.schedule(*parsed);
  }
  bool reaches(const char* from, const char* to) {
    const std::size_t before = log.size();
    node(from).env.network.close_connections(node(from).peer(to));
    call(from, to, "x", 100 * kMillisecond);
    world.run_for(200 * kMillisecond);
    REQUIRE(log.size() == before + 1);
    return log.back() == "ok:x";
  }
  FaultExecutor faults{world};
};

TEST_CASE("targets name machines, zones and processes") {
  FaultLab lab;
  const auto count = [&](const char* t) { return lab.faults.machines(t).size(); };
  CHECK(count("m1") == 1);
  CHECK(count("m*") == 2);
  CHECK(count("*") == 4);
  CHECK(count("zone/x") == 2);
  CHECK(count("m1,w1,m1") == 2);
  CHECK(count("m") == 0);
  CHECK(lab.faults.processes("m*/p").size() == 2);
  CHECK(lab.faults.processes("m1/*,zone/y/p").size() == 3);
  CHECK(lab.faults.processes("m1").empty());
  CHECK(lab.plan(R"({"at":1,"kind":"process/kill","target":"m9/p"})").error().message ==
        "nothing is named \"m9/p\"");
  CHECK(lab.plan(R"({"at":1,"kind":"network/partition","target":"m1","peer":"m9"})").error().code ==
        base::ErrorCode::kInvalid);
  lab.world.run_for(kSecond);
  CHECK(lab.faults.applied() == 0);
}

TEST_CASE("network faults hold for their duration, in their direction") {
  FaultLab lab;
  REQUIRE(
      lab.plan(
             R"({"at":1000000000,"kind":"network/partition","target":"m1","peer":"m2","duration":2000000000,"value":1}
{"at":1000000000,"kind":"network/partition","target":"zone/x","duration":2000000000,"value":1})")
          .ok());
  CHECK(lab.reaches("m1", "m2"));
  lab.world.run_until({1500 * kMillisecond});
  CHECK_FALSE(lab.reaches("m1", "m2"));
  CHECK_FALSE(lab.reaches("w2", "w1"));
  CHECK(lab.reaches("m1", "w1"));
  CHECK(lab.reaches("m2", "w2"));
  lab.world.run_until({4 * kSecond});
  CHECK(lab.reaches("m1", "m2"));
  CHECK(lab.world.network().rules().empty());
}

TEST_CASE("in a ring each machine reaches its neighbours only") {
  FaultLab lab;
  REQUIRE(lab.faults.apply({{}, FaultKind::kNetworkRing, "*", "", 0, 0, 0}).ok());
  CHECK(lab.reaches("m1", "m2"));
  CHECK(lab.reaches("m1", "w2"));
  CHECK_FALSE(lab.reaches("m1", "w1"));
  CHECK_FALSE(lab.reaches("w2", "m2"));
  lab.faults.heal_all();
  CHECK(lab.reaches("m1", "w1"));
}

TEST_CASE("machine, process, disk and clock faults are done and undone") {
  FaultLab lab;
  REQUIRE(lab.plan(R"({"at":1,"kind":"machine/power-off","target":"m1","duration":5000000000}
{"at":1,"kind":"process/stop","target":"m2/p","duration":5000000000}
{"at":1,"kind":"disk/full","target":"w1","duration":5000000000}
{"at":1,"kind":"clock/step","target":"w1","value":-3000000000,"duration":5000000000}
{"at":1,"kind":"process/kill","target":"w2/p"})").ok());
  lab.world.run_until({2});
  CHECK_FALSE(lab.world.powered(lab.machine("m1")));
  CHECK_FALSE(lab.world.running(lab.process("m2")));
  CHECK_FALSE(lab.world.running(lab.process("w2")));
  env::Environment& w1 = lab.node("w1").env;
  CHECK_FALSE(w1.disk.create("f").ok());
  CHECK((w1.clock.wall() - lab.world.config().epoch) / kSecond == -2);
  lab.world.run_until({20 * kSecond});
  for (const char* name : {"m1", "m2", "w2"}) CHECK(lab.world.running(lab.process(name)));
  CHECK(w1.disk.create("f").ok());
  CHECK((w1.clock.wall() - lab.world.config().epoch) / kSecond == 20);
  CHECK(lab.faults.applied() == 5);
}

TEST_CASE("what was stopped can be started, what is broken recovers, a network heals") {
  FaultLab lab;
  const auto apply = [&](FaultKind kind, const char* target, std::int64_t value = 0, std::int64_t value2 = 0) {
    REQUIRE(lab.faults.apply({{}, kind, target, "", 0, value, value2}).ok());
  };
  apply(FaultKind::kProcessStop, "m1/p");
  lab.world.run_for(100 * kSecond);
  CHECK_FALSE(lab.world.running(lab.process("m1")));
  apply(FaultKind::kProcessStart, "m1/p");
  lab.world.run_for(kSecond);
  CHECK(lab.world.running(lab.process("m1")));
  apply(FaultKind::kProcessRestart, "m1/p");
  lab.world.run_for(20 * kSecond);
  CHECK(lab.world.starts(lab.process("m1")) == 3);
  apply(FaultKind::kDiskFull, "w1");
  apply(FaultKind::kDiskFull, "w2");
  apply(FaultKind::kDiskRecover, "w1");
  CHECK(lab.node("w1").env.disk.create("f").ok());
  CHECK_FALSE(lab.node("w2").env.disk.create("f").ok());
  apply(FaultKind::kNetworkPartition, "m1", 1);
  CHECK_FALSE(lab.reaches("m1", "m2"));
  lab.world.power_off(lab.machine("w2"));
  apply(FaultKind::kNetworkHeal, "m1");
  CHECK(lab.reaches("m1", "m2"));
  CHECK_FALSE(lab.world.powered(lab.machine("w2")));
  // Dies before its third write (a creation is one): the first two stay.
  apply(FaultKind::kProcessKillAtEffect, "m2/p", 3, static_cast<int>(Effect::kAppend) * 2);
  lab.world.kernel().after(0, {}, [&lab] {
    env::Disk& disk = lab.node("m2").env.disk;
    REQUIRE(disk.create("g").ok());
    REQUIRE(disk.append("g", std::string("one")).ok());
    (void)disk.append("g", std::string("two"));
  });
  lab.world.run_for(20 * kSecond);
  CHECK(*lab.node("m2").env.disk.read_at("g", 0, 10) == "one");
  CHECK(lab.world.starts(lab.process("m2")) == 2);
}

TEST_CASE("a torn tail is a prefix of what was not synced") {
  int torn = 0;
  for (int round = 0; round < 20; ++round) {
    WorldConfig config;
    config.seed = static_cast<std::uint64_t>(round) + 1;
    Lab lab(config);
    lab.add("m", nullptr);
    FaultExecutor faults(lab.world);
    env::Disk& disk = lab.node("m").env.disk;
    const std::string kept(600, 'a'), late(3000, 'b');
    REQUIRE(disk.create("f").ok());
    REQUIRE(disk.append("f", kept).ok());
    disk.sync("f", [](base::Status) {});
    disk.sync_dir([](base::Status) {});
    lab.world.run_for(kSecond);
    REQUIRE(disk.append("f", late).ok());
    REQUIRE(faults.apply({{}, FaultKind::kDiskTorn, "m", "", 0, 0, 0}).ok());
    lab.world.power_off(lab.machine("m"));
    lab.world.power_on(lab.machine("m"));
    lab.world.run_for(10 * kSecond);
    const std::string now = *lab.node("m").env.disk.read_at("f", 0, 4000);
    CHECK(now.starts_with(kept));
    CHECK((kept + late).starts_with(now));
    torn += now.size() > kept.size() && now.size() < kept.size() + late.size();
  }
  CHECK(torn > 3);
}

TEST_CASE("rot changes one bit of a file") {
  FaultLab lab;
  env::Disk& disk = lab.node("m1").env.disk;
  REQUIRE(disk.create("f").ok());
  REQUIRE(disk.append("f", std::string(100, 'x')).ok());
  REQUIRE(lab.faults.apply({{}, FaultKind::kDiskBitRot, "m1/p", "", 0, -1, 12345}).ok());
  const std::string now = *disk.read_at("f", 0, 100);
  int bits = 0;
  for (const char c : now) bits += __builtin_popcount(static_cast<unsigned char>(c ^ 'x'));
  CHECK(bits == 1);
}

TEST_CASE("swarm plans are repeatable, in order, in bounds and different from each other") {
  SwarmLimits limits;
  limits.machines = {"m1", "m2", "w1", "w2"};
  limits.processes = {"m1/p", "m2/p"};
  limits.zones = {"x", "y"};
  limits.from = {10 * kSecond};
  limits.until = {600 * kSecond};
  limits.disk_damage = true;
  std::vector<bool> seen(static_cast<std::size_t>(FaultKind::kCount));
  FaultPlan last;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const FaultPlan plan = draw_swarm(base::RandomStream(base::mix64(seed)), limits);
    CHECK(plan == draw_swarm(base::RandomStream(base::mix64(seed)), limits));
    CHECK(plan != last);
    last = plan;
    std::vector<Fault> off;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Fault& f = plan[i];
      seen[static_cast<std::size_t>(f.kind)] = true;
      REQUIRE((i == 0 || plan[i - 1].at <= f.at));
      REQUIRE(f.at >= limits.from);
      REQUIRE(f.at + f.duration <= limits.until);
      if (f.kind != FaultKind::kMachinePowerOff && f.kind != FaultKind::kMachineReboot) continue;
      for (const Fault& o : off) REQUIRE(o.at + o.duration <= f.at);
      off.push_back(f);
    }
    FaultLab lab;
    REQUIRE(lab.faults.schedule(plan).ok());
    lab.world.run_until(limits.until);
    CHECK(lab.faults.applied() == plan.size());
    lab.faults.heal_all();
    lab.world.run_for(400 * kSecond);
    for (const char* name : {"m1", "m2", "w1", "w2"}) REQUIRE(lab.world.running(lab.process(name)));
    CHECK(lab.reaches("m1", "w2"));
  }
  CHECK(std::count(seen.begin(), seen.end(), true) >= 20);
}

}  // namespace
}  // namespace orrery::sim::test
