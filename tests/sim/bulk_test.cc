// Messages too long for the latency model: they share links, keep the order of their connection, and stop at
// partitions and deaths.
#include "sim/sharing/shared_capacity.h"
#include "tests/sim/fixture.h"

namespace orrery::sim::test {
namespace {

/// 100 ms of a host's link, alone.
constexpr std::size_t kTenth = 125'000'000;

WorldConfig bulk_only() {
  WorldConfig c;
  c.network.jitter_percent = 0;
  return c;
}

struct BulkLab : Lab {
  BulkLab() : Lab(bulk_only()) {
    for (const char* name : {"a", "b", "c", "d"}) {
      add(name, [this, name](Node& n) {
        n.env.network.serve_calls(80, [this, name](env::Peer, env::Message m, env::Reply r) {
          arrived(name, m.encoded_size());
          r({});
        });
        n.env.network.on_datagram(81, [this, name](env::Peer, env::Message m) { arrived(name, m.encoded_size()); });
      });
    }
    for (const char* from : {"a", "d"}) {
      for (const char* to : {"b", "c"}) {
        if (from != to) call(from, to, "dial");
      }
    }
    world.run_for(kSecond);
    log.clear();
    when.clear();
    start = world.now();
  }
  void arrived(const char* at, std::size_t size) {
    note(std::string(at) + " " + std::to_string(size) + " at " + std::to_string((world.now() - start) / kMillisecond));
  }
  void send(const char* from, const char* to, std::size_t size) {
    Node& n = node(from);
    n.env.network.call(n.peer(to), text(std::string(size, 'x')), 600 * kSecond,
                       [this](base::Result<env::Message> r) { outcomes.push_back(read(r)); });
  }
  void datagram(const char* from, const char* to, std::size_t size) {
    Node& n = node(from);
    n.env.network.send_datagram(81, n.peer(to, 81), text(std::string(size, 'x')));
  }
  void run_ms(base::Nanos ms) { world.run_for(ms * kMillisecond); }
  using Log = std::vector<std::string>;

  base::Instant start;
  Log outcomes;
};

std::string came(const char* at, std::size_t size, int ms) {
  return std::string(at) + " " + std::to_string(size) + " at " + std::to_string(ms);
}

TEST_CASE("long messages share the links of their path; short ones do not wait for those of other connections") {
  BulkLab lab;
  lab.send("a", "b", kTenth);
  lab.run_ms(150);
  CHECK(lab.log == BulkLab::Log{came("b", kTenth, 100)});
  lab.log.clear();
  lab.start = lab.world.now();
  lab.send("a", "b", kTenth);
  lab.send("a", "c", kTenth);      // shares a's way out: both at 625 MB/s
  lab.send("d", "c", kTenth / 2);  // shares c's way in
  lab.run_ms(10);
  lab.send("a", "d", 1000);
  lab.run_ms(1000);
  CHECK(lab.log == BulkLab::Log{came("d", 1000, 10), came("c", kTenth / 2, 100), came("b", kTenth, 200), came("c", kTenth, 200)});
}

TEST_CASE("the limit between short and long") {
  BulkLab lab;
  const auto flows_of = [&](std::size_t size) {
    lab.send("a", "b", size);
    const std::size_t n = lab.world.sharing().active();
    lab.run_ms(100);
    return n;
  };
  CHECK(flows_of(64 << 10) == 0);
  CHECK(flows_of((64 << 10) + 1) == 1);
  CHECK(lab.world.sharing().active() == 0);
  lab.node("a").env.network.call(lab.node("a").peer("a"), text(std::string(kTenth, 'x')), kSecond, [](auto) {});
  lab.run_ms(1);
  CHECK(lab.world.sharing().active() == 0);  // to itself: no link is shared
}

TEST_CASE("what follows a long message on its connection arrives after it") {
  BulkLab lab;
  lab.send("a", "b", 10);
  lab.send("a", "b", kTenth);
  lab.send("a", "b", 11);
  lab.send("a", "b", kTenth / 10);
  lab.send("a", "b", 12);
  lab.run_ms(1000);
  CHECK(lab.log == BulkLab::Log{came("b", 10, 0), came("b", kTenth, 100), came("b", 11, 100), came("b", kTenth / 10, 110),
                                came("b", 12, 110)});
  CHECK(lab.outcomes == BulkLab::Log(5, "ok:"));
}

TEST_CASE("a partition stops a long message, frees its links, and what it has carried counts after the healing") {
  BulkLab lab;
  lab.send("a", "b", kTenth);
  lab.send("a", "b", 7);
  lab.run_ms(60);
  const RuleId cut = lab.cut({"a"}, {"b"});
  lab.send("a", "c", kTenth);
  lab.run_ms(150);
  lab.world.network().remove_rule(cut);
  lab.run_ms(1000);
  // Cut at 60 ms; the retransmission 200 ms later carries the last 40 ms.
  CHECK(lab.log == BulkLab::Log{came("c", kTenth, 160), came("b", kTenth, 300), came("b", 7, 300)});
}

TEST_CASE("a long message dies with its sender, and gives its links back") {
  BulkLab lab;
  lab.send("a", "b", kTenth);
  lab.send("d", "b", kTenth);
  lab.run_ms(100);
  SUBCASE("killed") { lab.world.kill(lab.process("a")); }
  SUBCASE("without power") { lab.world.power_off(lab.machine("a")); }
  lab.run_ms(500);
  CHECK(lab.log == BulkLab::Log{came("b", kTenth, 150)});
  CHECK(lab.world.sharing().active() == 0);
}

TEST_CASE("a long message to a dead process is cut off by its reset, to a dark machine by the keepalive") {
  BulkLab lab;
  lab.send("a", "b", kTenth);
  lab.send("a", "c", kTenth);
  lab.run_ms(100);
  base::Nanos told = 1;
  SUBCASE("killed") { lab.world.kill(lab.process("b")); }
  SUBCASE("without power") {
    lab.world.power_off(lab.machine("b"));
    told = 45'000;
  }
  lab.run_ms(told + 200);
  CHECK(lab.log == BulkLab::Log{came("c", kTenth, 150)});
  CHECK(lab.world.sharing().active() == 0);
  CHECK(lab.outcomes == (told == 1 ? BulkLab::Log{"unknown", "ok:"} : BulkLab::Log{"ok:", "unknown"}));
}

TEST_CASE("a rule that narrows the way slows what is under way") {
  BulkLab lab;
  lab.send("a", "b", kTenth);
  lab.run_ms(50);
  LinkEffect narrow;
  narrow.bandwidth = 125'000'000;
  const RuleId rule = lab.world.network().add_rule(lab.hosts({"a"}), lab.hosts({"b"}), true, narrow);
  lab.run_ms(100);
  lab.world.network().remove_rule(rule);
  lab.run_ms(1000);
  CHECK(lab.log == BulkLab::Log{came("b", kTenth, 190)});
}

TEST_CASE("long datagrams share too, and are lost in a partition") {
  BulkLab lab;
  lab.datagram("a", "b", kTenth);
  lab.datagram("a", "c", kTenth);
  lab.run_ms(100);
  lab.cut({"a"}, {"b"});
  lab.datagram("a", "c", 20);
  lab.run_ms(1000);
  CHECK(lab.log == BulkLab::Log{came("c", 20, 100), came("c", kTenth, 150)});
  CHECK(lab.world.sharing().active() == 0);
}

}  // namespace
}  // namespace orrery::sim::test
