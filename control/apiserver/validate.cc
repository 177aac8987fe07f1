#include "control/apiserver/validate.h"

#include "model/api/validation/validation.h"

namespace orrery::apiserver {

namespace {

Failure as_failure(const api::Object& object, const api::ErrorList& errors) {
  return errors.empty() ? Failure() : invalid(object.kind_id(), object.meta().name, errors);
}

}  // namespace

Failure validate_create(const api::Object& object) {
  return as_failure(object, api::validate_create(object));
}

Failure validate_update(const api::Object& next, const api::Object& old, Part part) {
  switch (part) {
    case Part::kMain:
      return as_failure(next, api::validate_update(old, next));
    case Part::kStatus:
      return as_failure(next, api::validate_status_update(old, next));
    case Part::kFinalize:
      break;
  }
  api::ErrorList errors;
  check_meta_update(next.meta(), old.meta(), errors);
  return as_failure(next, errors);
}

}  // namespace orrery::apiserver
