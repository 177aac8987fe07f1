// Cases about streams.
#include "tests/env/conformance_world.h"

namespace orrery::env_test {
namespace {

using base::kMillisecond;
using base::kSecond;

constexpr std::uint16_t kStreamPort = 7100;

/// Events that note what they see, with `who` before it.
env::StreamEvents noting(World& w, std::string who) {
  env::StreamEvents e;
  e.on_message = [&w, who](env::Message m) { w.note(who + " got " + read(m)); };
  e.on_closed = [&w, who](base::Error error) {
    std::string line = who + " closed";
    if (error.message == "done") line += ": done";
    w.note(std::move(line));
  };
  return e;
}

/// b accepts streams, keeps them and notes what comes.
void serve_notes(World& w, Member& m) {
  m.env.network.serve_streams(kStreamPort, [&](env::Peer from, env::Message hello, std::unique_ptr<env::Stream> s) {
    w.note("b hello " + read(hello) + " of " + m.env.network.address_of(from).host.str());
    s->listen(noting(w, "b"));
    m.streams.push_back(std::move(s));
  });
}

void open_to_b(World& w, Member& m, const char* hello) {
  m.streams.push_back(m.env.network.open_stream(m.peer("b", kStreamPort), text(hello), noting(w, "a")));
}

void messages_come_in_order(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) {
    open_to_b(w, m, "hi");
    for (int i = 0; i < 100; ++i) REQUIRE(m.streams[0]->send(text(std::to_string(i))));
    w.note("sent");
  });
  REQUIRE(w.lines(102));
  CHECK(w.journal[0] == "sent");
  CHECK(w.journal[1] == "b hello hi of a");
  for (int i = 0; i < 100; ++i) CHECK(w.journal[2 + i] == "b got " + std::to_string(i));
  w.in("b", [](Member& m) {
    REQUIRE(m.streams.size() == 1);
    CHECK(m.streams[0]->send(text("back")));
    CHECK(m.streams[0]->send({}));
  });
  REQUIRE(w.lines(104));
  CHECK(w.journal[102] == "a got back");
  CHECK(w.journal[103] == "a got (empty)");
}

void the_handler_may_listen_late(World& w) {
  w.boot("b", [&](Member& m) {
    m.env.network.serve_streams(kStreamPort, [&](env::Peer, env::Message, std::unique_ptr<env::Stream> s) {
      m.streams.push_back(std::move(s));
      w.note("accepted");
    });
  });
  w.boot("a", [&](Member& m) {
    open_to_b(w, m, "hi");
    REQUIRE(m.streams[0]->send(text("early")));
    m.streams[0]->close({base::ErrorCode::kCancelled, "done"});
  });
  REQUIRE(w.lines(1));
  w.pass(50 * kMillisecond);
  CHECK(w.journal == Lines{"accepted"});
  w.in("b", [&](Member& m) {
    m.streams[0]->listen(noting(w, "b"));
    w.note("listening");
  });
  REQUIRE(w.lines(4));
  CHECK(w.journal == Lines{"accepted", "listening", "b got early", "b closed: done"});
}

void streams_do_not_mix(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) {
    open_to_b(w, m, "one");
    open_to_b(w, m, "two");
    REQUIRE(m.streams[1]->send(text("second")));
    REQUIRE(m.streams[0]->send(text("first")));
  });
  REQUIRE(w.lines(4));
  std::sort(w.journal.begin(), w.journal.end());
  CHECK(w.journal == Lines{"b got first", "b got second", "b hello one of a", "b hello two of a"});
  w.journal.clear();
  w.in("a", [](Member& m) { m.streams.erase(m.streams.begin()); });
  REQUIRE(w.lines(1));
  CHECK(w.journal == Lines{"b closed"});
  w.in("b", [](Member& m) { CHECK(m.streams[1]->send(text("alive"))); });
  REQUIRE(w.lines(2));
  CHECK(w.journal.back() == "a got alive");
}

