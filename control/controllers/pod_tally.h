// PodTallies: how many active pods each owner controls and how many of them are ready, kept up to date change by change, so that
// a sync need not walk thousands of pods to count them.
#pragma once
#include <vector>

#include "control/client/pod_util.h"
#include "model/base/hash_map.h"

namespace orrery::controllers {

using api::ObjectRef;
using base::Str;

/// The active pods of one owner, by their labels: those of one template share them, so there are few groups.
struct PodTally {
  struct Group {
    api::Map<Str> labels;
    std::int32_t pods = 0, ready = 0;
  };
  std::vector<Group> groups;  ///< none is empty of pods
};

class PodTallies {
 public:
  /// Called for every change of the copy of all pods, as an InformerHandler is.
  void on_change(const ObjectRef& old, const ObjectRef& now);
  /// Null when it controls no active pod.
  const PodTally* of(std::string_view owner_uid) const { return tallies_.find(owner_uid); }

 private:
  void add(const api::Pod& pod, std::int32_t sign);
  base::HashMap<Str, PodTally> tallies_;
};

}  // namespace orrery::controllers
