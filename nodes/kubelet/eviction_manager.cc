#include "nodes/kubelet/eviction_manager.h"

#include "model/api/pod_resources.h"
#include "model/base/sorted_map.h"
#include "nodes/kubelet/pod_worker.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

constexpr std::int64_t kImmediateGraceSeconds = 1;
constexpr base::Nanos kCleanupPoll = base::kSecond;
constexpr int kCleanupPolls = 30;

/// Uses by container, from one reading.
class UseIndex {
 public:
  UseIndex(const env::UsageStats& stats, Signal signal) : memory_(signal == Signal::kMemoryAvailable) {
    for (const auto& e : stats.containers) by_id_[e.container_id] = memory_ ? e.memory_working_set_bytes : e.disk_bytes;
  }
  PodUse of(const PodWorker& worker, std::size_t index) const {
    PodUse use;
    const api::PodSpec& spec = *worker.pod()->spec;
    use.index = index;
    use.priority = spec.priority.value_or(0);
    const auto& runs = worker.runs();
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const bool init = i < worker.init_count();
      const api::Container& c = init ? spec.init_containers[i] : spec.containers[i - worker.init_count()];
      if (init && !is_sidecar(c)) continue;
      const api::Quantity request = c.resources.requests.get(memory_ ? "memory" : "ephemeral-storage");
      ContainerUse one{c.name, 0, request.value(), Str(request.str())};
      const auto it = by_id_.find(runs[i].id);
      if (it != by_id_.end()) one.usage = it->second;
      use.usage += one.usage;
      use.request += one.request;
      use.containers.push_back(std::move(one));
    }
    return use;
  }

 private:
  bool memory_;
  base::SortedMap<Str, std::int64_t> by_id_;
};

}  // namespace

void EvictionManager::wake() {
  if (!scheduled_) schedule(config_.eviction_period);
}

void EvictionManager::schedule(base::Nanos delay) {
  scheduled_ = true;
  env_.timers.after(delay, [this, token = liveness_.token()] {
    if (token.alive()) look();
  });
}

void EvictionManager::look() {
  env_.containers.usage([this, token = liveness_.token()](base::Result<env::UsageStats> stats) {
    if (!token.alive()) return;
    if (stats) judge(*stats);
    else schedule(config_.eviction_period);
  });
}

void EvictionManager::judge(const env::UsageStats& stats) {
  const base::Instant now = env_.clock.now();
  const std::vector<Observation> observations = observe(stats, config_);
  const Observation* worst = nullptr;
  for (const Observation& o : observations) {
    (o.signal == Signal::kMemoryAvailable ? memory_ : disk_).observe(o.met(), now);
    if (o.met() && !worst) worst = &o;
  }
  const bool memory = memory_.holds(now, config_.pressure_transition_period);
  const bool disk = disk_.holds(now, config_.pressure_transition_period);
  host_.set_pressure(memory, disk);
  if (worst) reclaim(*worst, stats);
  else images_freed_ = false;
  bool pods = false;
  host_.each_worker([&](PodWorker&) { pods = true; });
  scheduled_ = false;
  if (victim_) return await_cleanup();
  if (pods || memory || disk) schedule(memory || disk ? config_.eviction_period : next_look(observations, config_));
}

void EvictionManager::await_cleanup() {
  scheduled_ = true;
  env_.timers.after(kCleanupPoll, [this, token = liveness_.token()] {
    if (!token.alive()) return;
    if (victim_->stage() != PodWorker::Stage::kTerminated && ++waited_ < kCleanupPolls) return await_cleanup();
    victim_ = {};
    look();
  });
}

/// One pod at a time; of disks the unused images go first.
void EvictionManager::reclaim(const Observation& o, const env::UsageStats& stats) {
  host_.threshold_met(resource_of(o.signal));
  if (o.signal != Signal::kMemoryAvailable && !images_freed_) {
    images_freed_ = true;
    return host_.free_images(o.threshold - o.available);
  }
  images_freed_ = false;
  const UseIndex index(stats, o.signal);
  std::vector<base::Ref<PodWorker>> workers;
  std::vector<PodUse> uses;
  host_.each_worker([&](PodWorker& w) {
    if (w.stage() != PodWorker::Stage::kSyncing || is_critical(*w.pod())) return;
    uses.push_back(index.of(w, workers.size()));
    workers.emplace_back(&w);
  });
  if (uses.empty()) return;
  rank(uses);
  PodWorker& victim = *workers[uses[0].index];
  const Str message = eviction_message(o, uses[0]);
  host_.evicted(victim, message);
  victim_ = workers[uses[0].index];
  waited_ = 0;
  victim.evict(Verdict{"Evicted", message, message}, kImmediateGraceSeconds);
}

}  // namespace orrery::kubelet
