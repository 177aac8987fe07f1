// Track: one object's life as a sequence of changes per field, the same from a recording and from a
// simulation.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "scenarios/conform/history.h"
#include "scenarios/conform/mask.h"

namespace orrery::scenarios::conform {

/// One state of one object as somebody saw it.
struct Observation {
  Nanos t = 0;
  Str resource;
  HistoryRecord::Type type = HistoryRecord::Type::kAdded;
  JsonValue object;
};

/// From `t` on the field has this value; "" is absent.
struct Change {
  Nanos t = 0;
  std::string value;
};

struct Track {
  std::string resource, ns, name, uid;
  std::string group;  ///< tracks of one group may stand for each other: "pods/shop/web-#1-*"
  Nanos created = 0;
  Nanos deleted = -1;    ///< -1: not
  bool initial = false;  ///< was there before the history began
  /// "metadata.finalizers", "status.phase", "status.conditions.Ready", ... Values repeat no predecessor.
  std::map<std::string, std::vector<Change>> fields;
  /// Occurrences of each event about the object: "Normal Scheduled «Successfully assigned ...» from
  /// default-scheduler".
  std::map<std::string, std::vector<Nanos>> events;
};

/// Gives ReplicaSets and ControllerRevisions their numbers as they are seen.
class RevisionNames {
 public:
  void see(std::string_view resource, const JsonValue& object);
  const Masker& mask() const { return mask_; }

 private:
  Masker mask_;
  std::map<std::string, int> count_;
  std::map<std::string, bool> seen_;
};

/// Track::group of an object.
std::string group_of(std::string_view resource, const JsonValue& object, const Masker& mask);

/// Tracks in order of creation, one for each uid. Random parts of names are masked in groups and values:
/// names of ReplicaSets and ControllerRevisions become OWNER-#N in order of creation, drawn suffixes become
/// "*".
std::vector<Track> distill(const std::vector<Observation>& observations);

/// What the comparison reads of a history: its records of covered objects, without actions, leases and what
/// the history's watcher left out.
std::vector<Observation> observations_of(const History& history);
/// True when the history's watcher would have seen the object.
bool covered(const History& history, std::string_view resource, const JsonValue& object);

}  // namespace orrery::scenarios::conform
