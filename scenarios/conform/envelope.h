// Envelope: what chance does to a history, learnt from simulations of it that differ in their seed alone.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "scenarios/conform/compare.h"

namespace orrery::scenarios::conform {

/// A recording is one outcome of chance. Where simulations agree with each other it has to agree with them; where they
/// differ from each other it may agree with any. So a difference between the recording and one of them is chance when
/// - another one shows the recorded transition there, or does not show the extra one, or
/// - the recorded time lies within the span of the simulated times of this transition (and kPunctual), or
/// - it is one attempt to schedule a pod more or less, with a message that the other side told of some pod at about that
///   time: which state of the cluster an attempt meets is chance.
class Envelope {
 public:
  explicit Envelope(const std::vector<Track>& recorded) { collect(recorded, recorded_attempts_); }
  /// `comparison`: of the recording with one simulation, the rules of tolerances set. Differences that have a rule
  /// count as agreement.
  void add(const Comparison& comparison, const std::vector<Track>& simulated);
  /// Never for a difference that all simulations have alike.
  bool covers(const Difference& d) const;

 private:
  using Extra = std::tuple<std::size_t, std::string, std::string>;  // recorded track, field, value
  struct Run {
    std::vector<bool> paired;
    std::map<Place, std::optional<Nanos>> off;  // where it differs: how late, none when it never comes
    std::map<Extra, std::vector<Nanos>> extra;
    std::set<std::string> extra_groups;  // of objects that were not recorded
  };
  using Attempts = std::map<std::string, std::vector<Nanos>>;  // FailedScheduling, by text
  static void collect(const std::vector<Track>& tracks, Attempts& into);
  static bool covers_attempt(const Attempts& other, const Difference& d);
  static bool agrees_with_absence(const Run& run, const Difference& d);
  bool covers_place(const Difference& d) const;

  Attempts recorded_attempts_, simulated_attempts_;
  std::vector<Run> runs_;
};

}  // namespace orrery::scenarios::conform
