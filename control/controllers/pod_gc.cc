#include "control/controllers/pod_gc.h"

#include <algorithm>

#include "control/controllers/cost.h"
#include "control/controllers/node_health.h"
#include "control/controllers/pod_status_patch.h"
#include "control/controllers/task_group.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

bool is_evicted(const api::Pod& pod) {
  return pod.status->phase == "Failed" && pod.status->reason == "Evicted";
}

bool is_ended(const api::Pod& pod) {
  const Str& phase = pod.status->phase;
  return !(phase == "Pending") && !(phase == "Running") && !(phase == "Unknown");
}

bool out_of_service(const ObjectRef& node) {
  if (!node) return false;
  const auto& value = node->as<api::Node>();
  const api::NodeCondition* ready = find_condition(*value.status, "Ready");
  if (ready && ready->status == "True") return false;
  const auto& taints = value.spec->taints;
  return std::any_of(taints.begin(), taints.end(), [](const api::Taint& t) {
    return t.key == "node.kubernetes.io/out-of-service";
  });
}

}  // namespace

void sort_for_removal(std::vector<ObjectRef>& pods) {
  std::stable_sort(pods.begin(), pods.end(), [](const ObjectRef& a, const ObjectRef& b) {
    const bool a_evicted = is_evicted(a->as<api::Pod>()), b_evicted = is_evicted(b->as<api::Pod>());
    if (a_evicted != b_evicted) return a_evicted;
    if (a->meta().creation_timestamp == b->meta().creation_timestamp)
      return a->meta().name < b->meta().name;
    return a->meta().creation_timestamp < b->meta().creation_timestamp;
  });
}

PodGcController::PodGcController(ControllerContext context)
    : context_(context),
      env_(context.env),
      client_(context.client),
      pods_(context.informers.of(KindId::kPod)),
      nodes_(context.informers.of(KindId::kNode)),
      missing_nodes_(context.env),
      tasks_(context.env.trampoline) {}

void PodGcController::start(int) { tasks_.spawn(loop()); }
void PodGcController::stop() { tasks_.cancel_all(); }

env::Task<> PodGcController::loop() {
  co_await context_.informers.wait_synced();
  while (true) {
    co_await pass();
    co_await env::sleep(env_, context_.config.pod_gc_period);
  }
}

env::Task<> PodGcController::pass() {
  const Pods pods = pods_.list();
  if (!pods.empty()) co_await spend(env_, static_cast<base::Nanos>(pods.size()) * kPodCheckCpu);
  Pods ended, stranded, unscheduled;
  for (const ObjectRef& object : pods) {
    const auto& pod = object->as<api::Pod>();
    if (is_ended(pod)) ended.push_back(object);
    if (!pod.metadata.deleting()) continue;
    if (pod.spec->node_name.empty()) unscheduled.push_back(object);
    else if (out_of_service(nodes_.get({}, pod.spec->node_name)))
      stranded.push_back(object);
  }
  const auto threshold = static_cast<std::size_t>(context_.config.terminated_pod_threshold);
  if (threshold > 0 && ended.size() > threshold) {
    sort_for_removal(ended);
    ended.resize(ended.size() - threshold);
    co_await remove_all(ended);
  }
  sort_for_removal(stranded);
  co_await remove_all(stranded);
  co_await collect_orphaned(pods);
  for (const ObjectRef& pod : unscheduled) co_await remove(pod, false);
}

env::Task<> PodGcController::collect_orphaned(Pods pods) {
  base::SortedSet<Str> seen;
  Pods orphaned;
  for (const ObjectRef& pod : pods) {
    const Str& node = pod->as<api::Pod>().spec->node_name;
    if (node.empty() || nodes_.get({}, node)) continue;
    orphaned.push_back(pod);
    if (seen.insert(node).second)
      missing_nodes_.add_after(node, context_.config.missing_node_quarantine);
  }
  base::SortedSet<Str> gone;
  while (missing_nodes_.ready() > 0) {
    const Str node = co_await missing_nodes_.get();
    if (!nodes_.get({}, node)) {
      const auto live = co_await client_.get(KindId::kNode, {}, node);
      if (!live && live.error().not_found()) gone.insert(node);
    }
    missing_nodes_.done(node);
  }
  for (const ObjectRef& pod : orphaned) {
    if (gone.contains(pod->as<api::Pod>().spec->node_name)) co_await remove(pod, true);
  }
}

env::Task<> PodGcController::remove_all(Pods pods) {
  std::vector<env::Task<>> tasks;
  for (const ObjectRef& pod : pods) tasks.push_back(remove(pod, false));
  co_await run_all(env_, std::move(tasks));
}

env::Task<> PodGcController::remove(ObjectRef object, bool orphaned) {
  const auto& pod = object->as<api::Pod>();
  if (!(pod.status->phase == "Succeeded") && !(pod.status->phase == "Failed")) {
    const Str patch =
        orphaned ? pod_condition_patch(
                       pod, disruption_target("DeletionByPodGC", "PodGC: node no longer exists"),
                       api::Time::from(env_.clock.wall()), "Failed")
                 : pod_phase_patch(pod, "Failed");
    const auto patched =
        co_await client_.patch(KindId::kPod, pod.metadata.namespace_, pod.metadata.name,
                               api::PatchType::kStrategicMerge, patch, "status");
    if (!patched) co_return;
  }
  client::DeleteParams now;
  now.grace_period_seconds = 0;
  (void)co_await client_.remove(KindId::kPod, pod.metadata.namespace_, pod.metadata.name, now);
}

}  // namespace orrery::controllers
