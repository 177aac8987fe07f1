#include "control/controllers/pod_control.h"

namespace orrery::controllers {

bool namespace_terminating(const ApiError& error) {
  if (!error.status || !error.status->details) return false;
  for (const api::StatusCause& cause : error.status->details->causes) {
    if (cause.reason == "NamespaceTerminating") return true;
  }
  return false;
}

Str name_of(const client::BatchAnswer& answer) {
  if (!answer.ok() || !answer.value()->object) return {};
  return answer.value()->object->meta().name;
}

void record_pod_create(client::EventRecorder& events, const api::Object& owner, const client::BatchAnswer& answer) {
  if (answer.ok()) {
    events.event(owner, "Normal", "SuccessfulCreate", base::cat("Created pod: ", name_of(answer)));
  } else if (!namespace_terminating(answer.error())) {
    events.event(owner, "Warning", "FailedCreate", base::cat("Error creating: ", answer.error().message));
  }
}

void record_pod_delete(client::EventRecorder& events, const api::Object& owner, std::string_view pod,
                       const client::BatchAnswer& answer) {
  if (answer.ok()) {
    events.event(owner, "Normal", "SuccessfulDelete", base::cat("Deleted pod: ", pod));
  } else if (!answer.error().not_found()) {
    events.event(owner, "Warning", "FailedDelete", base::cat("Error deleting: ", answer.error().message));
  }
}

}  // namespace orrery::controllers