void no_stream_listens(World& w) {
  w.boot("b");
  w.boot("a", [&](Member& m) {
    for (const char* host : {"b", "nowhere.invalid"}) {
      env::StreamEvents e;
      e.on_closed = [&](base::Error error) { w.note(base::to_string(error.code)); };
      m.streams.push_back(m.env.network.open_stream(m.peer(host, kStreamPort), text("x"), std::move(e)));
    }
    w.note("opened");
  });
  REQUIRE(w.lines(3));
  CHECK(w.journal == Lines{"opened", "unavailable", "unavailable"});
}

void close_comes_after_what_was_sent(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) {
    open_to_b(w, m, "hi");
    for (const char* s : {"1", "2"}) REQUIRE(m.streams[0]->send(text(s)));
    m.streams[0]->close({base::ErrorCode::kCancelled, "done"});
  });
  REQUIRE(w.lines(4));
  w.pass(50 * kMillisecond);
  CHECK(w.journal == Lines{"b hello hi of a", "b got 1", "b got 2", "b closed: done"});
}

void destruction_closes(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) { open_to_b(w, m, "hi"); });
  REQUIRE(w.lines(1));
  w.in("b", [](Member& m) {
    CHECK(m.streams[0]->send(text("last")));
    m.streams.clear();
  });
  REQUIRE(w.lines(3));
  CHECK(w.journal == Lines{"b hello hi of a", "a got last", "a closed"});
}

void a_destroyed_stream_is_silent(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) { open_to_b(w, m, "hi"); });
  REQUIRE(w.lines(1));
  w.in("b", [](Member& m) {
    for (int i = 0; i < 3; ++i) CHECK(m.streams[0]->send(text("unheard")));
  });
  w.in("a", [](Member& m) { m.streams.clear(); });
  REQUIRE(w.lines(2));
  w.pass(50 * kMillisecond);
  std::erase(w.journal, "a got unheard");  // what came before the end was heard
  CHECK(w.journal == Lines{"b hello hi of a", "b closed"});
}

void a_handler_may_destroy_its_stream(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) {
    env::StreamEvents e;
    e.on_message = [&](env::Message message) {
      w.note("a got " + read(message));
      m.streams.clear();
    };
    e.on_closed = [&](base::Error) { w.note("a closed"); };
    m.streams.push_back(m.env.network.open_stream(m.peer("b", kStreamPort), text("hi"), std::move(e)));
  });
  REQUIRE(w.lines(1));
  w.in("b", [](Member& m) {
    CHECK(m.streams[0]->send(text("1")));
    CHECK(m.streams[0]->send(text("2")));
  });
  REQUIRE(w.lines(3));
  w.pass(20 * kMillisecond);
  CHECK(w.journal == Lines{"b hello hi of a", "a got 1", "b closed"});
}

/// a sends 64 KiB messages until refused, whenever it may, up to a total; b listens only when told.
void the_window_bounds_what_is_in_flight(World& w) {
  constexpr int kTotal = 200;
  const std::string block(64 << 10, 'x');
  int sent = 0, received = 0;
  w.boot("b", [&](Member& m) {
    m.env.network.serve_streams(kStreamPort, [&](env::Peer, env::Message, std::unique_ptr<env::Stream> s) {
      m.streams.push_back(std::move(s));
    });
  });
  w.boot("a", [&](Member& m) {
    const auto pump = [&] {
      while (sent < kTotal && m.streams[0]->send(text(block))) ++sent;
    };
    env::StreamEvents e;
    e.on_writable = [&, pump] {
      w.note("writable");
      pump();
    };
    m.streams.push_back(m.env.network.open_stream(m.peer("b", kStreamPort), text("x"), std::move(e)));
    pump();
    CHECK(sent > 0);
    CHECK(sent < kTotal);
    CHECK_FALSE(m.streams[0]->send(text(block)));
  });
  w.pass(100 * kMillisecond);
  CHECK(w.journal.empty());
  const int before = sent;
  w.in("b", [&](Member& m) {
    REQUIRE(m.streams.size() == 1);
    env::StreamEvents e;
    e.on_message = [&](env::Message) { ++received; };
    m.streams[0]->listen(std::move(e));
  });
  REQUIRE(w.until([&] { return received == kTotal; }, 30 * kSecond));
  CHECK(sent == kTotal);
  CHECK(before < kTotal);
  CHECK_FALSE(w.journal.empty());
}

