// How a pod's condition is written by a patch (pkg/util/pod, PatchPodStatus).
#pragma once
#include <string>

#include "model/api/conditions.h"
#include "model/api/pod.h"
#include "model/base/str.h"
#include "model/codec/json_text.h"
#include "model/codec/json_write.h"

namespace orrery::client {

/// Members of a strategic merge patch that set the condition of `status` of this type, which it has, and keep the order of all.
inline std::string condition_patch(const api::PodStatus& status, std::string_view type) {
  std::string order;
  for (const api::PodCondition& c : status.conditions) {
    order += order.empty() ? "{\"type\":" : ",{\"type\":";
    codec::append_json_string(c.type, order);
    order += '}';
  }
  return base::cat("\"$setElementOrder/conditions\":[", order, "],\"conditions\":[",
                   codec::to_json(*api::find_condition(status, type)), "]");
}

}  // namespace orrery::client
