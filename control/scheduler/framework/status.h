// Status: what a plugin says about a pod, or about a pod on a node (pkg/scheduler/framework/interface.go).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/ref.h"
#include "model/base/str.h"

namespace orrery::scheduler {

using base::Str;

enum class Code : std::uint8_t {
  kSuccess,
  kError,                          ///< an internal failure; the pod is tried again after its back-off
  kUnschedulable,                  ///< preemption may help
  kUnschedulableAndUnresolvable,   ///< preemption cannot help
  kWait,                           ///< Permit: bind later
  kSkip,                           ///< PreFilter, PreScore, Bind: the plugin has nothing to do for this pod
  kPending,                        ///< rejected until an external component acts
};

/// "Unschedulable", ... as upstream prints it.
const char* to_string(Code code);

/// One pointer; success is null, so that the common case costs nothing. Failures that many nodes share are made once and
/// copied. `plugin` must be a literal (or outlive the process).
class Status {
 public:
  Status() = default;
  Status(Code code, std::string_view plugin, Str reason) : Status(code, plugin, std::vector<Str>{std::move(reason)}) {}
  Status(Code code, std::string_view plugin, std::vector<Str> reasons = {});
  static Status skip() { return Status(Code::kSkip, {}, std::vector<Str>{}); }

  Code code() const { return failure_ ? failure_->code : Code::kSuccess; }
  bool ok() const { return !failure_; }
  bool skipped() const { return code() == Code::kSkip; }
  /// Unschedulable, UnschedulableAndUnresolvable or Pending.
  bool rejected() const;
  std::string_view plugin() const { return failure_ ? failure_->plugin : std::string_view(); }
  const std::vector<Str>& reasons() const;
  /// The reasons, joined by ", ".
  std::string message() const;

 private:
  struct Failure : base::RefCounted {
    Code code = Code::kError;
    std::string_view plugin;
    std::vector<Str> reasons;
  };
  base::Ref<const Failure> failure_;
};

}  // namespace orrery::scheduler
