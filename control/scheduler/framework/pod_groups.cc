#include "control/scheduler/framework/pod_groups.h"

#include <algorithm>

#include "control/scheduler/framework/node_info.h"
#include "model/base/hash.h"
#include "model/codec/json_write.h"

namespace orrery::scheduler {
namespace {

std::uint64_t hash_of(const PodInfo& pod) {
  const api::ObjectMeta& meta = pod.meta();
  std::uint64_t h = base::hash_bytes(meta.namespace_, meta.deleting() ? 1 : 0);
  for (const auto& [key, value] : meta.labels) h = base::hash_bytes(value, base::hash_bytes(key, h));
  return base::combine64(h, pod.has_affinity() ? 1 : 0);
}

bool same_affinity(const PodInfo& a, const PodInfo& b) {
  if (a.has_affinity() != b.has_affinity()) return false;
  if (!a.has_affinity() || a.spec().affinity.shares(b.spec().affinity)) return true;
  return codec::to_json(*a.spec().affinity) == codec::to_json(*b.spec().affinity);
}

/// Removes the item at `at`, whose place the last one takes; that one is told by `moved`.
template <class T, class Moved>
void swap_out(std::vector<T>& list, std::uint32_t at, Moved moved) {
  if (at + 1 != list.size()) {
    list[at] = std::move(list.back());
    moved(list[at], at);
  }
  list.pop_back();
}

const std::vector<PodGroup*>& none() {
  static const std::vector<PodGroup*> kNone;
  return kNone;
}

}  // namespace

LabelMark label_mark(std::string_view ns, std::string_view key, std::string_view value) {
  return base::hash_bytes(value, base::hash_bytes(key, base::hash_bytes(ns)));
}

std::optional<LabelMark> required_mark(const api::Selector& selector, std::string_view ns) {
  for (const api::Requirement& r : selector.requirements()) {
    const bool equal = r.op() == api::SelectorOp::kIn || r.op() == api::SelectorOp::kEquals ||
                       r.op() == api::SelectorOp::kDoubleEquals;
    if (equal && r.values().size() == 1) return label_mark(ns, r.key(), r.values()[0]);
  }
  return std::nullopt;
}

const std::vector<PodGroup*>& PodGroups::with_label(LabelMark mark) const {
  const auto* groups = by_label_.find(mark);
  return groups ? *groups : none();
}

const std::vector<PodGroup*>& PodGroups::in_namespace(std::string_view ns) const {
  const auto it = namespaces_.find(ns);
  return it == namespaces_.end() ? none() : it->second;
}

PodGroup* PodGroups::find(const PodInfo& pod, std::uint64_t hash) const {
  const auto* candidates = by_hash_.find(hash);
  if (!candidates) return nullptr;
  for (PodGroup* g : *candidates) {
    const api::ObjectMeta& meta = g->sample().meta();
    if (g->deleting == pod.meta().deleting() && meta.namespace_ == pod.meta().namespace_ &&
        same_labels(meta.labels, pod.meta().labels) && same_affinity(g->sample(), pod)) {
      return g;
    }
  }
  return nullptr;
}

PodGroup* PodGroups::create(const PodInfoRef& pod, std::uint64_t hash) {
  auto group = base::make_ref<PodGroup>();
  PodGroup* g = group.get();
  g->pod = pod;
  g->deleting = pod->meta().deleting();
  g->has_affinity = pod->has_affinity();
  g->hash = hash;
  g->serial = next_serial_++;
  if (free_ids_.empty()) {
    g->id = next_id_++;
  } else {
    g->id = free_ids_.back();
    free_ids_.pop_back();
  }
  by_hash_[hash].push_back(g);
  auto& siblings = namespaces_[pod->meta().namespace_];
  g->in_namespace = static_cast<std::uint32_t>(siblings.size());
  siblings.push_back(g);
  for (const auto& [key, value] : pod->meta().labels) {
    const LabelMark mark = label_mark(pod->meta().namespace_, key, value);
    auto& alike = by_label_[mark];
    g->marks.push_back({mark, static_cast<std::uint32_t>(alike.size())});
    alike.push_back(g);
  }
  if (g->has_affinity) {
    g->in_affinity = static_cast<std::uint32_t>(with_affinity_.size());
    with_affinity_.push_back(g);
  }
  g->in_all = static_cast<std::uint32_t>(all_.size());
  all_.push_back(std::move(group));
  return g;
}

void PodGroups::destroy(PodGroup* g) {
  auto* candidates = by_hash_.find(g->hash);
  std::erase(*candidates, g);
  if (candidates->empty()) by_hash_.erase(g->hash);
  const auto siblings = namespaces_.find(g->sample().meta().namespace_);
  swap_out(siblings->second, g->in_namespace, [](PodGroup* m, std::uint32_t at) { m->in_namespace = at; });
  if (siblings->second.empty()) namespaces_.erase(siblings);
  for (const PodGroup::Mark& mine : g->marks) {
    auto& alike = *by_label_.find(mine.mark);
    swap_out(alike, mine.place, [&](PodGroup* moved, std::uint32_t at) {
      for (PodGroup::Mark& m : moved->marks) {
        if (m.mark == mine.mark && m.place == alike.size() - 1) m.place = at;
      }
    });
    if (alike.empty()) by_label_.erase(mine.mark);
  }
  if (g->has_affinity) {
    swap_out(with_affinity_, g->in_affinity, [](PodGroup* m, std::uint32_t at) { m->in_affinity = at; });
  }
  free_ids_.push_back(g->id);
  swap_out(all_, g->in_all, [](const base::Ref<PodGroup>& m, std::uint32_t at) { m->in_all = at; });
}

void PodGroups::log(PodGroup* group, const NodeInfo& node, int delta) {
  if (!node.handle()) return;
  Change change{base::Ref<PodGroup>(group), &node, delta};
  if (log_.size() < kRemembered) log_.push_back(std::move(change));
  else log_[changes_ % kRemembered] = std::move(change);
  ++changes_;
}

void PodGroups::add(const PodInfoRef& pod, NodeInfo& node) {
  const std::uint64_t hash = hash_of(*pod);
  PodGroup* group = find(*pod, hash);
  if (!group) group = create(pod, hash);
  log(group, node, 1);
  for (const Membership& m : node.groups_) {
    if (m.group != group) continue;
    ++group->places[m.place].count;
    return;
  }
  node.groups_.push_back({group, static_cast<std::uint32_t>(group->places.size())});
  group->places.push_back({&node, 1});
}

void PodGroups::remove(const PodInfo& pod, NodeInfo& node) {
  PodGroup* group = find(pod, hash_of(pod));
  const auto at = std::find_if(node.groups_.begin(), node.groups_.end(), [&](const Membership& m) { return m.group == group; });
  ORRERY_CHECK(group && at != node.groups_.end(), "a pod leaves a node that did not count it");
  log(group, node, -1);
  if (--group->places[at->place].count != 0) return;
  swap_out(group->places, at->place, [&](const PodGroup::Place& moved, std::uint32_t place) {
    for (Membership& m : moved.node->groups_) {
      if (m.group == group) m.place = place;
    }
  });
  *at = node.groups_.back();
  node.groups_.pop_back();
  if (group->places.empty()) destroy(group);
}

}  // namespace orrery::scheduler
