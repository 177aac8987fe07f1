#include "control/apiserver/deletion.h"

#include <algorithm>

#include "model/api/namespace.h"
#include "model/api/pod.h"

namespace orrery::apiserver {

namespace {

constexpr std::string_view kOrphan = "orphan";
constexpr std::string_view kForeground = "foregroundDeletion";

bool has_finalizer(const api::ObjectMeta& meta, std::string_view name) {
  return std::find(meta.finalizers.begin(), meta.finalizers.end(), name) != meta.finalizers.end();
}

bool should_orphan(const api::Object& object, api::Propagation propagation) {
  if (propagation != api::Propagation::kDefault) return propagation == api::Propagation::kOrphan;
  if (has_finalizer(object.meta(), kOrphan)) return true;
  if (has_finalizer(object.meta(), kForeground)) return false;
  // Their first versions, v1 and batch/v1, go on orphaning by default.
  return object.kind_id() == KindId::kJob || object.kind_id() == KindId::kReplicationController;
}

bool should_wait_for_dependents(const api::Object& object, api::Propagation propagation) {
  if (propagation != api::Propagation::kDefault)
    return propagation == api::Propagation::kForeground;
  return has_finalizer(object.meta(), kForeground) && !has_finalizer(object.meta(), kOrphan);
}

/// True when the finalizers that the garbage collector works by have to change; `out` are the new
/// ones.
bool collector_finalizers(const api::Object& object, api::Propagation propagation,
                          std::vector<Str>& out) {
  const api::ObjectMeta& meta = object.meta();
  if (object.kind_id() == KindId::kEvent) {
    out.assign(meta.finalizers.begin(), meta.finalizers.end());
    return false;
  }
  const bool orphan = should_orphan(object, propagation);
  const bool foreground = should_wait_for_dependents(object, propagation);
  for (const Str& f : meta.finalizers) {
    if (!(f == kOrphan) && !(f == kForeground)) out.push_back(f);
  }
  if (orphan) out.push_back(kOrphan);
  if (foreground) out.push_back(kForeground);
  return orphan != has_finalizer(meta, kOrphan) || foreground != has_finalizer(meta, kForeground);
}

std::int64_t pod_grace(const api::Pod& pod, const DeleteOptions& options) {
  std::int64_t period = options.grace_period_seconds
                            ? *options.grace_period_seconds
                            : pod.spec->termination_grace_period_seconds.value_or(0);
  if (pod.spec->node_name.empty()) period = 0;
  if (pod.status->phase == "Failed" || pod.status->phase == "Succeeded") period = 0;
  return period < 0 ? 1 : period;
}

Deletion make(Deletion::What what, base::Ref<api::Object> next = {}) {
  Deletion d;
  d.what = what;
  d.next = std::move(next);
  return d;
}

void mark_deleting(api::Object& object, base::Instant at, std::int64_t grace) {
  api::ObjectMeta& meta = edit_meta(object);
  if (!meta.deleting() && meta.generation > 0) ++meta.generation;
  meta.deletion_timestamp = api::Time::from(at);
  meta.deletion_grace_period_seconds = grace;
}

/// A second delete of a pod that is terminating: the grace period may only become shorter.
Deletion decide_again(const api::Object& present, std::optional<std::int64_t> asked) {
  const api::ObjectMeta& meta = present.meta();
  const std::int64_t granted = *meta.deletion_grace_period_seconds;
  if (!asked || *asked >= granted) return make(Deletion::What::kKeep);
  base::Ref<api::Object> next = api::clone(present);
  api::ObjectMeta& edited = edit_meta(*next);
  edited.deletion_timestamp = api::Time(meta.deletion_timestamp.seconds - granted + *asked);
  edited.deletion_grace_period_seconds = *asked;
  const bool now = *asked == 0 && meta.finalizers.empty();
  return make(now ? Deletion::What::kMarkThenRemove : Deletion::What::kMark, std::move(next));
}

Deletion decide_pod(const api::Object& present, const DeleteOptions& options, base::Instant wall) {
  base::Ref<api::Object> next = api::clone(present);
  const std::int64_t grace = pod_grace(present.as<api::Pod>(), options);
  mark_deleting(*next, wall + grace * base::kSecond, grace);
  std::vector<Str> finalizers;
  if (collector_finalizers(present, options.propagation, finalizers)) {
    edit_meta(*next).finalizers = std::move(finalizers);
  }
  const bool now = grace == 0 && next->meta().finalizers.empty();
  return make(now ? Deletion::What::kMarkThenRemove : Deletion::What::kMark, std::move(next));
}

Deletion decide_namespace(const api::Object& present, const DeleteOptions& options,
                          base::Instant wall) {
  const api::Namespace& ns = present.as<api::Namespace>();
  if (!present.meta().deleting()) {
    base::Ref<api::Object> next = api::clone(present);
    std::vector<Str> finalizers;
    const bool changed = collector_finalizers(present, options.propagation, finalizers);
    api::Namespace& edited = edit_as<api::Namespace>(*next);
    edited.metadata.deletion_timestamp = api::Time::from(wall);
    if (changed) edited.metadata.finalizers = std::move(finalizers);
    edited.status.edit().phase = "Terminating";
    return make(Deletion::What::kMark, std::move(next));
  }
  if (!ns.spec->finalizers.empty()) return make(Deletion::What::kKeep);
  return make(present.meta().finalizers.empty() ? Deletion::What::kRemove : Deletion::What::kKeep);
}

Deletion decide_plain(const api::Object& present, const DeleteOptions& options,
                      base::Instant wall) {
  std::vector<Str> finalizers;
  const bool changed = collector_finalizers(present, options.propagation, finalizers);
  if (finalizers.empty()) return make(Deletion::What::kRemove);
  if (present.meta().deleting() && !changed) return make(Deletion::What::kKeep);
  base::Ref<api::Object> next = api::clone(present);
  if (present.meta().deleting()) edit_meta(*next).deletion_grace_period_seconds = 0;
  else mark_deleting(*next, wall, 0);
  if (changed) edit_meta(*next).finalizers = std::move(finalizers);
  return make(Deletion::What::kMark, std::move(next));
}

}  // namespace

DeleteOptions delete_options(const api::ApiRequest& request) {
  return {request.grace_period_seconds, request.propagation, request.precondition_uid,
          request.precondition_resource_version, fence_of(request)};
}

Failure check_delete_preconditions(const api::Object& present, const DeleteOptions& options) {
  const api::ObjectMeta& meta = present.meta();
  if (!options.uid.empty() && !(options.uid == meta.uid)) {
    return conflict(present.kind_id(), meta.name,
                    base::cat("the UID in the precondition (", options.uid,
                              ") does not match the UID in record (", meta.uid,
                              "). The object might have been deleted and then recreated"));
  }
  const std::string revision = std::to_string(present.revision());
  if (!options.resource_version.empty() && !(options.resource_version == revision)) {
    return conflict(present.kind_id(), meta.name,
                    base::cat("the ResourceVersion in the precondition (", options.resource_version,
                              ") does not match the ResourceVersion in record (", revision,
                              "). The object might have been modified"));
  }
  return {};
}

Deletion decide_deletion(const api::Object& present, const DeleteOptions& options,
                         base::Instant wall, const env::Faults& faults) {
  if (Failure f = check_delete_preconditions(present, options)) {
    Deletion d;
    d.failure = std::move(f);
    return d;
  }
  if (faults.here(env::Site::kLostFinalizer)) return make(Deletion::What::kRemove);
  if (present.kind_id() == KindId::kNamespace) return decide_namespace(present, options, wall);
  if (present.kind_id() != KindId::kPod) return decide_plain(present, options, wall);
  if (!present.meta().deleting() || faults.here(env::Site::kDeletionTimestampReset)) {
    return decide_pod(present, options, wall);
  }
  // Marked with no time left, perhaps by a delete that could not finish.
  if (present.meta().deletion_grace_period_seconds.value_or(0) == 0)
    return decide_plain(present, options, wall);
  std::optional<std::int64_t> asked = options.grace_period_seconds;
  if (asked && *asked < 0) asked = 1;
  return decide_again(present, asked);
}

bool returns_deleted_object(KindId kind) {
  switch (kind) {
    case KindId::kPod:
    case KindId::kService:
    case KindId::kServiceAccount:
    case KindId::kPersistentVolume:
    case KindId::kPersistentVolumeClaim:
    case KindId::kResourceQuota:
      return true;
    default:
      return false;
  }
}

}  // namespace orrery::apiserver
