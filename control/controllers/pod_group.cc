#include "control/controllers/pod_group.h"

#include <algorithm>

#include "control/controllers/cost.h"
#include "model/api/pod.h"

namespace orrery::controllers {
namespace {

constexpr base::Nanos kLongestStart = 48 * base::kHour;

QueueControllerOptions pod_group_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

Str group_key(const api::ObjectMeta& pod) {
  const Str* const group = pod.labels.find(api::kPodGroupLabel);
  return group && !group->empty() ? base::cat(pod.namespace_, "/", *group) : Str();
}

void count_pods(api::PodGroupStatus& status, std::span<const ObjectRef> pods) {
  status.running = status.succeeded = status.failed = 0;
  for (const ObjectRef& pod : pods) {
    const Str& phase = pod->as<api::Pod>().status->phase;
    status.running += phase == "Running";
    status.succeeded += phase == "Succeeded";
    status.failed += phase == "Failed";
  }
}

/// "namespace/name" of all owners of the pod, in order.
std::string owners_of(const api::ObjectMeta& pod) {
  std::vector<std::string> owners;
  for (const api::OwnerReference& o : pod.owner_references) owners.push_back(base::cat(pod.namespace_, "/", o.name));
  std::sort(owners.begin(), owners.end());
  std::string out;
  for (const std::string& o : owners) out += base::cat(out.empty() ? "" : ",", o);
  return out;
}

bool final_phase(const Str& phase) { return phase == "Finished" || phase == "Failed"; }

}  // namespace

api::PodGroupStatus next_status(const api::PodGroup& group, std::span<const ObjectRef> pods, api::Time now) {
  api::PodGroupStatus out = *group.status;
  const std::int64_t wanted = group.spec->min_member, there = static_cast<std::int64_t>(pods.size());
  if (final_phase(out.phase)) return out;
  if (out.phase.empty()) {
    out.phase = "Pending";
    return out;
  }
  if (out.phase == "Pending") {
    if (there < wanted) return out;
    out.phase = "Scheduling";
    if (out.schedule_start_time.is_zero()) out.schedule_start_time = now;
    const std::string owners = pods.empty() ? "" : owners_of(pods[0]->meta());
    if (!owners.empty()) out.occupied_by = Str(owners);
    return out;
  }
  count_pods(out, pods);
  const std::int64_t begun = std::int64_t{out.running} + out.succeeded;
  if (there < wanted) out.phase = "Pending";
  else if (out.succeeded >= wanted) out.phase = "Finished";
  else if (out.failed != 0 && out.failed + begun >= wanted) out.phase = "Failed";
  else out.phase = begun >= wanted ? "Running" : "Scheduling";
  return out;
}

bool is_overdue(const api::PodGroup& group) {
  const api::PodGroupStatus& s = *group.status;
  if ((s.phase != "Scheduling" && s.phase != "Pending") || s.running != 0 || s.schedule_start_time.is_zero()) return false;
  return s.schedule_start_time.instant() - group.metadata.creation_timestamp.instant() > kLongestStart;
}

PodGroupController::PodGroupController(ControllerContext context)
    : QueueController(context, "PodGroupController", pod_group_options()),
      groups_(informer(KindId::kPodGroup)),
      pods_(informer(KindId::kPod)),
      pods_by_group_(pods_.shared_index("pod-group", [](const ObjectRef& pod, std::vector<Str>& values) {
        if (Str key = group_key(pod->meta()); !key.empty()) values.push_back(std::move(key));
      })) {
  groups_.add_handler([this](const ObjectRef&, const ObjectRef& now) {
    if (now) enqueue(now->meta());
  });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (old) enqueue_group_of(old->meta());
    if (now) enqueue_group_of(now->meta());
  });
}

void PodGroupController::enqueue_group_of(const api::ObjectMeta& pod) {
  if (Str key = group_key(pod); !key.empty()) queue_.add(std::move(key));
}

env::Task<SyncResult> PodGroupController::sync(Str key) {
  const SplitKey parts = split_key(key);
  const auto group = groups_.get_as<api::PodGroup>(parts.namespace_, parts.name);
  if (!group || final_phase(group->status->phase)) co_return SyncResult::ok();
  if (is_overdue(*group)) {
    events_.event(*group.object(), "Warning", "Timeout", "schedule time longer than 48 hours");
    co_return SyncResult::ok();
  }
  const std::vector<ObjectRef> pods = pods_.by_index(pods_by_group_, key);
  api::PodGroupStatus status = next_status(*group, pods, wall_time());
  if (api::deep_equal(status, *group->status)) co_return SyncResult::ok();
  api::PodGroup next = *group;
  next.status = std::move(status);
  const auto written = co_await client_.update_status(api::make_object(std::move(next)));
  if (!written && !written.error().not_found()) co_return SyncResult::fail(written.error());
  co_return SyncResult::ok();
}

}  // namespace orrery::controllers
