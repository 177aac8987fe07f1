// SharedSpends: what one process spends while containers work on its machine's cores.
#pragma once
#include <cstdint>
#include <vector>

#include "sim/sharing/shared_capacity.h"

namespace orrery::sim {

/// Each spend is a thread, on at most one core. Together they weigh as much as a system service does beside containers
/// (cpu.shares 1024, what a unit of systemd's system.slice and a container that requests one CPU have). What was spent before
/// the first container began to work keeps its date: Cores had given it one.
class SharedSpends {
 public:
  SharedSpends(SharedCapacity& sharing, ShareNode node) : sharing_(sharing), node_(node) {}
  SharedSpends(const SharedSpends&) = delete;
  ~SharedSpends() { cancel(); }
  /// `done` runs as a kernel event of `tag`, whose owner dies no later than this.
  void start(base::Nanos work, EventTag tag, Kernel::Fire done);
  /// The process has died: what it worked on is lost.
  void cancel();

 private:
  void weigh();
  void ended(std::uint64_t number);

  struct Spend {
    std::uint64_t number;
    ShareId id;
  };
  SharedCapacity& sharing_;
  ShareNode node_;
  std::vector<Spend> under_way_;
  std::uint64_t next_number_ = 1;
};

}  // namespace orrery::sim
