// What the simulator's tests share: a text body, and a world of machines with one process each that does
// what it is told.
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/env/environment.h"
#include "sim/disk/machine_disk.h"
#include "sim/net/fabric.h"
#include "sim/world/machine.h"
#include "sim/world/world.h"

namespace orrery::sim::test {

using base::kMicrosecond;
using base::kMillisecond;
using base::kSecond;

class Text : public env::Body {
 public:
  static const env::BodyType kType;
  explicit Text(std::string text) : text_(std::move(text)) {}
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return text_.size(); }
  void encode(std::string& out) const override { out += text_; }
  std::uint64_t content_hash() const override { return base::hash_bytes(text_); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

inline base::Result<env::BodyRef> decode_text(std::string_view bytes) {
  return env::BodyRef(base::make_ref<const Text>(std::string(bytes)));
}
inline const env::BodyType Text::kType{910, "sim-test-text", decode_text};

inline env::Message text(std::string s) { return {env::BodyRef(base::make_ref<const Text>(std::move(s)))}; }
inline std::string read(const env::Message& m) {
  return m.body ? env::body_as<Text>(m.body.get())->text() : "";
}
inline std::string read(const base::Result<env::Message>& r) {
  return r.ok() ? "ok:" + read(*r) : base::to_string(r.error().code);
}

/// A component that holds streams and tasks for the test.
struct Node : Component {
  explicit Node(env::Environment& e) : env(e), tasks(e.trampoline) {}
  env::Environment& env;
  std::vector<std::unique_ptr<env::Stream>> streams;
  std::vector<env::Reply> replies;
  env::TaskScope tasks;
  env::Peer peer(const char* host, std::uint16_t port = 80) { return env.network.resolve({host, port}); }
};

struct Lab {
  using Boot = std::function<void(Node&)>;
  explicit Lab(WorldConfig config = {}) : world(std::move(config)) {}

  /// A machine with one process, "p", booted by now.
  void add(const char* name, Boot boot = nullptr, MachineConfig machine = {}, RestartPolicy restart = {}) {
    machine.name = name;
    const MachineId m = world.add_machine(machine);
    ProcessConfig p;
    p.name = "p";
    p.restart = restart;
    p.factory = [boot = std::move(boot)](env::Environment& env) {
      auto node = std::make_unique<Node>(env);
      if (boot) boot(*node);
      return node;
    };
    world.start_process(m, std::move(p));
    world.run_for(0);
  }
  MachineId machine(const char* name) {
    MachineId id{};
    REQUIRE(world.find_machine(name, id));
    return id;
  }
  ProcessId process(const char* name) {
    ProcessId id{};
    REQUIRE(world.find_process(machine(name), "p", id));
    return id;
  }
  Node& node(const char* name) {
    auto* n = static_cast<Node*>(world.component(process(name)));
    REQUIRE(n != nullptr);
    return *n;
  }
  HostSet hosts(std::initializer_list<const char*> names) {
    HostSet set;
    for (const char* n : names) set.add(world.machine(machine(n)).host());
    return set;
  }
  RuleId cut(std::initializer_list<const char*> from, std::initializer_list<const char*> to,
             bool both_ways = true) {
    LinkEffect e;
    e.blocked = true;
    return world.network().add_rule(hosts(from), hosts(to), both_ways, e);
  }
  /// A call from one machine's process to port 80 of another; its outcome and date go to the log.
  void call(const char* from, const char* to, const char* what = "x", base::Nanos timeout = 600 * kSecond) {
    Node& n = node(from);
    n.env.network.call(n.peer(to), text(what), timeout,
                       [this](base::Result<env::Message> r) { note(read(r)); });
  }
  void note(std::string line) {
    log.push_back(std::move(line));
    when.push_back(world.now());
  }

  World world;
  std::vector<std::string> log;
  std::vector<base::Instant> when;
};

inline void serve_echo(Node& n) {
  n.env.network.serve_calls(80, [](env::Peer, env::Message m, env::Reply reply) { reply(std::move(m)); });
}
/// Keeps every call unanswered.
inline void serve_silence(Node& n) {
  n.env.network.serve_calls(
      80, [&n](env::Peer, env::Message, env::Reply r) { n.replies.push_back(std::move(r)); });
}

}  // namespace orrery::sim::test
