// VolumeBinding: claims must be bound to volumes the node can reach, or be bindable there (plugins/volumebinding).
#pragma once
#include "control/client/client.h"
#include "control/scheduler/framework/plugin.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/storage_class.h"
#include "model/env/environment.h"

namespace orrery::scheduler {

using VolumeHandle = api::Handle<api::PersistentVolume>;
using ClaimHandle = api::Handle<api::PersistentVolumeClaim>;

/// Which volumes of a pod are settled on one node: claims to bind to existing volumes, and claims to provision there.
struct VolumePlan {
  struct Binding {
    ClaimHandle claim;
    VolumeHandle volume;
  };
  std::vector<Binding> bindings;
  std::vector<ClaimHandle> provisions;
  bool empty() const { return bindings.empty() && provisions.empty(); }
};

struct VolumeBindingConfig {
  base::Nanos bind_timeout = 600 * base::kSecond;
};

/// Remembers the volumes that it has promised to pods whose binding is under way.
class VolumeBinding final : public Plugin, public PreFilterPlugin, public FilterPlugin, public ReservePlugin,
                            public PreBindPlugin {
 public:
  /// `client` and `env` null: placement only, nothing is written and PreBind succeeds at once.
  VolumeBinding(PluginContext context, client::Client* client, env::Environment* env, VolumeBindingConfig config = {})
      : context_(context), client_(client), env_(env), config_(config) {}
  std::string_view name() const override { return "VolumeBinding"; }
  bool concerns(const PodInfo& pod) const override { return !pod.claims.empty(); }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status reserve(CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void unreserve(CycleState& state, const PodInfo& pod, std::string_view node) const override;
  env::Task<Status> pre_bind(CycleState* state, PodInfoRef pod, Str node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  struct State;
  Status plan(const State& state, const NodeInfo& node, VolumePlan& out) const;
  VolumeHandle match(const State& state, const api::PersistentVolumeClaim& claim, const api::Node& node,
                     const VolumePlan& taken) const;
  enum class Provision { kPossible, kImpossible, kNoRoom };
  Provision provision(const api::PersistentVolumeClaim& claim, const api::Node& node) const;
  /// Where the driver tells its capacity: some of the class that the node can reach is large enough.
  bool has_room(const api::PersistentVolumeClaim& claim, const api::StorageClass& storage_class, const api::Node& node) const;
  QueueingHint csi_hint(const PodInfo& pod, const ClusterChange& change) const;
  env::Task<Status> write(VolumePlan* plan, Str node) const;
  /// Unset while it must be waited for.
  std::optional<Status> settled(const VolumePlan& plan, const PodInfo& pod, const Str& node) const;

  PluginContext context_;
  client::Client* client_;
  env::Environment* env_;
  VolumeBindingConfig config_;
  mutable base::BTreeMap<Str, Str> promised_;  // volume to claim "namespace/name"
};

}  // namespace orrery::scheduler
