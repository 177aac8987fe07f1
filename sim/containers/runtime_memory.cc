#include "model/base/str.h"
#include "sim/containers/runtime.h"
#include "sim/world/machine.h"

namespace orrery::sim {
namespace {

using env::ContainerState;
using How = history::ContainerStopped::How;


}  // namespace

std::int64_t Runtime::memory_of(const Container& c) const {
  if (c.status.state != ContainerState::kRunning) return 0;
  const double seconds = static_cast<double>(world_.now() - c.started) / 1e9;
  return c.behaviour->memory_bytes +
         static_cast<std::int64_t>(static_cast<double>(c.behaviour->leak_per_second) * seconds);
}

std::int64_t Runtime::memory_in_use() const {
  std::int64_t sum = 0;
  for (const auto& [id, c] : containers_) sum += memory_of(c);
  return sum;
}

/// One event at the first instant at which some container or the machine runs out of memory.
void Runtime::replan_memory() {
  world_.kernel().cancel(memory_event_);
  memory_event_ = EventId::kNone;
  double first = -1;
  std::int64_t total = world_.machine(machine_).process_memory(), growth = 0;
  bool any = false;
  const auto offer = [&first](std::int64_t room, std::int64_t rate) {
    if (room < 0) {
      first = 0;
      return;
    }
    if (rate <= 0) return;
    const double seconds = static_cast<double>(room) / static_cast<double>(rate);
    if (first < 0 || seconds < first) first = seconds;
  };
  for (const auto& [id, c] : containers_) {
    if (c.status.state != ContainerState::kRunning) continue;
    const std::int64_t used = memory_of(c), limit = c.status.spec.resources.memory_limit_bytes;
    total += used;
    any = true;
    growth += c.behaviour->leak_per_second;
    if (limit > 0) offer(limit - used, c.behaviour->leak_per_second);
  }
  if (any) offer(world_.machine(machine_).config().memory_bytes - total, growth);
  if (first < 0) return;
  memory_event_ = world_.kernel().after(static_cast<base::Nanos>(first * 1e9) + base::kMillisecond, kContainerTag,
                                        [this] { memory_reached(); });
}

void Runtime::memory_reached() {
  memory_event_ = EventId::kNone;
  std::vector<Str> over;
  for (const auto& [id, c] : containers_) {
    const std::int64_t limit = c.status.spec.resources.memory_limit_bytes;
    if (c.status.state != ContainerState::kRunning || limit <= 0) continue;
    const std::int64_t used = memory_of(c);
    if (used > limit || (used == limit && c.behaviour->leak_per_second > 0)) over.push_back(id);
  }
  for (const Str& id : over) end_container(id, How::kOom, 137, "OOMKilled");
  world_.check_memory(machine_);
  replan_memory();
}

const Runtime::Container* Runtime::oom_victim(std::int64_t& score) const {
  const std::int64_t capacity = world_.machine(machine_).config().memory_bytes;
  const Container* victim = nullptr;
  score = kNoOomScore;
  for (const auto& [id, c] : containers_) {
    if (c.status.state != ContainerState::kRunning) continue;
    const std::int64_t own = memory_of(c) * 1000 / capacity + c.status.spec.resources.oom_score_adj;
    if (own <= score) continue;
    score = own;
    victim = &c;
  }
  return victim;
}

std::int64_t Runtime::oom_score() const {
  std::int64_t score = kNoOomScore;
  oom_victim(score);
  return score;
}

void Runtime::oom_kill() {
  std::int64_t score = kNoOomScore;
  if (const Container* victim = oom_victim(score))
    end_container(Str(victim->status.id), How::kOom, 137, "OOMKilled");
}

}  // namespace orrery::sim
