// RemoveDuplicates (pkg/framework/plugins/removeduplicates).
#include <algorithm>
#include <map>

#include "control/scheduler/descheduler/evictable.h"
#include "control/scheduler/descheduler/strategies.h"

namespace orrery::scheduler::descheduler {
namespace {

/// Replicas: one namespace, the same owners, the same images. "" for a pod without an owner.
std::string replica_key(const PodInfo& pod) {
  std::string out;
  for (const api::OwnerReference& o : pod.meta().owner_references) out += base::cat(o.kind, "/", o.name, "\n");
  if (out.empty()) return out;
  std::vector<Str> images;
  for (const api::Container& c : pod.spec().containers) images.push_back(c.image);
  std::sort(images.begin(), images.end());
  for (const Str& image : images) out += base::cat("#", image);
  return base::cat(pod.meta().namespace_, "\n", out);
}

struct Replicas {
  std::size_t all = 0;
  std::map<std::uint32_t, std::vector<PodInfoRef>> on;   // by the node's place in the snapshot, as they stand there
};

/// Nodes that replicas beyond a node's first may go to; a replica that has one node only counts for none.
std::size_t target_nodes(const Snapshot& snapshot, const Replicas& replicas) {
  std::vector<bool> target(snapshot.size());
  for (const auto& [place, pods] : replicas.on) {
    for (std::size_t i = 1; i < pods.size(); ++i) {
      std::vector<std::uint32_t> matching;
      for (const NodeInfo* n : snapshot.nodes()) {
        if (may_go_to(*pods[i], *n)) matching.push_back(n->index());
      }
      if (matching.size() < 2) continue;
      for (const std::uint32_t m : matching) target[m] = true;
    }
  }
  return static_cast<std::size_t>(std::count(target.begin(), target.end(), true));
}

}  // namespace

std::vector<PodInfoRef> remove_duplicates(const Snapshot& snapshot) {
  std::map<std::string, Replicas> owners;
  for (const NodeInfo* n : snapshot.nodes()) {
    for (const PodInfoRef& p : n->pods()) {
      const std::string key = evictable(*p) ? replica_key(*p) : std::string();
      if (key.empty()) continue;
      Replicas& r = owners[key];
      ++r.all;
      r.on[n->index()].push_back(p);
    }
  }
  std::vector<PodInfoRef> out;
  for (const auto& [key, replicas] : owners) {
    const auto crowded = [](const auto& e) { return e.second.size() > 1; };
    if (std::none_of(replicas.on.begin(), replicas.on.end(), crowded)) continue;
    const std::size_t targets = target_nodes(snapshot, replicas);
    if (targets < 2) continue;
    const std::size_t share = (replicas.all + targets - 1) / targets;
    for (const auto& [place, pods] : replicas.on) {
      if (pods.size() > share) out.insert(out.end(), pods.begin() + static_cast<std::ptrdiff_t>(share), pods.end());
    }
  }
  return out;
}

}  // namespace orrery::scheduler::descheduler
