#include "control/scheduler/plugins/node_volume_limits.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/scheduler/plugins/volumes.h"

namespace orrery::scheduler {
namespace {

bool has_claim(const api::Volume& v) { return v.source->persistent_volume_claim || v.source->ephemeral; }

/// Even if every claim of the node's pods were a volume of the driver with the smallest limit. Generic ephemeral volumes, whose
/// claims may be another's, have to be looked at.
bool has_room(const NodeInfo& node, std::size_t added, std::int64_t limit) {
  auto most = static_cast<std::int64_t>(added);
  for (const PodInfoRef& p : node.pods()) {
    most += static_cast<std::int64_t>(p->claims.size());
    const auto& volumes = p->spec().volumes;
    if (std::any_of(volumes.begin(), volumes.end(), [](const api::Volume& v) { return v.source->ephemeral.has_value(); })) return false;
  }
  return most <= limit;
}

}  // namespace

struct NodeVolumeLimits::State final : StateData {
  Volumes added;
  Status status;               // of finding them; every node is told
  std::unique_ptr<StateData> clone() const override { return std::make_unique<State>(*this); }
};

Status NodeVolumeLimits::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  if (pod.claims.empty()) return Status::skip();
  auto s = std::make_unique<State>();
  s->status = add_volumes(pod, true, s->added);
  state.set_filter_state(slot(), std::move(s));
  return {};
}

/// A claim that is not bound yet counts as one volume of the class's provisioner.
void NodeVolumeLimits::add_claim(const api::PersistentVolumeClaim& claim, Volumes& out) const {
  const api::ObjectRef object = claim.spec->volume_name.empty()
                                    ? api::ObjectRef()
                                    : context_.lister.get(api::KindId::kPersistentVolume, {}, claim.spec->volume_name);
  if (object) {
    const auto& csi = object->as<api::PersistentVolume>().spec->source->csi;
    if (csi && !csi->driver.empty() && !csi->volume_handle.empty()) out.insert({csi->driver, csi->volume_handle});
    return;
  }
  const auto storage_class = get_class(context_.lister, class_of(claim));
  if (storage_class) out.insert({storage_class->provisioner, Str(base::cat("unbound ", api::key_of(claim.metadata)))});
}

Status NodeVolumeLimits::add_volumes(const PodInfo& pod, bool incoming, Volumes& out) const {
  for (const api::Volume& v : pod.spec().volumes) {
    const std::optional<Str> wanted = claim_of(pod.pod(), v);
    if (!wanted) continue;
    const auto claim = get_claim(context_.lister, pod.meta().namespace_, *wanted);
    if (!claim) {
      if (!incoming) continue;
      return Status(Code::kUnschedulableAndUnresolvable, name(),
                    Str(base::cat("looking up PVC ", pod.meta().namespace_, "/", *wanted, ": persistentvolumeclaim \"", *wanted,
                                  "\" not found")));
    }
    if (v.source->ephemeral && !client::controlled_by(claim->metadata, pod.meta().uid)) {
      return Status(Code::kError, name(), Str(base::cat("PVC ", pod.meta().namespace_, "/", *wanted, " was not created for pod ",
                                                        api::key_of(pod.meta()), " (pod is not owner)")));
    }
    add_claim(*claim, out);
  }
  return {};
}

Status NodeVolumeLimits::loads(const CycleState& state, const NodeInfo& node, std::vector<Load>& out) const {
  const State& own = *state.filter_state<State>(slot());
  if (!own.status.ok()) return own.status;
  const Volumes& added = own.added;
  std::int64_t least = INT64_MAX;
  for (const auto& [driver, volume] : added) {
    const std::optional<std::int64_t> limit = context_.lister.volume_limit(node.name(), driver);
    const bool known = std::any_of(out.begin(), out.end(), [&](const Load& l) { return l.driver == driver; });
    if (limit && !known) out.push_back({driver, *limit, 0, 0});
    least = std::min(least, limit.value_or(least));
  }
  if (out.empty() || has_room(node, added.size(), least)) return {};
  Volumes attached;
  for (const PodInfoRef& p : node.pods()) {
    if (Status s = add_volumes(*p, false, attached); !s.ok()) return s;
  }
  for (Load& l : out) {
    for (const auto& [driver, volume] : attached) l.attached += driver == l.driver;
    for (const auto& v : added) l.added += v.first == l.driver && !attached.contains(v);
  }
  return {};
}

Status NodeVolumeLimits::filter(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  std::vector<Load> all;
  if (Status s = loads(state, node, all); !s.ok()) return s;
  const bool full = std::any_of(all.begin(), all.end(), [](const Load& l) { return l.added > 0 && l.attached + l.added > l.limit; });
  return full ? Status(Code::kUnschedulable, name(), Str("node(s) exceed max volume count")) : Status();
}

std::string NodeVolumeLimits::shortfall(const CycleState& state, const PodInfo&, const NodeInfo& node) const {
  std::vector<Load> all;
  std::string out;
  if (!loads(state, node, all).ok()) return out;
  for (const Load& l : all) {
    if (l.added == 0 || l.attached + l.added <= l.limit) continue;
    out += base::cat(out.empty() ? "" : "; ", l.driver, ": adds ", std::to_string(l.added), " volumes to ", std::to_string(l.attached),
                     ", limit ", std::to_string(l.limit));
  }
  return out;
}

std::vector<ClusterEvent> NodeVolumeLimits::events() const {
  return {{EventResource::kAssignedPod, kActionDelete}, {EventResource::kPersistentVolumeClaim, kActionAdd}};
}

QueueingHint NodeVolumeLimits::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kPersistentVolumeClaim) {
    const Str key = api::key_of(change.now->meta());
    return std::find(pod.claims.begin(), pod.claims.end(), key) != pod.claims.end() ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (!change.old) return QueueingHint::kSkip;
  const api::Pod& gone = change.old->as<api::Pod>();
  if (gone.spec->node_name.empty() && gone.status->nominated_node_name.empty()) return QueueingHint::kSkip;
  const auto& volumes = gone.spec->volumes;
  return std::any_of(volumes.begin(), volumes.end(), has_claim) ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
