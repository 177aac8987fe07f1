// Validation: whether an object may be stored. Rules, field paths and texts are those of upstream's
// k8s.io/kubernetes/pkg/apis/*/validation and the checks of the registry strategies, with the feature gates
// of 1.33.
#pragma once
#include "model/api/object.h"
#include "model/api/path.h"

namespace orrery::api {

/// All three expect defaulted objects with names and namespaces filled in, and allocate nothing when all is
/// well. Errors come in a fixed order (upstream's is random where it ranges over maps). Where upstream prints
/// a Go struct as the bad value, this prints its type and "{...}"; where it appends a diff, the names of the
/// changed fields.
///
/// That an update names a resourceVersion is checked by whoever does the optimistic locking. Parts of `next`
/// that share storage with `old` are taken as valid.
ErrorList validate_create(const Object& object);
/// `old` and `next` are of one kind. Status is not looked at where the kind has a status of its own.
ErrorList validate_update(const Object& old, const Object& next);
/// A write through /status: the spec of `next` is expected to be that of `old`.
ErrorList validate_status_update(const Object& old, const Object& next);

/// A write through /ephemeralcontainers and /resize of a pod.
ErrorList validate_ephemeral_containers_update(const Object& old, const Object& next);
ErrorList validate_resize(const Object& old, const Object& next);

}  // namespace orrery::api
