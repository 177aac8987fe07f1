// AttemptRecorder: explains the attempts at one pod while a run goes by.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "control/scheduler/explain/decision_watcher.h"
#include "control/scheduler/explain/report.h"

namespace orrery::scheduler {

struct ExplainedAttempt {
  std::size_t number = 0;          ///< among the attempts at the pod, from 1
  base::Nanos at = 0;
  ExplainedPod pod;
  Explanation explanation;
};

class AttemptRecorder final : public DecisionWatcher {
 public:
  using Concerns = std::function<bool(const api::ObjectMeta& pod)>;
  /// At most so many attempts are explained when all are asked for; each holds a verdict on every node.
  static constexpr std::size_t kMostExplained = 16;

  /// `only`: the number of the one attempt to explain; 0: the first kMostExplained.
  explicit AttemptRecorder(Concerns concerns, std::size_t only = 0) : concerns_(std::move(concerns)), only_(only) {}
  void deciding(const Decision& decision) override;

  /// When each attempt at the pod was, in their order.
  const std::vector<base::Nanos>& times() const { return times_; }
  const std::vector<ExplainedAttempt>& explained() const { return explained_; }
  /// Names of a few other pods that were decided on.
  const std::vector<std::string>& others() const { return others_; }

 private:
  Concerns concerns_;
  std::size_t only_;
  std::vector<base::Nanos> times_;
  std::vector<ExplainedAttempt> explained_;
  std::vector<std::string> others_;
};

}  // namespace orrery::scheduler
