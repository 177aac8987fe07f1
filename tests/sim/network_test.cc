#include <algorithm>

#include "tests/sim/fixture.h"

namespace orrery::sim::test {
namespace {

WorldConfig smooth() {
  WorldConfig c;
  c.network.jitter_percent = 0;
  return c;
}

MachineConfig in_zone(const char* zone) {
  MachineConfig m;
  m.zone = zone;
  return m;
}

TEST_CASE("a call costs two latencies, after one round trip for the first dial") {
  struct Case {
    const char* zone;
    base::Nanos one_way;
  };
  for (const Case& c : {Case{"z", 250 * kMicrosecond}, Case{"y", kMillisecond}}) {
    Lab lab(smooth());
    lab.add("a", nullptr, in_zone("z"));
    lab.add("b", serve_echo, in_zone(c.zone));
    for (int i = 1; i <= 2; ++i) {
      const base::Instant start = lab.world.now();
      lab.call("a", "b");
      const std::uint64_t events = lab.world.kernel().executed();
      lab.world.run_for(kSecond);
      REQUIRE(lab.log.size() == static_cast<std::size_t>(i));
      CHECK(lab.log.back() == "ok:x");
      CHECK((lab.when.back() - start) / kMicrosecond == (i == 1 ? 4 : 2) * c.one_way / kMicrosecond);
      CHECK(lab.world.kernel().executed() - events == (i == 1 ? 4 : 2));
    }
  }
}

TEST_CASE("one process to itself goes over the loopback") {
  Lab lab(smooth());
  lab.add("a", serve_echo);
  lab.call("a", "a");
  lab.world.run_for(kSecond);
  REQUIRE(lab.log == std::vector<std::string>{"ok:x"});
  CHECK(lab.when[0].ns / kMicrosecond == 80);
}

TEST_CASE("calls on one connection are served in order whatever their size") {
  Lab lab;
  lab.add("a");
  lab.add("b", [&](Node& n) {
    n.env.network.serve_calls(80, [&](env::Peer, env::Message m, env::Reply r) {
      lab.note(std::to_string(m.encoded_size()));
      r({});
    });
  });
  std::vector<std::string> want;
  for (const std::size_t size : {500'000u, 10u, 90'000u, 1u, 3u}) {
    lab.node("a").env.network.call(lab.node("a").peer("b"), text(std::string(size, 'x')), kSecond,
                                   [](auto) {});
    want.push_back(std::to_string(size));
  }
  lab.world.run_for(kSecond);
  CHECK(lab.log == want);
}

struct Ending {
  const char* name;
  std::function<void(Lab&)> what;
  const char* outcome;
  base::Nanos earliest, latest;
};

TEST_CASE("how a broken peer is found out, by a call under way") {
  const Ending endings[] = {
      {"process death", [](Lab& l) { l.world.kill(l.process("b")); }, "unknown", 200 * kMicrosecond,
       kMillisecond},
      {"power loss", [](Lab& l) { l.world.power_off(l.machine("b")); }, "unknown", 44 * kSecond,
       45 * kSecond},
      {"partition", [](Lab& l) { l.cut({"a"}, {"b"}); }, "unknown", 44 * kSecond, 45 * kSecond},
      {"only the way back cut", [](Lab& l) { l.cut({"b"}, {"a"}, false); }, "unknown", 44 * kSecond,
       45 * kSecond},
      {"healed in time",
       [](Lab& l) {
         const RuleId r = l.cut({"a"}, {"b"});
         l.world.kernel().after(20 * kSecond, {}, [&l, r] { l.world.network().remove_rule(r); });
       },
       "", 0, 0},
      {"back from power loss",
       [](Lab& l) {
         l.world.power_off(l.machine("b"));
         l.world.kernel().after(5 * kSecond, {}, [&l] { l.world.power_on(l.machine("b")); });
       },
       "unknown", 44 * kSecond, 45 * kSecond},
      {"reboot", [](Lab& l) { l.world.reboot(l.machine("b"), kSecond); }, "unknown", 200 * kMicrosecond,
       kMillisecond},
  };
  for (const Ending& e : endings) {
    CAPTURE(e.name);
    Lab lab;
    lab.add("a");
    lab.add("b", serve_silence);
    lab.call("a", "b");
    lab.world.run_for(kSecond);
    REQUIRE(lab.log.empty());
    const base::Instant start = lab.world.now();
    e.what(lab);
    lab.world.run_for(100 * kSecond);
    if (!*e.outcome) {
      CHECK(lab.log.empty());
      continue;
    }
    REQUIRE(lab.log == std::vector<std::string>{e.outcome});
    CHECK(lab.when[0] - start >= e.earliest);
    CHECK(lab.when[0] - start <= e.latest);
  }
}

TEST_CASE("a connection carries 100 calls at once; more take another one, which a dead peer does not accept") {
  Lab lab;
  lab.add("a");
  lab.add("b", serve_silence);
  const auto count = [&lab](const char* outcome) { return std::count(lab.log.begin(), lab.log.end(), outcome); };
  for (int i = 0; i < 150; ++i) lab.call("a", "b", "x", 10 * kSecond);
  lab.world.run_for(kSecond);
  REQUIRE(lab.node("b").replies.size() == 150);
  for (env::Reply& r : lab.node("b").replies) r({});
  lab.node("b").replies.clear();
  lab.world.run_for(kSecond);
  CHECK(count("ok:") == 150);

  lab.log.clear();
  lab.world.power_off(lab.machine("b"));
  for (int i = 0; i < 250; ++i) lab.call("a", "b", "x", 10 * kSecond);
  lab.world.run_for(12 * kSecond);
  // Two connections were open; on each, 100 calls are lost with no word, and count on.
  CHECK(count("unknown") == 200);
  CHECK(count("unavailable") == 50);
  lab.log.clear();
  lab.call("a", "b", "x", 10 * kSecond);
  lab.world.run_for(11 * kSecond);
  CHECK(count("unavailable") == 1);
}

TEST_CASE("after a partition the calls that timed out in it count no more") {
  Lab lab;
  lab.add("a");
  lab.add("b", serve_echo);
  lab.call("a", "b");
  lab.world.run_for(kSecond);
  const RuleId cut = lab.cut({"a"}, {"b"});
  for (int i = 0; i < 100; ++i) lab.call("a", "b", "x", 2 * kSecond);
  lab.world.run_for(3 * kSecond);
  lab.world.network().remove_rule(cut);
  lab.world.run_for(10 * kSecond);
  lab.log.clear();
  const base::Instant start = lab.world.now();
  lab.call("a", "b");
  lab.world.run_for(kSecond);
  REQUIRE(lab.log == std::vector<std::string>{"ok:x"});
  CHECK(lab.when.back() - start < 2 * kMillisecond);  // on the connection there is
}

TEST_CASE("a quiet connection is pinged, so the keepalive counts from the last ping") {
  Lab lab;
  lab.add("a");
  lab.add("b", serve_silence);
  lab.call("a", "b");
  lab.world.run_for(70 * kSecond);  // pings at about 30 s and 60 s
  lab.cut({"a"}, {"b"});
  lab.world.run_for(100 * kSecond);
  REQUIRE(lab.log == std::vector<std::string>{"unknown"});
  CHECK(lab.when[0].ns / kSecond == 105);
}

TEST_CASE("a dial without answer ends unavailable after its timeout, a refused one at once") {
  Lab lab(smooth());
  lab.add("a");
  lab.add("b");
  lab.add("c", serve_echo);
  lab.call("a", "b");
  lab.call("a", "nowhere");
  lab.world.run_for(kSecond);
  REQUIRE(lab.log == std::vector<std::string>{"unavailable", "unavailable"});
  lab.cut({"a"}, {"c"});
  const base::Instant start = lab.world.now();
  lab.call("a", "c");
  lab.world.run_for(40 * kSecond);
  REQUIRE(lab.log.size() == 3);
  CHECK(lab.log[2] == "unavailable");
  CHECK(lab.when[2] - start == 30 * kSecond);
}

TEST_CASE("a dial survives a short partition by repetition") {
  Lab lab;
  lab.add("a");
  lab.add("b", serve_echo);
  const RuleId r = lab.cut({"a"}, {"b"});
  lab.call("a", "b");
  lab.world.run_for(2 * kSecond);
  lab.world.network().remove_rule(r);
  lab.world.run_for(2 * kSecond);
  REQUIRE(lab.log == std::vector<std::string>{"ok:x"});
  CHECK(lab.when[0].ns / kSecond == 3);
}

TEST_CASE("a message sent into a partition arrives after it, by retransmission, in order") {
  Lab lab;
  lab.add("a");
  lab.add("b", serve_echo);
  lab.call("a", "b");
  lab.world.run_for(kSecond);
  const RuleId r = lab.cut({"a"}, {"b"});
  lab.call("a", "b", "1");
  lab.call("a", "b", "2");
  lab.world.run_for(2 * kSecond);
  CHECK(lab.log.size() == 1);
  lab.world.network().remove_rule(r);
  lab.call("a", "b", "3");
  lab.world.run_for(2 * kSecond);
  CHECK(lab.log == std::vector<std::string>{"ok:x", "ok:1", "ok:2", "ok:3"});
  CHECK(lab.when[1].ns / kMillisecond >= 4000);  // 0.2 + 0.4 + 0.8 + 1.6 s after the first loss
}

TEST_CASE("datagrams are lost, doubled and late as the rules say") {
  struct Case {
    const char* name;
    LinkEffect effect;
    std::size_t low, high;
    bool ordered;
  };
  LinkEffect loss, twice, reorder, none;
  loss.loss_ppm = 300'000;
  twice.duplicate_ppm = 300'000;
  reorder.reorder_ppm = 300'000;
  reorder.reorder_window = 50 * kMillisecond;
  for (const Case& c :
       {Case{"none", none, 2000, 2000, true}, Case{"loss", loss, 1300, 1500, true},
        Case{"duplicate", twice, 2500, 2700, true}, Case{"reorder", reorder, 2000, 2000, false}}) {
    CAPTURE(c.name);
    Lab lab;
    lab.add("a");
    lab.add("b", [&](Node& n) {
      n.env.network.on_datagram(9, [&](env::Peer from, env::Message m) {
        CHECK(n.env.network.address_of(from).port == 7);
        lab.note(read(m));
      });
    });
    lab.world.network().add_rule(lab.hosts({"a"}), lab.hosts({"b"}), false, c.effect);
    Node& a = lab.node("a");
    for (int i = 0; i < 2000; ++i) {
      a.env.network.send_datagram(7, a.peer("b", 9), text(std::to_string(100'000 + i)));
      lab.world.run_for(10 * kMillisecond);
    }
    lab.world.run_for(kSecond);
    CHECK(lab.log.size() >= c.low);
    CHECK(lab.log.size() <= c.high);
    CHECK(std::is_sorted(lab.log.begin(), lab.log.end()) == c.ordered);
  }
}

TEST_CASE("a fault elsewhere changes no latency") {
  std::vector<base::Instant> dates[2];
  for (const bool fault : {false, true}) {
    Lab lab;
    for (const char* name : {"a", "b", "c", "d"}) lab.add(name, serve_echo);
    if (fault) lab.cut({"c"}, {"d"});
    for (int i = 0; i < 50; ++i) {
      lab.node("c").env.network.call(lab.node("c").peer("d"), text("y"), kSecond, [](auto) {});
      lab.call("a", "b");
      lab.world.run_for(20 * kMillisecond);
    }
    dates[fault] = lab.when;
  }
  CHECK(dates[0].size() == 50);
  CHECK(dates[0] == dates[1]);
}

TEST_CASE("a stream's window bounds what is under way and opens when the other end consumes") {
  WorldConfig config;
  config.network.stream_window = 1000;
  Lab lab(config);
  std::size_t received = 0;
  lab.add("a");
  lab.add("b", [&](Node& n) {
    n.env.network.serve_streams(80, [&](env::Peer, env::Message, std::unique_ptr<env::Stream> s) {
      n.streams.push_back(std::move(s));
    });
  });
  Node& a = lab.node("a");
  int writable = 0;
  env::StreamEvents events;
  events.on_writable = [&] { ++writable; };
  a.streams.push_back(a.env.network.open_stream(a.peer("b"), {}, std::move(events)));
  int sent = 0;
  while (a.streams[0]->send(text(std::string(100, 'm')))) ++sent;
  CHECK(sent == 10);
  lab.world.run_for(kSecond);
  CHECK_FALSE(a.streams[0]->send(text("m")));  // arrived, but nobody listens
  CHECK(writable == 0);
  env::StreamEvents ears;
  ears.on_message = [&](env::Message m) { received += m.encoded_size(); };
  lab.world.kernel().after(0, {lab.world.owner(lab.process("b")), EventKind::kWorld, 0},
                           [&] { lab.node("b").streams[0]->listen(std::move(ears)); });
  lab.world.run_for(kSecond);
  CHECK(received == 1000);
  CHECK(writable == 1);
  CHECK(a.streams[0]->send(
      text(std::string(5000, 'm'))));  // a message larger than the window goes when nothing else does
  CHECK_FALSE(a.streams[0]->send(text("m")));
}

TEST_CASE("a paused process keeps its connections and answers late") {
  Lab lab;
  lab.add("a");
  lab.add("b", serve_echo);
  lab.world.pause(lab.process("b"));
  lab.call("a", "b");
  lab.world.run_for(20 * kSecond);
  CHECK(lab.log.empty());
  lab.world.resume(lab.process("b"));
  lab.world.run_for(kSecond);
  CHECK(lab.log == std::vector<std::string>{"ok:x"});
}

TEST_CASE("a load balancer spreads connections and drops those of a backend that fails its checks") {
  Lab lab(smooth());
  for (const char* name : {"a", "m1", "m2"}) {
    lab.add(name, [name, &lab](Node& n) {
      n.env.network.serve_calls(80, [name, &lab, &n](env::Peer, env::Message m, env::Reply r) {
        if (read(m) == "hang") n.replies.push_back(std::move(r));
        else r(text(name));
      });
    }, {}, RestartPolicy::never());
  }
  LoadBalancerConfig lb;
  lb.host = "lb";
  lb.port = 80;
  lb.backends = {{"m1", 80}, {"m2", 80}};
  lb.check_period = 5 * kSecond;
  lb.failures_to_down = 2;
  lab.world.add_load_balancer(lb);
  const auto again = [&](const char* what) {
    Node& a = lab.node("a");
    lab.call("a", "lb", what);
    lab.world.run_for(100 * kMillisecond);
    a.env.network.close_connections(a.peer("lb"));
    lab.world.run_for(100 * kMillisecond);
  };
  again("x");
  again("x");
  CHECK(lab.log == std::vector<std::string>{"ok:m1", "ok:m2"});
  lab.call("a", "lb", "hang");  // to m1
  lab.world.run_for(100 * kMillisecond);
  lab.world.power_off(lab.machine("m1"));
  lab.world.run_for(9 * kSecond);
  CHECK(lab.log.size() == 2);  // one failed check is not enough
  lab.world.run_for(2 * kSecond);
  REQUIRE(lab.log.size() == 3);
  CHECK(lab.log[2] == "unknown");
  again("x");
  again("x");
  CHECK(lab.log[3] == "ok:m2");
  CHECK(lab.log[4] == "ok:m2");
  lab.world.power_off(lab.machine("m2"));
  lab.world.run_for(11 * kSecond);
  again("x");
  CHECK(lab.log.back() == "unavailable");
}

TEST_CASE("the service table of a machine redirects what no host answers") {
  struct Table : DialRedirect {
    Answer redirect(const env::Address& to, std::uint64_t, env::Address& backend) override {
      if (to.host == "10.0.0.2") return Answer::kRefused;
      if (!(to.host == "10.0.0.1")) return Answer::kNotMine;
      backend = {"b", 80};
      return Answer::kRedirected;
    }
  } table;
  Lab lab;
  lab.add("a");
  lab.add("b", serve_echo);
  lab.world.network().set_redirect(lab.world.machine(lab.machine("a")).host(), &table);
  for (const char* host : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
    lab.call("a", host);
    lab.world.run_for(kSecond);
  }
  CHECK(lab.log == std::vector<std::string>{"ok:x", "unavailable", "unavailable"});
}

TEST_CASE("paths follow the graph's links") {
  NetworkConfig config;
  config.cross_rack = 100 * kMicrosecond;
  Topology t(config);
  const HostId a = t.add_host("a", "z1", "r1"), b = t.add_host("b", "z1", "r1"),
               c = t.add_host("c", "z1", "r2"), d = t.add_host("d", "z2", ""), e = t.add_host("e", "z3", "");
  CHECK(t.path(a, a).latency == 20 * kMicrosecond);
  CHECK(t.path(a, b).latency == 250 * kMicrosecond);
  CHECK(t.path(a, c).latency == 350 * kMicrosecond);
  CHECK(t.path(a, d).latency == 1050 * kMicrosecond);
  CHECK(t.path(d, e).latency == kMillisecond);
  CHECK(t.path(d, e).bandwidth == config.host_bandwidth);
  t.set_zone_link("z2", "z3", {50 * kMillisecond, 1000, 5});
  CHECK(t.path(d, e).latency == 1750 * kMicrosecond);  // by way of z1 now
  t.set_zone_link("z1", "z3", {50 * kMillisecond, 1000, 5});
  CHECK(t.path(d, e).latency == 50 * kMillisecond + 250 * kMicrosecond);
  CHECK(t.path(d, e).bandwidth == 1000);
  CHECK(t.path(d, e).loss_ppm == 5);
}

}  // namespace
}  // namespace orrery::sim::test
