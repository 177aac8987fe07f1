#include <algorithm>

#include "sim/world/incarnation.h"
#include "sim/world/machine.h"

namespace orrery::sim {
namespace {

constexpr std::uint16_t kFirstLocalPort = 32768;

}  // namespace

ProcessSlot::ProcessSlot(World& world, Machine& machine, ProcessId id, ProcessConfig config)
    : world_(world), machine_(machine), id_(id), config_(std::move(config)),
      local_port_(static_cast<std::uint16_t>(kFirstLocalPort + machine.processes().size())) {}

void ProcessSlot::start_after(base::Nanos delay) {
  world_.kernel().cancel(start_event_);
  start_event_ = world_.kernel().after(delay, {0, EventKind::kStart, base::hash_bytes(config_.name)},
                                       [this] { start_now(); });
}

void ProcessSlot::start_now() {
  if (current_ || stopped_ || !machine_.powered()) return;
  last_started_ = world_.now();
  current_ = std::make_unique<Incarnation>(world_, *this, starts_++);
  world_.owners_.resize(current_->owner() + 1, {UINT32_MAX, 0});
  world_.owners_[current_->owner()] = {static_cast<std::uint32_t>(id_), starts_ - 1};
  if (armed_) current_->arm(point_);
  armed_ = false;
  current_->start();
}

void ProcessSlot::arm(EffectPoint point) {
  if (current_ && current_->alive()) {
    current_->arm(point);
    return;
  }
  armed_ = true;
  point_ = point;
}

void ProcessSlot::died() { world_.reap_later(*this); }

void ProcessSlot::plan_restart() {
  const RestartPolicy& policy = config_.restart;
  if (stopped_ || !policy.restart || !machine_.powered() || current_) return;
  if (world_.now() - last_started_ >= policy.reset_after) restarts_in_a_row_ = 0;
  base::Nanos delay = policy.first;
  if (restarts_in_a_row_ > 0) {
    delay = policy.base;
    for (unsigned i = 1; i < restarts_in_a_row_ && delay < policy.max; ++i) delay *= 2;
    delay = std::min(delay, policy.max);
  }
  ++restarts_in_a_row_;
  start_after(delay);
}

}  // namespace orrery::sim
