#include "scenarios/conform/placement.h"

#include <algorithm>
#include <cstdlib>

namespace orrery::scenarios::conform {
namespace {

constexpr Nanos kBindingReach = base::kSecond;

/// The value of a field at `now`, "" when absent.
std::string value_at(const Track& track, const std::string& field, Nanos now) {
  const auto it = track.fields.find(field);
  std::string value;
  if (it == track.fields.end()) return value;
  for (const Change& c : it->second)
    if (c.t <= now) value = c.value;
  return value;
}

bool alive(const Track& t, Nanos now) { return t.created <= now && (t.deleted < 0 || t.deleted > now); }

std::vector<const Track*> members(const std::vector<Track>& tracks, const std::string& group) {
  std::vector<const Track*> out;
  for (const Track& t : tracks)
    if (t.group == group) out.push_back(&t);
  return out;
}

}  // namespace

Placement::Placement(const std::vector<Track>& recorded, const std::string& field) {
  std::map<std::string, std::vector<Change>> bound;
  for (const Track& t : recorded) {
    const auto it = t.fields.find(field);
    if (t.resource != "pods" || it == t.fields.end()) continue;
    for (const Change& c : it->second)
      if (!c.value.empty()) bound[t.group].push_back(c);
  }
  for (auto& [group, changes] : bound) {
    std::stable_sort(changes.begin(), changes.end(),
                     [](const Change& a, const Change& b) { return a.t < b.t; });
    for (const Change& c : changes) left_[group].push_back(c.value);
  }
}

std::optional<std::size_t> Placement::choose(const std::string& group,
                                             const std::vector<scheduler::ScoredNode>& feasible,
                                             std::int64_t slack) {
  const auto it = left_.find(group);
  if (it == left_.end()) return std::nullopt;
  std::vector<std::string>& places = it->second;
  std::int64_t best = feasible[0].total;
  for (const scheduler::ScoredNode& n : feasible) best = std::max(best, n.total);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto found = std::find_if(feasible.begin(), feasible.end(), [&](const scheduler::ScoredNode& n) {
      return n.name == places[i] && n.total >= best - slack;
    });
    if (found == feasible.end()) continue;
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(i));
    return static_cast<std::size_t>(found - feasible.begin());
  }
  if (!places.empty()) places.erase(places.begin());
  return std::nullopt;
}

BindingTimes::BindingTimes(const std::vector<Track>& recorded) {
  for (const Track& t : recorded) {
    const auto it = t.fields.find("spec.nodeName");
    if (t.resource == "pods" && it != t.fields.end() && !it->second.empty()) left_[t.group].push_back(it->second[0].t);
  }
  for (auto& [group, times] : left_) std::sort(times.begin(), times.end());
}

void BindingTimes::bound(const std::string& group) {
  const auto it = left_.find(group);
  if (it != left_.end() && !it->second.empty()) it->second.erase(it->second.begin());
}

std::optional<std::size_t> BindingTimes::next(const std::vector<std::string>& groups, Nanos now) const {
  std::optional<std::size_t> first;
  Nanos soonest = now + kBindingReach;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto it = left_.find(groups[i]);
    if (it == left_.end()) continue;
    const auto time = std::lower_bound(it->second.begin(), it->second.end(), now - kBindingReach);
    if (time == it->second.end() || *time >= soonest) continue;
    soonest = *time;
    first = i;
  }
  return first;
}

std::string counterpart(const std::vector<Track>& recorded, const std::vector<Track>& simulated,
                        const std::string& resource, const std::string& ns, const std::string& name,
                        Nanos now, std::map<std::string, std::string>& known) {
  const std::string key = base::cat(resource, "/", ns, "/", name);
  if (const auto it = known.find(key); it != known.end()) return it->second;
  const Track* wanted = nullptr;
  for (const Track& t : recorded)
    if (t.resource == resource && t.ns == ns && t.name == name && t.created <= now) wanted = &t;
  if (!wanted) return name;
  const std::vector<const Track*> theirs = members(recorded, wanted->group),
                                  ours = members(simulated, wanted->group);
  const auto rank = std::find(theirs.begin(), theirs.end(), wanted) - theirs.begin();
  const Track* best = nullptr;
  std::ptrdiff_t least = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const Track& t = *ours[i];
    const bool used =
        std::any_of(known.begin(), known.end(), [&t](const auto& k) { return k.second == t.name; });
    if (used || !alive(t, now)) continue;
    std::ptrdiff_t cost = std::abs(static_cast<std::ptrdiff_t>(i) - rank);
    for (const char* field : {"status.phase", "status.conditions.Ready", "metadata.deletionTimestamp"})
      cost += 10'000 * (value_at(t, field, now) != value_at(*wanted, field, now));
    cost += 1000 * (value_at(t, "spec.nodeName", now) != value_at(*wanted, "spec.nodeName", now));
    if (!best || cost < least) {
      best = &t;
      least = cost;
    }
  }
  if (!best) return name;
  known[key] = best->name;
  return best->name;
}

}  // namespace orrery::scenarios::conform
