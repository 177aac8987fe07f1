#include "control/scheduler/framework/snapshot.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

/// utilnode.GetZoneKey: empty when a node has neither label.
std::string zone_key(const api::Labels& labels) {
  const auto of = [&](std::string_view name, std::string_view other) -> std::string_view {
    if (const Str* v = labels.find(name)) return *v;
    if (const Str* v = labels.find(other)) return *v;
    return {};
  };
  // The deprecated label wins where a node has both.
  const std::string_view region = of("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
  const std::string_view zone = of("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
  if (region.empty() && zone.empty()) return {};
  std::string key(region);
  key += ":";
  key += '\0';
  key += ":";
  key += zone;
  return key;
}

}  // namespace

const std::vector<const NodeInfo*>& Snapshot::nodes() const {
  if (order_stale_) refresh_order();
  return order_;
}

const std::vector<const NodeInfo*>& Snapshot::nodes_with_affinity() const {
  refresh_affinity();
  return with_affinity_;
}

const std::vector<const NodeInfo*>& Snapshot::nodes_with_required_anti_affinity() const {
  refresh_affinity();
  return with_anti_affinity_;
}

const NodeInfo* Snapshot::find(std::string_view name) const {
  const auto* slot = by_name_.find(name);
  return slot && (*slot)->node_ ? slot->get() : nullptr;
}

NodeInfo& Snapshot::entry(const Str& name) {
  std::unique_ptr<NodeInfo>& slot = by_name_[name];
  if (!slot) {
    slot = std::make_unique<NodeInfo>();
    slot->name_ = name;
  }
  return *slot;
}

void Snapshot::drop_if_unused(std::string_view name) {
  const auto* slot = by_name_.find(name);
  if (slot && !(*slot)->node_ && (*slot)->pods_.empty()) by_name_.erase(name);
}

void Snapshot::enter_zone(NodeInfo* info) {
  std::string key = zone_key(info->labels());
  auto zone = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == key; });
  if (zone == zones_.end()) zone = zones_.insert(zone, Zone{std::move(key), {}});
  zone->nodes.push_back(info);
  order_stale_ = affinity_stale_ = true;
}

void Snapshot::leave_zone(NodeInfo* info) {
  const std::string key = zone_key(info->labels());
  const auto zone = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == key; });
  std::erase(zone->nodes, info);
  if (zone->nodes.empty()) zones_.erase(zone);
  order_stale_ = affinity_stale_ = true;
}

void Snapshot::take_images(NodeInfo& info) {
  for (const api::ContainerImage& image : info.node().status->images) {
    for (const Str& name : image.names) {
      base::Ref<ImageState>& state = images_[name];
      if (!state) {
        state = base::make_ref<ImageState>();
        state->size = image.size_bytes;
      }
      info.images_.push_back({name, state});
    }
  }
  const auto by_name = [](const NodeInfo::HeldImage& a, const NodeInfo::HeldImage& b) { return a.name < b.name; };
  std::stable_sort(info.images_.begin(), info.images_.end(), by_name);
  const auto same = [](const NodeInfo::HeldImage& a, const NodeInfo::HeldImage& b) { return a.name == b.name; };
  info.images_.erase(std::unique(info.images_.begin(), info.images_.end(), same), info.images_.end());
  for (NodeInfo::HeldImage& held : info.images_) ++held.state->nodes;
}

void Snapshot::release_images(NodeInfo& info) {
  for (NodeInfo::HeldImage& held : info.images_) {
    if (--held.state->nodes == 0) images_.erase(held.name);
  }
  info.images_.clear();
}

void Snapshot::set_node(NodeHandle node) {
  NodeInfo& info = entry(node->metadata.name);
  const bool fresh = !info.node_;
  const bool moves = !fresh && zone_key(info.labels()) != zone_key(node->metadata.labels);
  const bool images = fresh || !info.node().status->images.shares(node->status->images);
  if (moves) leave_zone(&info);
  if (images) release_images(info);
  info.node_ = std::move(node);
  if (fresh || moves) enter_zone(&info);
  if (fresh) ++node_count_;
  if (images) take_images(info);
  info.allocatable_ = Resource();
  info.allocatable_.add(info.node().status->allocatable);
  ++info.generation_;
}

void Snapshot::remove_node(std::string_view name) {
  auto* slot = by_name_.find(name);
  if (!slot || !(*slot)->node_) return;
  NodeInfo& info = **slot;
  leave_zone(&info);
  release_images(info);
  info.node_ = NodeHandle();
  ++info.generation_;
  --node_count_;
  drop_if_unused(name);
}

void Snapshot::add_pod(PodInfoRef pod, const Str& node) {
  NodeInfo& info = entry(node);
  const std::size_t before = info.with_affinity_.size();
  const std::size_t anti_before = info.with_anti_affinity_.size();
  info.add_pod(std::move(pod));
  ++pod_count_;
  if ((before == 0) != info.with_affinity_.empty() || (anti_before == 0) != info.with_anti_affinity_.empty()) {
    affinity_stale_ = true;
  }
}

bool Snapshot::remove_pod(const api::Pod& pod, std::string_view node) {
  auto* slot = by_name_.find(node);
  if (!slot) return false;
  NodeInfo& info = **slot;
  const std::size_t before = info.with_affinity_.size();
  const std::size_t anti_before = info.with_anti_affinity_.size();
  if (!info.remove_pod(pod)) return false;
  --pod_count_;
  if ((before == 0) != info.with_affinity_.empty() || (anti_before == 0) != info.with_anti_affinity_.empty()) {
    affinity_stale_ = true;
  }
  drop_if_unused(node);
  return true;
}

void Snapshot::refresh_order() const {
  order_.clear();
  std::size_t longest = 0;
  for (const Zone& z : zones_) longest = std::max(longest, z.nodes.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (const Zone& z : zones_) {
      if (i >= z.nodes.size()) continue;
      z.nodes[i]->index_ = static_cast<std::uint32_t>(order_.size());
      order_.push_back(z.nodes[i]);
    }
  }
  order_stale_ = false;
}

void Snapshot::refresh_affinity() const {
  if (!affinity_stale_ && !order_stale_) return;
  with_affinity_.clear();
  with_anti_affinity_.clear();
  for (const NodeInfo* n : nodes()) {
    if (!n->with_affinity_.empty()) with_affinity_.push_back(n);
    if (!n->with_anti_affinity_.empty()) with_anti_affinity_.push_back(n);
  }
  affinity_stale_ = false;
}

}  // namespace orrery::scheduler
