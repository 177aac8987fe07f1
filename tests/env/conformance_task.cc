// Cases about tasks over a world's timers and calls.
#include "tests/env/conformance_world.h"

namespace orrery::env_test {
namespace {

using base::kMillisecond;
using base::kSecond;

constexpr std::uint16_t kTaskPort = 7200;

env::Task<void> note_and_sleep(World* w, Member* m, std::string name, base::Nanos delay) {
  w->note(name + " starts");
  co_await env::sleep(m->env, delay);
  w->note(name + " wakes");
}

void tasks_sleep(World& w) {
  w.boot("a", [&](Member& m) {
    m.tasks.spawn(note_and_sleep(&w, &m, "slow", 20 * kMillisecond));
    m.tasks.spawn(note_and_sleep(&w, &m, "fast", 5 * kMillisecond));
    w.note("spawned");
  });
  REQUIRE(w.lines(5));
  CHECK(w.journal == Lines{"slow starts", "fast starts", "spawned", "fast wakes", "slow wakes"});
  w.in("a", [](Member& m) { CHECK(m.tasks.size() == 0); });
}

void cancelled_tasks_stop(World& w) {
  w.boot("a", [&](Member& m) { m.tasks.spawn(note_and_sleep(&w, &m, "t", 10 * kMillisecond)); });
  w.in("a", [](Member& m) { m.tasks.cancel_all(); });
  w.pass(30 * kMillisecond);
  CHECK(w.journal == Lines{"t starts"});
}

struct Goodbye {
  World* w;
  ~Goodbye() { w->note("destroyed"); }
};

env::Task<void> hold(World* w, Member* m) {
  const Goodbye goodbye{w};
  co_await env::sleep(m->env, kSecond);
  w->note("woke");
}

void a_kill_destroys_tasks(World& w) {
  w.boot("a", [&](Member& m) { m.tasks.spawn(hold(&w, &m)); });
  w.kill("a");
  w.pass(10 * kMillisecond);
  CHECK(w.journal == Lines{"destroyed"});
}

env::Task<std::string> ask(Member* m, std::string question) {
  auto [future, resolver] = env::make_future<std::string>(m->env.trampoline);
  m->env.network.call(m->peer("b", kTaskPort), text(question), 5 * kSecond,
                      [r = resolver](base::Result<env::Message> answer) mutable { r(read(answer)); });
  std::string answer = co_await future;
  co_return answer;
}

env::Task<void> converse(World* w, Member* m) {
  for (int i = 0; i < 3; ++i) {
    const std::string answer = co_await ask(m, std::to_string(i));
    w->note(answer);
  }
}

void tasks_await_calls(World& w) {
  w.boot("b", [](Member& m) {
    m.env.network.serve_calls(kTaskPort, [](env::Peer, env::Message q, env::Reply reply) { reply(text("re " + read(q))); });
  });
  w.boot("a", [&](Member& m) { m.tasks.spawn(converse(&w, &m)); });
  REQUIRE(w.lines(3));
  CHECK(w.journal == Lines{"ok:re 0", "ok:re 1", "ok:re 2"});
}

env::Task<void> answer_later(Member* m, env::Reply reply) {
  co_await env::sleep(m->env, 5 * kMillisecond);
  reply(text("slept"));
}

void tasks_answer_calls(World& w) {
  w.boot("b", [](Member& m) {
    m.env.network.serve_calls(kTaskPort, [&m](env::Peer, env::Message, env::Reply reply) {
      m.tasks.spawn(answer_later(&m, std::move(reply)));
    });
  });
  w.boot("a", [&](Member& m) { m.tasks.spawn(converse(&w, &m)); });
  REQUIRE(w.lines(3));
  CHECK(w.journal == Lines{"ok:slept", "ok:slept", "ok:slept"});
}

env::Task<int> leaf(int i) { co_return i & 1; }

env::Task<void> many(World* w) {
  int odd = 0;
  for (int i = 0; i < 100'000; ++i) odd += co_await leaf(i);
  w->note(std::to_string(odd));
}

env::Task<int> deep(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await deep(depth - 1);
  co_return below + 1;
}

env::Task<void> dive(World* w) {
  const int depth = co_await deep(20'000);
  w->note(std::to_string(depth));
}

void chains_and_depth_need_no_stack(World& w) {
  w.boot("a", [&](Member& m) {
    m.tasks.spawn(many(&w));
    m.tasks.spawn(dive(&w));
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == Lines{"50000", "20000"});
}

env::Task<void> wait_for_notice(World* w, env::Notifier* n, env::Timers* timers, base::Nanos limit) {
  const bool noticed = co_await n->wait_for(*timers, limit);
  w->note(noticed ? "noticed" : "gave up");
}

void waits_have_limits(World& w) {
  std::unique_ptr<env::Notifier> never, soon;
  w.boot("a", [&](Member& m) {
    never = std::make_unique<env::Notifier>(m.env.trampoline);
    soon = std::make_unique<env::Notifier>(m.env.trampoline);
    m.tasks.spawn(wait_for_notice(&w, never.get(), &m.env.timers, 20 * kMillisecond));
    m.tasks.spawn(wait_for_notice(&w, soon.get(), &m.env.timers, 10 * kSecond));
    m.env.timers.after(5 * kMillisecond, [&] { soon->notify(); });
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == Lines{"noticed", "gave up"});
  w.kill("a");
}

}  // namespace

const std::vector<Case> kTaskCases{
    {"tasks sleep", tasks_sleep},
    {"cancelled tasks stop", cancelled_tasks_stop},
    {"a kill destroys tasks", a_kill_destroys_tasks},
    {"tasks await calls", tasks_await_calls},
    {"tasks answer calls", tasks_answer_calls},
    {"chains and depth need no stack", chains_and_depth_need_no_stack},
    {"waits have limits", waits_have_limits},
};

}  // namespace orrery::env_test
