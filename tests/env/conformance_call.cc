// Cases about calls and datagrams.
#include "tests/env/conformance_world.h"

namespace orrery::env_test {
namespace {

using base::kMillisecond;
using base::kSecond;
using CallResult = base::Result<env::Message>;

constexpr std::uint16_t kPort = 7000;

/// Calls b from a and notes the outcome.
void call_b(World& w, Member& m, env::Message request, base::Nanos timeout = 5 * kSecond) {
  m.env.network.call(m.peer("b", kPort), std::move(request), timeout, [&w](CallResult r) { w.note(read(r)); });
}

void serve_echo(World& w, Member& m) {
  (void)w;
  m.env.network.serve_calls(kPort, [](env::Peer, env::Message request, env::Reply reply) {
    reply(text("echo " + read(request)));
  });
}

void calls_are_answered(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer from, env::Message request, env::Reply reply) {
      CHECK(m.env.network.address_of(from).host == "a");
      reply(text("echo " + read(request)));
      CHECK_FALSE(static_cast<bool>(reply));
      reply(text("a second answer"));
    });
  });
  w.boot("a", [&](Member& m) {
    call_b(w, m, text("hi"));
    w.note("called");
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == Lines{"called", "ok:echo hi"});
  w.in("a", [&](Member& m) { call_b(w, m, {}); });
  REQUIRE(w.lines(3));
  CHECK(w.journal.back() == "ok:echo (empty)");
}

void answers_may_come_later_and_empty(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message, env::Reply reply) {
      m.replies.push_back(std::move(reply));
      w.note("asked");
    });
  });
  w.boot("a", [&](Member& m) {
    call_b(w, m, text("1"));
    call_b(w, m, text("2"));
  });
  REQUIRE(w.lines(2));
  w.in("b", [](Member& m) { m.replies[1]({}); });
  REQUIRE(w.lines(3));
  w.in("b", [](Member& m) { m.replies[0](text("late")); });
  REQUIRE(w.lines(4));
  CHECK(w.journal == Lines{"asked", "asked", "ok:(empty)", "ok:late"});
}

void calls_over_loopback(World& w) {
  w.boot("b", [&](Member& m) {
    serve_echo(w, m);
    call_b(w, m, text("self"));
    w.note("called");
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == Lines{"called", "ok:echo self"});
}

void nobody_listens(World& w) {
  w.boot("b", [](Member& m) { m.env.network.on_datagram(kPort + 1, [](env::Peer, env::Message) {}); });
  w.boot("a", [&](Member& m) {
    call_b(w, m, text("to a closed port"));
    m.env.network.call(m.peer("nowhere.invalid", kPort), text("x"), 5 * kSecond, [&](CallResult r) { w.note(read(r)); });
    m.env.network.call(m.peer("b", kPort + 1), text("x"), 5 * kSecond, [&](CallResult r) { w.note(read(r)); });
    CHECK(w.journal.empty());
  });
  REQUIRE(w.lines(3));
  CHECK(w.journal == Lines{"unavailable", "unavailable", "unavailable"});
}

void dropped_replies_are_unknown(World& w) {
  w.boot("b", [&](Member& m) { m.env.network.serve_calls(kPort, [](env::Peer, env::Message, env::Reply) {}); });
  w.boot("a", [&](Member& m) { call_b(w, m, text("x"), 60 * kSecond); });
  REQUIRE(w.lines(1, 5 * kSecond));  // told, not timed out
  CHECK(w.journal == Lines{"unknown"});
}

void unanswered_calls_time_out(World& w) {
  base::Nanos waited = 0;
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message, env::Reply reply) {
      m.replies.push_back(std::move(reply));
    });
  });
  w.boot("a", [&](Member& m) {
    const base::Instant start = m.env.clock.now();
    m.env.network.call(m.peer("b", kPort), text("x"), 100 * kMillisecond, [&, start](CallResult r) {
      waited = m.env.clock.now() - start;
      w.note(read(r));
    });
  });
  REQUIRE(w.lines(1));
  CHECK(w.journal == Lines{"unknown"});
  CHECK(waited >= 100 * kMillisecond);
  w.in("b", [](Member& m) {
    REQUIRE(m.replies.size() == 1);
    m.replies[0](text("too late"));
  });
  w.pass(50 * kMillisecond);
  CHECK(w.journal.size() == 1);
}

