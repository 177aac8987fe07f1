// PodControl: creates and deletes the pods of a workload, many at a time, with upstream's events
// (pkg/controller/controller_utils.go, RealPodControl).
#pragma once
#include "control/client/event_recorder.h"
#include "control/client/slow_start.h"

namespace orrery::controllers {

using base::Str;
using client::ApiError;
using client::ObjectRef;

/// True when a creation failed because its namespace is being deleted: then nothing is to be done or said.
bool namespace_terminating(const ApiError& error);

/// Records SuccessfulCreate or FailedCreate on `owner`.
void record_pod_create(client::EventRecorder& events, const api::Object& owner, const client::BatchAnswer& answer);
/// Records SuccessfulDelete or FailedDelete; nothing when the pod was gone already.
void record_pod_delete(client::EventRecorder& events, const api::Object& owner, std::string_view pod,
                       const client::BatchAnswer& answer);

/// The resource's name for messages; empty when an answer carries no object.
Str name_of(const client::BatchAnswer& answer);

}  // namespace orrery::controllers
