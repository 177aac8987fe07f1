#include "control/controllers/pod_status_patch.h"

#include "control/client/condition_patch.h"
#include "control/client/pod_util.h"
#include "model/codec/json_text.h"

namespace orrery::controllers {

Str pod_condition_patch(const api::Pod& pod, api::PodCondition condition, api::Time now,
                        std::string_view phase) {
  api::PodStatus status = *pod.status;
  const Str type = condition.type;
  const bool condition_changes = client::set_condition(status, std::move(condition), now);
  const bool phase_changes = !phase.empty() && !(pod.status->phase == phase);
  if (!condition_changes && !phase_changes) return {};
  std::string out = "{\"metadata\":{\"uid\":";
  codec::append_json_string(pod.metadata.uid, out);
  out += "},\"status\":{";
  if (condition_changes) out += client::condition_patch(status, type);
  if (phase_changes) {
    if (condition_changes) out += ',';
    out += "\"phase\":";
    codec::append_json_string(phase, out);
  }
  out += "}}";
  return out;
}

Str pod_phase_patch(const api::Pod& pod, std::string_view phase) {
  std::string out = "{\"metadata\":{\"uid\":";
  codec::append_json_string(pod.metadata.uid, out);
  out += "},\"status\":{\"phase\":";
  codec::append_json_string(phase, out);
  out += "}}";
  return out;
}

api::PodCondition disruption_target(std::string_view reason, std::string_view message) {
  api::PodCondition c;
  c.type = "DisruptionTarget";
  c.status = "True";
  c.reason = reason;
  c.message = message;
  return c;
}

}  // namespace orrery::controllers
