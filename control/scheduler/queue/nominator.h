// Nominator: which pods wait for room on which node after a preemption (backend/queue/nominator.go).
#pragma once
#include "control/scheduler/framework/framework.h"

namespace orrery::scheduler {

class Nominator final : public Nominated {
 public:
  const std::vector<PodInfoRef>& nominated_on(std::string_view node) const override;
  std::vector<std::string_view> nodes() const override;
  /// Replaces an earlier nomination of the pod. `node` empty: the one in its status, if any.
  void add(PodInfoRef pod, Str node = {});
  void remove(const Str& uid);
  /// Follows a new version of the pod; keeps a nomination that is not in the status yet.
  void update(const api::Pod& old, PodInfoRef now);

 private:
  base::BTreeMap<Str, std::vector<PodInfoRef>> by_node_;
  base::BTreeMap<Str, Str> node_of_;  // by uid
};

/// The queue holds the nominator, and the framework, which the queue needs, holds a reference to it: this one is handed out
/// before the queue exists, and may be asked once `nominator` points to its nominator.
class LateNominated final : public Nominated {
 public:
  explicit LateNominated(const Nominator* const& nominator) : nominator_(nominator) {}
  const std::vector<PodInfoRef>& nominated_on(std::string_view node) const override { return nominator_->nominated_on(node); }
  std::vector<std::string_view> nodes() const override { return nominator_->nodes(); }

 private:
  const Nominator* const& nominator_;
};

}  // namespace orrery::scheduler
