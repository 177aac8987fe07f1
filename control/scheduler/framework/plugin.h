// The extension points of the scheduling framework, one small interface each (pkg/scheduler/framework/interface.go).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/scheduler/framework/class_view.h"
#include "control/scheduler/framework/cluster_event.h"
#include "control/scheduler/framework/cycle_state.h"
#include "control/scheduler/framework/lister.h"
#include "control/scheduler/framework/snapshot.h"
#include "control/scheduler/framework/status.h"
#include "model/base/btree_map.h"
#include "model/base/random.h"
#include "model/env/task.h"

namespace orrery::scheduler {

inline constexpr std::int64_t kMaxNodeScore = 100;

struct QueuedPod;
class Framework;

/// On what the answers of a plugin depend, so that they may be kept from cycle to cycle (pod_class.h).
enum class Reach : std::uint8_t {
  kAnything,   ///< they are never kept: pods that concern the plugin are decided by the plain cycle
  kNode,       ///< Filter, Score: on the pod's class_key() and the one NodeInfo without the status of its pods. PreFilter,
               ///< PreScore: on the class alone. NormalizeScore maps equal scores of a cycle to equal scores.
  kView,       ///< a ClassView keeps them. PreFilter neither rejects nor cuts the nodes.
};

/// What plugins may look at. References outlive the plugins. Plugins keep no state of the cluster themselves.
struct PluginContext {
  const Snapshot& snapshot;
  const Lister& lister;
};

/// A plugin implements some of the interfaces below (by multiple inheritance) and is called at those points.
class Plugin {
 public:
  virtual ~Plugin() = default;
  /// A literal.
  virtual std::string_view name() const = 0;
  /// Does `change` interest pods that this plugin rejected? Called for changes that match events().
  virtual QueueingHint hint(const PodInfo&, const ClusterChange&) const { return QueueingHint::kQueue; }
  virtual std::vector<ClusterEvent> events() const { return {}; }
  /// Of a plugin that filters or scores. Whatever it says, its states are missing at Reserve and later when a class decided.
  virtual Reach reach() const { return Reach::kAnything; }
  /// False when the plugin has nothing to say about pods of the class (volumes count as part of it) and no state for them.
  virtual bool concerns(const PodInfo&) const { return true; }
  /// With kView. `pod` stands for its class.
  virtual std::unique_ptr<ClassView> make_view(const PodInfoRef& /*pod*/) const { return nullptr; }
  /// Where the plugin's states stand in a CycleState; given by the Framework.
  int slot() const { return slot_; }

 private:
  friend class Framework;
  int slot_ = -1;
};

class PreEnqueuePlugin {
 public:
  virtual ~PreEnqueuePlugin() = default;
  virtual Status pre_enqueue(const PodInfo& pod) const = 0;
};

class QueueSortPlugin {
 public:
  virtual ~QueueSortPlugin() = default;
  virtual bool less(const QueuedPod& a, const QueuedPod& b) const = 0;
};

/// nullopt: all nodes.
using NodeNames = std::optional<base::BTreeSet<Str>>;

class PreFilterPlugin {
 public:
  virtual ~PreFilterPlugin() = default;
  /// Success, a rejection of the pod on every node, an error, or Skip: then filter() is not called. May restrict the nodes.
  virtual Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const = 0;
  /// Keep the state right while pods are added to or removed from `node` (already changed) on trial.
  virtual void add_pod(CycleState&, const PodInfo& /*pod*/, const PodInfo& /*added*/, const NodeInfo& /*node*/) const {}
  virtual void remove_pod(CycleState&, const PodInfo& /*pod*/, const PodInfo& /*removed*/, const NodeInfo& /*node*/) const {}
};

class FilterPlugin {
 public:
  virtual ~FilterPlugin() = default;
  virtual Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const = 0;
  /// Of a node that filter() rejects: what would have had to differ, with amounts; empty when the reasons say it all.
  virtual std::string shortfall(const CycleState&, const PodInfo& /*pod*/, const NodeInfo& /*node*/) const { return {}; }
};

struct Diagnosis;

/// The victims' removal that a PostFilter proposes, carried out after the cycle.
struct PostFilterResult {
  std::optional<Str> nominated_node;   ///< set: overrides status.nominatedNodeName, "" clears it
  std::vector<PodInfoRef> victims;     ///< most important first
  std::size_t dry_runs = 0;            ///< nodes on which the removal was tried
  bool dry = false;                    ///< in: the attempt is only explained; plugins leave everything as it is
};

class PostFilterPlugin {
 public:
  virtual ~PostFilterPlugin() = default;
  /// Success: the pod may fit after the victims are gone.
  virtual Status post_filter(const CycleState& state, const PodInfo& pod, const Diagnosis& diagnosis,
                             base::RandomStream& random, PostFilterResult& result) const = 0;
};

class PreScorePlugin {
 public:
  virtual ~PreScorePlugin() = default;
  /// Skip: score() is not called.
  virtual Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const = 0;
};

class ScorePlugin {
 public:
  virtual ~ScorePlugin() = default;
  /// In [0, 100] unless the plugin normalises.
  virtual std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const = 0;
};

class NormalizeScorePlugin : public ScorePlugin {
 public:
  /// Brings the scores of `feasible` into [0, 100].
  virtual void normalize(const CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                         std::span<std::int64_t> scores) const = 0;
};

/// Reserve and unreserve must not fail half-way: unreserve is idempotent.
class ReservePlugin {
 public:
  virtual ~ReservePlugin() = default;
  virtual Status reserve(CycleState& state, const PodInfo& pod, const NodeInfo& node) const = 0;
  virtual void unreserve(CycleState& state, const PodInfo& pod, std::string_view node) const = 0;
};

class AssignPlugin {
 public:
  virtual ~AssignPlugin() = default;
  /// Called once `node` is chosen, before the pod counts there: the pod with what it gets of the node besides amounts (its
  /// devices), or `pod` itself. Null: nothing is left to give.
  virtual PodInfoRef assign(const PodInfoRef& pod, const NodeInfo& node) const = 0;
};

class PermitPlugin {
 public:
  virtual ~PermitPlugin() = default;
  /// Wait: the pod waits for at most `timeout`.
  virtual Status permit(CycleState& state, const PodInfo& pod, std::string_view node, base::Nanos& timeout) const = 0;
};

/// PreBind and Bind run after the cycle, as tasks; `state` and `pod` outlive them.
class PreBindPlugin {
 public:
  virtual ~PreBindPlugin() = default;
  virtual env::Task<Status> pre_bind(CycleState* state, PodInfoRef pod, Str node) const = 0;
};

class BindPlugin {
 public:
  virtual ~BindPlugin() = default;
  virtual env::Task<Status> bind(CycleState* state, PodInfoRef pod, Str node) const = 0;
};

class PostBindPlugin {
 public:
  virtual ~PostBindPlugin() = default;
  virtual void post_bind(CycleState& state, const PodInfo& pod, std::string_view node) const = 0;
};

/// helper.DefaultNormalizeScore: the highest becomes 100, or 0 when `reverse`.
void default_normalize(std::span<std::int64_t> scores, bool reverse);

}  // namespace orrery::scheduler
