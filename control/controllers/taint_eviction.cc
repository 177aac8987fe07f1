#include "control/controllers/taint_eviction.h"

#include <algorithm>

#include "control/client/tolerations.h"
#include "control/controllers/cost.h"
#include "control/controllers/node_lifecycle.h"
#include "control/controllers/pod_status_patch.h"

namespace orrery::controllers {
namespace {

constexpr int kRetries = 5;
constexpr base::Nanos kRetrySleep = 10 * base::kMillisecond;

QueueControllerOptions taint_eviction_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

std::vector<api::Taint> no_execute_taints(const ObjectRef& node) {
  std::vector<api::Taint> out;
  if (!node) return out;
  for (const api::Taint& t : node->as<api::Node>().spec->taints) {
    if (t.effect == "NoExecute") out.push_back(t);
  }
  return out;
}

}  // namespace

base::Nanos toleration_time(const std::vector<api::Taint>& no_execute,
                            const base::List<api::Toleration>& tolerations) {
  std::optional<std::int64_t> least;
  for (const api::Taint& taint : no_execute) {
    const api::Toleration* used = nullptr;
    for (const api::Toleration& t : tolerations) {
      if (!used && client::tolerates(t, taint)) used = &t;
    }
    if (!used) return 0;
    if (!used->toleration_seconds) continue;
    if (*used->toleration_seconds <= 0) return 0;
    least = std::min(least.value_or(INT64_MAX), *used->toleration_seconds);
  }
  return least ? *least * base::kSecond : -1;
}

TaintEvictionController::TaintEvictionController(ControllerContext context)
    : QueueController(context, "taint-eviction-controller", taint_eviction_options()),
      nodes_(informer(KindId::kNode)),
      pods_(informer(KindId::kPod)),
      pods_by_node_(pods_by_node_index(pods_)),
      deletions_(context.env.trampoline) {
  nodes_.add_handler(
      [this](const ObjectRef& old, const ObjectRef& now) { node_changed(old, now); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

void TaintEvictionController::stop() {
  for (auto& [key, work] : work_) env_.timers.cancel(work.timer);
  work_.clear();
  deletions_.cancel_all();
  QueueController::stop();
}

void TaintEvictionController::node_changed(const ObjectRef& old, const ObjectRef& now) {
  const std::vector<api::Taint> before = no_execute_taints(old), after = no_execute_taints(now);
  if (before.empty() && after.empty()) return;
  if (old && now && api::deep_equal(base::List<api::Taint>(before), base::List<api::Taint>(after)))
    return;
  queue_.add((now ? now : old)->meta().name);
}

void TaintEvictionController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  const ObjectRef& seen = now ? now : old;
  const auto& pod = seen->as<api::Pod>();
  const Str key = api::key_of(pod.metadata);
  if (!now) {
    if (work_.contains(key)) queue_.add(key);
    return;
  }
  if (pod.spec->node_name.empty()) return;
  if (old) {
    const auto& before = old->as<api::Pod>();
    const bool same_tolerations = before.spec.shares(pod.spec) ||
                                  api::deep_equal(before.spec->tolerations, pod.spec->tolerations);
    if (same_tolerations && before.spec->node_name == pod.spec->node_name) return;
  }
  if (!tainted_.contains(pod.spec->node_name)) return;
  queue_.add(key);
}

env::Task<SyncResult> TaintEvictionController::sync(Str key) {
  if (key.view().find('/') == std::string_view::npos) handle_node(key);
  else handle_pod(key);
  co_return SyncResult::ok();
}

void TaintEvictionController::handle_node(const Str& name) {
  const ObjectRef node = nodes_.get({}, name);
  if (!node) {
    tainted_.erase(name);
    return;
  }
  std::vector<api::Taint> taints = no_execute_taints(node);
  if (taints.empty()) tainted_.erase(name);
  else tainted_[name] = taints;
  for (const ObjectRef& object : pods_.by_index(pods_by_node_, name)) {
    const Str key = api::key_of(object->meta());
    if (taints.empty()) cancel(key);
    else process(key, object->as<api::Pod>(), taints);
  }
}

void TaintEvictionController::handle_pod(const Str& key) {
  const SplitKey parts = split_key(key);
  const ObjectRef object = pods_.get(parts.namespace_, parts.name);
  if (!object) return cancel(key);
  const auto& pod = object->as<api::Pod>();
  const auto it = tainted_.find(pod.spec->node_name);
  if (it != tainted_.end()) process(key, pod, it->second);
}

void TaintEvictionController::process(const Str& key, const api::Pod& pod,
                                      const std::vector<api::Taint>& taints) {
  const base::Nanos tolerated = toleration_time(taints, pod.spec->tolerations);
  if (tolerated <= 0) {
    cancel(key);
    if (tolerated == 0) schedule(key, now(), 0);
    return;
  }
  base::Instant since = now();
  const auto it = work_.find(key);
  if (it != work_.end()) {
    since = it->second.since;
    // The timer that runs may only be followed by a later one of the same start: it stands.
    if (since < now()) return;
    cancel(key);
  }
  schedule(key, since, tolerated);
}

void TaintEvictionController::cancel(const Str& key) {
  const auto it = work_.find(key);
  if (it == work_.end()) return;
  if (it->second.running) {
    if (it->second.finished) work_.erase(it);
    return;
  }
  env_.timers.cancel(it->second.timer);
  work_.erase(it);
  record(key, "Cancelling deletion of Pod ");
}

void TaintEvictionController::schedule(const Str& key, base::Instant since, base::Nanos delay) {
  if (work_.contains(key)) return;
  Work work;
  work.since = since;
  work.running = delay <= 0;
  if (delay > 0) {
    work.timer = env_.timers.after(delay, [this, key, token = liveness_.token()] {
      if (!token.alive()) return;
      const auto it = work_.find(key);
      if (it == work_.end()) return;
      it->second.running = true;
      deletions_.spawn(evict(key));
    });
  }
  work_.emplace(key, work);
  if (delay <= 0) deletions_.spawn(evict(key));
}

void TaintEvictionController::record(const Str& key, const char* what) {
  const SplitKey parts = split_key(key);
  // Without uid, as upstream: the pod may be gone.
  api::Pod pod;
  pod.metadata.namespace_ = parts.namespace_;
  pod.metadata.name = parts.name;
  events_.event(*api::make_object(std::move(pod)), "Normal", "TaintManagerEviction",
                base::cat(what, key));
}

env::Task<> TaintEvictionController::evict(Str key) {
  const SplitKey parts = split_key(key);
  record(key, "Marking for deletion Pod ");
  bool done = false;
  for (int i = 0; i < kRetries && !done; ++i) {
    done = co_await try_evict(parts.namespace_, parts.name);
    if (!done) co_await env::sleep(env_, kRetrySleep);
  }
  const auto it = work_.find(key);
  if (it == work_.end()) co_return;
  if (done && pods_.get(parts.namespace_, parts.name)) it->second.finished = true;
  else work_.erase(it);
}

env::Task<bool> TaintEvictionController::try_evict(Str ns, Str name) {
  const auto object = co_await client_.get(KindId::kPod, ns, name);
  if (!object) co_return false;
  const Str patch = pod_condition_patch(
      (*object)->as<api::Pod>(),
      disruption_target("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"),
      wall_time());
  if (!patch.empty()) {
    const auto patched = co_await client_.patch(KindId::kPod, ns, name,
                                                api::PatchType::kStrategicMerge, patch, "status");
    if (!patched) co_return false;
  }
  const auto removed = co_await client_.remove(KindId::kPod, ns, name);
  co_return removed.ok();
}

}  // namespace orrery::controllers
