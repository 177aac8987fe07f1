#include "control/client/owner.h"
#include "control/controllers/daemon_set.h"
#include "model/base/sorted_map.h"

// What changes of sets, pods, nodes and revisions make the controller look at.
namespace orrery::controllers {
DaemonSetController::SetHandle DaemonSetController::owner_of(const api::ObjectMeta& owned) const {
  const api::OwnerReference* owner = api::controller_of(owned);
  if (!owner || !(owner->kind == "DaemonSet")) return {};
  const ObjectRef set = sets_.get(owned.namespace_, owner->name);
  if (!set || !(set->meta().uid == owner->uid)) return {};
  return SetHandle(set);
}

void DaemonSetController::enqueue_matching(const api::ObjectMeta& pod) {
  if (pod.labels.empty()) return;
  for (const ObjectRef& set : sets_.list(pod.namespace_)) {
    const api::Selector selector = client::selector_of(set->as<api::DaemonSet>().spec->selector);
    if (!selector.empty() && selector.matches(pod.labels)) enqueue(set->meta());
  }
}

void DaemonSetController::set_changed(const ObjectRef& old, const ObjectRef& now) {
  const bool successor = old && now && !(old->meta().uid == now->meta().uid);
  if (!now || successor) expectations_.forget(api::key_of(old->meta()));
  enqueue((now ? now : old)->meta());
}

void DaemonSetController::pod_gone(const ObjectRef& pod) {
  const SetHandle set = owner_of(pod->meta());
  if (!set) return;
  const Str key = api::key_of(set->metadata);
  expectations_.deletion_observed(key);
  queue_.add(key);
}

void DaemonSetController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now || now->meta().deleting()) return pod_gone(now ? now : old);
  const api::ObjectMeta& after = now->meta();
  const api::OwnerReference* owner = api::controller_of(after);
  const bool handed_over = old && !client::same_controller(api::controller_of(old->meta()), owner);
  if (handed_over) {
    if (const SetHandle former = owner_of(old->meta())) enqueue(former->metadata);
  }
  if (!owner) {
    if (!old || handed_over || !api::deep_equal(old->meta().labels, after.labels)) enqueue_matching(after);
    return;
  }
  const SetHandle set = owner_of(after);
  if (!set) return;
  const Str key = api::key_of(set->metadata);
  if (!old) expectations_.creation_observed(key);
  queue_.add(key);
  const std::int32_t min_ready = set->spec->min_ready_seconds;
  if (!old || min_ready <= 0) return;
  if (!client::is_pod_ready(old->as<api::Pod>()) && client::is_pod_ready(now->as<api::Pod>())) {
    // One second more, against skew between this clock and the condition's.
    queue_.add_after(key, (min_ready + INT64_C(1)) * base::kSecond);
  }
}

/// Upstream's syncNodeUpdate: a set is looked at for what it has to create or to delete here, and while it counts a
/// misscheduled pod. That alone a count fell or rose is seen with the set's next change.
void DaemonSetController::node_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now) return;  // the node's pods go through pod GC, and each tells
  const api::Node& node = now->as<api::Node>();
  if (old) {
    const api::Node& before = old->as<api::Node>();
    if (api::deep_equal(before.metadata.labels, node.metadata.labels) &&
        api::deep_equal(before.spec->taints, node.spec->taints)) {
      return;
    }
  }
  base::SortedSet<Str> present;
  for (const ObjectRef& pod : pods_.by_index(pods_by_node_, node.metadata.name)) {
    const api::OwnerReference* owner = api::controller_of(pod->meta());
    if (owner && owner->kind == "DaemonSet") present.insert(base::cat(pod->meta().namespace_, "/", owner->name));
  }
  sets_.each([&](const ObjectRef& object) {
    const auto& set = object->as<api::DaemonSet>();
    const DaemonEligibility::Verdict verdict = DaemonEligibility(set).of(node);
    const bool is_here = present.contains(api::key_of(set.metadata));
    const bool concerned = is_here ? !verdict.may_continue || set.status->number_misscheduled > 0 : verdict.should_run;
    if (concerned) enqueue(set.metadata);
  });
}

void DaemonSetController::revision_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!old) return;
  const api::OwnerReference* owner = now ? api::controller_of(now->meta()) : nullptr;
  if (!now || !client::same_controller(api::controller_of(old->meta()), owner)) {
    if (const SetHandle former = owner_of(old->meta())) enqueue(former->metadata);
  }
  if (!owner) return;
  if (const SetHandle set = owner_of(now->meta())) enqueue(set->metadata);
}

}  // namespace orrery::controllers
