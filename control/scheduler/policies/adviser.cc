#include "control/scheduler/policies/adviser.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

/// The best nodes' positions in the snapshot, ascending.
struct BestNodes final : StateData {
  std::vector<std::uint32_t> at;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<BestNodes>(*this); }
};

}  // namespace

Status AdviserScore::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const {
  const std::vector<double> scores = adviser_.advise(pod, feasible);
  if (scores.size() != feasible.size()) return Status(Code::kError, name(), Str("the adviser scored another number of nodes"));
  const double best = *std::max_element(scores.begin(), scores.end());
  auto found = std::make_unique<BestNodes>();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == best) found->at.push_back(feasible[i]->index());
  }
  std::sort(found->at.begin(), found->at.end());
  state.set_score_state(slot(), std::move(found));
  return {};
}

std::int64_t AdviserScore::score(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  const auto& best = state.score_state<BestNodes>(slot())->at;
  return std::binary_search(best.begin(), best.end(), node.index()) ? 1 : 0;
}

void AdviserScore::normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>, std::span<std::int64_t> scores) const {
  for (std::int64_t& s : scores) s *= kMaxNodeScore;
}

}  // namespace orrery::scheduler
