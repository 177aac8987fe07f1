// DiskConfig: the disk of one simulated machine.
#pragma once
#include <cstdint>

#include "model/base/time.h"

namespace orrery::sim {

struct DiskConfig {
  std::int64_t capacity_bytes = std::int64_t{100} << 30;
  base::Nanos sync_min =
      200 * base::kMicrosecond;  ///< latency of one sync, uniform up to sync_max; syncs queue
  base::Nanos sync_max = base::kMillisecond;
  std::int64_t write_bandwidth = 1'000'000'000;     ///< bytes/s of unsynced data at a sync
};

}  // namespace orrery::sim
