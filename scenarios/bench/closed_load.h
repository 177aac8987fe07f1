// Closed load: users who submit one pod after another. Each thinks first; its next pod comes a think time after its last one has
// ended (or has given up). The faster pods end, the more come: what counts is throughput and response time.
//
// Every user has random streams of its own, so that its k-th think time and its k-th job are the same under every policy.
#pragma once
#include <queue>
#include <string>

#include "scenarios/bench/synthetic.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

struct ClosedLoad {
  std::uint32_t users = 1;
  Law think;
  base::Nanos length = 0;         ///< so long pods may come
};

/// Who its users are and what they do, as a note.
std::string closed_load_text(const ClosedLoad& load);

/// More pods than this are not made.
inline constexpr std::size_t kMostClosedPods = 20'000'000;

/// Jobs of laws: as many for each user as it could submit within the length if no pod ever waited.
Trace generate_closed(const SyntheticSpec& spec, const ClosedLoad& load, std::uint64_t seed);
/// The pods of a trace, in the order of their arrival, are dealt to the users one by one; their times of arrival mean nothing else. The
/// measurement ends when a user has done all of its pods.
void deal(Trace& trace, const ClosedLoad& load, std::uint64_t seed);

/// Who submits what when.
class ClosedUsers {
 public:
  /// `pods`: those that take part, each user's in their order.
  ClosedUsers(const std::vector<TracePod>& pods, const std::vector<std::uint32_t>& take_part, const ClosedLoad& load);
  /// When the next pod comes; INT64_MAX: none before one ends.
  base::Nanos next() const { return coming_.empty() ? INT64_MAX : coming_.top().at; }
  bool anybody_thinks() const { return !coming_.empty(); }
  /// The user whose turn it is (next() is now) has no job left.
  bool out_of_jobs() const;
  std::uint32_t take();
  /// The pod has ended or given up.
  void left(std::uint32_t pod, base::Nanos now);

 private:
  struct Coming {
    base::Nanos at;
    std::uint32_t user;
    friend bool operator>(const Coming& a, const Coming& b) { return a.at != b.at ? a.at > b.at : a.user > b.user; }
  };
  void think(std::uint32_t user, base::Nanos now);

  const std::vector<TracePod>& pods_;
  std::vector<std::vector<std::uint32_t>> jobs_;   // by user
  std::vector<std::size_t> next_;                  // by user
  std::priority_queue<Coming, std::vector<Coming>, std::greater<>> coming_;
};

}  // namespace orrery::scenarios::bench
