#include "scenarios/conform/rollout_order.h"

#include <algorithm>

namespace orrery::scenarios::conform {
namespace {

constexpr Nanos kStays = INT64_MAX;

Nanos leave_time(const Track& pod) {
  const auto it = pod.fields.find("metadata.deletionTimestamp");
  if (it != pod.fields.end()) return it->second.front().t;
  return pod.deleted < 0 ? kStays : pod.deleted;
}

}  // namespace

RolloutOrder::RolloutOrder(const std::vector<Track>& recorded, base::RandomStream chance) : chance_(chance) {
  std::map<std::string, std::vector<const Track*>> pods;
  for (const Track& t : recorded)
    if (t.resource == "pods" && t.group.find('@') != t.group.npos) pods[t.group].push_back(&t);
  for (auto& [group, tracks] : pods) {
    std::stable_sort(tracks.begin(), tracks.end(), [](const Track* a, const Track* b) { return a->created < b->created; });
    for (const Track* t : tracks) leave_[group].push_back(leave_time(*t));
  }
}

void RolloutOrder::sort(const std::string& group, std::vector<base::Str>& nodes) {
  struct Place {
    Nanos leaves;
    std::uint64_t drawn;
    base::Str node;
  };
  std::vector<Place> places;
  for (const base::Str& node : nodes) {
    const std::string here = base::cat(group, node);
    const auto recorded = leave_.find(here);
    const auto made = made_.find(here);
    const std::size_t number = made == made_.end() ? 0 : made->second;
    Nanos leaves = kStays;
    if (recorded != leave_.end() && number > 0 && number <= recorded->second.size()) leaves = recorded->second[number - 1];
    places.push_back({leaves, chance_.next(), node});
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.leaves == b.leaves ? a.drawn < b.drawn : a.leaves < b.leaves;
  });
  for (std::size_t i = 0; i < places.size(); ++i) nodes[i] = places[i].node;
}

}  // namespace orrery::scenarios::conform
