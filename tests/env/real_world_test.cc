// The real world: the conformance suite over loopback and a temporary directory, and what only this world has.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>

#include "model/history/record.h"
#include "real/disk/file_disk.h"
#include "real/loop/random.h"
#include "real/net/wire.h"
#include "real/process/os_process.h"
#include "tests/env/conformance_world.h"

namespace orrery::real {
namespace {

using env_test::Harness;
using env_test::text;

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "orrery-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Hosts a, b and c as three addresses of the loopback network, drawn anew each time so that test programs do not meet.
class RealWorld {
 public:
  explicit RealWorld(std::vector<const env::BodyType*> types) {
    options_.bodies = std::move(types);
    options_.dns = false;
    const std::uint64_t draw = OsRandom().stream("loopback").next();
    const std::string net = "127." + std::to_string(1 + draw % 254) + "." + std::to_string(draw / 256 % 256) + ".";
    for (int i = 0; i < 3; ++i) {
      options_.hosts.emplace_back(std::string(1, static_cast<char>('a' + i)), net + std::to_string(1 + i));
    }
  }

  void start(const std::string& host, const Harness::Boot& boot) {
    ProcessOptions o;
    o.machine = host;
    o.name = "member";
    o.directory = directory_.path() + "/" + host;
    o.net = options_;
    o.log_level = env::LogLevel::kError;
    for (const auto& [name, address] : options_.hosts) {
      if (name == host) o.net.listen_address = address;
    }
    auto process = OsProcess::start(loop_, o, [this, host](int, std::string) { processes_.erase(host); });
    REQUIRE(process.ok());
    processes_[host] = std::move(*process);
    enter(host, [this, host, &boot] {
      OsProcess& p = *processes_.at(host);
      p.own(boot(p.environment()));
    });
  }
  void kill(const std::string& host) { processes_.erase(host); }
  bool running(const std::string& host) const { return processes_.count(host) > 0; }
  void enter(const std::string& host, const std::function<void()>& step) {
    bool ran = false;
    processes_.at(host)->post([&] {
      ran = true;
      step();
    });
    REQUIRE(loop_.run([&] { return ran; }, 10 * base::kSecond));
  }
  bool run(const std::function<bool()>& done, base::Nanos limit) { return loop_.run(done, limit); }
  NetOptions& options() { return options_; }
  const std::string& directory() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
  Loop loop_;
  NetOptions options_;
  std::map<std::string, std::unique_ptr<OsProcess>> processes_;
};

Harness harness_of(std::shared_ptr<RealWorld> w) {
  Harness h;
  h.start = [w](const std::string& host, const Harness::Boot& boot) { w->start(host, boot); };
  h.kill = [w](const std::string& host) { w->kill(host); };
  h.running = [w](const std::string& host) { return w->running(host); };
  h.enter = [w](const std::string& host, const std::function<void()>& step) { w->enter(host, step); };
  h.run = [w](const std::function<bool()>& done, base::Nanos limit) { return w->run(done, limit); };
  return h;
}

std::shared_ptr<RealWorld> text_world() {
  return std::make_shared<RealWorld>(std::vector<const env::BodyType*>{&env_test::Text::kType});
}

TEST_CASE("the real world conforms") {
  env_test::run_conformance("real", [](const std::vector<const env::BodyType*>& types) {
    return harness_of(std::make_shared<RealWorld>(types));
  });
}

TEST_CASE("frames survive the wire and damage is noticed") {
  std::string bytes;
  const Frame sent{FrameKind::kClose, 7, 0, 0x1122334455667788, 0x99aabbcc, "why"};
  write_frame(bytes, sent);
  CHECK(bytes.size() == kHeaderBytes + 3);
  Frame got;
  std::size_t size = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CHECK(parse_frame(std::string_view(bytes).substr(0, n), got, size) == ParseState::kIncomplete);
    CHECK(size == (n < kHeaderBytes ? 0 : bytes.size()));
  }
  const std::string followed = bytes + "rest";
  CHECK(parse_frame(followed, got, size) == ParseState::kComplete);
  CHECK(size == bytes.size());
  CHECK(got.kind == sent.kind);
  CHECK(got.code == sent.code);
  CHECK(got.id == sent.id);
  CHECK(got.number == sent.number);
  CHECK(got.payload == sent.payload);

