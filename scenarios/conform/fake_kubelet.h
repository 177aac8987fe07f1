// FakeKubelet: all nodes of a replayed history in one process, behaving as the fake kubelet of the recording
// did.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "control/client/client.h"
#include "control/client/informer.h"
#include "model/api/pod.h"
#include "model/codec/json_value.h"
#include "model/env/component.h"
#include "model/env/liveness.h"

namespace orrery::scenarios::conform {

using base::Str;
using codec::JsonValue;

/// A node is posted unready and becomes ready 1 s later; its lease is renewed every 10 to 10.4 s, its status
/// every 5 min. A pod bound to it gets one status (ContainerCreating), runs and is ready 1 s later, and ends
/// 1 s after its deletion was asked for. Annotations of the pod change that: fake/ready-delay,
/// fake/term-delay, fake/run-for (durations), fake/never-ready, fake/ready "false", fake/exit-code,
/// fake/fail-first N, fake/fail-index "INDEX:COUNT,...". Pods of Jobs run 2 s and exit 0; those that restart
/// on failure do so after a flat 10 s.
class FakeKubelet final : public env::Component {
 public:
  FakeKubelet(env::Environment& env, client::ClientConfig config);
  /// Registers the node after `delay`; labels, capacity and foreign taints are those of `recorded`. A node that
  /// was there before and was deleted registers anew.
  void add_node(const JsonValue& recorded, base::Nanos delay);
  /// No lease, no status, no pod changes until it is started again.
  void stop_node(const std::string& name);
  void start_node(const std::string& name);
  /// Renews the node's lease now, for the last time until it is started again.
  void renew_last(const std::string& name);
  /// The node reports one CPU more: an event that makes a scheduler try its unschedulable pods again.
  void grow_node(const std::string& name);
  bool has_node(const std::string& name) const { return nodes_.contains(name); }

 private:
  struct FakeNode {
    JsonValue object;
    bool running = true;
    bool silent = false;   ///< renews no lease
    int extra_cpus = 0;
    int registration = 0;  ///< which; what an earlier one repeats ends
  };
  enum class Stage : std::uint8_t { kCreating, kRunning, kBackOff, kEnded };
  struct FakePod {
    api::ObjectRef latest;
    Stage stage = Stage::kCreating;
    int restarts = 0;
    bool ending = false;
    bool ready = false;
    bool overdue = false;      ///< its next step came while the node was stopped
    base::Instant started_at;  ///< wall
    Str ip;
    const api::Pod& pod() const { return latest->as<api::Pod>(); }
  };

  // Nodes.
  env::Task<> run_node(std::string name, base::Nanos delay);
  env::Task<> renew_lease(std::string name, int registration);
  env::Task<> renew_once(std::string name);
  env::Task<> post_status(std::string name);
  env::Task<> post_capacity(std::string name);
  std::string node_status(const FakeNode& node, bool ready) const;

  // Pods.
  void changed(const api::ObjectRef& now);
  void look_at(FakePod& pod);
  void later(const Str& uid, base::Nanos delay, void (FakeKubelet::*step)(FakePod&));
  void run(FakePod& pod);
  void exit(FakePod& pod);
  void end(FakePod& pod);
  void set_ready(FakePod& pod, bool ready);
  bool node_runs(const FakePod& pod) const;
  int exit_code(const FakePod& pod);
  void patch(const FakePod& pod, JsonValue status);
  /// Time until the next request may go out: one after the other.
  base::Nanos turn();
  env::Task<> send(Str ns, Str name, Str json);
  env::Task<> finish(Str ns, Str name, Str uid, Str json);
  JsonValue state_patch(const FakePod& pod, const char* phase, bool ready, const char* reason,
                        JsonValue container) const;
  JsonValue condition(const FakePod& pod, const char* type, bool status, const char* reason,
                      const std::string& message) const;
  JsonValue container_status(const FakePod& pod, bool ready, bool started, JsonValue state,
                             JsonValue last) const;
  JsonValue terminated(const FakePod& pod, int code) const;

  env::Environment& env_;
  client::Client client_;
  client::Informer pods_seen_;
  base::RandomStream jitter_;
  std::map<std::string, FakeNode> nodes_;
  std::map<Str, FakePod> pods_;          // by uid
  std::map<std::string, int> failures_;  // by owner, or owner and index
  int addresses_ = 0;
  base::Instant free_at_;
  env::TaskScope tasks_;
  env::Liveness liveness_;
};

}  // namespace orrery::scenarios::conform
