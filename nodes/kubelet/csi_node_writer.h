// CsiNodeWriter: the node's CSINode, with the drivers that the node has (pkg/volume/csi/nodeinfomanager).
#pragma once
#include "control/client/client.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/kubelet_config.h"

namespace orrery::kubelet {

/// Creates the object or corrects its drivers, retrying for ever. Upstream's has an object for every node; one without drivers
/// says nothing that its absence does not, so a node without drivers has none here.
class CsiNodeWriter {
 public:
  CsiNodeWriter(env::Environment& env, client::Client& client, const KubeletConfig& config)
      : env_(env), client_(client), config_(config) {}
  /// Once, with the registered node, which will own the object.
  void start(const api::ObjectRef& node);

 private:
  void create();
  void read();
  void correct(const api::ObjectRef& existing);
  void retry();

  env::Environment& env_;
  client::Client& client_;
  const KubeletConfig& config_;
  api::ObjectRef node_;
  base::Nanos delay_ = 0;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
