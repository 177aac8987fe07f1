// WatchChannel: what the watches with one filter must see, derived from the committed changes of one kind.
#pragma once
#include <deque>

#include "model/api/request.h"
#include "model/api/selector.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

/// The filter of a list or watch, read from its request.
struct WatchFilter {
  /// False when the request uses a field that is not known here: then nothing is verified.
  bool read(const api::ApiRequest& request);
  bool matches(const api::Object& object) const;
  /// Equal texts mean equal filters of one kind.
  std::string text() const;

  KindId kind = KindId::kNone;
  Str namespace_;
  api::Selector labels;
  api::FieldSelector fields;
};

/// A number that stands for one object at one revision; the sum over a set stands for the set.
std::uint64_t fingerprint(const api::ObjectMeta& meta, std::int64_t revision);
std::uint64_t key_hash(const api::ObjectMeta& meta);

class WatchChannel {
 public:
  struct Expected {
    std::int64_t revision = 0;
    std::uint64_t key = 0;
    api::WatchType type = api::WatchType::kAdded;
    std::uint64_t sum = 0;     ///< of the matching objects after it
  };
  /// `live`: sum of what matches now; `recent`: the changes of the kind after revision `floor`.
  WatchChannel(WatchFilter filter, std::uint64_t live, const std::deque<Change>& recent, std::int64_t floor);
  void on_change(const Change& change);

  const WatchFilter& filter() const { return filter_; }
  /// Everything after this revision is known.
  std::int64_t floor() const { return floor_; }
  /// Entries have running numbers [first, end).
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + entries_.size(); }
  const Expected& at(std::uint64_t number) const { return entries_[number - first_]; }
  /// The number of the first entry above `revision`.
  std::uint64_t after(std::int64_t revision) const;
  /// The sum of the objects that matched at `revision` (>= floor()).
  std::uint64_t sum_at(std::int64_t revision) const;

 private:
  bool expect(const Change& change, Expected& out) const;
  WatchFilter filter_;
  std::deque<Expected> entries_;
  std::uint64_t first_ = 0, sum_ = 0, floor_sum_ = 0;
  std::int64_t floor_ = 0;
};

}  // namespace orrery::scenarios
