#include "control/scheduler/plugins/affinity_view.h"

#include <algorithm>

#include "control/scheduler/plugins/inter_pod_affinity.h"

namespace orrery::scheduler {
namespace {

void add(std::vector<std::int64_t>& sums, std::uint32_t value, std::int64_t delta, std::int64_t& pairs) {
  std::int64_t& sum = sums[value];
  pairs -= sum != 0 ? 1 : 0;
  sum += delta;
  pairs += sum != 0 ? 1 : 0;
}

}  // namespace

AffinityView::AffinityView(const InterPodAffinity& plugin, PodInfoRef pod) : plugin_(plugin), pod_(std::move(pod)) {}

bool AffinityView::current() {
  const std::int64_t version = plugin_.lister().version(api::KindId::kNamespace);
  if (taken_ && version == namespaces_) return true;
  taken_ = false;
  return false;
}

void AffinityView::take_terms() {
  taken_ = true;
  namespaces_ = plugin_.lister().version(api::KindId::kNamespace);
  ns_labels_ = namespace_labels(plugin_.lister(), pod_->meta().namespace_);
  affinity_.clear();
  anti_affinity_.clear();
  preferred_.clear();
  for (const AffinityTerm& t : pod_->required_affinity) affinity_.push_back(plugin_.resolved(t));
  for (const AffinityTerm& t : pod_->required_anti_affinity) anti_affinity_.push_back(plugin_.resolved(t));
  for (const WeightedAffinityTerm& t : pod_->preferred_affinity) preferred_.push_back({plugin_.resolved(t.term), t.weight});
  for (const WeightedAffinityTerm& t : pod_->preferred_anti_affinity) {
    preferred_.push_back({plugin_.resolved(t.term), -t.weight});
  }
  self_ = plugin_.matches_all(affinity_, pod_->pod());
  known_.clear();
  relations_.assign(1, Relation());
}

void AffinityView::rebuild() {
  if (!taken_) take_terms();
  const Snapshot& snapshot = plugin_.snapshot();
  usable_ = true;
  for (Key& k : keys_) {
    k.topology = &snapshot.topology(k.name);
    usable_ = usable_ && !k.topology->has_empty_value();
    for (auto* sums : {&k.existing, &k.matching, &k.repelling, &k.preferred}) sums->assign(k.topology->bound(), 0);
  }
  existing_pairs_ = matching_pairs_ = repelling_pairs_ = 0;
  any_preferred_ = false;
  affinity_keys_.clear();
  anti_affinity_keys_.clear();
  for (const AffinityTerm& t : affinity_) affinity_keys_.push_back(key(t.topology_key));
  for (const AffinityTerm& t : anti_affinity_) anti_affinity_keys_.push_back(key(t.topology_key));
  const auto count = [&](const PodGroup& group) {
    if (relation(group).empty()) return;
    for (const PodGroup::Place& p : group.places) {
      if (p.node->handle()) pods_changed(group, *p.node, static_cast<int>(p.count));
    }
  };
  if (own_required() || !preferred_.empty()) {
    for (const base::Ref<PodGroup>& group : snapshot.groups().all()) count(*group);
  } else {
    for (const PodGroup* group : snapshot.groups().with_affinity()) count(*group);
  }
}

AffinityView::KeyNumber AffinityView::key(const Str& name) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].name == name) return static_cast<KeyNumber>(i);
  }
  Key k{name, &plugin_.snapshot().topology(name), {}, {}, {}, {}};
  usable_ = usable_ && !k.topology->has_empty_value();
  for (auto* sums : {&k.existing, &k.matching, &k.repelling, &k.preferred}) sums->assign(k.topology->bound(), 0);
  keys_.push_back(std::move(k));
  return static_cast<KeyNumber>(keys_.size() - 1);
}

AffinityView::Relation AffinityView::relate(const PodInfo& other) {
  Relation out;
  for (const AffinityTerm& t : other.required_anti_affinity) {
    if (t.matches(pod_->pod(), ns_labels_)) out.existing.push_back(key(t.topology_key));
  }
  if (plugin_.matches_all(affinity_, other.pod())) out.matching = affinity_keys_;
  for (std::size_t i = 0; i < anti_affinity_.size(); ++i) {
    if (anti_affinity_[i].matches(other.pod(), {})) out.repelling.push_back(anti_affinity_keys_[i]);
  }
  const InterPodAffinityConfig& config = plugin_.config();
  if (config.ignore_preferred_terms_of_existing_pods && preferred_.empty()) return out;
  const auto prefer = [&](const AffinityTerm& t, const api::Pod& target, const api::Labels& labels, std::int64_t weight) {
    if (t.matches(target, labels)) out.preferred.push_back({key(t.topology_key), weight});
  };
  for (const WeightedAffinityTerm& t : preferred_) prefer(t.term, other.pod(), {}, t.weight);
  if (config.hard_pod_affinity_weight > 0) {
    for (const AffinityTerm& t : other.required_affinity) prefer(t, pod_->pod(), ns_labels_, config.hard_pod_affinity_weight);
  }
  for (const WeightedAffinityTerm& t : other.preferred_affinity) prefer(t.term, pod_->pod(), ns_labels_, t.weight);
  for (const WeightedAffinityTerm& t : other.preferred_anti_affinity) prefer(t.term, pod_->pod(), ns_labels_, -t.weight);
  return out;
}

