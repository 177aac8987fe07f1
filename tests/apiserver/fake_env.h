// FakeEnv: the smallest world a process can run in: virtual time, a queue, nothing else. Calls on
// parts that a test does not expect to be used fail the test.
#pragma once
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "model/env/environment.h"

namespace orrery::test {

using base::Instant;
using base::Nanos;

class FakeTime final : public env::Clock, public env::Timers {
 public:
  Instant now() const override { return now_; }
  Instant wall() const override {
    return {now_.ns + 1'735'689'600 * base::kSecond};
  }  // 2025-01-01T00:00:00Z
  env::TimerId after(Nanos delay, base::UniqueFunction<void()> fire) override {
    const auto id = next_++;
    queue_.emplace(std::pair(now_.ns + delay, id), std::move(fire));
    at_[id] = now_.ns + delay;
    return static_cast<env::TimerId>(id);
  }
  void cancel(env::TimerId id) override {
    const auto at = at_.find(static_cast<std::uint64_t>(id));
    if (at == at_.end()) return;
    queue_.erase({at->second, at->first});
    at_.erase(at);
  }
  /// Runs everything due until `until`, and leaves the clock there.
  void run_until(Instant until) {
    while (!queue_.empty() && queue_.begin()->first.first <= until.ns) step();
    now_ = until;
  }
  void run_for(Nanos span) { run_until(now_ + span); }
  bool step() {
    if (queue_.empty()) return false;
    auto node = queue_.extract(queue_.begin());
    now_.ns = node.key().first;
    at_.erase(node.key().second);
    node.mapped()();
    return true;
  }

 private:
  Instant now_{1000 * base::kSecond};
  std::uint64_t next_ = 1;
  std::map<std::pair<std::int64_t, std::uint64_t>, base::UniqueFunction<void()>> queue_;
  std::map<std::uint64_t, std::int64_t> at_;
};

class FakeRandom final : public env::Random {
 public:
  base::RandomStream stream(std::string_view concern) override {
    return base::RandomStream(base::stream_key(1, concern, "test"));
  }
};

class FakeCompute final : public env::Compute {
 public:
  explicit FakeCompute(env::Timers& timers) : timers_(timers) {}
  void spend(Nanos cpu, base::UniqueFunction<void()> done) override {
    spent += cpu;
    timers_.after(cpu, std::move(done));
  }
  void set_memory(std::int64_t bytes) override { memory = bytes; }
  Nanos spent = 0;
  std::int64_t memory = 0;

 private:
  env::Timers& timers_;
};

class FakeFaults final : public env::Faults {
 public:
  void plant(env::Site site) {
    enabled_[static_cast<unsigned>(site) / 64] |= 1ULL << (static_cast<unsigned>(site) % 64);
  }
};

class FakeTrace final : public env::Trace {
 public:
  bool recording(history::RecordKind) const override { return false; }
  void record(const history::Record&) override {}
  bool logs(env::LogLevel) const override { return false; }
  void log(env::LogLevel, std::string_view) override {}
};

class FakeProcess final : public env::Process {
 public:
  base::Str machine() const override { return "master-1"; }
  base::Str name() const override { return "test"; }
  std::uint32_t incarnation() const override { return 0; }
  void exit(int, std::string_view) override { exited = true; }
  bool exiting() const override { return exited; }
  bool exited = false;
};

/// Serving is accepted and nobody ever calls; everything else is a mistake of the test.
class NoNetwork final : public env::Network {
 public:
  env::Peer resolve(const env::Address&) override { return env::Peer::kNone; }
  env::Address address_of(env::Peer) const override { return {}; }
  void send_datagram(std::uint16_t, env::Peer, env::Message) override { unexpected(); }
  void on_datagram(std::uint16_t, base::UniqueFunction<void(env::Peer, env::Message)>) override {
    unexpected();
  }
  env::CallId call(env::Peer, env::Message, Nanos,
                   base::UniqueFunction<void(base::Result<env::Message>)>) override {
    unexpected();
    return env::CallId::kNone;
  }
  void cancel_call(env::CallId) override { unexpected(); }
  void serve_calls(std::uint16_t,
                   base::UniqueFunction<void(env::Peer, env::Message, env::Reply)> h) override {
    calls = std::move(h);
  }
  std::unique_ptr<env::Stream> open_stream(env::Peer, env::Message, env::StreamEvents) override {
    unexpected();
    return nullptr;
  }
  void serve_streams(
      std::uint16_t,
      base::UniqueFunction<void(env::Peer, env::Message, std::unique_ptr<env::Stream>)> h)
      override {
    streams = std::move(h);
  }
  void close_connections(env::Peer) override { unexpected(); }
  base::UniqueFunction<void(env::Peer, env::Message, env::Reply)> calls;
  base::UniqueFunction<void(env::Peer, env::Message, std::unique_ptr<env::Stream>)> streams;

 private:
  static void unexpected() { ORRERY_CHECK(false, "the network is not used here"); }
};

struct FakeEnv {
  FakeTime time;
  FakeRandom random;
  FakeCompute compute{time};
  FakeFaults faults;
  FakeTrace trace;
  FakeProcess process;
  NoNetwork network;
  env::Trampoline trampoline;
  env::Environment& env() { return *env_; }
  FakeEnv();
  ~FakeEnv();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<env::Environment> env_;
};

}  // namespace orrery::test
