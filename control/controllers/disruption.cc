#include "control/controllers/disruption.h"

#include "control/client/owner.h"
#include "control/controllers/cost.h"
#include "model/api/deployment.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/stateful_set.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

QueueControllerOptions disruption_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

std::string no_scale(const api::OwnerReference& owner) {
  const api::Kind* kind = api::find_kind(owner.api_version, owner.kind);
  if (!kind) return base::cat("no matches for kind \"", owner.kind, "\"");
  return base::cat(kind->resource_name(), " does not implement the scale subresource");
}

}  // namespace

DisruptionController::DisruptionController(ControllerContext context)
    : QueueController(context, "controllermanager", disruption_options()),
      budgets_(informer(KindId::kPodDisruptionBudget)),
      pods_(informer(KindId::kPod)),
      sets_(informer(KindId::kReplicaSet)),
      deployments_(informer(KindId::kDeployment)),
      stateful_sets_(informer(KindId::kStatefulSet)),
      replication_controllers_(informer(KindId::kReplicationController)),
      stale_(context.env),
      tasks_(context.env.trampoline) {
  budgets_.add_handler(
      [this](const ObjectRef& old, const ObjectRef& now) { enqueue((now ? now : old)->meta()); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

void DisruptionController::start(int workers) {
  QueueController::start(workers);
  tasks_.spawn(cleanup_loop());
}

void DisruptionController::stop() {
  tasks_.cancel_all();
  QueueController::stop();
}

/// A pod counts for the first budget that selects it (getPdbForPod).
void DisruptionController::enqueue_budget_of(const ObjectRef& pod) {
  const api::ObjectMeta& meta = pod->meta();
  ObjectRef first;
  bool several = false;
  for (const ObjectRef& pdb : budgets_.list(meta.namespace_)) {
    const auto& spec = *pdb->as<api::PodDisruptionBudget>().spec;
    if (!client::selector_of(spec.selector).matches(meta.labels)) continue;
    several = several || first;
    if (!first) first = pdb;
  }
  if (!first) return;
  if (several) {
    events_.event(*pod, "Warning", "MultiplePodDisruptionBudgets",
                  base::cat("Pod \"", meta.namespace_, "\"/\"", meta.name, "\" matches multiple PodDisruptionBudgets.  Chose \"",
                            first->meta().name, "\" arbitrarily."));
  }
  enqueue(first->meta());
}

void DisruptionController::watch_condition(const ObjectRef& pod) {
  const auto in = stale_disruption_in(pod->as<api::Pod>(), wall());
  if (in) stale_.add_after(api::key_of(pod->meta()), *in);
}

/// Every change of a pod is looked at: what cannot be calculated is told of each time.
void DisruptionController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  if (now) watch_condition(now);
  if (budgets_.size() > 0) enqueue_budget_of(now ? now : old);
}

std::vector<PodHandle> DisruptionController::pods_of(const api::PodDisruptionBudget& pdb) const {
  std::vector<PodHandle> out;
  const api::Selector selector = client::selector_of(pdb.spec->selector);
  for (const ObjectRef& pod : pods_.list(pdb.metadata.namespace_)) {
    if (selector.matches(pod->meta().labels)) out.emplace_back(pod);
  }
  return out;
}

std::optional<std::string> DisruptionController::expected_scale(const std::vector<PodHandle>& pods,
                                                                std::int32_t& scale,
                                                                int& unmanaged) const {
  base::SortedSet<Str> counted;
  for (const PodHandle& pod : pods) {
    const api::OwnerReference* owner = api::controller_of(pod->metadata);
    if (!owner) {
      ++unmanaged;
      continue;
    }
    if (counted.contains(owner->uid)) continue;
    const Str& ns = pod->metadata.namespace_;
    Str uid;
    std::int32_t replicas = 0;
    const ObjectRef rs = owner->kind == "ReplicaSet" ? sets_.get(ns, owner->name) : ObjectRef();
    const api::OwnerReference* above =
        rs && rs->meta().uid == owner->uid ? api::controller_of(rs->meta()) : nullptr;
    const ObjectRef deployment =
        above && above->kind == "Deployment" ? deployments_.get(ns, above->name) : ObjectRef();
    const ObjectRef sts =
        owner->kind == "StatefulSet" ? stateful_sets_.get(ns, owner->name) : ObjectRef();
    const ObjectRef rc =
        owner->kind == "ReplicationController" ? replication_controllers_.get(ns, owner->name) : ObjectRef();
    if (rc && rc->meta().uid == owner->uid) {
      uid = owner->uid;
      replicas = rc->as<api::ReplicationController>().spec->replicas.value_or(1);
    } else if (deployment && deployment->meta().uid == above->uid) {
      uid = deployment->meta().uid;
      replicas = deployment->as<api::Deployment>().spec->replicas.value_or(1);
    } else if (rs && !above && rs->meta().uid == owner->uid) {
      uid = owner->uid;
      replicas = rs->as<api::ReplicaSet>().spec->replicas.value_or(1);
    } else if (sts && sts->meta().uid == owner->uid) {
      uid = owner->uid;
      replicas = sts->as<api::StatefulSet>().spec->replicas.value_or(1);
    } else if (owner->kind == "ReplicaSet" || owner->kind == "StatefulSet" || owner->kind == "ReplicationController") {
      return base::cat("found no controllers for pod \"", pod->metadata.name, "\"");
    } else {
      return no_scale(*owner);
    }
    counted.insert(owner->uid);
    const bool first = uid == owner->uid || counted.insert(uid).second;
    if (first) scale += replicas;
  }
  return std::nullopt;
}

env::Task<SyncResult> DisruptionController::sync(Str key) {
  const SplitKey parts = split_key(key);
  const BudgetHandle pdb = budgets_.get_as<api::PodDisruptionBudget>(parts.namespace_, parts.name);
  if (!pdb) co_return SyncResult::ok();
  BudgetInput in;
  in.pods = pods_of(*pdb);
  in.wall = wall();
  if (in.pods.empty()) events_.event(*pdb.object(), "Normal", "NoPods", "No matching pods found");
  int unmanaged = 0;
  std::optional<std::string> failed;
  if (needs_scale(*pdb->spec)) failed = expected_scale(in.pods, in.scale, unmanaged);
  BudgetPlan plan;
  if (!failed) {
    plan = plan_budget(*pdb, in);
    failed = plan.failure;
  }
  if (failed) {
    events_.event(*pdb.object(), "Warning", "CalculateExpectedPodCountFailed",
                  base::cat("Failed to calculate the number of expected pods: ", *failed));
    const Failure unwritten = co_await write(pdb, failed_budget(*pdb, *failed, wall()));
    if (unwritten) co_return SyncResult::fail(*unwritten);
    co_return SyncResult::ok();
  }
  if (unmanaged > 0) {
    const std::string selector = client::selector_of(pdb->spec->selector).str();
    events_.event(
        *pdb.object(), "Warning", "UnmanagedPods",
        base::cat(
            "Pods selected by this PodDisruptionBudget (selector: ", selector,
            ") were found to be unmanaged. As a result, the status of the PDB cannot be calculated "
            "correctly, which may result in undefined behavior. To account for these pods please "
            "set "
            "\".spec.minAvailable\" field of the PDB to an integer value."));
  }
  for (const PodHandle& pod : plan.not_deleted) {
    events_.event(*pod.object(), "Warning", "NotDeleted",
                  base::cat("Pod was expected by PDB ", pdb->metadata.namespace_, "/",
                            pdb->metadata.namespace_, " to be deleted but it wasn't"));
  }
  if (env_.faults.here(env::Site::kReconcileOscillates) &&
      api::deep_equal(plan.status, *pdb->status)) {
    ++plan.status.expected_pods;
  }
  const Failure unwritten = co_await write(pdb, plan.status);
  if (unwritten) co_return SyncResult::fail(*unwritten);
  if (plan.recheck) queue_.add_after(key, *plan.recheck);
  co_return SyncResult::ok();
}

env::Task<DisruptionController::Failure> DisruptionController::write(
    BudgetHandle pdb, api::PodDisruptionBudgetStatus status) {
  if (api::deep_equal(status, *pdb->status)) co_return std::nullopt;
  api::PodDisruptionBudget next = *pdb;
  next.status = std::move(status);
  const auto written = co_await client_.update_status(api::make_object(std::move(next)));
  if (written) co_return std::nullopt;
  co_return written.error();
}

env::Task<> DisruptionController::cleanup_loop() {
  co_await context_.informers.wait_synced();
  while (true) {
    const Str key = co_await stale_.get();
    const bool done = co_await clean_up(key);
    if (done) stale_.forget(key);
    else stale_.add_rate_limited(key);
    stale_.done(key);
  }
}

env::Task<bool> DisruptionController::clean_up(Str key) {
  const SplitKey parts = split_key(key);
  const ObjectRef pod = pods_.get(parts.namespace_, parts.name);
  if (!pod) co_return true;
  const auto in = stale_disruption_in(pod->as<api::Pod>(), wall());
  if (!in) co_return true;
  if (*in > 0) {
    stale_.add_after(key, *in);
    co_return true;
  }
  api::Pod next = pod->as<api::Pod>();
  api::PodCondition withdrawn;
  withdrawn.type = "DisruptionTarget";
  withdrawn.status = "False";
  client::set_condition(next.status.edit(), std::move(withdrawn), wall_time());
  const auto written = co_await client_.update_status(api::make_object(std::move(next)));
  co_return written.ok();
}

}  // namespace orrery::controllers
