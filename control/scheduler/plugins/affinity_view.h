// AffinityView: InterPodAffinity for one class of pods. What the pods on nodes mean to the class, and the class to them, is
// found once per group and summed up by topology value.
#pragma once
#include "control/scheduler/framework/class_view.h"
#include "control/scheduler/framework/snapshot.h"

namespace orrery::scheduler {

class InterPodAffinity;

class AffinityView final : public ClassView {
 public:
  AffinityView(const InterPodAffinity& plugin, PodInfoRef pod);
  bool current() override;
  void rebuild() override;
  void pods_changed(const PodGroup& group, const NodeInfo& node, int delta) override;
  bool usable() const override { return usable_; }
  bool filters() const override;
  const Status* filter(std::uint32_t position) const override;
  bool score(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) override;

 private:
  /// Sums by topology key and value.
  struct Key {
    Str name;
    const TopologyIndex* topology;
    std::vector<std::int64_t> existing, matching, repelling, preferred;   // by value
  };
  using KeyNumber = std::uint32_t;
  /// What one pod of a group adds.
  struct Relation {
    std::vector<KeyNumber> existing;     // its required anti-affinity terms that match the class
    std::vector<KeyNumber> matching;     // the class's required affinity, when it matches all terms
    std::vector<KeyNumber> repelling;    // the class's required anti-affinity terms that it matches
    std::vector<std::pair<KeyNumber, std::int64_t>> preferred;
    bool empty() const { return existing.empty() && matching.empty() && repelling.empty() && preferred.empty(); }
  };
  struct Known {
    std::uint64_t serial = 0;
    std::uint32_t relation = 0;          // in relations_; 0: none
  };

  KeyNumber key(const Str& name);
  const Relation& relation(const PodGroup& group);
  Relation relate(const PodInfo& other);
  bool own_required() const { return !affinity_.empty() || !anti_affinity_.empty(); }
  void take_terms();
  bool near_enough(std::uint32_t position) const;
  bool far_enough(std::uint32_t position) const;
  bool unwelcome(std::uint32_t position) const;

  const InterPodAffinity& plugin_;
  PodInfoRef pod_;
  bool usable_ = false, taken_ = false, self_ = false;
  std::int64_t namespaces_ = 0;                          // version
  api::Labels ns_labels_;
  std::vector<AffinityTerm> affinity_, anti_affinity_;   // resolved
  std::vector<WeightedAffinityTerm> preferred_;
  std::vector<KeyNumber> affinity_keys_, anti_affinity_keys_;
  std::vector<Key> keys_;
  std::vector<Relation> relations_;
  base::HashMap<std::uint32_t, Known> known_;            // by group id
  std::int64_t existing_pairs_ = 0, matching_pairs_ = 0, repelling_pairs_ = 0;   // that are not zero
  bool any_preferred_ = false;
  std::vector<std::int64_t> sums_;                       // scratch, per feasible node
};

}  // namespace orrery::scheduler
