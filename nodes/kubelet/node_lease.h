// NodeLease: the kubelet's heartbeat in kube-node-lease (k8s.io/component-helpers/apimachinery/lease/controller.go).
#pragma once
#include "control/client/client.h"
#include "model/base/random.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/kubelet_config.h"

namespace orrery::kubelet {

/// Renews optimistically with the last known version; at most five attempts each period. From the second failure in a row
/// on it breaks the connections, which may lead nowhere.
class NodeLease {
 public:
  NodeLease(env::Environment& env, client::Client& client, const KubeletConfig& config);
  /// `node` becomes the lease's owner.
  void start(api::ObjectRef node);

 private:
  void renew();
  void update(int attempt);
  void updated(int attempt, const client::ApiResult<base::Ref<const api::ApiResponse>>& answer);
  void ensure(int attempt, bool then_update);
  void create();
  void ensure_failed(bool then_update);
  void done();
  base::Ref<api::ApiRequest> request(api::Verb verb) const;
  api::ObjectRef next_lease() const;

  env::Environment& env_;
  client::Client& client_;
  const KubeletConfig& config_;
  api::ObjectRef node_, latest_;
  base::Nanos ensure_delay_ = 0;
  base::RandomStream jitter_;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
