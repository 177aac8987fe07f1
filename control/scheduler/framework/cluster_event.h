// ClusterEvent: changes of the cluster that may make a rejected pod schedulable (pkg/scheduler/framework/types.go).
#pragma once
#include <cstdint>

#include "model/api/object.h"

namespace orrery::scheduler {

enum class EventResource : std::uint8_t {
  kAssignedPod,      ///< a pod on a node
  kUnscheduledPod,   ///< the pending pod itself
  kNode,
  kPersistentVolume,
  kPersistentVolumeClaim,
  kStorageClass,
  kCSINode,
  kCSIDriver,
  kCSIStorageCapacity,
  kVolumeAttachment,
  kPodGroup,
  kWildCard,         ///< interests every plugin
};

enum EventAction : std::uint32_t {
  kActionAdd = 1 << 0,
  kActionDelete = 1 << 1,
  kActionUpdateNodeAllocatable = 1 << 2,
  kActionUpdateNodeLabel = 1 << 3,
  kActionUpdateNodeTaint = 1 << 4,
  kActionUpdateNodeCondition = 1 << 5,
  kActionUpdatePodLabel = 1 << 6,
  kActionUpdatePodScaleDown = 1 << 7,
  kActionUpdatePodTolerations = 1 << 8,
  kActionUpdatePodGatesEliminated = 1 << 9,
  kActionUpdateOther = 1 << 10,
  kActionUpdate = ~(kActionAdd | kActionDelete),
  kActionAll = ~0u,
};

struct ClusterEvent {
  EventResource resource = EventResource::kWildCard;
  std::uint32_t action = kActionAll;
  bool wild() const { return resource == EventResource::kWildCard; }
};

/// An event with the object before and after; `old` null: added, `now` null: deleted.
struct ClusterChange {
  ClusterEvent event;
  api::ObjectRef old, now;
};

enum class QueueingHint : std::uint8_t { kSkip, kQueue };

}  // namespace orrery::scheduler
