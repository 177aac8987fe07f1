#include <algorithm>

#include "control/controllers/stateful_set.h"
#include "control/controllers/task_group.h"

namespace orrery::controllers {
namespace {

constexpr std::size_t kMaxBatch = 500;
constexpr int kPodUpdateTries = 4;

ApiError plain_error(std::string text) {
  ApiError e;
  e.message = text;
  return e;
}

}  // namespace

env::Task<> StatefulSetController::run_step(Update& u, Step step, std::size_t index) {
  Failure failure;
  bool stop = false;
  if (step == Step::kReplica) {
    failure = co_await process_replica(u, index, &stop);
  } else if (step == Step::kCondemned) {
    failure = co_await process_condemned(u, index, &stop);
  } else if (!claims_current(u.update, *u.condemned[index])) {
    failure = co_await fix_claim_owners(u, u.condemned[index], u.update);
  }
  if (failure && !u.failure) u.failure = failure;
  if (u.monotonic && stop) u.stop = true;
}

/// One after the other until one blocks; in Parallel mode in batches of 1, 2, 4, ... until one fails.
env::Task<> StatefulSetController::run_for_all(Update& u, Step step, std::size_t count) {
  if (u.monotonic) {
    for (std::size_t i = 0; i < count && !u.stop && !u.failure; ++i) co_await run_step(u, step, i);
    co_return;
  }
  std::size_t next = 0;
  for (std::size_t size = std::min<std::size_t>(1, count); size > 0 && !u.failure;) {
    std::vector<env::Task<>> batch;
    for (std::size_t i = 0; i < size; ++i) batch.push_back(run_step(u, step, next + i));
    next += size;
    co_await run_all(env_, std::move(batch));
    size = std::min(std::min(2 * size, count - next), kMaxBatch);
  }
}

env::Task<StatefulSetController::Failure> StatefulSetController::process_replica(Update& u, std::size_t index,
                                                                                 bool* stop) {
  const PodHandle pod = u.replicas[index];
  *stop = true;
  if (client::is_pod_terminal(*pod)) {
    // Also a pod that succeeded is replaced; its successor comes when it is gone.
    Failure failure;
    if (!pod->metadata.deleting()) failure = co_await delete_pod(u, pod);
    co_return failure;
  }
  if (!is_created(*pod)) {
    if (has_stale_claim(u.set, *pod)) co_return std::nullopt;
    Failure failure = co_await create_pod(u, pod);
    if (failure || u.monotonic) {
      *stop = !env_.faults.here(env::Site::kStatefulSetSkipsOrdinalCheck);
      co_return failure;
    }
  }
  if (pod->status->phase == "Pending") {
    Failure failure = co_await create_claims(u, pod);
    if (!failure) failure = co_await fix_claim_owners(u, pod, u.set);
    if (failure) co_return failure;
  }
  const bool deleting = pod->metadata.deleting();
  if (deleting && env_.faults.here(env::Site::kCreatesReplacementWhileTerminating)) {
    client::DeleteParams now;
    now.grace_period_seconds = 0;
    (void)co_await client_.remove(KindId::kPod, pod->metadata.namespace_, pod->metadata.name, now);
  }
  const bool in_order = u.monotonic && !env_.faults.here(env::Site::kStatefulSetSkipsOrdinalCheck);
  if (in_order && (deleting || !is_running_and_ready(*pod))) co_return std::nullopt;
  if (in_order && !is_running_and_available(*pod, u.set.spec->min_ready_seconds, wall())) co_return std::nullopt;
  *stop = false;
  Failure failure = co_await enforce_identity(u, pod);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::enforce_identity(Update& u, PodHandle pod) {
  if (identity_matches(u.set, *pod) && storage_matches(u.set, *pod) && claims_current(u.update, *pod)) {
    co_return std::nullopt;
  }
  Failure failure = co_await update_pod(u, pod);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::process_condemned(Update& u, std::size_t index,
                                                                                   bool* stop) {
  const PodHandle pod = u.condemned[index];
  *stop = u.monotonic;
  if (pod->metadata.deleting()) co_return std::nullopt;
  const bool first = u.first_unhealthy.object() == pod.object();
  if (u.monotonic && !first) {
    if (!is_running_and_ready(*pod)) co_return std::nullopt;
    if (!is_running_and_available(*pod, u.set.spec->min_ready_seconds, wall())) co_return std::nullopt;
  }
  *stop = true;
  Failure failure = co_await delete_pod(u, pod);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::create_pod(Update& u, PodHandle pod) {
  Failure failure = co_await create_claims(u, pod);
  if (failure) {
    record_pod(u, "create", pod->metadata.name, failure);
    co_return failure;
  }
  const auto created = co_await client_.create(pod.object());
  if (!created) {
    failure = created.error();
    // The copy did not show it yet; saying so would only confuse.
    if (failure->already_exists()) co_return failure;
  } else {
    failure = co_await fix_claim_owners(u, PodHandle(*created), u.set);
    if (failure) {
      record_pod(u, "update", pod->metadata.name, failure);
      co_return failure;
    }
  }
  record_pod(u, "create", pod->metadata.name, failure);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::update_pod(Update& u, PodHandle pod) {
  Failure failure;
  bool attempted = false;
  for (int tries = 1; tries <= kPodUpdateTries; ++tries) {
    api::Pod next = *pod;
    bool consistent = true;
    if (!identity_matches(u.update, next)) {
      update_identity(u.update, next);
      consistent = false;
    }
    if (!storage_matches(u.update, next)) {
      update_storage(u.update, next);
      consistent = false;
      failure = co_await create_claims(u, pod);
      if (failure) break;
    }
    if (!claims_current(u.update, next)) {
      failure = co_await fix_claim_owners(u, pod, u.update);
      if (failure) break;
      consistent = false;
    }
    if (consistent) co_return std::nullopt;
    attempted = true;
    const auto written = co_await client_.update(api::make_object(std::move(next)));
    failure = written ? Failure() : Failure(written.error());
    if (written || !failure->conflict()) break;
    const ObjectRef fresh = pods_.get(pod->metadata.namespace_, pod->metadata.name);
    if (fresh) pod = PodHandle(fresh);
  }
  if (attempted || failure) record_pod(u, "update", pod->metadata.name, failure);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::delete_pod(Update& u, PodHandle pod) {
  const auto removed = co_await client_.remove(KindId::kPod, pod->metadata.namespace_, pod->metadata.name);
  Failure failure;
  if (!removed) failure = removed.error();
  record_pod(u, "delete", pod->metadata.name, failure);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::create_claims(Update& u, PodHandle pod) {
  Failure failure;
  for (const api::PersistentVolumeClaim& claim : claims_of(u.set, *pod)) {
    const ObjectRef present = claims_.get(claim.metadata.namespace_, claim.metadata.name);
    if (present) {
      if (present->meta().deleting() && !failure) {
        failure = plain_error(base::cat("pvc ", claim.metadata.name, " is being deleted"));
      }
      continue;
    }
    const Str name = claim.metadata.name;
    const auto created = co_await client_.create(api::make_object(claim));
    Failure error;
    if (!created) error = created.error();
    if (!error || !error->already_exists()) record_claim(u, name, pod->metadata.name, error);
    if (error && !failure) failure = plain_error(base::cat("failed to create PVC ", name, ": ", error->message));
  }
  co_return failure;
}

bool StatefulSetController::claims_current(const api::StatefulSet& set, const api::Pod& pod) const {
  for (const api::PersistentVolumeClaim& claim : claims_of(set, pod)) {
    const ObjectRef present = claims_.get(claim.metadata.namespace_, claim.metadata.name);
    if (present && !claim_owners_current(present->meta(), set, pod)) return false;
  }
  return true;
}

bool StatefulSetController::has_stale_claim(const api::StatefulSet& set, const api::Pod& pod) const {
  if (!retention_policy(set).delete_when_scaled) return false;
  for (const api::PersistentVolumeClaim& claim : claims_of(set, pod)) {
    const ObjectRef present = claims_.get(claim.metadata.namespace_, claim.metadata.name);
    if (present && claim_is_stale(present->meta(), pod)) return true;
  }
  return false;
}

env::Task<StatefulSetController::Failure> StatefulSetController::fix_claim_owners(Update&, PodHandle pod,
                                                                                  const api::StatefulSet& set) {
  for (const api::PersistentVolumeClaim& claim : claims_of(set, *pod)) {
    const auto present =
        claims_.get_as<api::PersistentVolumeClaim>(claim.metadata.namespace_, claim.metadata.name);
    if (!present || claim_owners_current(present->metadata, set, *pod)) continue;
    api::PersistentVolumeClaim next = *present;
    update_claim_owners(next.metadata, set, *pod);
    const auto written = co_await client_.update(api::make_object(std::move(next)));
    if (!written) {
      co_return plain_error(base::cat("could not update claim ", claim.metadata.name,
                                      " for delete policy ownerRefs: ", written.error().message));
    }
  }
  co_return std::nullopt;
}

void StatefulSetController::record_pod(Update& u, std::string_view verb, const Str& pod, const Failure& failure) {
  std::string title(verb);
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  const std::string what = base::cat(verb, " Pod ", pod, " in StatefulSet ", u.set.metadata.name);
  if (!failure) events_.event(*u.object, "Normal", base::cat("Successful", title), base::cat(what, " successful"));
  else events_.event(*u.object, "Warning", base::cat("Failed", title), base::cat(what, " failed error: ", failure->message));
}

void StatefulSetController::record_claim(Update& u, const Str& claim, const Str& pod, const Failure& failure) {
  if (!failure) {
    events_.event(*u.object, "Normal", "SuccessfulCreate",
                  base::cat("create Claim ", claim, " Pod ", pod, " in StatefulSet ", u.set.metadata.name, " success"));
  } else {
    events_.event(*u.object, "Warning", "FailedCreate",
                  base::cat("create Claim ", claim, " for Pod ", pod, " in StatefulSet ", u.set.metadata.name,
                            " failed error: ", failure->message));
  }
}

}  // namespace orrery::controllers
