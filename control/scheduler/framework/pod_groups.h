// PodGroups: the pods on nodes, grouped by what other pods' selectors and terms can see of them, so that who counts pods
// by selector asks once per group instead of once per pod; and what has changed lately.
#pragma once
#include <span>
#include <vector>

#include "control/scheduler/framework/pod_info.h"
#include "model/base/btree_map.h"
#include "model/base/hash_map.h"

namespace orrery::scheduler {

class NodeInfo;

/// Names one label, with its value, in one namespace; different ones hardly ever have the same mark.
using LabelMark = std::uint64_t;
LabelMark label_mark(std::string_view ns, std::string_view key, std::string_view value);
/// A label that all pods must have that `selector` matches; nullopt when none is certain.
std::optional<LabelMark> required_mark(const api::Selector& selector, std::string_view ns);

/// Pods that share namespace, labels, affinity, and whether they are being deleted. Immutable but for `places`.
struct PodGroup : base::RefCounted {
  struct Place {
    NodeInfo* node;            ///< may be a node that is not there (yet): NodeInfo::handle() is null
    std::int64_t count;
  };
  const PodInfo& sample() const { return *pod; }
  bool has(LabelMark mark) const {
    for (const Mark& m : marks) {
      if (m.mark == mark) return true;
    }
    return false;
  }

  PodInfoRef pod;              ///< one of them, perhaps gone by now
  bool deleting = false, has_affinity = false;
  std::uint32_t id = 0;        ///< small; given to another group once this one is empty
  std::uint64_t serial = 0;    ///< never given twice; from 1
  std::vector<Place> places;

 private:
  friend class PodGroups;
  struct Mark {
    LabelMark mark;
    std::uint32_t place;       // in the list of that label
  };
  std::vector<Mark> marks;
  std::uint64_t hash = 0;
  std::uint32_t in_namespace = 0, in_all = 0, in_affinity = 0;  // positions in those lists
};

/// Part of a Snapshot. The order of groups and places means nothing.
class PodGroups {
 public:
  /// What NodeInfo remembers: the groups of its pods, with the node's position among the places of each.
  struct Membership {
    PodGroup* group;
    std::uint32_t place;
  };
  struct Change {
    base::Ref<PodGroup> group;
    const NodeInfo* node;
    int delta;
  };
  /// Older changes are forgotten.
  static constexpr std::uint64_t kRemembered = 4096;

  const std::vector<base::Ref<PodGroup>>& all() const { return all_; }
  const std::vector<PodGroup*>& with_affinity() const { return with_affinity_; }
  const std::vector<PodGroup*>& in_namespace(std::string_view ns) const;
  /// With a label; perhaps a few others.
  const std::vector<PodGroup*>& with_label(LabelMark mark) const;

  /// Changes of pods on nodes that are there, numbered from 0; the last kRemembered can be asked for. Those before a
  /// change of Snapshot::label_version() may name nodes that are gone and must not be read.
  std::uint64_t changes() const { return changes_; }
  const Change& change(std::uint64_t number) const { return log_[number % kRemembered]; }

  void add(const PodInfoRef& pod, NodeInfo& node);
  void remove(const PodInfo& pod, NodeInfo& node);

 private:
  PodGroup* find(const PodInfo& pod, std::uint64_t hash) const;
  PodGroup* create(const PodInfoRef& pod, std::uint64_t hash);
  void destroy(PodGroup* group);
  void log(PodGroup* group, const NodeInfo& node, int delta);

  std::vector<base::Ref<PodGroup>> all_;
  std::vector<PodGroup*> with_affinity_;
  base::BTreeMap<Str, std::vector<PodGroup*>> namespaces_;
  base::HashMap<std::uint64_t, std::vector<PodGroup*>> by_hash_;
  base::HashMap<LabelMark, std::vector<PodGroup*>> by_label_;
  std::vector<std::uint32_t> free_ids_;
  std::uint32_t next_id_ = 0;
  std::uint64_t next_serial_ = 1, changes_ = 0;
  std::vector<Change> log_;
};

}  // namespace orrery::scheduler
