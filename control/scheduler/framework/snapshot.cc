#include "control/scheduler/framework/snapshot.h"

#include <algorithm>

#include "control/scheduler/framework/topology_keys.h"

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
  const std::string_view region = of(kBetaTopologyKeys.region, kTopologyKeys.region);
  const std::string_view zone = of(kBetaTopologyKeys.zone, kTopologyKeys.zone);
  if (region.empty() && zone.empty()) return {};
  std::string key(region);
  key += ":";
  key += '\0';
  key += ":";
  key += zone;
  return key;
}

bool same_taints(const api::List<api::Taint>& a, const api::List<api::Taint>& b) {
  const auto same = [](const api::Taint& x, const api::Taint& y) {
    return x.key == y.key && x.value == y.value && x.effect == y.effect;
  };
  return a.shares(b) || std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

}  // namespace

const std::vector<const NodeInfo*>& Snapshot::nodes() const {
  if (order_stale_) refresh_order();
  return order_;
}

const std::vector<std::uint64_t>& Snapshot::generations() const {
  if (order_stale_) refresh_order();
  return generations_;
}

const TopologyIndex& Snapshot::topology(const Str& key) const {
  std::unique_ptr<Topology>& slot = topologies_[key];
  if (!slot) slot = std::make_unique<Topology>();
  if (slot->version != label_version_) {
    slot->index.build(nodes(), key);
    slot->version = label_version_;
  }
  return slot->index;
}

const ImageState* Snapshot::image(std::string_view name) const {
  const auto* state = images_.find(name);
  return state ? state->get() : nullptr;
}

void Snapshot::touch(NodeInfo& info) {
  info.generation_ = ++generation_;
  if (!order_stale_ && info.node_) generations_[info.index_] = generation_;
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
  ++order_version_;
  ++label_version_;
}

void Snapshot::leave_zone(NodeInfo* info) {
  const std::string key = zone_key(info->labels());
  const auto zone = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == key; });
  std::erase(zone->nodes, info);
  if (zone->nodes.empty()) zones_.erase(zone);
  order_stale_ = affinity_stale_ = true;
  ++order_version_;
  ++label_version_;
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
  if (!info.images_.empty()) ++image_version_;
}

void Snapshot::release_images(NodeInfo& info) {
  if (!info.images_.empty()) ++image_version_;
  for (NodeInfo::HeldImage& held : info.images_) {
    if (--held.state->nodes == 0) images_.erase(held.name);
  }
  info.images_.clear();
}

void Snapshot::take_gpus(NodeInfo& info) {
  const std::size_t count = gpu_count_of(info.node());
  Str model = gpu_model_of(info.node());
  if (count == info.gpus_.count() && model == info.gpus_.model()) return;
  info.gpus_ = GpuDevices(count, std::move(model));
  for (const PodInfoRef& pod : info.pods_) info.gpus_.change(pod->gpu, pod->gpu_indices, 1);
}

void Snapshot::set_node(NodeHandle node) {
  NodeInfo& info = entry(node->metadata.name);
  const bool fresh = !info.node_;
  const bool moves = !fresh && zone_key(info.labels()) != zone_key(node->metadata.labels);
  const bool images = fresh || !info.node().status->images.shares(node->status->images);
  if (!fresh && !same_labels(info.labels(), node->metadata.labels)) ++label_version_;
  if (!fresh && !same_taints(info.node().spec->taints, node->spec->taints)) ++taint_version_;
  if (moves) leave_zone(&info);
  if (images) release_images(info);
  info.node_ = std::move(node);
  if (fresh || moves) enter_zone(&info);
  if (fresh) ++node_count_;
  if (images) take_images(info);
  info.allocatable_ = Resource();
  info.allocatable_.add(info.node().status->allocatable);
  take_gpus(info);
  touch(info);
}

void Snapshot::remove_node(std::string_view name) {
  auto* slot = by_name_.find(name);
  if (!slot || !(*slot)->node_) return;
  NodeInfo& info = **slot;
  leave_zone(&info);
  release_images(info);
  info.node_ = NodeHandle();
  touch(info);
  --node_count_;
  drop_if_unused(name);
}

void Snapshot::add_pod(PodInfoRef pod, const Str& node) {
  NodeInfo& info = entry(node);
  const std::size_t before = info.with_affinity_.size();
  const std::size_t anti_before = info.with_anti_affinity_.size();
  groups_.add(pod, info);
  info.add_pod(std::move(pod));
  touch(info);
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
  const PodInfoRef gone = info.remove_pod(pod);
  if (!gone) return false;
  groups_.remove(*gone, info);
  touch(info);
  --pod_count_;
  if ((before == 0) != info.with_affinity_.empty() || (anti_before == 0) != info.with_anti_affinity_.empty()) {
    affinity_stale_ = true;
  }
  drop_if_unused(node);
  return true;
}

void Snapshot::update_pod(const PodInfo& old, PodInfoRef pod, const Str& node) {
  if (pod->same_footprint(old)) {
    entry(node).replace_pod(std::move(pod));
    return;
  }
  remove_pod(old.pod(), node);
  add_pod(std::move(pod), node);
}

void Snapshot::refresh_order() const {
  order_.clear();
  generations_.clear();
  std::size_t longest = 0;
  for (const Zone& z : zones_) longest = std::max(longest, z.nodes.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (const Zone& z : zones_) {
      if (i >= z.nodes.size()) continue;
      z.nodes[i]->index_ = static_cast<std::uint32_t>(order_.size());
      order_.push_back(z.nodes[i]);
      generations_.push_back(z.nodes[i]->generation_);
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
