#include "control/controllers/volume_protection.h"

#include "control/controllers/cost.h"
#include "control/controllers/owner_graph.h"
#include "control/controllers/volume_matching.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod.h"

namespace orrery::controllers {
namespace {

constexpr const char* kClaimFinalizer = "kubernetes.io/pvc-protection";
constexpr const char* kVolumeFinalizer = "kubernetes.io/pv-protection";

QueueControllerOptions volume_protection_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

/// A kubelet may use the claim for the pod: it refuses claims that are being deleted for pods that
/// come later.
bool uses(const api::Object& object, const Str& claim) {
  const auto& pod = object.as<api::Pod>();
  return !pod.spec->node_name.empty() && mounts_claim(pod, claim);
}

void drop_finalizer(api::ObjectMeta& meta, std::string_view name) {
  std::vector<Str> rest;
  for (const Str& f : meta.finalizers) {
    if (!(f == name)) rest.push_back(f);
  }
  if (rest.empty()) meta.finalizers.clear();
  else meta.finalizers = std::move(rest);
}

bool is_held(const ObjectRef& object, const char* finalizer) {
  return object && object->meta().deleting() && has_finalizer(object->meta(), finalizer);
}

}  // namespace

ClaimProtection::ClaimProtection(ControllerContext context)
    : QueueController(context, "pvc-protection-controller", volume_protection_options()),
      claims_(informer(KindId::kPersistentVolumeClaim)),
      pods_(informer(KindId::kPod)) {
  claims_.add_handler([this](const ObjectRef&, const ObjectRef& now) {
    if (is_held(now, kClaimFinalizer)) enqueue(now->meta());
  });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

void ClaimProtection::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  const bool gone = !now || (old && !(old->meta().uid == now->meta().uid));
  if (!gone) return;
  const auto& pod = old->as<api::Pod>();
  for (const api::Volume& v : pod.spec->volumes) {
    if (!v.source->persistent_volume_claim) continue;
    queue_.add(
        base::cat(pod.metadata.namespace_, "/", v.source->persistent_volume_claim->claim_name));
  }
}

env::Task<SyncResult> ClaimProtection::sync(Str key) {
  const SplitKey parts = split_key(key);
  const ObjectRef claim = claims_.get(parts.namespace_, parts.name);
  if (!is_held(claim, kClaimFinalizer)) co_return SyncResult::ok();
  const Str name = parts.name;
  for (const ObjectRef& pod : pods_.list(parts.namespace_)) {
    if (uses(*pod, name)) co_return SyncResult::ok();
  }
  client::ListParams params;
  params.namespace_ = parts.namespace_;
  const auto live = co_await client_.list(KindId::kPod, params);
  if (!live) co_return SyncResult::fail(live.error());
  for (const ObjectRef& pod : live->items) {
    if (uses(*pod, name)) co_return SyncResult::ok();
  }
  api::PersistentVolumeClaim next = claim->as<api::PersistentVolumeClaim>();
  drop_finalizer(next.metadata, kClaimFinalizer);
  const auto written = co_await client_.update(api::make_object(std::move(next)));
  if (!written && !written.error().not_found()) co_return SyncResult::fail(written.error());
  co_return SyncResult::ok();
}

VolumeProtection::VolumeProtection(ControllerContext context)
    : QueueController(context, "pv-protection-controller", volume_protection_options()),
      volumes_(informer(KindId::kPersistentVolume)) {
  volumes_.add_handler([this](const ObjectRef&, const ObjectRef& now) {
    if (is_held(now, kVolumeFinalizer)) enqueue(now->meta());
  });
}

env::Task<SyncResult> VolumeProtection::sync(Str name) {
  const ObjectRef volume = volumes_.get({}, name);
  if (!is_held(volume, kVolumeFinalizer)) co_return SyncResult::ok();
  api::PersistentVolume next = volume->as<api::PersistentVolume>();
  if (next.status->phase == "Bound") co_return SyncResult::ok();
  drop_finalizer(next.metadata, kVolumeFinalizer);
  const auto written = co_await client_.update(api::make_object(std::move(next)));
  if (!written && !written.error().not_found()) co_return SyncResult::fail(written.error());
  co_return SyncResult::ok();
}

}  // namespace orrery::controllers