void cancelled_calls_are_silent(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message, env::Reply reply) { reply(text("answer")); });
  });
  w.boot("a", [&](Member& m) {
    const env::CallId id = m.env.network.call(m.peer("b", kPort), text("x"), kSecond, [&](CallResult r) { w.note(read(r)); });
    CHECK(id != env::CallId::kNone);
    m.env.network.cancel_call(id);
    m.env.network.cancel_call(id);
    m.env.network.cancel_call(env::CallId::kNone);
  });
  w.pass(100 * kMillisecond);
  CHECK(w.journal.empty());
}

void a_call_runs_at_most_once(World& w) {
  int runs = 0;
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message request, env::Reply reply) {
      ++runs;
      reply(std::move(request));
    });
  });
  w.boot("a", [&](Member& m) {
    for (int i = 0; i < 50; ++i) call_b(w, m, text(std::to_string(i)));
  });
  REQUIRE(w.lines(50));
  CHECK(runs == 50);
  std::sort(w.journal.begin(), w.journal.end());
  CHECK(std::unique(w.journal.begin(), w.journal.end()) == w.journal.end());
}

void death_of_the_server_is_unknown(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message, env::Reply reply) {
      m.replies.push_back(std::move(reply));
      w.note("asked");
    });
  });
  w.boot("a", [&](Member& m) { call_b(w, m, text("x"), 60 * kSecond); });
  REQUIRE(w.lines(1));
  w.kill("b");
  REQUIRE(w.lines(2, 5 * kSecond));
  CHECK(w.journal.back() == "unknown");
  w.in("a", [&](Member& m) { call_b(w, m, text("y"), 5 * kSecond); });
  REQUIRE(w.lines(3));
  CHECK(w.journal.back() == "unavailable");
  w.boot("b", [&](Member& m) { serve_echo(w, m); });
  w.in("a", [&](Member& m) { call_b(w, m, text("z"), 5 * kSecond); });
  REQUIRE(w.lines(4));
  CHECK(w.journal.back() == "ok:echo z");
}

void closed_connections_end_calls(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message request, env::Reply reply) {
      if (read(request) == "keep") {
        m.replies.push_back(std::move(reply));
        w.note("kept");
      } else {
        reply(std::move(request));
      }
    });
  });
  w.boot("a", [&](Member& m) { call_b(w, m, text("keep"), 60 * kSecond); });
  REQUIRE(w.lines(1));
  w.in("a", [&](Member& m) {
    m.env.network.close_connections(m.peer("b", kPort));
    w.note("closed");
    m.env.network.close_connections(m.peer("c", kPort));
  });
  REQUIRE(w.lines(3));
  CHECK(w.journal == Lines{"kept", "closed", "unknown"});
  w.in("a", [&](Member& m) { call_b(w, m, text("again")); });
  REQUIRE(w.lines(4));
  CHECK(w.journal.back() == "ok:again");
}

void bodies_keep_their_type(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message request, env::Reply reply) {
      const Pair* pair = env::body_as<Pair>(request.body.get());
      REQUIRE(pair != nullptr);
      CHECK(env::body_as<Text>(request.body.get()) == nullptr);
      reply({env::BodyRef(base::make_ref<const Pair>(pair->right(), pair->left()))});
    });
  });
  w.boot("a", [&](Member& m) {
    const env::BodyRef pair(base::make_ref<const Pair>(3, 4));
    m.env.network.call(m.peer("b", kPort), {pair}, kSecond, [&](CallResult r) {
      REQUIRE(r.ok());
      const Pair* swapped = env::body_as<Pair>(r->body.get());
      REQUIRE(swapped != nullptr);
      CHECK(swapped->content_hash() == Pair(4, 3).content_hash());
      w.note("swapped");
    });
  });
  REQUIRE(w.lines(1));
}

void large_bodies_arrive_whole(World& w) {
  std::string large(3 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i * 7 % 23);
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [](env::Peer, env::Message request, env::Reply reply) { reply(std::move(request)); });
  });
  w.boot("a", [&](Member& m) {
    m.env.network.call(m.peer("b", kPort), text(large), 30 * kSecond, [&](CallResult r) {
      w.note(read(r) == "ok:" + large ? "equal" : "different");
    });
  });
  REQUIRE(w.lines(1, 30 * kSecond));
  CHECK(w.journal == Lines{"equal"});
}

