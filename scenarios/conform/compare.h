// Comparison: what differs between the tracks of a recording and those of its simulation.
#pragma once
#include <compare>
#include <string>
#include <vector>

#include "scenarios/conform/track.h"

namespace orrery::scenarios::conform {

/// A transition of the recording: of which track, which field, the how-manieth.
struct Place {
  std::size_t track = 0;
  std::string field;
  std::size_t change = 0;
  auto operator<=>(const Place&) const = default;
};

inline constexpr std::size_t kNoTrack = static_cast<std::size_t>(-1);

struct Difference {
  enum class Kind : std::uint8_t {
    kMissing,  ///< recorded, not simulated
    kExtra,    ///< simulated, not recorded
    kTiming,   ///< the same, more than kPunctual apart
  };
  Kind kind = Kind::kMissing;
  std::string resource, object;  ///< "pods", "shop/web-0"
  std::string group;             ///< of the tracks
  std::string field;             ///< of Track::fields; "event ..." for events; "object" for the whole
  std::size_t track = kNoTrack;  ///< the recorded one; kNoTrack: an object that was not recorded
  std::size_t change = 0;        ///< kMissing, kTiming: of the recorded track's field
  Nanos t = 0;                   ///< when, in the run that has it (recorded for kTiming)
  Nanos off = 0;                 ///< kTiming: simulated minus recorded
  std::size_t pair = 0;          ///< kTiming: of which pair of objects
  Nanos held = 0;                ///< how long the value stood; kTiming: in the run where it stood shorter
  bool returned = false;         ///< kMissing, kExtra: the other run had this value all the time
  std::string value;
  std::string before;  ///< kMissing, kExtra: the value it replaced
  std::string rule;    ///< of the tolerance that excuses it; empty: none

  Place place() const { return {track, field, change}; }
};

struct Comparison {
  std::vector<bool> paired;  ///< by recorded track: it has a simulated counterpart
  std::size_t objects = 0, transitions = 0, timings = 0;  ///< transitions: equal in both; timings: of those
  std::vector<Difference> differences;                    ///< in order of object, then time
};

/// Equal transitions may be this far apart.
inline constexpr Nanos kPunctual = base::kSecond;

/// A transition is punctual when it is as late as what came before it: as the object's own last transition,
/// as any within some seconds before it, or not at all after an action of the driver (`actions`: when there
/// were some). What is late only because its cause was is excused here, with rule "lag".
Comparison compare(const std::vector<Track>& recorded, const std::vector<Track>& simulated,
                   const std::vector<Nanos>& actions, Nanos duration);

}  // namespace orrery::scenarios::conform
