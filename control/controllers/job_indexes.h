// IndexSet: completion indexes of an Indexed Job, as the intervals its status keeps
// (pkg/controller/job).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace orrery::controllers {

class IndexSet {
 public:
  struct Interval {
    int first, last;
  };
  /// "1,3-5,7". Parts that are no intervals are left out, as are indexes from `completions` on.
  static IndexSet parse(std::string_view text, int completions);
  /// `indexes` ascending.
  static IndexSet of(const std::vector<int>& indexes);

  IndexSet merged(const IndexSet& other) const;
  int total() const;
  bool has(int index) const;
  bool empty() const { return intervals_.empty(); }
  /// Two neighbours are written "1,2", three and more "1-3".
  std::string str() const;
  const std::vector<Interval>& intervals() const { return intervals_; }
  /// How many indexes are in both.
  int overlap(const IndexSet& other) const;
  /// The first `count` indexes below `completions` that are not in the set.
  std::vector<int> first_missing(int count, int completions) const;

 private:
  void append(Interval next);
  std::vector<Interval> intervals_;  // ascending, not adjacent
};

}  // namespace orrery::controllers
