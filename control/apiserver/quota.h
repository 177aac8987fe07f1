// Quota: the ResourceQuota plugin. A create charges what it uses to every quota of the namespace
// that concerns it, by compare-and-swap on the quota's status, before the object is written
// (k8s.io/apiserver plugin resourcequota and k8s.io/kubernetes pkg/quota/v1/evaluator/core).
#pragma once
#include "control/apiserver/call.h"
#include "control/apiserver/object_store.h"
#include "model/api/resource_quota.h"

namespace orrery::apiserver {

/// What an object counts for: "pods", "requests.cpu", "count/deployments.apps", ...
api::ResourceList quota_usage(const api::Object& object);
/// False when the quota's scopes leave the object out.
bool quota_matches(const api::ResourceQuotaSpec& spec, const api::Object& object);

class Quota {
 public:
  Quota(const env::Environment& env, const ApiserverConfig& config, ObjectStore& store)
      : env_(env), config_(config), store_(store) {}
  /// Fails (403) when a quota would be exceeded. `done` may run inside. Nothing is charged on a dry
  /// run.
  void charge(ObjectRef object, bool dry_run, base::UniqueFunction<void(Failure)> done);

 private:
  void charge_next(ObjectRef object, ObjectRef quota, std::vector<ObjectRef> rest,
                   base::UniqueFunction<void(Failure)> done);

  const env::Environment& env_;
  const ApiserverConfig& config_;
  ObjectStore& store_;
};

}  // namespace orrery::apiserver
