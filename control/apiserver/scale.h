// The scale sub-resource of Deployment, ReplicaSet, ReplicationController and StatefulSet.
#pragma once
#include "control/apiserver/object_rules.h"
#include "model/api/scale.h"

namespace orrery::apiserver {

using api::ObjectRef;

/// The Scale of a workload.
ObjectRef scale_of(const api::Object& workload);
/// A copy of the workload with the replicas that `scale` asks for; its resourceVersion and uid are
/// the scale's.
base::Ref<api::Object> with_scale(const api::Object& workload, const api::Scale& scale);

}  // namespace orrery::apiserver
