#include "control/controllers/job_indexes.h"

#include <algorithm>

#include "model/api/int_or_string.h"

namespace orrery::controllers {

IndexSet IndexSet::parse(std::string_view text, int completions) {
  IndexSet out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t dash = part.find('-');
    const auto first = api::parse_decimal(part.substr(0, dash));
    if (!first) continue;
    if (*first >= completions) break;
    Interval interval{static_cast<int>(*first), static_cast<int>(*first)};
    if (dash != std::string_view::npos) {
      const auto last = api::parse_decimal(part.substr(dash + 1));
      if (!last) continue;
      interval.last = static_cast<int>(std::min<std::int64_t>(*last, completions - 1));
    }
    out.append(interval);
  }
  return out;
}

IndexSet IndexSet::of(const std::vector<int>& indexes) {
  IndexSet out;
  for (const int i : indexes) out.append({i, i});
  return out;
}

void IndexSet::append(Interval next) {
  if (intervals_.empty() || next.first > intervals_.back().last + 1) intervals_.push_back(next);
  else intervals_.back().last = std::max(intervals_.back().last, next.last);
}

IndexSet IndexSet::merged(const IndexSet& other) const {
  IndexSet out;
  std::size_t i = 0, j = 0;
  while (i < intervals_.size() || j < other.intervals_.size()) {
    const bool mine = j == other.intervals_.size() ||
                      (i < intervals_.size() && intervals_[i].first < other.intervals_[j].first);
    out.append(mine ? intervals_[i++] : other.intervals_[j++]);
  }
  return out;
}

int IndexSet::total() const {
  int n = 0;
  for (const Interval& i : intervals_) n += i.last - i.first + 1;
  return n;
}

bool IndexSet::has(int index) const {
  const auto it = std::lower_bound(intervals_.begin(), intervals_.end(), index,
                                   [](const Interval& i, int wanted) { return i.last < wanted; });
  return it != intervals_.end() && it->first <= index;
}

std::string IndexSet::str() const {
  std::string out;
  for (const Interval& i : intervals_) {
    if (!out.empty()) out += ',';
    out += std::to_string(i.first);
    if (i.last == i.first) continue;
    out += i.last == i.first + 1 ? ',' : '-';
    out += std::to_string(i.last);
  }
  return out;
}

int IndexSet::overlap(const IndexSet& other) const {
  int n = 0;
  std::size_t i = 0, j = 0;
  while (i < intervals_.size() && j < other.intervals_.size()) {
    const Interval a = intervals_[i], b = other.intervals_[j];
    n += std::max(0, std::min(a.last, b.last) - std::max(a.first, b.first) + 1);
    if (a.last <= b.last) ++i;
    if (b.last <= a.last) ++j;
  }
  return n;
}

std::vector<int> IndexSet::first_missing(int count, int completions) const {
  std::vector<int> out;
  int candidate = 0;
  const auto fill = [&](int end) {
    for (; candidate < end && static_cast<int>(out.size()) < count; ++candidate)
      out.push_back(candidate);
  };
  for (const Interval& i : intervals_) {
    fill(std::min(i.first, completions));
    candidate = std::max(candidate, i.last + 1);
  }
  fill(completions);
  return out;
}

}  // namespace orrery::controllers