const AffinityView::Relation& AffinityView::relation(const PodGroup& group) {
  if (!group.has_affinity && !own_required() && preferred_.empty()) return relations_[0];
  Known& k = known_[group.id];
  if (k.serial != group.serial) {
    Relation found = relate(group.sample());
    if (k.relation != 0) relations_[k.relation] = std::move(found);
    else if (!found.empty()) {
      k.relation = static_cast<std::uint32_t>(relations_.size());
      relations_.push_back(std::move(found));
    }
    k.serial = group.serial;
  }
  return relations_[k.relation];
}

void AffinityView::pods_changed(const PodGroup& group, const NodeInfo& node, int delta) {
  const Relation& r = relation(group);
  if (r.empty()) return;
  const auto value = [&](KeyNumber k) { return keys_[k].topology->value(node.index()); };
  const auto count = [&](const std::vector<KeyNumber>& keys, std::vector<std::int64_t> Key::*sums, std::int64_t& pairs) {
    for (const KeyNumber k : keys) {
      if (value(k) != TopologyIndex::kMissing) add(keys_[k].*sums, value(k), delta, pairs);
    }
  };
  count(r.existing, &Key::existing, existing_pairs_);
  count(r.matching, &Key::matching, matching_pairs_);
  count(r.repelling, &Key::repelling, repelling_pairs_);
  for (const auto& [k, weight] : r.preferred) {
    keys_[k].preferred[value(k)] += delta * weight;
    any_preferred_ = true;
  }
}

bool AffinityView::filters() const { return own_required() || existing_pairs_ != 0; }

bool AffinityView::near_enough(std::uint32_t position) const {
  bool exist = true;
  for (const KeyNumber k : affinity_keys_) {
    const std::uint32_t value = keys_[k].topology->value(position);
    if (value == TopologyIndex::kMissing) return false;
    exist = exist && keys_[k].matching[value] > 0;
  }
  return exist || (matching_pairs_ == 0 && self_);
}

bool AffinityView::far_enough(std::uint32_t position) const {
  if (repelling_pairs_ == 0) return true;
  return std::none_of(anti_affinity_keys_.begin(), anti_affinity_keys_.end(), [&](KeyNumber k) {
    const std::uint32_t value = keys_[k].topology->value(position);
    return value != TopologyIndex::kMissing && keys_[k].repelling[value] > 0;
  });
}

bool AffinityView::unwelcome(std::uint32_t position) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& k) {
    const std::uint32_t value = k.topology->value(position);
    return value != TopologyIndex::kMissing && k.existing[value] > 0;
  });
}

const Status* AffinityView::filter(std::uint32_t position) const {
  if (!near_enough(position)) return &plugin_.affinity_status();
  if (!far_enough(position)) return &plugin_.anti_affinity_status();
  return existing_pairs_ != 0 && unwelcome(position) ? &plugin_.existing_status() : nullptr;
}

bool AffinityView::score(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) {
  if (!any_preferred_) return false;
  sums_.assign(feasible.size(), 0);
  for (const Key& k : keys_) {
    for (std::size_t j = 0; j < feasible.size(); ++j) {
      const std::uint32_t value = k.topology->value(feasible[j]);
      if (value != TopologyIndex::kMissing) sums_[j] += k.preferred[value];
    }
  }
  const auto [lowest, highest] = std::minmax_element(sums_.begin(), sums_.end());
  if (*lowest == *highest) return false;
  const auto range = static_cast<double>(*highest - *lowest);
  for (std::size_t j = 0; j < feasible.size(); ++j) {
    const double share = static_cast<double>(sums_[j] - *lowest) / range;
    scores[j] = static_cast<std::int32_t>(static_cast<double>(kMaxNodeScore) * share);
  }
  return true;
}

}  // namespace orrery::scheduler
