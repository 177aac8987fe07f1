#include "control/scheduler/plugins/volume_binding.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/scheduler/plugins/volume_reach.h"
#include "control/scheduler/plugins/volumes.h"
#include "model/api/csi_driver.h"
#include "model/api/csi_node.h"
#include "model/api/csi_storage_capacity.h"
#include "model/api/object_reference.h"

namespace orrery::scheduler {
namespace {

constexpr base::Nanos kPollPeriod = base::kSecond;
constexpr std::string_view kNoProvisioner = "kubernetes.io/no-provisioner";
constexpr std::string_view kNodeConflict = "node(s) had volume node affinity conflict";
constexpr std::string_view kBindConflict = "node(s) didn't find available persistent volumes to bind";
constexpr std::string_view kNoSpace = "node(s) did not have enough free storage";
constexpr std::string_view kNoVolume = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

std::int64_t requested(const api::PersistentVolumeClaim& claim) { return amount_of(claim.spec->resources.requests, "storage"); }

bool serves_modes(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim) {
  for (const Str& wanted : claim.spec->access_modes) {
    const auto& offered = volume.spec->access_modes;
    if (std::find(offered.begin(), offered.end(), wanted) == offered.end()) return false;
  }
  return true;
}

Str mode_of(const std::optional<Str>& mode) { return mode.value_or(Str("Filesystem")); }

bool topology_allows(const api::StorageClass& storage_class, const api::Labels& labels) {
  if (storage_class.allowed_topologies.empty()) return true;
  const auto& terms = storage_class.allowed_topologies;
  return std::any_of(terms.begin(), terms.end(), [&](const api::TopologySelectorTerm& term) {
    const auto& all = term.match_label_expressions;
    return !all.empty() && std::all_of(all.begin(), all.end(), [&](const api::TopologySelectorLabelRequirement& r) {
      const Str* value = labels.find(r.key);
      return value && std::find(r.values.begin(), r.values.end(), *value) != r.values.end();
    });
  });
}

/// The largest volume that can be made; nullopt: none.
std::optional<std::int64_t> volume_limit(const api::CSIStorageCapacity& c) {
  const std::optional<api::Quantity>& limit = c.maximum_volume_size ? c.maximum_volume_size : c.capacity;
  return limit ? std::optional(limit->value()) : std::nullopt;
}

/// The claim reference as the volume controller writes it.
api::ObjectRef pre_bound(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim) {
  api::PersistentVolume out = volume;
  out.spec.edit().claim_ref = api::reference_to(claim);
  if (!bound_to(volume, claim)) out.metadata.annotations.set("pv.kubernetes.io/bound-by-controller", "yes");
  return api::make_object(std::move(out));
}

}  // namespace

struct VolumeBinding::State final : StateData {
  std::vector<std::shared_ptr<const VolumeReach>> bound;   // of bound claims; null: there is no such volume
  std::vector<ClaimHandle> delayed;          // smallest first
  std::vector<VolumeHandle> volumes;         // all, when there is anything to bind
  VolumePlan plan;                           // of the node reserved
  std::unique_ptr<StateData> clone() const override { return std::make_unique<State>(*this); }
};

Status VolumeBinding::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  if (pod.claims.empty()) return Status::skip();
  const auto reject = [&](std::string_view why) { return Status(Code::kUnschedulableAndUnresolvable, name(), Str(why)); };
  auto s = std::make_unique<State>();
  bool immediate = false;
  for (const api::Volume& volume : pod.spec().volumes) {
    const std::optional<Str> wanted = claim_of(pod.pod(), volume);
    if (!wanted) continue;
    const ClaimHandle claim = get_claim(context_.lister, pod.meta().namespace_, *wanted);
    const bool ephemeral = volume.source->ephemeral.has_value();
    if (!claim) {
      if (ephemeral) {
        return reject(base::cat("waiting for ephemeral volume controller to create the persistentvolumeclaim \"", *wanted, "\""));
      }
      return reject(base::cat("persistentvolumeclaim \"", *wanted, "\" not found"));
    }
    if (claim->status->phase == "Lost") {
      return reject(base::cat("persistentvolumeclaim \"", *wanted, "\" bound to non-existent persistentvolume \"",
                              claim->spec->volume_name, "\""));
    }
    if (claim->metadata.deleting()) return reject(base::cat("persistentvolumeclaim \"", *wanted, "\" is being deleted"));
    if (ephemeral && !client::controlled_by(claim->metadata, pod.meta().uid)) {
      return reject(base::cat("PVC ", pod.meta().namespace_, "/", *wanted, " was not created for pod ", api::key_of(pod.meta()),
                              " (pod is not owner)"));
    }
    if (fully_bound(*claim)) {
      const VolumeHandle bound(context_.lister.get(api::KindId::kPersistentVolume, {}, claim->spec->volume_name));
      s->bound.push_back(bound ? std::make_shared<const VolumeReach>(*bound) : nullptr);
    } else if (claim->spec->volume_name.empty() && waits_for_consumer(context_.lister, *claim)) {
      s->delayed.push_back(claim);
    } else {
      immediate = true;
    }
  }
  if (immediate) return reject("pod has unbound immediate PersistentVolumeClaims");
  if (!s->delayed.empty()) {
    std::stable_sort(s->delayed.begin(), s->delayed.end(),
                     [](const ClaimHandle& a, const ClaimHandle& b) { return requested(*a) < requested(*b); });
    for (const api::ObjectRef& o : context_.lister.list(api::KindId::kPersistentVolume, {})) s->volumes.emplace_back(o);
  }
  state.set_filter_state(slot(), std::move(s));
  return {};
}

