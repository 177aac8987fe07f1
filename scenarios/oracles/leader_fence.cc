#include "scenarios/oracles/leader_fence.h"

namespace orrery::scenarios {
namespace {
constexpr std::size_t kWritesKept = 4096;
}

void LeaderFence::on_record(const history::Record& record, const Changes&) {
  if (record.kind != RecordKind::kFencedWrite) return;
  const auto& w = static_cast<const history::FencedWrite&>(record);
  Fence& fence = fences_[w.fence];
  const auto late = [&](std::int64_t revision, std::int64_t epoch, std::int64_t taken) {
    return cat("a leader by ", w.fence, " of epoch ", num(epoch), " wrote revision ", num(revision),
               " after epoch ", num(taken), " had begun");
  };
  if (w.epoch == w.revision) {
    fence.epochs.insert(w.epoch);
    // Apiservers learn the outcome of their writes in any order.
    for (auto it = fence.writes.upper_bound(w.revision); it != fence.writes.end(); ++it)
      check(it->second >= w.epoch, w.origin.at,
            [&] { return late(it->first, it->second, w.epoch); });
    return;
  }
  const auto newer = fence.epochs.upper_bound(w.epoch);
  const bool ok = newer == fence.epochs.end() || *newer > w.revision;
  check(ok, w.origin.at, [&] { return late(w.revision, w.epoch, *newer); });
  fence.writes[w.revision] = w.epoch;
  if (fence.writes.size() > kWritesKept) fence.writes.erase(fence.writes.begin());
}

}  // namespace orrery::scenarios
