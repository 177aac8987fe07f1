#include "control/scheduler/cache.h"

namespace orrery::scheduler {

void Cache::uncount(const Entry& entry) {
  if (entry.counted) snapshot_.remove_pod(entry.pod->pod(), entry.node);
}

void Cache::assume(PodInfoRef pod, const Str& node, bool on_node) {
  Entry& entry = pods_[pod->meta().uid];
  if (entry.pod) uncount(entry);
  entry = {pod, node, true, on_node};
  if (on_node) snapshot_.add_pod(std::move(pod), node);
}

void Cache::forget(const Str& uid) {
  const auto it = pods_.find(uid);
  if (it == pods_.end() || !it->second.assumed) return;
  uncount(it->second);
  pods_.erase(it);
}

bool Cache::assumed(const Str& uid) const {
  const auto it = pods_.find(uid);
  return it != pods_.end() && it->second.assumed;
}

void Cache::set_pod(PodInfoRef pod) {
  Entry& entry = pods_[pod->meta().uid];
  if (entry.pod && entry.counted && entry.node == pod->spec().node_name) {
    snapshot_.update_pod(*entry.pod, pod, entry.node);
    entry.pod = std::move(pod);
    entry.assumed = false;
    return;
  }
  if (entry.pod) uncount(entry);
  entry = {pod, pod->spec().node_name, false, true};
  snapshot_.add_pod(std::move(pod), entry.node);
}

void Cache::remove_pod(const Str& uid) {
  const auto it = pods_.find(uid);
  if (it == pods_.end()) return;
  uncount(it->second);
  pods_.erase(it);
}

}  // namespace orrery::scheduler
