// SpreadView: PodTopologySpread for one class of pods. Matching pods are counted per topology value, for constraints by
// host per node, and counted on from there.
#pragma once
#include "control/scheduler/framework/class_view.h"
#include "control/scheduler/framework/pages.h"
#include "control/scheduler/framework/snapshot.h"
#include "control/scheduler/plugins/spread_constraint.h"

namespace orrery::scheduler {

class PodTopologySpread;

class SpreadView final : public ClassView {
 public:
  SpreadView(const PodTopologySpread& plugin, PodInfoRef pod);
  bool current() override;
  void rebuild() override;
  void pods_changed(const PodGroup& group, const NodeInfo& node, int delta) override;
  bool usable() const override { return usable_; }
  bool filters() const override { return !hard_.empty(); }
  const Status* filter(std::uint32_t position) const override;
  bool score(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores) override;

 private:
  struct Hard {
    SpreadConstraint constraint;
    std::optional<LabelMark> mark;         // a label that all pods have that it counts
    const TopologyIndex* topology = nullptr;
    bool self = false;                     // the pod matches its own selector
    std::int64_t domains = 0, least = 0;
    std::vector<std::int64_t> sums;        // by value
    std::vector<std::int64_t> nodes;       // that count, by value
    std::vector<std::int64_t> values_of;   // how many values have this sum

    void enter(std::uint32_t value);
    void add(std::uint32_t value, std::int64_t delta);
  };
  struct Soft {
    SpreadConstraint constraint;
    std::optional<LabelMark> mark;
    const TopologyIndex* topology = nullptr;
    bool by_host = false;
    Pages<std::int32_t> on_host;           // pods by position, when by host
    std::int32_t most = 0;                 // of them on one host, ever
    std::vector<std::int64_t> sums;        // pods by value, when not
    double weight = 0;
    std::size_t weighed_domains = SIZE_MAX;
    std::vector<std::uint32_t> seen;       // by value: the last cycle in which a feasible node had it, when not by host

    double share(std::int64_t count) const;
  };

  bool selectors_changed();
  bool take_constraints();
  void find_topologies();
  bool counts_hard(std::size_t i, const NodeInfo& node) const;
  template <class Constraint>
  bool counts(const Constraint& c, const PodGroup& group) const;
  void count_all();
  bool ignored(std::uint32_t position) const;
  void weigh(std::span<const std::uint32_t> feasible);
  std::size_t kinds_of_nodes() const;
  bool score_kinds(std::size_t kinds, std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores);
  static void number_kinds(const Soft& s, std::size_t stride, std::span<const std::uint32_t> feasible,
                           std::span<std::int32_t> kinds);
  bool score_nodes(std::span<const std::uint32_t> feasible, std::span<std::int32_t> scores);

  const PodTopologySpread& plugin_;
  PodInfoRef pod_;
  RequiredNodeAffinity affinity_;
  bool own_constraints_, require_all_, usable_ = false, taken_ = false, honors_taints_ = false;
  std::uint64_t taint_version_ = 0;
  std::array<std::int64_t, 4> versions_{};   // of the kinds that default selectors are made of
  std::vector<Hard> hard_;
  std::vector<Soft> soft_;
  std::vector<double> sums_;                 // scratch, per feasible node
  std::uint32_t cycle_ = 0;
};

}  // namespace orrery::scheduler