VolumeHandle VolumeBinding::match(const State& state, const api::PersistentVolumeClaim& claim, const api::Node& node,
                                  const VolumePlan& taken) const {
  const Str key = api::key_of(claim.metadata);
  const Str wanted_class = class_of(claim);
  const api::Selector selector = claim.spec->selector ? client::selector_of(claim.spec->selector) : api::Selector::everything();
  VolumeHandle best;
  std::int64_t best_size = 0;
  for (const VolumeHandle& v : state.volumes) {
    const bool used = std::any_of(taken.bindings.begin(), taken.bindings.end(),
                                  [&](const VolumePlan::Binding& b) { return b.volume->metadata.name == v->metadata.name; });
    const auto promise = promised_.find(v->metadata.name);
    const bool mine = bound_to(*v, claim);
    if (used || (v->spec->claim_ref && !mine)) continue;
    if (promise != promised_.end() && !(promise->second == key)) continue;
    const std::int64_t size = amount_of(v->spec->capacity, "storage");
    if (size < requested(claim) || v->metadata.deleting()) continue;
    if (!(mode_of(v->spec->volume_mode) == mode_of(claim.spec->volume_mode))) continue;
    if (!(class_of(*v) == wanted_class)) continue;
    const bool near = reachable(*v, node);
    if (mine) return near ? v : VolumeHandle();
    if (!(v->status->phase == "Available") || !selector.matches(v->metadata.labels) || !near || !serves_modes(*v, claim)) continue;
    if (best && best_size <= size) continue;
    best = v;
    best_size = size;
  }
  return best;
}

bool VolumeBinding::has_room(const api::PersistentVolumeClaim& claim, const api::StorageClass& storage_class, const api::Node& node) const {
  const api::Quantity* const size = claim.spec->resources.requests.find("storage");
  const api::Handle<api::CSIDriver> driver(context_.lister.get(api::KindId::kCSIDriver, {}, storage_class.provisioner));
  if (!size || !driver || !driver->spec->storage_capacity.value_or(false)) return true;
  const std::int64_t wanted = requested(claim);
  const auto all = context_.lister.list(api::KindId::kCSIStorageCapacity, {});
  return std::any_of(all.begin(), all.end(), [&](const api::ObjectRef& o) {
    const api::CSIStorageCapacity& capacity = o->as<api::CSIStorageCapacity>();
    const std::optional<std::int64_t> limit = volume_limit(capacity);
    return capacity.storage_class_name == storage_class.metadata.name && limit && *limit >= wanted && capacity.node_topology &&
           client::selector_of(capacity.node_topology).matches(node.metadata.labels);
  });
}

VolumeBinding::Provision VolumeBinding::provision(const api::PersistentVolumeClaim& claim, const api::Node& node) const {
  const auto storage_class = get_class(context_.lister, class_of(claim));
  if (!storage_class || storage_class->provisioner.empty() || storage_class->provisioner == kNoProvisioner) return Provision::kImpossible;
  if (!topology_allows(*storage_class, node.metadata.labels)) return Provision::kImpossible;
  return has_room(claim, *storage_class, node) ? Provision::kPossible : Provision::kNoRoom;
}

