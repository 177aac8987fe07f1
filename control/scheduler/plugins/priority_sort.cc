#include "control/scheduler/plugins/priority_sort.h"

#include "control/scheduler/queue/queued_pod.h"

namespace orrery::scheduler {

bool PrioritySort::less(const QueuedPod& a, const QueuedPod& b) const {
  const std::int32_t pa = a.pod->priority();
  const std::int32_t pb = b.pod->priority();
  return pa != pb ? pa > pb : a.timestamp < b.timestamp;
}

}  // namespace orrery::scheduler
