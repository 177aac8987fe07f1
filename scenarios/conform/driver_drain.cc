// kubectl drain (k8s.io/kubectl/pkg/drain): cordons nodes, then evicts the pods of one after the other.
#include <algorithm>

#include "model/api/eviction.h"
#include "model/api/pod.h"
#include "model/base/str.h"
#include "scenarios/conform/driver.h"

namespace orrery::scenarios::conform {
namespace {

using api::KindId;
using base::cat;
using base::Nanos;

constexpr Nanos kEvictionRetry = 5 * base::kSecond, kGonePoll = base::kSecond;

bool is_daemon_pod(const api::Pod& pod) {
  const api::OwnerReference* owner = api::controller_of(pod.metadata);
  return owner && owner->kind == "DaemonSet";
}

bool has_empty_dir(const api::Pod& pod) {
  const auto& volumes = pod.spec->volumes;
  return std::any_of(volumes.begin(), volumes.end(), [](const api::Volume& v) { return bool(v.source->empty_dir); });
}

/// False when kubectl refuses to drain the node because of this pod.
bool may_leave(const api::Pod& pod, const KubectlCommand& line) {
  const bool ended = pod.status->phase == "Succeeded" || pod.status->phase == "Failed";
  if (ended) return true;
  if (is_daemon_pod(pod)) return line.has("--ignore-daemonsets");
  if (!api::controller_of(pod.metadata) && !line.has("--force")) return false;
  return !has_empty_dir(pod) || line.has("--delete-emptydir-data");
}

}  // namespace

env::Task<> Driver::drain(CommandRef c, std::vector<Target> nodes) {
  const auto timeout = api::parse_duration(c->line.flag("--timeout", "0s"));
  const bool limited = timeout.ok() && *timeout > 0;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    co_await patch_target(c, nodes[i], api::PatchType::kStrategicMerge, R"({"spec":{"unschedulable":true}})");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const base::Instant give_up = limited ? env_.clock.now() + *timeout : base::kNever;
    co_await drain_node(c, nodes[i].name, give_up);  // "unable to drain node ..., continuing command..."
  }
}

env::Task<> Driver::drain_node(CommandRef c, Str node, base::Instant give_up) {
  client::ListParams params;
  params.field_selector = cat("spec.nodeName=", node);
  params.label_selector = c->line.flag("--pod-selector");
  auto pods = co_await client_.list(KindId::kPod, params);
  if (!pods.ok()) {
    report(*c, pods.error());
    co_return;
  }
  for (const api::ObjectRef& o : pods->items)
    if (!may_leave(o->as<api::Pod>(), c->line)) co_return;
  int left = 0;
  for (std::size_t i = 0; i < pods->items.size(); ++i) {
    const auto& pod = pods->items[i]->as<api::Pod>();
    if (is_daemon_pod(pod) && c->line.has("--ignore-daemonsets")) continue;
    ++left;
    tasks_.spawn(evict_until(c, pods->items[i], give_up, &left));
  }
  while (left > 0) co_await env::sleep(env_, 100 * base::kMillisecond);
}

/// Asks again while a budget forbids it, then waits until the pod is gone; counts `left` down at the end.
env::Task<> Driver::evict_until(CommandRef c, api::ObjectRef pod, base::Instant give_up, int* left) {
  const api::ObjectMeta meta = pod->meta();
  client::DeleteParams params;
  if (const std::string grace = c->line.flag("--grace-period"); !grace.empty() && grace[0] != '-')
    params.grace_period_seconds = std::stoll(grace);
  bool asked = false;
  while (!asked && env_.clock.now() < give_up) {
    client::ApiResult<api::ObjectRef> done = pod;
    if (c->line.has("--disable-eviction")) {
      done = co_await client_.remove(KindId::kPod, meta.namespace_, meta.name, params);
    } else {
      api::Eviction e;
      e.metadata.name = meta.name;
      e.metadata.namespace_ = meta.namespace_;
      if (params.grace_period_seconds) e.delete_options.edit().grace_period_seconds = params.grace_period_seconds;
      done = co_await client_.create(api::make_object(std::move(e)), "eviction");
    }
    asked = done.ok() || done.error().code != 429;
    if (!asked) co_await env::sleep(env_, kEvictionRetry);
    else if (!done.ok() && !done.error().not_found()) report(*c, done.error());
  }
  while (asked && env_.clock.now() < give_up) {
    auto live = co_await client_.get(KindId::kPod, meta.namespace_, meta.name);
    if (!live.ok() ? live.error().not_found() : !((*live)->meta().uid == meta.uid)) break;
    co_await env::sleep(env_, kGonePoll);
  }
  --*left;
}

}  // namespace orrery::scenarios::conform
