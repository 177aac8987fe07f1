// The pod garbage collector (pkg/controller/podgc).
#pragma once
#include "control/controllers/controller.h"
#include "model/api/pod.h"

namespace orrery::controllers {

/// Every 20 s: removes ended pods beyond a threshold, pods of nodes that no longer exist (after a
/// quarantine of 40 s), pods that were deleted before they had a node, and terminating pods of
/// nodes that are out of service.
class PodGcController final : public Controller {
 public:
  explicit PodGcController(ControllerContext context);
  std::string_view name() const override { return "pod-garbage-collector-controller"; }
  void start(int workers) override;
  void stop() override;

 private:
  using Pods = std::vector<ObjectRef>;
  env::Task<> loop();
  env::Task<> pass();
  env::Task<> collect_orphaned(Pods pods);
  env::Task<> remove_all(Pods pods);
  env::Task<> remove(ObjectRef pod, bool orphaned);

  ControllerContext context_;
  env::Environment& env_;
  client::Client& client_;
  client::Informer& pods_;
  client::Informer& nodes_;
  client::WorkQueue missing_nodes_;  ///< ready when their quarantine is over
  env::TaskScope tasks_;
};

/// Evicted pods first, then by age and name.
void sort_for_removal(std::vector<ObjectRef>& pods);

}  // namespace orrery::controllers
