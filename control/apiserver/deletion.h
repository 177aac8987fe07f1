// Deletion: what a delete does to an object in its present state (k8s.io/apiserver registry/rest
// BeforeDelete and registry/generic/registry Store.Delete, the pod and namespace strategies of
// k8s.io/kubernetes). Pure functions.
#pragma once
#include "control/apiserver/object_rules.h"
#include "control/apiserver/write_fence.h"
#include "model/api/request.h"

namespace orrery::apiserver {

struct DeleteOptions {
  std::optional<std::int64_t> grace_period_seconds;
  api::Propagation propagation = api::Propagation::kDefault;
  Str uid, resource_version;  ///< preconditions; empty: none
  WriteFence fence = {};
};

DeleteOptions delete_options(const api::ApiRequest& request);

struct Deletion {
  enum class What : std::uint8_t {
    kFail,
    kKeep,            ///< already on its way; answer with the present state
    kMark,            ///< write `next` (deletion time, finalizers); it goes on living
    kMarkThenRemove,  ///< write `next`, then remove it
    kRemove,          ///< remove it at once
  } what = What::kFail;
  Failure failure;
  base::Ref<api::Object> next;
};

Deletion decide_deletion(const api::Object& present, const DeleteOptions& options,
                         base::Instant wall, const env::Faults& faults);
/// UID and resourceVersion preconditions.
Failure check_delete_preconditions(const api::Object& present, const DeleteOptions& options);
/// Kinds whose delete answers the object; the others answer a Status.
bool returns_deleted_object(KindId kind);

}  // namespace orrery::apiserver
