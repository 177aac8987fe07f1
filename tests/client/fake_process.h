// FakeProcess: one process in a world of virtual time, whose network is a function of the test.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "model/env/environment.h"
#include "tests/client/unused_parts.h"

namespace orrery::test {

using base::Instant;
using base::Nanos;

class VirtualTime final : public env::Clock, public env::Timers {
 public:
  Instant now() const override { return now_; }
  Instant wall() const override { return {now_.ns + 1'735'689'600 * base::kSecond}; }  // 2025-01-01T00:00:00Z
  env::TimerId after(Nanos delay, base::UniqueFunction<void()> fire) override {
    const std::uint64_t id = next_++;
    queue_.emplace(std::pair(now_.ns + delay, id), std::move(fire));
    due_[id] = now_.ns + delay;
    return static_cast<env::TimerId>(id);
  }
  void cancel(env::TimerId id) override {
    const auto at = due_.find(static_cast<std::uint64_t>(id));
    if (at == due_.end()) return;
    queue_.erase({at->second, at->first});
    due_.erase(at);
  }
  /// Runs everything that is due within `span`, and leaves the clock there.
  void run_for(Nanos span) {
    const Instant end = now_ + span;
    while (!queue_.empty() && queue_.begin()->first.first <= end.ns) {
      auto node = queue_.extract(queue_.begin());
      now_.ns = node.key().first;
      due_.erase(node.key().second);
      node.mapped()();
    }
    now_ = end;
  }

 private:
  Instant now_{1000 * base::kSecond};
  std::uint64_t next_ = 1;
  std::map<std::pair<std::int64_t, std::uint64_t>, base::UniqueFunction<void()>> queue_;
  std::map<std::uint64_t, std::int64_t> due_;
};

/// The client's half of the network. A call goes to `serve`, a stream to `watch`; both answer through what they are given.
class FakeNetwork final : public env::Network {
 public:
  explicit FakeNetwork(VirtualTime& time) : time_(time) {}
  using Answer = std::function<void(base::Result<env::Message>)>;
  std::function<void(const env::Address&, env::Message, Answer)> serve;

  /// The server's view of one stream.
  struct Link {
    env::StreamEvents events;
    env::Message hello;
    env::Address to;
    bool open = true;
  };
  std::function<void(std::shared_ptr<Link>)> watch;
  Nanos latency = base::kMillisecond, watch_latency = base::kMillisecond;
  int calls = 0, broken = 0;

  env::Peer resolve(const env::Address& a) override {
    addresses_.push_back(a);
    return static_cast<env::Peer>(addresses_.size());
  }
  env::Address address_of(env::Peer p) const override { return addresses_[static_cast<std::size_t>(p) - 1]; }
  void send_datagram(std::uint16_t, env::Peer, env::Message) override {}
  void on_datagram(std::uint16_t, base::UniqueFunction<void(env::Peer, env::Message)>) override {}
  env::CallId call(env::Peer to, env::Message m, Nanos timeout,
                   base::UniqueFunction<void(base::Result<env::Message>)> done) override {
    ++calls;
    auto shared = std::make_shared<base::UniqueFunction<void(base::Result<env::Message>)>>(std::move(done));
    auto finished = std::make_shared<bool>(false);
    auto finish = [shared, finished](const base::Result<env::Message>& r) {
      if (!std::exchange(*finished, true)) (*shared)(r);
    };
    const auto late = std::make_shared<base::Result<env::Message>>(base::Error{base::ErrorCode::kUnknown, "timeout"});
    time_.after(timeout, [finish, late] { finish(*late); });
    const env::Address address = address_of(to);
    time_.after(latency, [this, address, m, finish] {
      serve(address, m, [this, finish](base::Result<env::Message> r) {
        time_.after(latency, [finish, r] { finish(r); });
      });
    });
    return env::CallId::kNone;
  }
  void cancel_call(env::CallId) override {}
  void serve_calls(std::uint16_t, base::UniqueFunction<void(env::Peer, env::Message, env::Reply)>) override {}
  std::unique_ptr<env::Stream> open_stream(env::Peer to, env::Message hello, env::StreamEvents events) override {
    auto link = std::make_shared<Link>();
    link->events = std::move(events);
    link->hello = std::move(hello);
    link->to = address_of(to);
    time_.after(latency, [this, link] {
      if (link->open) watch(link);
    });
    return std::make_unique<FakeStream>(link);
  }
  void serve_streams(std::uint16_t,
                     base::UniqueFunction<void(env::Peer, env::Message, std::unique_ptr<env::Stream>)>) override {}
  void close_connections(env::Peer) override { ++broken; }

  /// Server to client, one latency later.
  void send(const std::shared_ptr<Link>& link, env::BodyRef body) {
    time_.after(watch_latency, [link, body] {
      if (link->open) link->events.on_message(env::Message{body});
    });
  }
  void close(const std::shared_ptr<Link>& link, base::Error why) {
    time_.after(latency, [link, why] {
      if (std::exchange(link->open, false)) link->events.on_closed(why);
    });
  }

 private:
  struct FakeStream final : env::Stream {
    explicit FakeStream(std::shared_ptr<Link> l) : link(std::move(l)) {}
    ~FakeStream() override { link->open = false; }
    void listen(env::StreamEvents) override {}
    bool send(env::Message) override { return true; }
    void close(base::Error) override { link->open = false; }
    std::shared_ptr<Link> link;
  };
  VirtualTime& time_;
  std::vector<env::Address> addresses_;
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
  void spend(Nanos cpu, base::UniqueFunction<void()> done) override { timers_.after(cpu, std::move(done)); }
  void set_memory(std::int64_t) override {}

 private:
  env::Timers& timers_;
};

class FakeFaults final : public env::Faults {
 public:
  void plant(env::Site site) { enabled_[static_cast<unsigned>(site) / 64] |= 1ULL << (static_cast<unsigned>(site) % 64); }
};

class FakeTrace final : public env::Trace {
 public:
  bool recording(history::RecordKind) const override { return false; }
  void record(const history::Record&) override {}
  bool logs(env::LogLevel) const override { return echo; }
  void log(env::LogLevel, std::string_view line) override { lines.emplace_back(line); }
  bool echo = false;
  std::vector<std::string> lines;
};

class FakeSelf final : public env::Process {
 public:
  base::Str machine() const override { return "master-1"; }
  base::Str name() const override { return "test"; }
  std::uint32_t incarnation() const override { return 0; }
  void exit(int, std::string_view) override { exited = true; }
  bool exiting() const override { return exited; }
  bool exited = false;
};

struct FakeProcess {
  VirtualTime time;
  FakeRandom random;
  FakeNetwork network{time};
  FakeCompute compute{time};
  FakeFaults faults;
  FakeTrace trace;
  FakeSelf self;
  env::Trampoline trampoline;
  NoDisk disk;
  NoContainers containers;
  NoDataplane dataplane;
  env::Environment& env() { return env_; }

 private:
  env::Environment env_{time, time, random, network, disk, containers, dataplane, compute, trace, faults, self, trampoline};
};

}  // namespace orrery::test
