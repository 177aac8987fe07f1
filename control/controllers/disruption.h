// The disruption controller (pkg/controller/disruption): status of PodDisruptionBudgets.
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/disruption_decisions.h"

namespace orrery::controllers {

/// Keeps the budgets that evictions draw on, and takes back announcements of disruptions that did
/// not come.
class DisruptionController final : public QueueController {
 public:
  explicit DisruptionController(ControllerContext context);
  void start(int workers) override;
  void stop() override;

 private:
  using Failure = std::optional<ApiError>;
  using BudgetHandle = api::Handle<api::PodDisruptionBudget>;
  env::Task<SyncResult> sync(Str key) override;
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void enqueue_budget_of(const ObjectRef& pod);
  void watch_condition(const ObjectRef& pod);
  std::vector<PodHandle> pods_of(const api::PodDisruptionBudget& pdb) const;
  /// The replicas of all controllers of the pods; fails with a text.
  std::optional<std::string> expected_scale(const std::vector<PodHandle>& pods, std::int32_t& scale,
                                            int& unmanaged) const;
  env::Task<Failure> write(BudgetHandle pdb, api::PodDisruptionBudgetStatus status);
  env::Task<> cleanup_loop();
  env::Task<bool> clean_up(Str key);

  client::Informer& budgets_;
  client::Informer& pods_;
  client::Informer& sets_;
  client::Informer& deployments_;
  client::Informer& stateful_sets_;
  client::Informer& replication_controllers_;
  client::WorkQueue stale_;
  env::TaskScope tasks_;
};

}  // namespace orrery::controllers
