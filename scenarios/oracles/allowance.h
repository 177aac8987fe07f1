// Allowances: what oracles grant to copies that lag behind, to leaders that change and to answers
// that got lost.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

/// How long a former leader's writes may be on their way.
inline constexpr Nanos kHandover = 15 * base::kSecond;

/// A number and the largest that it was lately.
class RecentMost {
 public:
  void set(Instant at, std::int64_t value) {
    if (value < value_) old_.push_back({at, value_});
    value_ = value;
  }
  /// A fall that is not remembered.
  void lower(std::int64_t value) { value_ = value; }
  std::int64_t value() const { return value_; }
  std::int64_t most(Instant at, Nanos window);

 private:
  struct Old {
    Instant until;
    std::int64_t value;
  };
  std::vector<Old> old_;
  std::int64_t value_ = 0;
};

/// Whether an elected component changed hands lately: a former leader's writes may be on their way,
/// and the new one begins with copies that may be old. While two of them act, which leases alone do
/// not prevent (a former leader that was paused learns late), nothing is sure either.
class Handover {
 public:
  /// `lease`: "kube-controller-manager", "kube-scheduler".
  explicit Handover(std::string_view lease) : lease_(lease) {}
  void on_record(const history::Record& record, const Changes& changes);
  bool unsure(Instant at) const { return at < until_ || acting_.size() > 1; }
  /// Of the last renewal.
  Instant renewed() const { return renewed_; }

 private:
  void on_change(const Change& c);
  void set_acting(const history::Origin& origin, bool acting);
  std::string_view lease_;
  Instant until_, renewed_;
  std::vector<std::pair<Str, std::uint32_t>> acting_;  // machine and incarnation
};

/// Creates of pods whose outcome their controller does not know, by the uid of the pods' owner: it
/// will try again, and the first may have been done.
class UnknownCreates {
 public:
  void on_record(const history::Record& record);
  /// Of the last two minutes.
  std::int64_t of(const Str& owner, Instant at) const;

 private:
  base::SortedMap<Str, std::vector<Instant>> at_;
};

}  // namespace orrery::scenarios
