#include "control/scheduler/queue/nominator.h"

namespace orrery::scheduler {

const std::vector<PodInfoRef>& Nominator::nominated_on(std::string_view node) const {
  static const std::vector<PodInfoRef> kNone;
  if (by_node_.empty()) return kNone;
  const auto it = by_node_.find(node);
  return it == by_node_.end() ? kNone : it->second;
}

std::vector<std::string_view> Nominator::nodes() const {
  std::vector<std::string_view> out;
  for (const auto& [node, pods] : by_node_) out.push_back(node);
  return out;
}

void Nominator::add(PodInfoRef pod, Str node) {
  remove(pod->meta().uid);
  if (node.empty()) node = pod->pod().status->nominated_node_name;
  if (node.empty()) return;
  node_of_[pod->meta().uid] = node;
  by_node_[node].push_back(std::move(pod));
}

void Nominator::remove(const Str& uid) {
  const auto it = node_of_.find(uid);
  if (it == node_of_.end()) return;
  const auto list = by_node_.find(it->second);
  std::erase_if(list->second, [&](const PodInfoRef& p) { return p->meta().uid == uid; });
  if (list->second.empty()) by_node_.erase(list);
  node_of_.erase(it);
}

void Nominator::update(const api::Pod& old, PodInfoRef now) {
  // Informer updates may arrive before the status that carries the nomination has been written.
  Str keep;
  const bool unnamed = old.status->nominated_node_name.empty() && now->pod().status->nominated_node_name.empty();
  const auto it = node_of_.find(old.metadata.uid);
  if (unnamed && it != node_of_.end()) keep = it->second;
  remove(old.metadata.uid);
  add(std::move(now), keep);
}

}  // namespace orrery::scheduler
