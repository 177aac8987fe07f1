#include "control/apiserver/validate.h"

namespace orrery::apiserver {

Failure validate_create(const api::Object&) {
  return {};
}

Failure validate_update(const api::Object& next, const api::Object& old, Part) {
  api::ErrorList errors;
  check_meta_update(next.meta(), old.meta(), errors);
  if (errors.empty()) return {};
  return invalid(next.kind_id(), next.meta().name, errors);
}

}  // namespace orrery::apiserver
