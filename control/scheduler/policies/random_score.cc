#include "control/scheduler/policies/random_score.h"

#include "model/base/hash.h"

namespace orrery::scheduler {

std::int64_t RandomScore::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  base::RandomStream random(base::combine64(base::stream_key(seed_, "random-score", pod.meta().uid), base::hash_bytes(node.name())));
  return static_cast<std::int64_t>(random.below(kMaxNodeScore + 1));
}

}  // namespace orrery::scheduler
