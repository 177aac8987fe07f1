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
  std::string group;  ///< tracks of one group may stand for each other: "pods/shop/web-6bbdcdcf4-*"
  Nanos created = 0;
  Nanos deleted = -1;    ///< -1: not
  bool initial = false;  ///< was there before the history began
  /// "metadata.finalizers", "status.phase", "status.conditions.Ready", ... Values repeat no predecessor.
  std::map<std::string, std::vector<Change>> fields;
  /// Occurrences of each event about the object: "Normal Scheduled «Successfully assigned ...» from
  /// default-scheduler".
  std::map<std::string, std::vector<Nanos>> events;
};

/// Names of ReplicaSets and ControllerRevisions end with a hash of their template: two runs agree in them.
class RevisionNames {
 public:
  void see(std::string_view resource, const JsonValue& object) {
    if (resource == "replicasets" || resource == "controllerrevisions") mask_.keep(meta_text(object, "name"));
  }
  const Masker& mask() const { return mask_; }

 private:
  Masker mask_;
};

/// Track::group of an object.
std::string group_of(std::string_view resource, const JsonValue& object, const Masker& mask);

/// Tracks in order of creation, one for each uid. Drawn suffixes of names become "*" in groups and values.
std::vector<Track> distill(const std::vector<Observation>& observations);

/// What the comparison reads of a history: its records of covered objects, without actions, leases and what
/// the history's watcher left out.
std::vector<Observation> observations_of(const History& history);
/// True for the kinds that histories' watchers look at.
bool is_watched(std::string_view resource);
/// True when the history's watcher would have seen the object.
bool covered(const History& history, std::string_view resource, const JsonValue& object);

}  // namespace orrery::scenarios::conform