Status VolumeBinding::plan(const State& state, const NodeInfo& node, VolumePlan& out) const {
  std::vector<Str> reasons;
  bool missing = false;
  for (const auto& reach : state.bound) {
    missing = !reach;
    if (missing) break;
    const base::Result<bool> reached = reach->includes(node.node(), context_.lister);
    if (!reached) return Status(Code::kError, name(), Str(reached.error().message));
    if (*reached) continue;
    reasons.push_back(kNodeConflict);
    break;
  }
  Provision worst = Provision::kPossible;
  for (const ClaimHandle& claim : state.delayed) {
    const Str* selected = claim->metadata.annotations.find(kSelectedNode);
    if (selected && !(*selected == node.name())) worst = Provision::kImpossible;
  }
  for (const ClaimHandle& claim : state.delayed) {
    if (worst != Provision::kPossible) break;
    const VolumeHandle volume =
        claim->metadata.annotations.contains(kSelectedNode) ? VolumeHandle() : match(state, *claim, node.node(), out);
    if (volume) out.bindings.push_back({claim, volume});
    else if (worst = provision(*claim, node.node()); worst == Provision::kPossible) out.provisions.push_back(claim);
  }
  if (worst == Provision::kImpossible) reasons.push_back(kBindConflict);
  if (worst == Provision::kNoRoom) reasons.push_back(kNoSpace);
  if (missing) reasons.push_back(kNoVolume);
  return reasons.empty() ? Status() : Status(Code::kUnschedulableAndUnresolvable, name(), std::move(reasons));
}

Status VolumeBinding::filter(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  VolumePlan scratch;
  return plan(*state.filter_state<State>(slot()), node, scratch);
}

Status VolumeBinding::reserve(CycleState& state, const PodInfo&, const NodeInfo& node) const {
  State* s = state.filter_state<State>(slot());
  if (!s) return {};
  s->plan = VolumePlan();
  Status planned = plan(*s, node, s->plan);
  if (!planned.ok()) return planned;
  for (const VolumePlan::Binding& b : s->plan.bindings) promised_[b.volume->metadata.name] = api::key_of(b.claim->metadata);
  return {};
}

void VolumeBinding::unreserve(CycleState& state, const PodInfo&, std::string_view) const {
  State* s = state.filter_state<State>(slot());
  if (!s) return;
  for (const VolumePlan::Binding& b : s->plan.bindings) promised_.erase(b.volume->metadata.name);
  s->plan = VolumePlan();
}

/// Leaves in the plan what was written.
env::Task<Status> VolumeBinding::write(VolumePlan* plan, Str node) const {
  for (VolumePlan::Binding& b : plan->bindings) {
    const auto written = co_await client_->update(pre_bound(*b.volume, *b.claim));
    if (!written) co_return Status(Code::kError, name(), written.error().message);
    b.volume = VolumeHandle(*written);
  }
  for (ClaimHandle& claim : plan->provisions) {
    api::PersistentVolumeClaim next = *claim;
    next.metadata.annotations.set(kSelectedNode, node);
    const auto written = co_await client_->update(api::make_object(std::move(next)));
    if (!written) co_return Status(Code::kError, name(), written.error().message);
    claim = ClaimHandle(*written);
  }
  co_return Status();
}

std::optional<Status> VolumeBinding::settled(const VolumePlan& plan, const PodInfo& pod, const Str& node) const {
  const auto error = [&](std::string_view why) { return Status(Code::kError, name(), Str(base::cat("binding volumes: ", why))); };
  const api::ObjectRef current = context_.lister.get(api::KindId::kPod, pod.meta().namespace_, pod.meta().name);
  if (!current) return error(base::cat("pod does not exist any more: pod \"", pod.meta().name, "\" not found"));
  const NodeInfo* where = context_.snapshot.find(node);
  if (!where) return error(base::cat("failed to get node \"", node, "\": node \"", node, "\" not found"));
  const auto unreached = [&](const api::PersistentVolume& volume, std::string_view untranslated) -> std::optional<Status> {
    const base::Result<bool> reached = VolumeReach(volume).includes(where->node(), context_.lister);
    if (!reached) return error(base::cat(untranslated, reached.error().message));
    if (*reached) return std::nullopt;
    return error(base::cat("pv \"", volume.metadata.name, "\" node affinity doesn't match node \"", node, "\": no matching NodeSelectorTerms"));
  };
  const auto older = [](const api::ObjectMeta& meta, const api::ObjectMeta& than) {
    return meta.resource_version.value < than.resource_version.value;
  };
  for (const VolumePlan::Binding& b : plan.bindings) {
    const ClaimHandle claim = get_claim(context_.lister, b.claim->metadata.namespace_, b.claim->metadata.name);
    const VolumeHandle volume(context_.lister.get(api::KindId::kPersistentVolume, {}, b.volume->metadata.name));
    if (!claim || !volume) return error("failed to check binding: volume or claim is gone");
    if (older(volume->metadata, b.volume->metadata)) return std::nullopt;
    if (auto failed = unreached(*volume, "failed to translate pv to csi: ")) return failed;
    if (!volume->spec->claim_ref || volume->spec->claim_ref->uid.empty()) {
      return error(base::cat("ClaimRef got reset for pv \"", volume->metadata.name, "\""));
    }
    if (!fully_bound(*claim)) return std::nullopt;
  }
  for (const ClaimHandle& before : plan.provisions) {
    const ClaimHandle claim = get_claim(context_.lister, before->metadata.namespace_, before->metadata.name);
    if (!claim) return error("failed to check provisioning pvc: claim is gone");
    if (older(claim->metadata, before->metadata)) return std::nullopt;
    if (claim->metadata.annotations.get(kSelectedNode).view() != node.view()) {
      return error(base::cat("provisioning failed for PVC \"", claim->metadata.name, "\""));
    }
    if (!claim->spec->volume_name.empty()) {
      const VolumeHandle volume(context_.lister.get(api::KindId::kPersistentVolume, {}, claim->spec->volume_name));
      if (!volume) return std::nullopt;
      if (auto failed = unreached(*volume, "")) return failed;
    }
    if (!fully_bound(*claim)) return std::nullopt;
  }
  return Status();
}

