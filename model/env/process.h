// Process: who this process incarnation is, and how it ends itself.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/base/str.h"

namespace orrery::env {

class Process {
 public:
  virtual ~Process() = default;
  virtual base::Str machine() const = 0;          ///< host name
  virtual base::Str name() const = 0;             ///< "etcd", "kube-apiserver", "kubelet", ...
  virtual std::uint32_t incarnation() const = 0;  ///< 0 for the first start on this machine
  /// Ends the process; its supervisor starts it again. Nothing of the process runs after the current callback returns.
  virtual void exit(int code, std::string_view why) = 0;
  virtual bool exiting() const = 0;
};

}  // namespace orrery::env