void datagrams_arrive(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.on_datagram(kPort, [](env::Peer, env::Message) { FAIL("the replaced handler ran"); });
    m.env.network.on_datagram(kPort, [&](env::Peer from, env::Message message) {
      w.note("b got " + read(message) + " of " + m.env.network.address_of(from).host.str());
      m.env.network.send_datagram(kPort, from, text("pong"));
    });
  });
  w.boot("a", [&](Member& m) {
    m.env.network.on_datagram(kPort + 1, [&](env::Peer from, env::Message message) {
      CHECK(from == m.peer("b", kPort));
      w.note("a got " + read(message));
    });
  });
  // They may be lost: send until an answer has come.
  for (int i = 0; i < 20 && w.journal.size() < 2; ++i) {
    w.in("a", [](Member& m) { m.env.network.send_datagram(kPort + 1, m.peer("b", kPort), text("ping")); });
    (void)w.lines(2, kSecond);
  }
  REQUIRE(w.journal.size() >= 2);
  CHECK(w.journal[0] == "b got ping of a");
  CHECK(std::find(w.journal.begin(), w.journal.end(), "a got pong") != w.journal.end());
}

void datagrams_to_nobody_vanish(World& w) {
  w.boot("b", [](Member& m) {
    m.env.network.serve_calls(kPort, [](env::Peer, env::Message m, env::Reply reply) { reply(std::move(m)); });
  });
  w.boot("a", [&](Member& m) {
    m.env.network.send_datagram(kPort, m.peer("c", kPort), text("nobody"));
    m.env.network.send_datagram(kPort, m.peer("nowhere.invalid", kPort), text("nobody"));
    m.env.network.send_datagram(kPort, m.peer("b", kPort), text("no handler"));
    call_b(w, m, text("still well"));
  });
  REQUIRE(w.lines(1));
  CHECK(w.journal == Lines{"ok:still well"});
}

void addresses_are_interned(World& w) {
  w.boot("a", [](Member& m) {
    const env::Peer b = m.peer("b", 1);
    CHECK(b != env::Peer::kNone);
    CHECK(b == m.peer("b", 1));
    CHECK(b != m.peer("b", 2));
    CHECK(b != m.peer("c", 1));
    CHECK(m.env.network.address_of(b).host == "b");
    CHECK(m.env.network.address_of(b).port == 1);
  });
}

void silent_death_ends_by_keepalive(World& w) {
  if (!w.harness().power_off) return;
  base::Instant asked, told;
  w.boot("b", [&](Member& m) {
    m.env.network.serve_calls(kPort, [&](env::Peer, env::Message, env::Reply reply) {
      m.replies.push_back(std::move(reply));
      w.note("asked");
    });
  });
  w.boot("a", [&](Member& m) {
    asked = m.env.clock.now();
    m.env.network.call(m.peer("b", kPort), text("x"), 600 * kSecond, [&](CallResult r) {
      told = m.env.clock.now();
      w.note(read(r));
    });
  });
  REQUIRE(w.lines(1));
  w.harness().power_off("b");
  REQUIRE(w.lines(2, 100 * kSecond));
  CHECK(w.journal.back() == "unknown");
  CHECK(told - asked >= 30 * kSecond);
  CHECK(told - asked <= 50 * kSecond);
}

}  // namespace

const std::vector<Case> kCallCases{
    {"calls are answered, once, never inside the call", calls_are_answered},
    {"answers may come later, out of order and empty", answers_may_come_later_and_empty},
    {"a process may call itself", calls_over_loopback},
    {"a call nobody listens for is unavailable", nobody_listens},
    {"a dropped reply is unknown", dropped_replies_are_unknown},
    {"an unanswered call times out as unknown", unanswered_calls_time_out},
    {"a cancelled call is silent", cancelled_calls_are_silent},
    {"a call runs at most once", a_call_runs_at_most_once},
    {"the server's death is unknown, then unavailable, then forgotten", death_of_the_server_is_unknown},
    {"closing connections ends calls as unknown", closed_connections_end_calls},
    {"bodies keep their type", bodies_keep_their_type},
    {"large bodies arrive whole", large_bodies_arrive_whole},
    {"datagrams arrive and can be answered", datagrams_arrive},
    {"datagrams to nobody vanish", datagrams_to_nobody_vanish},
    {"addresses are interned", addresses_are_interned},
    {"silent death ends calls by keepalive", silent_death_ends_by_keepalive},
};

}  // namespace orrery::env_test
