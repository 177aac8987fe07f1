#include "control/controllers/resource_quota.h"

#include <algorithm>

#include "control/apiserver/quota.h"
#include "control/client/pod_util.h"
#include "control/controllers/cost.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/service.h"

namespace orrery::controllers {
namespace {

/// Kinds that use more than their own count.
constexpr KindId kMeasured[] = {
    KindId::kPod,       KindId::kService, KindId::kPersistentVolumeClaim,
    KindId::kConfigMap, KindId::kSecret,  KindId::kResourceQuota};

QueueControllerOptions resource_quota_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

/// DefaultUpdateFilter: of updates, those that may give something back.
bool gives_back(const api::Object& old, const api::Object& now, base::Instant wall) {
  if (now.kind_id() == KindId::kPod) return pod_uses_quota(old, wall) && !pod_uses_quota(now, wall);
  if (now.kind_id() == KindId::kService) return !(old.as<api::Service>().spec->type == now.as<api::Service>().spec->type);
  if (now.kind_id() != KindId::kPersistentVolumeClaim) return false;
  const auto size = [](const api::Object& o) { return o.as<api::PersistentVolumeClaim>().spec->resources.requests.get("storage"); };
  return size(old) < size(now) || size(now) < size(old);
}

std::string count_name(KindId kind) {
  return base::cat("count/", api::kind_of(kind).resource_name());
}

bool equal_amounts(const api::ResourceList& a, const api::ResourceList& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&b](const auto& entry) {
    const api::Quantity* other = b.find(entry.first);
    return other && !(*other < entry.second) && !(entry.second < *other);
  });
}

}  // namespace

bool pod_uses_quota(const api::Object& object, base::Instant wall) {
  const auto& pod = object.as<api::Pod>();
  if (client::is_pod_terminal(pod)) return false;
  if (!pod.metadata.deleting() || !pod.metadata.deletion_grace_period_seconds) return true;
  const base::Instant due = pod.metadata.deletion_timestamp.instant() +
                            *pod.metadata.deletion_grace_period_seconds * base::kSecond;
  return wall <= due;
}

api::ResourceList usage_of(const api::ResourceQuotaSpec& spec, const api::Object& object,
                           base::Instant wall) {
  if (!apiserver::quota_matches(spec, object)) return {};
  api::ResourceList usage = apiserver::quota_usage(object);
  if (object.kind_id() != KindId::kPod || pod_uses_quota(object, wall)) return usage;
  api::ResourceList only;
  only.set(count_name(KindId::kPod), usage.get(count_name(KindId::kPod)));
  return only;
}

ResourceQuotaController::ResourceQuotaController(ControllerContext context)
    : QueueController(context, "resourcequota-controller", resource_quota_options()),
      quotas_(informer(KindId::kResourceQuota)),
      tasks_(context.env.trampoline) {
  quotas_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (!now) return;
    const auto& spec = now->as<api::ResourceQuota>().spec;
    if (!old || !equal_amounts(old->as<api::ResourceQuota>().spec->hard, spec->hard))
      enqueue(now->meta());
  });
  for (int k = 1; k <= static_cast<int>(api::kLastStored); ++k) {
    const KindId kind = static_cast<KindId>(k);
    if (!api::kind_of(kind).namespaced || kind == KindId::kEvent || api::kind_of(kind).custom) continue;
    client::Informer& i = informer(kind);
    counted_[kind] = &i;
    i.add_handler([this](const ObjectRef& old, const ObjectRef& now) { object_changed(old, now); });
  }
}

void ResourceQuotaController::start(int workers) {
  QueueController::start(workers);
  tasks_.spawn(resync());
}

void ResourceQuotaController::stop() {
  tasks_.cancel_all();
  QueueController::stop();
}

void ResourceQuotaController::object_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!old || quotas_.size() == 0) return;
  if (now) {
    if (!gives_back(*old, *now, wall())) return;
  }
  for (const ObjectRef& quota : quotas_.list(old->meta().namespace_)) {
    const auto& value = quota->as<api::ResourceQuota>();
    for (const auto& [resource, amount] : apiserver::quota_usage(*old)) {
      if (!value.spec->hard.contains(resource)) continue;
      enqueue(value.metadata);
      break;
    }
  }
}

env::Task<> ResourceQuotaController::resync() {
  co_await context_.informers.wait_synced();
  while (true) {
    for (const ObjectRef& quota : quotas_.list()) enqueue(quota->meta());
    co_await env::sleep(env_, context_.config.quota_resync);
  }
}

api::ResourceList ResourceQuotaController::used(const api::ResourceQuota& quota) const {
  const api::ResourceList& hard = quota.spec->hard;
  api::ResourceList out;
  for (const auto& [resource, limit] : hard) out.set(resource, api::Quantity(0, limit.format()));
  for (const auto& [kind, objects] : counted_) {
    const bool measured =
        std::find(std::begin(kMeasured), std::end(kMeasured), kind) != std::end(kMeasured);
    if (!measured && !hard.contains(count_name(kind))) continue;
    for (const ObjectRef& object : objects->list(quota.metadata.namespace_)) {
      for (const auto& [resource, amount] : usage_of(*quota.spec, *object, wall())) {
        if (hard.contains(resource)) out.edit(resource).add(amount);
      }
    }
  }
  return out;
}

env::Task<SyncResult> ResourceQuotaController::sync(Str key) {
  const SplitKey parts = split_key(key);
  const ObjectRef object = quotas_.get(parts.namespace_, parts.name);
  if (!object) co_return SyncResult::ok();
  api::ResourceQuota next = object->as<api::ResourceQuota>();
  const api::ResourceList now_used = used(next);
  const bool fresh =
      !next.status->hard.is_nil() && equal_amounts(next.status->hard, next.spec->hard);
  if (fresh && equal_amounts(next.status->used, now_used)) co_return SyncResult::ok();
  api::ResourceQuotaStatus& status = next.status.edit();
  status.hard = next.spec->hard;
  status.used = now_used;
  const auto written = co_await client_.update_status(api::make_object(std::move(next)));
  if (!written && !written.error().not_found()) co_return SyncResult::fail(written.error());
  co_return SyncResult::ok();
}

}  // namespace orrery::controllers
