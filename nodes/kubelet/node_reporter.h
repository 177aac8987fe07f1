// NodeReporter: registers the node and keeps its status in the API (pkg/kubelet/kubelet_node_status.go).
#pragma once
#include "control/client/client.h"
#include "control/client/event_recorder.h"
#include "control/client/informer.h"
#include "model/base/random.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/node_values.h"

namespace orrery::kubelet {

/// Upstream reads its Node every 10 s and writes when something but heartbeats changed, or every 5 min. This one watches its
/// Node, so that the 10 s pass is made only when there is something to do; writes happen at the same instants.
class NodeReporter {
 public:
  NodeReporter(env::Environment& env, client::Client& client, client::EventRecorder& events, const KubeletConfig& config);

  /// The facts to report. Call changed() after editing them.
  NodeFacts& facts() { return facts_; }
  void changed();
  /// Registers, retrying for ever; `registered` runs once, with the object.
  void start(base::UniqueFunction<void(const api::ObjectRef&)> registered);
  /// The newest known object; null before registration.
  const api::ObjectRef& node() const { return node_; }
  /// `told` runs whenever node() has changed.
  void on_node(base::UniqueFunction<void()> told) { told_ = std::move(told); }

 private:
  void create();
  void adopt_existing();
  void reconcile(api::ObjectRef existing);
  void finish(api::ObjectRef node);
  void retry_registration();
  void watched(const api::ObjectRef& now);
  void take(api::ObjectRef node);
  void schedule(base::Nanos delay);
  void pass();
  void write();
  void written(const client::ApiResult<base::Ref<const api::ApiResponse>>& answer);
  void announce(const api::NodeStatus& before, const api::NodeStatus& after);
  void announce_one(const api::NodeStatus& before, const api::NodeStatus& after, const char* type, const char* when_true,
                    const char* when_false);
  base::Ref<api::ApiRequest> request(api::Verb verb) const;

  env::Environment& env_;
  client::Client& client_;
  client::EventRecorder& events_;
  const KubeletConfig& config_;
  client::Informer watch_;
  NodeFacts facts_;
  api::ObjectRef node_;
  base::UniqueFunction<void(const api::ObjectRef&)> registered_;
  base::UniqueFunction<void()> told_;
  base::Nanos register_delay_ = 0;
  base::Instant last_report_, last_pass_, next_pass_ = base::kNever;
  env::TimerId timer_ = env::TimerId::kNone;
  base::RandomStream jitter_;
  bool busy_ = false, announced_ = false;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