void one_message_may_exceed_the_window(World& w) {
  const std::string huge(5 << 20, 'h');
  w.boot("b", [&](Member& m) {
    m.env.network.serve_streams(kStreamPort, [&](env::Peer, env::Message, std::unique_ptr<env::Stream> s) {
      env::StreamEvents e;
      e.on_message = [&](env::Message message) { w.note(read(message) == huge ? "whole" : "damaged"); };
      s->listen(std::move(e));
      m.streams.push_back(std::move(s));
    });
  });
  w.boot("a", [&](Member& m) {
    open_to_b(w, m, "x");
    CHECK(m.streams[0]->send(text(huge)));
  });
  REQUIRE(w.lines(1, 30 * kSecond));
  CHECK(w.journal == Lines{"whole"});
}

void death_of_the_peer_closes(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) { open_to_b(w, m, "hi"); });
  REQUIRE(w.lines(1));
  w.kill("b");
  REQUIRE(w.lines(2, 5 * kSecond));
  CHECK(w.journal.back() == "a closed");
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.in("a", [&](Member& m) { open_to_b(w, m, "again"); });
  REQUIRE(w.lines(3));
  CHECK(w.journal.back() == "b hello again of a");
  w.kill("a");
  REQUIRE(w.lines(4, 5 * kSecond));
  CHECK(w.journal.back() == "b closed");
}

void closed_connections_close_streams(World& w) {
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) { open_to_b(w, m, "hi"); });
  REQUIRE(w.lines(1));
  w.in("a", [&](Member& m) {
    m.env.network.close_connections(m.peer("b", kStreamPort));
    w.note("cut");
  });
  REQUIRE(w.lines(4));
  CHECK(w.journal[1] == "cut");
  std::sort(w.journal.begin() + 2, w.journal.end());
  CHECK(w.journal[2] == "a closed");
  CHECK(w.journal[3] == "b closed");
}

void stream_of_silence_ends(World& w) {
  if (!w.harness().power_off) return;
  w.boot("b", [&](Member& m) { serve_notes(w, m); });
  w.boot("a", [&](Member& m) { open_to_b(w, m, "hi"); });
  REQUIRE(w.lines(1));
  w.harness().power_off("b");
  w.pass(25 * kSecond);
  CHECK(w.journal.size() == 1);
  REQUIRE(w.lines(2, 60 * kSecond));
  CHECK(w.journal.back() == "a closed");
}

}  // namespace

const std::vector<Case> kStreamCases{
    {"stream messages come in order, both ways", messages_come_in_order},
    {"the server may listen late", the_handler_may_listen_late},
    {"streams do not mix", streams_do_not_mix},
    {"a stream nobody listens for closes as unavailable", no_stream_listens},
    {"close comes after what was sent, with its error", close_comes_after_what_was_sent},
    {"destruction closes a stream", destruction_closes},
    {"a destroyed stream is silent", a_destroyed_stream_is_silent},
    {"a handler may destroy its stream", a_handler_may_destroy_its_stream},
    {"the window bounds what is in flight", the_window_bounds_what_is_in_flight},
    {"one message may exceed the window", one_message_may_exceed_the_window},
    {"the peer's death closes streams", death_of_the_peer_closes},
    {"closing connections closes streams", closed_connections_close_streams},
    {"silent death closes streams by keepalive", stream_of_silence_ends},
};

}  // namespace orrery::env_test
