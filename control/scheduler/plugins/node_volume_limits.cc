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

}  // namespace

bool NodeVolumeLimits::concerns(const PodInfo& pod) const { return any_attachable(pod.spec()); }

Status NodeVolumeLimits::pre_filter(CycleState&, const PodInfo& pod, NodeNames&) const {
  return any_attachable(pod.spec()) ? Status() : Status::skip();
}

/// A claim that is not bound yet counts as one volume of the class's provisioner.
void NodeVolumeLimits::add_claim(const api::PersistentVolumeClaim& claim, const NodeInfo& node, Volumes& out) const {
  const api::ObjectRef object = claim.spec->volume_name.empty()
                                    ? api::ObjectRef()
                                    : context_.lister.get(api::KindId::kPersistentVolume, {}, claim.spec->volume_name);
  if (object) {
    const api::PersistentVolumeSource& source = *object->as<api::PersistentVolume>().spec->source;
    if (source.csi) {
      if (!source.csi->driver.empty() && !source.csi->volume_handle.empty()) out.insert({source.csi->driver, source.csi->volume_handle});
    } else if (const auto m = migrated(source); m && context_.lister.migrated(node.name(), m->plugin)) {
      out.insert({Str(m->driver), m->handle});
    }
    return;
  }
  const auto storage_class = get_class(context_.lister, class_of(claim));
  if (!storage_class) return;
  Str driver = storage_class->provisioner;
  if (const std::string_view csi = driver_of(driver); !csi.empty()) {
    if (!context_.lister.migrated(node.name(), driver)) return;
    driver = csi;
  }
  out.insert({driver, Str(base::cat("unbound ", api::key_of(claim.metadata)))});
}

Status NodeVolumeLimits::add_volumes(const PodInfo& pod, const NodeInfo& node, bool incoming, Volumes& out) const {
  for (const api::Volume& v : pod.spec().volumes) {
    if (const auto m = migrated(*v.source); m && context_.lister.migrated(node.name(), m->plugin)) out.insert({Str(m->driver), m->handle});
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
    add_claim(*claim, node, out);
  }
  return {};
}

Status NodeVolumeLimits::loads(const PodInfo& pod, const NodeInfo& node, std::vector<Load>& out) const {
  Volumes added;
  if (Status s = add_volumes(pod, node, true, added); !s.ok()) return s;
  for (const auto& [driver, volume] : added) {
    const std::optional<std::int64_t> limit = context_.lister.volume_limit(node.name(), driver);
    const bool known = std::any_of(out.begin(), out.end(), [&](const Load& l) { return l.driver == driver; });
    if (limit && !known) out.push_back({driver, *limit, 0, 0});
  }
  if (out.empty()) return {};
  Volumes attached;
  for (const PodInfoRef& p : node.pods()) {
    if (Status s = add_volumes(*p, node, false, attached); !s.ok()) return s;
  }
  for (Load& l : out) {
    for (const auto& [driver, volume] : attached) l.attached += driver == l.driver;
    for (const auto& v : added) l.added += v.first == l.driver && !attached.contains(v);
  }
  return {};
}

Status NodeVolumeLimits::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  std::vector<Load> all;
  if (Status s = loads(pod, node, all); !s.ok()) return s;
  const bool full = std::any_of(all.begin(), all.end(), [](const Load& l) { return l.added > 0 && l.attached + l.added > l.limit; });
  return full ? Status(Code::kUnschedulable, name(), Str("node(s) exceed max volume count")) : Status();
}

std::string NodeVolumeLimits::shortfall(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  std::vector<Load> all;
  std::string out;
  if (!loads(pod, node, all).ok()) return out;
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
  return any_attachable(*gone.spec) ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
