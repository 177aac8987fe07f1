// Cache: the scheduler's idea of the cluster: what informers have shown, plus pods it has placed that they have not shown
// yet (backend/cache/cache.go).
#pragma once
#include "control/scheduler/framework/snapshot.h"
#include "model/base/btree_map.h"

namespace orrery::scheduler {

class Cache {
 public:
  const Snapshot& snapshot() const { return snapshot_; }

  void set_node(NodeHandle node) { snapshot_.set_node(std::move(node)); }
  void remove_node(std::string_view name) { snapshot_.remove_node(name); }

  /// The scheduler has decided: the pod counts on the node from now on. `on_node` false (a planted bug): it does not count.
  void assume(PodInfoRef pod, const Str& node, bool on_node = true);
  /// The binding failed. No effect once an informer has shown the pod.
  void forget(const Str& uid);
  bool assumed(const Str& uid) const;
  /// An assigned pod as an informer shows it, new or changed; wherever it was assumed to be.
  void set_pod(PodInfoRef pod);
  /// Gone or ended.
  void remove_pod(const Str& uid);
  bool has_pod(const Str& uid) const { return pods_.contains(uid); }

 private:
  struct Entry {
    PodInfoRef pod;
    Str node;
    bool assumed = false, counted = true;
  };
  void uncount(const Entry& entry);

  Snapshot snapshot_;
  base::BTreeMap<Str, Entry> pods_;  // by uid
};

}  // namespace orrery::scheduler
