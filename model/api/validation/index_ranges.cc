#include "model/api/validation/index_ranges.h"

#include <algorithm>

#include "model/api/int_or_string.h"
#include "model/api/path.h"

namespace orrery::api {

namespace {

using base::cat;

/// "3" or "3-5" as its two parts.
std::pair<std::string_view, std::string_view> split(std::string_view interval, bool& single) {
  const std::size_t dash = interval.find('-');
  single = dash == std::string_view::npos;
  return {interval.substr(0, dash), single ? interval : interval.substr(dash + 1)};
}

base::Result<std::int32_t> parse_index(std::string_view text) {
  const auto value = parse_decimal(text, "Atoi");
  const bool fits = value && *value <= INT32_MAX && *value >= INT32_MIN;
  if (!fits) return base::invalid(cat("cannot convert string to integer for index: ", go_quote(text)));
  return static_cast<std::int32_t>(*value);
}

base::Result<std::pair<std::int32_t, std::int32_t>> parse_interval(std::string_view interval,
                                                                   std::int32_t completions) {
  if (std::count(interval.begin(), interval.end(), '-') > 1)
    return base::invalid(cat("the fragment ", go_quote(interval),
                             " violates the requirement that an index interval can have at "
                             "most two parts separated by '-'"));
  bool single = false;
  const auto [first, last] = split(interval, single);
  const auto x = parse_index(first);
  if (!x) return x.error();
  if (*x >= completions) return base::invalid(cat("too large index: ", go_quote(first)));
  if (single) return std::pair(*x, *x);
  const auto y = parse_index(last);
  if (!y) return y.error();
  if (*y >= completions) return base::invalid(cat("too large index: ", go_quote(last)));
  if (*x >= *y)
    return base::invalid(
        cat("non-increasing order, previous: ", std::to_string(*x), ", current: ", std::to_string(*y)));
  return std::pair(*x, *y);
}

}  // namespace

base::Result<IndexRanges> IndexRanges::parse(std::string_view text, std::int32_t completions) {
  IndexRanges out;
  if (text.empty()) return out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const auto range = parse_interval(text.substr(at, comma - at), completions);
    if (!range) return range.error();
    if (!out.ranges_.empty() && range->first <= out.ranges_.back().second)
      return base::invalid(cat("non-increasing order, previous: ", std::to_string(out.ranges_.back().second),
                               ", current: ", std::to_string(range->first)));
    out.ranges_.push_back(*range);
    at = comma + 1;
  }
  return out;
}

std::int64_t IndexRanges::count() const {
  std::int64_t n = 0;
  for (const auto& [first, last] : ranges_) n += std::int64_t{last} - first + 1;
  return n;
}

std::int64_t IndexRanges::first_common(const IndexRanges& other) const {
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const std::int32_t from = std::max(a->first, b->first);
    if (from <= std::min(a->second, b->second)) return from;
    if (a->second < b->second) ++a;
    else ++b;
  }
  return -1;
}

}  // namespace orrery::api
