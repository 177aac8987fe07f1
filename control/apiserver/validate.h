// Validation of whole objects as the server asks for it: the rules of model/api/validation turned
// into failures.
#pragma once
#include "control/apiserver/object_rules.h"

namespace orrery::apiserver {

/// 422 with all causes, or null.
Failure validate_create(const api::Object& object);
Failure validate_update(const api::Object& next, const api::Object& old, Part part);

}  // namespace orrery::apiserver
