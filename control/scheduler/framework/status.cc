#include "control/scheduler/framework/status.h"

namespace orrery::scheduler {

const char* to_string(Code code) {
  switch (code) {
    case Code::kSuccess: return "Success";
    case Code::kError: return "Error";
    case Code::kUnschedulable: return "Unschedulable";
    case Code::kUnschedulableAndUnresolvable: return "UnschedulableAndUnresolvable";
    case Code::kWait: return "Wait";
    case Code::kSkip: return "Skip";
    case Code::kPending: return "Pending";
  }
  return "";
}

Status::Status(Code code, std::string_view plugin, std::vector<Str> reasons) {
  if (code == Code::kSuccess) return;
  auto failure = base::make_ref<Failure>();
  failure->code = code;
  failure->plugin = plugin;
  failure->reasons = std::move(reasons);
  failure_ = failure;
}

bool Status::rejected() const {
  const Code c = code();
  return c == Code::kUnschedulable || c == Code::kUnschedulableAndUnresolvable || c == Code::kPending;
}

const std::vector<Str>& Status::reasons() const {
  static const std::vector<Str> kNone;
  return failure_ ? failure_->reasons : kNone;
}

std::string Status::message() const {
  std::string out;
  for (const Str& reason : reasons()) {
    if (!out.empty()) out += ", ";
    out += reason.view();
  }
  return out;
}

}  // namespace orrery::scheduler
