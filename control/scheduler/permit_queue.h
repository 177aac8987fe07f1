// PermitQueue: the scheduler's WaitingPods.
#pragma once
#include <functional>

#include "control/scheduler/framework/status.h"
#include "control/scheduler/framework/waiting_pods.h"
#include "model/env/environment.h"
#include "model/env/task.h"

namespace orrery::scheduler {

class PermitQueue final : public WaitingPods {
 public:
  /// `activate` moves a pod of the queue.
  PermitQueue(env::Environment& env, std::function<void(const Str& uid)> activate) : env_(env), activate_(std::move(activate)) {}
  ~PermitQueue() override;
  PermitQueue(const PermitQueue&) = delete;

  /// Success once it is allowed; a rejection when it is rejected, or after `timeout` at `plugin` (a literal).
  env::Future<Status> wait(PodInfoRef pod, std::string_view plugin, base::Nanos timeout);

  std::vector<PodInfoRef> all() const override;
  void allow(const Str& uid) override;
  void reject(const Str& uid, std::string_view plugin, std::string_view message) override;
  void activate(const Str& uid) override { activate_(uid); }

 private:
  struct Waiting {
    PodInfoRef pod;
    env::Resolver<Status> resolve;
    env::TimerId timer;
  };
  void settle(const Str& uid, Status status);

  env::Environment& env_;
  std::function<void(const Str&)> activate_;
  std::vector<Waiting> waiting_;
};

}  // namespace orrery::scheduler
