#include "control/controllers/owner_graph.h"

#include <algorithm>

namespace orrery::controllers {
namespace {

bool starts(const api::ObjectRef& old, const api::ObjectMeta& now, std::string_view finalizer) {
  if (!now.deleting() || !has_finalizer(now, finalizer)) return false;
  return !old || !old->meta().deleting() || !has_finalizer(old->meta(), finalizer);
}

const api::OwnerReference* reference_to(const api::List<api::OwnerReference>& owners,
                                        std::string_view uid) {
  for (const api::OwnerReference& r : owners) {
    if (r.uid == uid) return &r;
  }
  return nullptr;
}

bool blocks(const api::OwnerReference& r) { return r.block_owner_deletion.value_or(false); }

}  // namespace

bool has_finalizer(const api::ObjectMeta& meta, std::string_view name) {
  return std::any_of(meta.finalizers.begin(), meta.finalizers.end(),
                     [name](const Str& f) { return f == name; });
}

ObjectPlace place_of(const api::Object& object) {
  const api::ObjectMeta& meta = object.meta();
  return {object.kind().api_version(), object.kind().kind, meta.namespace_, meta.name, meta.uid};
}

ObjectPlace owner_place(const api::OwnerReference& owner, const Str& dependent_namespace) {
  const api::Kind* kind = api::find_kind(owner.api_version, owner.kind);
  return {owner.api_version, owner.kind, kind && !kind->namespaced ? Str() : dependent_namespace,
          owner.name, owner.uid};
}

OwnerGraph::Node* OwnerGraph::get(std::string_view uid) {
  std::unique_ptr<Node>* slot = nodes_.find(uid);
  return slot ? slot->get() : nullptr;
}

const OwnerGraph::Node* OwnerGraph::find(std::string_view uid) const {
  return const_cast<OwnerGraph*>(this)->get(uid);
}

OwnerGraph::Node& OwnerGraph::make(ObjectPlace place) {
  std::unique_ptr<Node>& slot = nodes_[place.uid];
  slot = std::make_unique<Node>();
  slot->place = std::move(place);
  return *slot;
}

void OwnerGraph::observe(std::string_view uid) {
  if (Node* node = get(uid)) node->virtual_ = false;
}

void OwnerGraph::link(Node& node, const api::OwnerReference& owner, Work& work,
                      base::UniqueFunction<bool(const ObjectPlace&)>& is_known) {
  const ObjectPlace place = owner_place(owner, node.place.namespace_);
  Node* present = get(owner.uid);
  if (!present) {
    present = &make(place);
    present->virtual_ = !is_known(place);
    if (present->virtual_) work.attempt.push_back(owner.uid);
  } else if (!(present->place == place)) {
    // The reference names the owner wrongly, for example in another namespace: examine the
    // dependent itself.
    work.attempt.push_back(node.place.uid);
  }
  present->dependents.insert(node.place.uid);
}

void OwnerGraph::drop_if_bare(const Str& uid) {
  const Node* node = get(uid);
  if (node && node->owners.empty() && node->dependents.empty()) nodes_.erase(uid);
}

void OwnerGraph::unlink(const Str& uid, const api::OwnerReference& owner) {
  Node* present = get(owner.uid);
  if (!present) return;
  present->dependents.erase(uid);
  // One that is being deleted still has a finalizer to lose.
  if (!present->being_deleted) drop_if_bare(owner.uid);
}

void OwnerGraph::replace_owners(Node& node, const api::List<api::OwnerReference>& next, Work& work,
                                base::UniqueFunction<bool(const ObjectPlace&)>& is_known) {
  const api::List<api::OwnerReference> former = node.owners;
  node.owners = next;
  for (const api::OwnerReference& r : former) {
    const api::OwnerReference* kept = reference_to(next, r.uid);
    if (blocks(r) && (!kept || !blocks(*kept)) && get(r.uid)) work.attempt.push_back(r.uid);
    if (!kept) unlink(node.place.uid, r);
  }
  for (const api::OwnerReference& r : next) {
    if (!reference_to(former, r.uid)) link(node, r, work, is_known);
  }
}

void OwnerGraph::changed(const api::ObjectRef& old, const api::ObjectRef& now, Work& work,
                         base::UniqueFunction<bool(const ObjectPlace&)>& is_known) {
  const api::ObjectMeta& meta = now->meta();
  const bool same_owners =
      old && (old->meta().owner_references.shares(meta.owner_references) ||
              api::deep_equal(old->meta().owner_references, meta.owner_references));
  const bool deletion_begins =
      meta.deleting() && (!old || !old->meta().deleting() ||
                          !api::deep_equal(old->meta().finalizers, meta.finalizers));
  if (same_owners && !deletion_begins) return;
  Node* node = get(meta.uid);
  if (node && node->virtual_) {
    const ObjectPlace seen = place_of(*now);
    if (!(seen == node->place))
      work.attempt.insert(work.attempt.end(), node->dependents.begin(), node->dependents.end());
    node->place = seen;
    node->virtual_ = false;
  }
  const bool foreground = starts(old, meta, kForegroundFinalizer),
             orphan = starts(old, meta, kOrphanFinalizer);
  if (!node && meta.owner_references.empty() && !foreground && !orphan) return;
  if (!node) node = &make(place_of(*now));
  // First: who is being deleted is not dropped with its last reference, which may name its own uid.
  if (meta.deleting()) node->being_deleted = true;
  replace_owners(*node, meta.owner_references, work, is_known);
  if (orphan) {
    work.orphan.push_back(meta.uid);
  } else if (foreground) {
    node->deleting_dependents = true;
    work.attempt.insert(work.attempt.end(), node->dependents.begin(), node->dependents.end());
    work.attempt.push_back(meta.uid);
  }
}

void OwnerGraph::removed(std::string_view uid, Work& work) {
  std::unique_ptr<Node>* slot = nodes_.find(uid);
  if (!slot) return;
  const std::unique_ptr<Node> node = std::move(*slot);
  nodes_.erase(node->place.uid);
  work.attempt.insert(work.attempt.end(), node->dependents.begin(), node->dependents.end());
  for (const api::OwnerReference& r : node->owners) {
    const Node* owner = get(r.uid);
    if (owner && owner->deleting_dependents) work.attempt.push_back(r.uid);
    unlink(node->place.uid, r);
  }
}

std::vector<Str> OwnerGraph::blocking_dependents(std::string_view uid) const {
  std::vector<Str> out;
  const Node* node = find(uid);
  if (!node) return out;
  for (const Str& dependent : node->dependents) {
    const Node* d = find(dependent);
    const api::OwnerReference* r = d ? reference_to(d->owners, uid) : nullptr;
    if (r && blocks(*r)) out.push_back(dependent);
  }
  return out;
}

}  // namespace orrery::controllers
