// Cases about clock, timers, compute, randomness and the end of a process.
#include "tests/env/conformance_world.h"

namespace orrery::env_test {
namespace {

using base::kMillisecond;
using base::kSecond;

void timers_fire_in_order(World& w) {
  w.boot("a", [&](Member& m) {
    m.env.timers.after(30 * kMillisecond, [&] { w.note("30"); });
    m.env.timers.after(10 * kMillisecond, [&] { w.note("10"); });
    m.env.timers.after(10 * kMillisecond, [&] { w.note("10 again"); });
    m.env.timers.after(0, [&] { w.note("0"); });
    w.note("set");
  });
  REQUIRE(w.lines(5));
  CHECK(w.journal == Lines{"set", "0", "10", "10 again", "30"});
}

void timers_are_never_early(World& w) {
  base::Nanos waited = 0;
  w.boot("a", [&](Member& m) {
    const base::Instant start = m.env.clock.now();
    m.env.timers.after(20 * kMillisecond, [&, start] {
      waited = m.env.clock.now() - start;
      w.note("fired");
    });
  });
  REQUIRE(w.lines(1));
  CHECK(waited >= 20 * kMillisecond);
}

void cancelled_timers_stay_silent(World& w) {
  w.boot("a", [&](Member& m) {
    const env::TimerId first = m.env.timers.after(5 * kMillisecond, [&] { w.note("cancelled"); });
    const env::TimerId second = m.env.timers.after(10 * kMillisecond, [&] { w.note("cancelled by a timer"); });
    CHECK(first != env::TimerId::kNone);
    CHECK(first != second);
    m.env.timers.cancel(first);
    m.env.timers.cancel(first);
    m.env.timers.cancel(env::TimerId::kNone);
    m.env.timers.after(10 * kMillisecond, [&] { w.note("last"); });
    m.env.timers.after(8 * kMillisecond, [&m, second] { m.env.timers.cancel(second); });
  });
  REQUIRE(w.lines(1));
  w.pass(30 * kMillisecond);
  CHECK(w.journal == Lines{"last"});
}

void a_timer_may_cancel_its_equal(World& w) {
  w.boot("a", [&](Member& m) {
    auto other = std::make_shared<env::TimerId>(env::TimerId::kNone);
    m.env.timers.after(5 * kMillisecond, [&, other] {
      w.note("first");
      m.env.timers.cancel(*other);
      m.env.timers.after(0, [&] { w.note("new"); });
    });
    *other = m.env.timers.after(5 * kMillisecond, [&] { w.note("second"); });
  });
  REQUIRE(w.lines(2));
  w.pass(20 * kMillisecond);
  CHECK(w.journal == Lines{"first", "new"});
}

void now_does_not_go_back(World& w) {
  w.boot("a", [&](Member& m) {
    base::Instant last = m.env.clock.now();
    for (int i = 0; i < 1000; ++i) {
      const base::Instant now = m.env.clock.now();
      CHECK(now >= last);
      last = now;
    }
    CHECK(m.env.clock.wall().ns > 1'000'000'000 * kSecond);  // later than 2001
  });
}

void compute_completes_later(World& w) {
  w.boot("a", [&](Member& m) {
    m.env.compute.spend(kMillisecond, [&] { w.note("spent"); });
    m.env.compute.set_memory(1 << 20);
    w.note("asked");
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == Lines{"asked", "spent"});
}

void random_streams_are_keyed(World& w) {
  w.boot("a", [&](Member& m) {
    base::RandomStream uid = m.env.random.stream("uid");
    base::RandomStream same = m.env.random.stream("uid");
    base::RandomStream jitter = m.env.random.stream("jitter");
    const std::uint64_t u = uid.next();
    CHECK(same.next() == u);
    CHECK(jitter.next() != u);
  });
  std::uint64_t first = 0, second = 0;
  w.in("a", [&](Member& m) { first = m.env.random.stream("uid").next(); });
  w.kill("a");
  w.boot("a", [&](Member& m) { second = m.env.random.stream("uid").next(); });
  CHECK(first != second);
}

void a_killed_process_is_silent(World& w) {
  w.boot("b");
  w.boot("a", [&](Member& m) {
    m.env.timers.after(10 * kMillisecond, [&] { w.note("timer"); });
    m.env.compute.spend(10 * kMillisecond, [&] { w.note("compute"); });
    REQUIRE(m.env.disk.create("f").ok());
    m.env.disk.sync("f", [&](base::Status) { w.note("sync"); });
    m.env.network.call(m.peer("b", 1), {}, kSecond, [&](base::Result<env::Message>) { w.note("call"); });
    (void)m.env.containers.machine();
    m.env.containers.list_images([&](base::Result<std::vector<env::ImageInfo>>) { w.note("images"); });
    m.env.dataplane.apply({}, false, [&](base::Status) { w.note("dataplane"); });
  });
  w.kill("a");
  CHECK_FALSE(w.harness().running("a"));
  w.pass(50 * kMillisecond);
  CHECK(w.journal.empty());
}

void exit_is_final(World& w) {
  w.boot("a");
  CHECK(w.harness().running("a"));
  w.in("a", [&](Member& m) {
    m.env.timers.after(0, [&] { w.note("timer"); });
    CHECK_FALSE(m.env.process.exiting());
    m.env.process.exit(1, "the suite says so");
    CHECK(m.env.process.exiting());
    w.note("end of the callback");
  });
  REQUIRE(w.until([&] { return !w.harness().running("a"); }));
  w.pass(10 * kMillisecond);
  CHECK(w.journal == Lines{"end of the callback"});
}

void incarnations_are_counted(World& w) {
  for (std::uint32_t i = 0; i < 3; ++i) {
    w.boot("a", [&](Member& m) {
      CHECK(m.env.process.incarnation() == i);
      CHECK(m.env.process.machine() == "a");
      CHECK_FALSE(m.env.process.name().empty());
    });
    w.kill("a");
  }
}

}  // namespace

const std::vector<Case> kTimeCases{
    {"timers fire in order of time, then of setting, never inside the call", timers_fire_in_order},
    {"timers are never early", timers_are_never_early},
    {"cancelled timers stay silent", cancelled_timers_stay_silent},
    {"a timer may cancel another of the same instant", a_timer_may_cancel_its_equal},
    {"now does not go back", now_does_not_go_back},
    {"compute completes later", compute_completes_later},
    {"random streams are keyed by concern and incarnation", random_streams_are_keyed},
    {"a killed process is silent", a_killed_process_is_silent},
    {"exit ends the process after the current callback", exit_is_final},
    {"incarnations are counted", incarnations_are_counted},
};

}  // namespace orrery::env_test
