#include "scenarios/conform/match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace orrery::scenarios::conform {
namespace {

using Tracks = std::vector<const Track*>;

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

void match_by_likeness(const Tracks& a, const Tracks& b, std::map<const Track*, const Track*>& out) {
  struct Pair {
    double cost;
    std::size_t i, j;
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) pairs.push_back({unlikeness(*a[i], *b[j]), i, j});
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& x, const Pair& y) { return x.cost < y.cost; });
  std::vector<bool> used_a(a.size()), used_b(b.size());
  for (const Pair& p : pairs) {
    if (used_a[p.i] || used_b[p.j]) continue;
    used_a[p.i] = used_b[p.j] = true;
    out[a[p.i]] = b[p.j];
  }
}

}  // namespace

std::vector<std::pair<const Track*, const Track*>> match(const std::vector<Track>& recorded,
                                                         const std::vector<Track>& simulated) {
  std::map<std::string, std::pair<Tracks, Tracks>> groups;
  for (const Track& t : recorded) groups[t.group].first.push_back(&t);
  for (const Track& t : simulated) groups[t.group].second.push_back(&t);
  std::map<const Track*, const Track*> partner;  // looked up only
  std::map<const Track*, bool> taken;
  for (const auto& [group, sides] : groups) {
    const auto& [a, b] = sides;
    if (group.find('*') != group.npos) match_by_likeness(a, b, partner);
    else
      for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) partner[a[i]] = b[i];
  }
  std::vector<std::pair<const Track*, const Track*>> out;
  for (const Track& t : recorded) {
    const auto it = partner.find(&t);
    out.emplace_back(&t, it == partner.end() ? nullptr : it->second);
    if (it != partner.end()) taken[it->second] = true;
  }
  for (const Track& t : simulated)
    if (!taken.contains(&t)) out.emplace_back(nullptr, &t);
  return out;
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
