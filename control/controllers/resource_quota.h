// The resource quota controller (pkg/controller/resourcequota): status.used, counted afresh.
#pragma once
#include "control/controllers/controller.h"
#include "model/api/resource_quota.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Admission only ever adds to a quota's usage; this takes back what was deleted or ended, and
/// every 5 minutes all.
class ResourceQuotaController final : public QueueController {
 public:
  explicit ResourceQuotaController(ControllerContext context);
  void start(int workers) override;
  void stop() override;

 private:
  env::Task<SyncResult> sync(Str key) override;
  void object_changed(const ObjectRef& old, const ObjectRef& now);
  api::ResourceList used(const api::ResourceQuota& quota) const;
  env::Task<> resync();
  client::Informer& quotas_;
  base::SortedMap<KindId, client::Informer*> counted_;
  env::TaskScope tasks_;
};

/// False for a pod that has ended or should be gone: it only counts as an object.
bool pod_uses_quota(const api::Object& pod, base::Instant wall);
/// What an object uses of a quota at `wall`; nothing when it is out of the quota's scope.
api::ResourceList usage_of(const api::ResourceQuotaSpec& spec, const api::Object& object,
                           base::Instant wall);

}  // namespace orrery::controllers
