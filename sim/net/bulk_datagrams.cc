#include "sim/net/bulk_datagrams.h"

#include <vector>

#include "sim/net/fabric.h"

namespace orrery::sim {

void BulkDatagrams::send(HostId from, HostId to, std::int64_t size, base::UniqueFunction<void()> sent) {
  const std::uint64_t number = next_number_++;
  const EventTag tag{0, EventKind::kModel, base::combine64(number, static_cast<std::uint64_t>(size))};
  const ShareId id = fabric_.sharing().start(fabric_.flow_demand(from, to), static_cast<double>(size), tag,
                                             [this, number, sent = std::move(sent)]() mutable {
                                               if (under_way_.erase(number)) sent();
                                             });
  under_way_[number] = {from, to, id};
}

void BulkDatagrams::network_changed() {
  std::vector<std::uint64_t> lost;
  for (const auto& [number, flow] : under_way_) {
    if (fabric_.unreachable(flow.from, flow.to)) {
      lost.push_back(number);
      fabric_.sharing().cancel(flow.id);
    } else {
      fabric_.sharing().adjust(flow.id, 1, fabric_.flow_demand(flow.from, flow.to).bound);
    }
  }
  for (const std::uint64_t number : lost) under_way_.erase(number);
}

}  // namespace orrery::sim
