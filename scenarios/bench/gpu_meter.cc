#include "scenarios/bench/gpu_meter.h"

namespace orrery::scenarios::bench {

GpuMeter::GpuMeter(const scheduler::Snapshot& snapshot, const scheduler::FragmentationModel& model) : model_(model) {
  idle_of_.resize(snapshot.size());
  fragmented_of_.resize(snapshot.size());
  for (const scheduler::NodeInfo* node : snapshot.nodes()) {
    gpus_ += static_cast<std::int64_t>(node->gpus().count());
    follow(*node);
  }
}

void GpuMeter::follow(const scheduler::NodeInfo& node) {
  const std::size_t at = node.index();
  idle_ += node.gpus().total_free() - idle_of_[at];
  idle_of_[at] = node.gpus().total_free();
  fragmented_of_[at] = model_.amount(node);
}

double GpuMeter::fragmented_milli() const {
  double sum = 0;
  for (const double f : fragmented_of_) sum += f;
  return sum;
}

}  // namespace orrery::scenarios::bench