env::Task<Status> VolumeBinding::pre_bind(CycleState* state, PodInfoRef pod, Str node) const {
  State* s = state->filter_state<State>(slot());
  if (!s || s->plan.empty() || !client_) co_return Status();
  const Status written = co_await write(&s->plan, node);
  if (!written.ok()) co_return written;
  const base::Instant deadline = env_->clock.now() + config_.bind_timeout;
  while (env_->clock.now() < deadline) {
    co_await env::sleep(*env_, kPollPeriod);
    const std::optional<Status> done = settled(s->plan, *pod, node);
    if (!done) continue;
    if (done->ok()) {
      for (const VolumePlan::Binding& b : s->plan.bindings) promised_.erase(b.volume->metadata.name);
    }
    co_return *done;
  }
  co_return Status(Code::kError, name(), Str("binding volumes: context deadline exceeded"));
}

std::vector<ClusterEvent> VolumeBinding::events() const {
  return {{EventResource::kStorageClass, kActionAdd | kActionUpdateOther},
          {EventResource::kPersistentVolumeClaim, kActionAdd | kActionUpdateOther},
          {EventResource::kPersistentVolume, kActionAdd | kActionUpdateOther},
          {EventResource::kNode, kActionAdd | kActionUpdateNodeLabel},
          {EventResource::kCSINode, kActionAdd | kActionUpdateOther},
          {EventResource::kCSIDriver, kActionUpdateOther},
          {EventResource::kCSIStorageCapacity, kActionAdd | kActionUpdateOther}};
}

/// Of changed CSINodes, CSIDrivers and CSIStorageCapacities.
QueueingHint VolumeBinding::csi_hint(const PodInfo& pod, const ClusterChange& change) const {
  const auto queue_if = [](bool helps) { return helps ? QueueingHint::kQueue : QueueingHint::kSkip; };
  if (!change.old) return QueueingHint::kQueue;
  if (change.event.resource == EventResource::kCSINode) {
    return queue_if(change.old->meta().annotations.get(api::kMigratedPlugins) != change.now->meta().annotations.get(api::kMigratedPlugins));
  }
  if (change.event.resource == EventResource::kCSIStorageCapacity) {
    const auto before = volume_limit(change.old->as<api::CSIStorageCapacity>());
    const auto now = volume_limit(change.now->as<api::CSIStorageCapacity>());
    return queue_if(now && (!before || *now > *before));
  }
  const bool stops_asking = change.old->as<api::CSIDriver>().spec->storage_capacity.value_or(false) &&
                            !change.now->as<api::CSIDriver>().spec->storage_capacity.value_or(false);
  const auto& volumes = pod.spec().volumes;
  return queue_if(stops_asking && std::any_of(volumes.begin(), volumes.end(), [&](const api::Volume& v) {
    return v.source->csi && v.source->csi->driver == change.now->meta().name;
  }));
}

QueueingHint VolumeBinding::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kCSINode || change.event.resource == EventResource::kCSIDriver ||
      change.event.resource == EventResource::kCSIStorageCapacity) {
    return csi_hint(pod, change);
  }
  if (change.event.resource == EventResource::kStorageClass && change.old && change.now) {
    const auto& before = change.old->as<api::StorageClass>().allowed_topologies;
    return api::deep_equal(before, change.now->as<api::StorageClass>().allowed_topologies) ? QueueingHint::kSkip : QueueingHint::kQueue;
  }
  if (change.event.resource != EventResource::kPersistentVolumeClaim || !change.now) return QueueingHint::kQueue;
  const std::string key = api::key_of(change.now->meta());
  const bool used = std::any_of(pod.claims.begin(), pod.claims.end(), [&](const Str& c) { return c == key; });
  return used ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
