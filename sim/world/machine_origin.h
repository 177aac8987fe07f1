// MachineOrigin: names a machine as the origin of facts that none of its processes reports.
#pragma once
#include "model/env/process.h"

namespace orrery::sim {

class MachineOrigin final : public env::Process {
 public:
  explicit MachineOrigin(base::Str machine) : machine_(std::move(machine)) {}
  base::Str machine() const override { return machine_; }
  base::Str name() const override { return {}; }
  std::uint32_t incarnation() const override { return 0; }
  void exit(int, std::string_view) override {}
  bool exiting() const override { return false; }

 private:
  base::Str machine_;
};

}  // namespace orrery::sim
