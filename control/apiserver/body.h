// Bodies of requests, given as bytes or as a handle: both become an object that has its defaults
// and fits the limits.
#pragma once
#include "control/apiserver/call.h"
#include "control/apiserver/object_rules.h"

namespace orrery::apiserver {

/// Decodes, checks sizes and that namespace and name agree with the request's path, and fills in
/// defaults. Unknown fields become warnings of the call or a failure, as the request's field
/// validation says. `kind`: of the body.
base::Result<base::Ref<api::Object>, Failure> decode_body(Call& call, const ApiserverConfig& config,
                                                          KindId kind);
/// The present object with the request's patch applied, and its defaults.
base::Result<base::Ref<api::Object>, Failure> apply_patch(Call& call, const ApiserverConfig& config,
                                                          const api::Object& present);
/// 413 when the object is larger than the store takes.
Failure check_stored_size(const api::Object& object, const ApiserverConfig& config);

}  // namespace orrery::apiserver
