#include "scenarios/bench/operation_objects.h"

#include "model/api/csi_node.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/object_reference.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod.h"

namespace orrery::scenarios::bench {
namespace {

void register_node(api::Node& node) {
  if (!node.metadata.labels.contains("kubernetes.io/hostname")) node.metadata.labels.set("kubernetes.io/hostname", node.metadata.name);
  if (node.status->allocatable.empty()) node.status.edit().allocatable = node.status->capacity;
}

}  // namespace

/// A copy of `object` that `change` may alter, named after it.
template <class T, class Change>
api::ObjectRef OperationObjects::made_of(const api::ObjectRef& object, const Str& ns, std::size_t number, Change change) {
  T copy = object->as<T>();
  copy.metadata.name = base::cat(object->meta().name, "-", std::to_string(number));
  copy.metadata.namespace_ = ns;
  if (alone_) copy.metadata.uid = base::cat(ns, "/", copy.metadata.name);
  change(copy);
  return api::make_object(std::move(copy));
}

api::ObjectRef OperationObjects::node(const Operation& op, std::int64_t index) {
  return made_of<api::Node>(op.objects[0], {}, numbers_++, [&](api::Node& n) {
    if (!op.label.empty()) n.metadata.labels.set(op.label, op.values[static_cast<std::size_t>(index) % op.values.size()]);
    register_node(n);
  });
}

api::ObjectRef OperationObjects::csi_node(const Operation& op, const Str& node) const {
  if (op.volume_limits.empty()) return {};
  api::CSINode csi;
  csi.metadata.name = node;
  if (alone_) csi.metadata.uid = base::cat("csi/", node);
  for (const auto& [driver, limit] : op.volume_limits) {
    csi.spec.edit().drivers.push_back(api::limited_driver(driver, node, static_cast<std::int32_t>(limit)));
  }
  return api::make_object(std::move(csi));
}

api::ObjectRef OperationObjects::name_space(const Operation& op, std::int64_t index) {
  api::Namespace ns = op.objects.empty() ? api::Namespace() : op.objects[0]->as<api::Namespace>();
  ns.metadata.name = base::cat(op.prefix, "-", std::to_string(index));
  return api::make_object(std::move(ns));
}

api::ObjectRef OperationObjects::named(const api::ObjectRef& object, const Str& ns) {
  if (object->kind_id() == api::KindId::kNode) return made_of<api::Node>(object, {}, numbers_++, register_node);
  base::Ref<api::Object> copy = api::clone(*object);
  auto* meta = static_cast<api::ObjectMeta*>(api::edit_value(*copy));
  meta->name = base::cat(meta->name, "-", std::to_string(numbers_++));
  if (copy->kind().namespaced) meta->namespace_ = ns;
  if (alone_) meta->uid = base::cat(ns, "/", meta->name);
  return copy;
}

OperationObjects::PodObjects OperationObjects::pod(const Operation& op, const Str& ns) {
  PodObjects out;
  const std::size_t number = numbers_++;
  if (!op.claim) {
    out.pod = made_of<api::Pod>(op.objects[0], ns, number, [](api::Pod&) {});
    return out;
  }
  out.volume = made_of<api::PersistentVolume>(op.volume, {}, number, [&](api::PersistentVolume& v) {
    api::PersistentVolumeSpec& spec = v.spec.edit();
    if (spec.source->csi) spec.source.edit().csi.edit().volume_handle = v.metadata.name;
    spec.claim_ref.edit().kind = "PersistentVolumeClaim";
    spec.claim_ref.edit().namespace_ = ns;
    spec.claim_ref.edit().name = base::cat(op.claim->meta().name, "-", std::to_string(number));
    if (!alone_) return;
    spec.claim_ref.edit().uid = base::cat(ns, "/", spec.claim_ref->name);
    v.status.edit().phase = "Bound";
  });
  out.claim = made_of<api::PersistentVolumeClaim>(op.claim, ns, number, [&](api::PersistentVolumeClaim& c) {
    c.spec.edit().volume_name = out.volume->meta().name;
    if (!alone_) return;
    c.metadata.annotations.set("pv.kubernetes.io/bind-completed", "true");
    c.status.edit().phase = "Bound";
  });
  out.pod = made_of<api::Pod>(op.objects[0], ns, number, [&](api::Pod& p) {
    api::Volume v;
    v.name = "vol";
    v.source.edit().persistent_volume_claim.edit().claim_name = out.claim->meta().name;
    p.spec.edit().volumes.push_back(std::move(v));
  });
  return out;
}

}  // namespace orrery::scenarios::bench
