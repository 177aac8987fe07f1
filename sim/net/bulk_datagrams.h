// BulkDatagrams: datagrams too long for the latency model, each a flow until it has left its sender.
#pragma once
#include <cstdint>

#include "model/base/sorted_map.h"
#include "model/base/function.h"
#include "sim/net/topology.h"
#include "sim/sharing/shared_capacity.h"

namespace orrery::sim {

class Fabric;

/// One that meets a partition or the end of a host's power on its way is lost.
class BulkDatagrams {
 public:
  explicit BulkDatagrams(Fabric& fabric) : fabric_(fabric) {}
  /// `sent` runs when the last byte has left; never when it is lost.
  void send(HostId from, HostId to, std::int64_t size, base::UniqueFunction<void()> sent);
  /// Hosts went up or down, or rules came or went.
  void network_changed();

 private:
  struct Flow {
    HostId from, to;
    ShareId id;
  };
  Fabric& fabric_;
  base::SortedMap<std::uint64_t, Flow> under_way_;
  std::uint64_t next_number_ = 1;
};

}  // namespace orrery::sim
