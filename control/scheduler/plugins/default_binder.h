// DefaultBinder: writes pods/binding (plugins/defaultbinder).
#pragma once
#include "control/client/client.h"
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class DefaultBinder final : public Plugin, public BindPlugin {
 public:
  /// `client` null: binds nothing (placement only); bind() then succeeds at once.
  explicit DefaultBinder(client::Client* client) : client_(client) {}
  std::string_view name() const override { return "DefaultBinder"; }
  env::Task<Status> bind(CycleState* state, PodInfoRef pod, Str node) const override;

 private:
  client::Client* client_;
};

}  // namespace orrery::scheduler
