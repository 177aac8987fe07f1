#include "control/scheduler/plugins/volumes.h"

#include "control/scheduler/framework/node_affinity.h"

namespace orrery::scheduler {
namespace {

constexpr std::string_view kClassAnnotation = "volume.beta.kubernetes.io/storage-class";

}  // namespace

Str class_of(const api::PersistentVolumeClaim& claim) {
  if (const Str* old = claim.metadata.annotations.find(kClassAnnotation)) return *old;
  return claim.spec->storage_class_name.value_or(Str());
}

Str class_of(const api::PersistentVolume& volume) {
  if (const Str* old = volume.metadata.annotations.find(kClassAnnotation)) return *old;
  return volume.spec->storage_class_name;
}

api::Handle<api::PersistentVolumeClaim> get_claim(const Lister& lister, const Str& ns, const Str& name) {
  return api::Handle<api::PersistentVolumeClaim>(lister.get(api::KindId::kPersistentVolumeClaim, ns, name));
}

api::Handle<api::StorageClass> get_class(const Lister& lister, const Str& name) {
  return api::Handle<api::StorageClass>(name.empty() ? api::ObjectRef() : lister.get(api::KindId::kStorageClass, {}, name));
}

bool waits_for_consumer(const Lister& lister, const api::PersistentVolumeClaim& claim) {
  const auto storage_class = get_class(lister, class_of(claim));
  return storage_class && storage_class->volume_binding_mode == Str("WaitForFirstConsumer");
}

bool fully_bound(const api::PersistentVolumeClaim& claim) {
  return !claim.spec->volume_name.empty() && claim.metadata.annotations.contains("pv.kubernetes.io/bind-completed");
}

api::Box<api::NodeSelector> required_affinity(const api::PersistentVolume& volume) {
  const auto& affinity = volume.spec->node_affinity;
  return affinity ? affinity->required : api::Box<api::NodeSelector>();
}

bool reachable(const api::PersistentVolume& volume, const api::Node& node) {
  const auto affinity = required_affinity(volume);
  return !affinity || NodeSelector(*affinity).matches(node);
}

std::vector<std::string_view> zones_of_label(std::string_view text) {
  constexpr std::string_view kSeparator = "__";
  std::vector<std::string_view> out;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(kSeparator, at);
    out.push_back(text.substr(at, end == text.npos ? text.npos : end - at));
    if (end == text.npos) return out;
    at = end + kSeparator.size();
  }
}

bool bound_to(const api::PersistentVolume& volume, const api::PersistentVolumeClaim& claim) {
  const auto& ref = volume.spec->claim_ref;
  if (!ref || !(ref->name == claim.metadata.name) || !(ref->namespace_ == claim.metadata.namespace_)) return false;
  return ref->uid.empty() || ref->uid == claim.metadata.uid;
}

}  // namespace orrery::scheduler
