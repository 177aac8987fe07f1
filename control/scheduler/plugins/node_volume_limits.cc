#include "control/scheduler/plugins/node_volume_limits.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/scheduler/plugins/csi_migration.h"
#include "control/scheduler/plugins/volumes.h"

namespace orrery::scheduler {
namespace {

/// It has a claim, or is one that a CSI driver may have taken over.
bool attachable(const api::Volume& v) { return v.source->persistent_volume_claim || v.source->ephemeral || migrated(*v.source); }

bool any_attachable(const api::PodSpec& spec) { return std::any_of(spec.volumes.begin(), spec.volumes.end(), attachable); }

/// Nullopt: the driver is not there or takes any number.
std::optional<std::int64_t> limit_of(const api::CSINode& node, const Str& driver) {
  for (const api::CSINodeDriver& d : node.spec->drivers) {
    if (d.name == driver && d.allocatable && d.allocatable->count) return *d.allocatable->count;
  }
  return std::nullopt;
}

/// Some driver takes more volumes than before.
bool takes_more(const api::CSINode& before, const api::CSINode& now) {
  return std::any_of(now.spec->drivers.begin(), now.spec->drivers.end(), [&](const api::CSINodeDriver& d) {
    const auto limit = limit_of(now, d.name), old = limit_of(before, d.name);
    return limit && old && *limit > *old;
  });
}

}  // namespace

bool NodeVolumeLimits::concerns(const PodInfo& pod) const { return any_attachable(pod.spec()); }

/// What the incoming pod adds, and how the search for it ended: every node is told.
struct NodeVolumeLimits::State final : StateData {
  Volumes added;
  Status status;
  std::unique_ptr<StateData> clone() const override { return std::make_unique<State>(*this); }
};

Status NodeVolumeLimits::pre_filter(CycleState& state, const PodInfo& pod, NodeNames&) const {
  if (!any_attachable(pod.spec())) return Status::skip();
  auto own = std::make_unique<State>();
  own->status = add_volumes(pod, true, own->added);
  std::sort(own->added.begin(), own->added.end());
  own->added.erase(std::unique(own->added.begin(), own->added.end()), own->added.end());
  state.set_filter_state(slot(), std::move(own));
  return {};
}

bool NodeVolumeLimits::add_volume(const Str& volume_name, Volumes& out) const {
  const api::ObjectRef object = context_.lister.get(api::KindId::kPersistentVolume, {}, volume_name);
  if (!object) return false;
  const api::PersistentVolumeSource& source = *object->as<api::PersistentVolume>().spec->source;
  if (source.csi) {
    if (!source.csi->driver.empty() && !source.csi->volume_handle.empty()) out.push_back({source.csi->driver, source.csi->volume_handle, {}});
  } else if (const auto m = migrated(source)) {
    out.push_back({Str(m->plugin.driver), m->handle, m->plugin.name});
  }
  return true;
}

/// A claim that is not bound yet counts as one volume of the class's provisioner.
void NodeVolumeLimits::add_claim(const api::PersistentVolumeClaim& claim, Volumes& out) const {
  if (!claim.spec->volume_name.empty() && add_volume(claim.spec->volume_name, out)) return;
  const auto storage_class = get_class(context_.lister, class_of(claim));
  if (!storage_class) return;
  const Str unbound(base::cat("unbound ", api::key_of(claim.metadata)));
  const InTreePlugin plugin = in_tree_plugin(storage_class->provisioner);
  if (plugin.name.empty()) out.push_back({storage_class->provisioner, unbound, {}});
  else out.push_back({Str(plugin.driver), unbound, plugin.name});
}

Status NodeVolumeLimits::add_volumes(const PodInfo& pod, bool incoming, Volumes& out) const {
  for (const api::Volume& v : pod.spec().volumes) {
    if (const auto m = migrated(*v.source)) out.push_back({Str(m->plugin.driver), m->handle, m->plugin.name});
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

std::span<const Str> NodeVolumeLimits::attachments(const Str& node) const {
  const std::int64_t version = context_.lister.version(api::KindId::kVolumeAttachment);
  if (version != attachments_version_) {
    attachments_version_ = version;
    attachments_.clear();
    for (const api::ObjectRef& o : context_.lister.list(api::KindId::kVolumeAttachment, {})) {
      const api::VolumeAttachmentSpec& spec = *o->as<api::VolumeAttachment>().spec;
      if (spec.source.persistent_volume_name) attachments_[spec.node_name].push_back(*spec.source.persistent_volume_name);
    }
  }
  const auto found = attachments_.find(node);
  return found == attachments_.end() ? std::span<const Str>() : found->second;
}

Status NodeVolumeLimits::loads(const CycleState& state, const NodeInfo& node, std::vector<Load>& out) const {
  const State& own = *state.filter_state<State>(slot());
  if (!own.status.ok() || own.added.empty()) return own.status;
  const api::Handle<api::CSINode> csi(context_.lister.get(api::KindId::kCSINode, {}, node.name()));
  if (!csi) return {};
  const auto counts = [&csi](const Volume& v) { return v.plugin.empty() || migrated_on(*csi, v.plugin); };
  std::int64_t room = INT64_MAX;
  for (const Volume& v : own.added) {
    if (!counts(v)) continue;
    const std::optional<std::int64_t> limit = limit_of(*csi, v.driver);
    const bool known = std::any_of(out.begin(), out.end(), [&](const Load& l) { return l.driver == v.driver; });
    if (!limit || known) continue;
    out.push_back({v.driver, *limit, 0, 0});
    room = std::min(room, *limit);
  }
  const std::span<const Str> kept = attachments(node.name());
  // Only volumes that have a claim made for their pod can be wrong.
  if (node.ephemeral_volumes() == 0 && node.volumes() + static_cast<std::int64_t>(own.added.size() + kept.size()) <= room) out.clear();
  if (out.empty()) return {};
  Volumes attached;
  for (const PodInfoRef& p : node.pods()) {
    if (Status s = add_volumes(*p, false, attached); !s.ok()) return s;
  }
  std::erase_if(attached, [&](const Volume& v) { return !counts(v); });
  // What is only kept there takes room, also when the pod brings it (upstream counts it twice).
  const auto of_pods = static_cast<std::ptrdiff_t>(attached.size());
  for (const Str& volume : kept) add_volume(volume, attached);
  attached.erase(std::remove_if(attached.begin() + of_pods, attached.end(), [&](const Volume& v) { return !counts(v); }), attached.end());
  const auto same = [](const Volume& a) { return [&a](const Volume& b) { return a.driver == b.driver && a.handle == b.handle; }; };
  for (Load& l : out) {
    for (auto v = attached.begin(); v != attached.end(); ++v) l.attached += v->driver == l.driver && std::none_of(attached.begin(), v, same(*v));
    for (auto v = own.added.begin(); v != own.added.end(); ++v) {
      if (!(v->driver == l.driver) || !counts(*v)) continue;
      l.added += std::none_of(attached.begin(), attached.begin() + of_pods, same(*v)) && std::none_of(own.added.begin(), v, same(*v));
    }
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
  return {{EventResource::kCSINode, kActionAdd | kActionUpdateOther},
          {EventResource::kAssignedPod, kActionDelete},
          {EventResource::kPersistentVolumeClaim, kActionAdd},
          {EventResource::kVolumeAttachment, kActionDelete}};
}

/// Of a VolumeAttachment that is gone: it was of a volume of the pod, or of the driver of one that is named in the pod itself.
bool NodeVolumeLimits::releases(const PodInfo& pod, const api::VolumeAttachmentSpec& gone) const {
  for (const api::Volume& v : pod.spec().volumes) {
    if (const auto m = migrated(*v.source)) {
      const auto& inlined = gone.source.inline_volume_spec;
      if (inlined && inlined->source->csi && inlined->source->csi->driver == m->plugin.driver) return true;
    }
    const std::optional<Str> wanted = claim_of(pod.pod(), v);
    const auto claim = wanted ? get_claim(context_.lister, pod.meta().namespace_, *wanted) : api::Handle<api::PersistentVolumeClaim>();
    if (claim && gone.source.persistent_volume_name && claim->spec->volume_name == *gone.source.persistent_volume_name) return true;
  }
  return false;
}

QueueingHint NodeVolumeLimits::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kCSINode) {
    const bool helps = !change.old || takes_more(change.old->as<api::CSINode>(), change.now->as<api::CSINode>());
    return helps ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (change.event.resource == EventResource::kVolumeAttachment) {
    const bool helps = change.old && releases(pod, *change.old->as<api::VolumeAttachment>().spec);
    return helps ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (change.event.resource == EventResource::kPersistentVolumeClaim) {
    const Str key = api::key_of(change.now->meta());
    return std::find(pod.claims.begin(), pod.claims.end(), key) != pod.claims.end() ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (!change.old) return QueueingHint::kSkip;
  const api::Pod& gone = change.old->as<api::Pod>();
  if (gone.spec->node_name.empty() && gone.status->nominated_node_name.empty()) return QueueingHint::kSkip;
  return any_attachable(*gone.spec) ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
