// The TTL controller (pkg/controller/ttl): how long kubelets may keep secrets and config maps, by
// cluster size.
#pragma once
#include "control/controllers/controller.h"

namespace orrery::controllers {

/// Keeps annotation node.alpha.kubernetes.io/ttl of every node.
class NodeTtlController final : public QueueController {
 public:
  explicit NodeTtlController(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str name) override;
  client::Informer& nodes_;
  int step_ = 0;  ///< of the table of sizes
};

/// Where a cluster of `nodes` stands in the table when it stood at `step`; the ranges overlap,
/// against flapping.
int next_ttl_step(int step, int nodes);
int ttl_seconds(int step);

}  // namespace orrery::controllers