  std::string bad_kind = bytes;
  bad_kind[4] = static_cast<char>(FrameKind::kCount);
  CHECK(parse_frame(bad_kind, got, size) == ParseState::kBroken);
  std::string too_long = bytes;
  too_long[3] = '\x7f';
  CHECK(parse_frame(too_long, got, size) == ParseState::kBroken);
}

TEST_CASE("only known bodies decode") {
  const Bodies bodies({&env_test::Text::kType, &env_test::Pair::kType});
  CHECK(env_test::read(*bodies.decode(901, "hello")) == "hello");
  CHECK(env_test::read(*bodies.decode(0, "")) == "(empty)");
  CHECK(bodies.decode(0, "x").error().code == base::ErrorCode::kCorrupt);
  CHECK(bodies.decode(7, "").error().code == base::ErrorCode::kCorrupt);
  CHECK(bodies.decode(901, "bad").error().code == base::ErrorCode::kCorrupt);
  CHECK(bodies.decode(902, "abc").error().code == base::ErrorCode::kCorrupt);
}

TEST_CASE("a peer that falls silent ends calls and streams by keepalive") {
  const auto real = text_world();
  real->options().keepalive_idle = 50 * base::kMillisecond;
  real->options().keepalive_answer = 50 * base::kMillisecond;
  // The other side is a listening socket whose owner never accepts: the kernel completes the connection, nobody answers.
  const auto mute = text_world();
  real->options().hosts[1] = mute->options().hosts[1];
  env_test::World silent(harness_of(mute));
  silent.boot("b", [](env_test::Member& m) {
    m.env.network.serve_calls(7000, [](env::Peer, env::Message, env::Reply) {});
  });
  env_test::World w(harness_of(real));
  w.boot("a", [&](env_test::Member& m) {
    m.env.network.call(m.peer("b", 7000), text("x"), 60 * base::kSecond, [&](base::Result<env::Message> r) {
      w.note(env_test::read(r));
    });
    env::StreamEvents e;
    e.on_closed = [&](base::Error error) { w.note(std::string("closed ") + base::to_string(error.code)); };
    m.streams.push_back(m.env.network.open_stream(m.peer("b", 7000), {}, std::move(e)));
  });
  REQUIRE(w.lines(2, 10 * base::kSecond));
  std::sort(w.journal.begin(), w.journal.end());
  CHECK(w.journal == env_test::Lines{"closed unknown", "unknown"});
}

TEST_CASE("a quiet peer that answers pings keeps its connection") {
  const auto real = text_world();
  real->options().keepalive_idle = 20 * base::kMillisecond;
  real->options().keepalive_answer = 2 * base::kSecond;
  env_test::World w(harness_of(real));
  w.boot("b", [&](env_test::Member& m) {
    m.env.network.serve_calls(7000, [&](env::Peer, env::Message, env::Reply reply) {
      m.env.timers.after(300 * base::kMillisecond, [r = std::make_shared<env::Reply>(std::move(reply))] {
        (*r)(text("slow"));
      });
    });
  });
  w.boot("a", [&](env_test::Member& m) {
    m.env.network.call(m.peer("b", 7000), text("x"), 60 * base::kSecond, [&](base::Result<env::Message> r) {
      w.note(env_test::read(r));
    });
  });
  REQUIRE(w.lines(1));
  CHECK(w.journal == env_test::Lines{"ok:slow"});
}

TEST_CASE("what does not decode ends the connection") {
  env_test::World w(harness_of(text_world()));
  w.boot("b", [&](env_test::Member& m) {
    m.env.network.serve_calls(7000, [&](env::Peer, env::Message, env::Reply) { w.note("ran"); });
  });
  w.boot("a", [&](env_test::Member& m) {
    m.env.network.call(m.peer("b", 7000), text("bad"), 60 * base::kSecond, [&](base::Result<env::Message> r) {
      w.note(env_test::read(r));
    });
  });
  REQUIRE(w.lines(1));
  CHECK(w.journal == env_test::Lines{"unknown"});
}

TEST_CASE("a port that cannot be listened on ends the process") {
  const auto real = text_world();
  env_test::World w(harness_of(real));
  real->options().hosts[0].second = "192.0.2.1";  // no address of this machine
  w.boot("a", [](env_test::Member& m) { m.env.network.on_datagram(7000, [](env::Peer, env::Message) {}); });
  CHECK(w.until([&] { return !w.harness().running("a"); }));
}

TEST_CASE("a process killed by the kernel keeps its accepted appends") {
  TemporaryDirectory directory;
  const std::string disk = directory.path() + "/disk";
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Loop loop;
    auto opened = FileDisk::open(disk, Poster(loop, std::make_shared<Life>()));
    const bool ok = opened.ok() && (*opened)->create("log").ok() && (*opened)->append("log", "accepted").ok();
    if (ok) ::kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  Loop loop;
  auto opened = FileDisk::open(disk, Poster(loop, std::make_shared<Life>()));
  REQUIRE(opened.ok());
  CHECK(*(*opened)->read_at("log", 0, 100) == "accepted");
}

TEST_CASE("a damaged incarnation count is refused") {
  TemporaryDirectory directory;
  Loop loop;
  ProcessOptions o;
  o.machine = "a";
  o.name = "member";
  o.directory = directory.path() + "/a";
  REQUIRE(OsProcess::start(loop, o, nullptr).ok());
  const std::string file = o.directory + "/incarnation";
  REQUIRE(std::filesystem::exists(file));
  REQUIRE(truncate(file.c_str(), 0) == 0);
  const auto again = OsProcess::start(loop, o, nullptr);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == base::ErrorCode::kCorrupt);
}

TEST_CASE("a machine without runtime refuses containers") {
  env_test::World w(harness_of(text_world()));
  w.boot("a", [&](env_test::Member& m) {
    CHECK(m.env.containers.machine().cpu_milli >= 1000);
    CHECK(m.env.containers.machine().memory_bytes > 0);
    m.env.containers.run_sandbox({}, [&](base::Result<env::SandboxStatus> r) { w.note(base::to_string(r.error().code)); });
    m.env.dataplane.apply({}, true, [&](base::Status s) { w.note(base::to_string(s.error().code)); });
    CHECK_FALSE(m.env.trace.recording(history::RecordKind::kNote));
    CHECK_FALSE(m.env.trace.logs(env::LogLevel::kInfo));
    CHECK(m.env.trace.logs(env::LogLevel::kError));
    CHECK_FALSE(m.env.faults.here(env::Site::kAckBeforeSync));
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == env_test::Lines{"unavailable", "unavailable"});
}

}  // namespace
}  // namespace orrery::real
