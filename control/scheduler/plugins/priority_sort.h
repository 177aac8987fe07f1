// PrioritySort: higher priority first, then longer waiting (plugins/queuesort).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class PrioritySort final : public Plugin, public QueueSortPlugin {
 public:
  std::string_view name() const override { return "PrioritySort"; }
  bool less(const QueuedPod& a, const QueuedPod& b) const override;
};

}  // namespace orrery::scheduler
