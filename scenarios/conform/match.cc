#include "scenarios/conform/match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace orrery::scenarios::conform {
namespace {

using Indexes = std::vector<std::size_t>;

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

/// A pair this far apart is worth as much as leaving both out.
constexpr double kFar = 40e9;

double distance(Nanos a, Nanos b) { return std::min(1.0, std::abs(static_cast<double>(a - b)) / kFar); }

/// Zero for equal tracks at equal times.
double unlikeness(const Track& a, const Track& b) {
  double sum = distance(a.created, b.created) + (a.deleted < 0) * (b.deleted >= 0) +
               (b.deleted < 0) * (a.deleted >= 0);
  if (a.deleted >= 0 && b.deleted >= 0) sum += distance(a.deleted, b.deleted);
  for (const auto& [name, changes] : a.fields) {
    const auto it = b.fields.find(name);
    const std::size_t theirs = it == b.fields.end() ? 0 : it->second.size();
    const std::size_t common = std::min(changes.size(), theirs);
    sum += static_cast<double>(std::max(changes.size(), theirs) - common);
    for (std::size_t i = 0; i < common; ++i)
      sum += changes[i].value == it->second[i].value ? distance(changes[i].t, it->second[i].t) : 1.0;
  }
  for (const auto& [name, changes] : b.fields)
    if (!a.fields.contains(name)) sum += static_cast<double>(changes.size());
  for (const auto& [text, times] : a.events) {
    const auto it = b.events.find(text);
    sum += it == b.events.end()
               ? static_cast<double>(times.size())
               : std::abs(static_cast<double>(times.size()) - static_cast<double>(it->second.size()));
  }
  for (const auto& [text, times] : b.events)
    if (!a.events.contains(text)) sum += static_cast<double>(times.size());
  return sum;
}

class Matcher {
 public:
  Matcher(const std::vector<Track>& recorded, const std::vector<Track>& simulated)
      : recorded_(recorded), simulated_(simulated), partner_(recorded.size(), kNobody),
        taken_(simulated.size(), false) {}

  void pair(std::size_t recorded, std::size_t simulated) {
    partner_[recorded] = simulated;
    taken_[simulated] = true;
  }

  /// The pairs that are most alike, best first.
  void pair_by_likeness(const Indexes& a, const Indexes& b) {
    struct Pair {
      double cost;
      std::size_t i, j;
    };
    std::vector<Pair> pairs;
    for (const std::size_t i : a)
      for (const std::size_t j : b) pairs.push_back({unlikeness(recorded_[i], simulated_[j]), i, j});
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const Pair& x, const Pair& y) { return x.cost < y.cost; });
    for (const Pair& p : pairs)
      if (partner_[p.i] == kNobody && !taken_[p.j]) pair(p.i, p.j);
  }

  std::vector<std::pair<const Track*, const Track*>> result() const {
    std::vector<std::pair<const Track*, const Track*>> out;
    for (std::size_t i = 0; i < recorded_.size(); ++i)
      out.emplace_back(&recorded_[i], partner_[i] == kNobody ? nullptr : &simulated_[partner_[i]]);
    for (std::size_t j = 0; j < simulated_.size(); ++j)
      if (!taken_[j]) out.emplace_back(nullptr, &simulated_[j]);
    return out;
  }

 private:
  const std::vector<Track>&recorded_, &simulated_;
  Indexes partner_;          // by recorded track
  std::vector<bool> taken_;  // by simulated track
};

}  // namespace

std::vector<std::pair<const Track*, const Track*>> match(const std::vector<Track>& recorded,
                                                         const std::vector<Track>& simulated) {
  std::map<std::string, std::pair<Indexes, Indexes>> groups;
  for (std::size_t i = 0; i < recorded.size(); ++i) groups[recorded[i].group].first.push_back(i);
  for (std::size_t j = 0; j < simulated.size(); ++j) groups[simulated[j].group].second.push_back(j);
  Matcher matcher(recorded, simulated);
  for (const auto& [group, sides] : groups) {
    const auto& [a, b] = sides;
    if (group.find('*') != group.npos) matcher.pair_by_likeness(a, b);
    else
      for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) matcher.pair(a[i], b[i]);
  }
  return matcher.result();
}

std::vector<std::pair<std::size_t, std::size_t>> align(const std::vector<Change>& a,
                                                       const std::vector<Change>& b) {
  const std::size_t n = a.size(), m = b.size();
  // cost[i][j]: of aligning what follows a[i-1] and b[j-1]. A match costs less than two gaps unless it is
  // far.
  std::vector<double> cost((n + 1) * (m + 1));
  const auto at = [m](std::size_t i, std::size_t j) { return i * (m + 1) + j; };
  const auto matched = [&](std::size_t i, std::size_t j) {
    return cost[at(i + 1, j + 1)] + 2.2 * distance(a[i].t, b[j].t);
  };
  for (std::size_t i = n + 1; i-- > 0;)
    for (std::size_t j = m + 1; j-- > 0;) {
      if (i == n || j == m) {
        cost[at(i, j)] = static_cast<double>(n - i + m - j);
        continue;
      }
      double best = 1 + std::min(cost[at(i + 1, j)], cost[at(i, j + 1)]);
      if (a[i].value == b[j].value) best = std::min(best, matched(i, j));
      cost[at(i, j)] = best;
    }
  std::vector<std::pair<std::size_t, std::size_t>> out;
  std::size_t i = 0, j = 0;
  while (i < n && j < m) {
    if (a[i].value == b[j].value && cost[at(i, j)] == matched(i, j)) out.emplace_back(i++, j++);
    else if (cost[at(i, j)] == 1 + cost[at(i + 1, j)]) ++i;
    else ++j;
  }
  out.emplace_back(n, m);
  return out;
}

}  // namespace orrery::scenarios::conform
