#include "control/controllers/garbage_collector.h"

#include <algorithm>

#include "control/controllers/cost.h"
#include "control/controllers/task_group.h"
#include "model/codec/json_text.h"

namespace orrery::controllers {
namespace {

constexpr int kConflictTries = 5;
constexpr int kAbsentOwners = 500;

QueueControllerOptions garbage_collector_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

std::uint64_t hash_of(const ObjectPlace& p) {
  base::Digest d;
  for (const Str* s : {&p.api_version, &p.kind, &p.namespace_, &p.name, &p.uid}) d.add(s->view());
  return d.value();
}

/// One entry of metadata.ownerReferences per owner, with `body` before its uid.
Str owners_patch(const Str& uid, const std::vector<Str>& owners, std::string_view body) {
  std::string out = "{\"metadata\":{\"ownerReferences\":[";
  for (std::size_t i = 0; i < owners.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    out += body;
    out += ",\"uid\":";
    codec::append_json_string(owners[i], out);
    out += '}';
  }
  out += "],\"uid\":";
  codec::append_json_string(uid, out);
  out += "}}";
  return out;
}

}  // namespace

GarbageCollector::GarbageCollector(ControllerContext context)
    : QueueController(context, "garbage-collector-controller", garbage_collector_options()),
      absent_(kAbsentOwners),
      orphans_(context.env),
      tasks_(context.env.trampoline) {
  for (int k = 1; k <= static_cast<int>(api::kLastStored); ++k) {
    const KindId kind = static_cast<KindId>(k);
    if (kind == KindId::kEvent || api::kind_of(kind).custom) continue;
    client::Informer& i = informer(kind);
    informers_[kind] = &i;
    i.add_handler([this](const ObjectRef& old, const ObjectRef& now) { object_changed(old, now); });
  }
}

void GarbageCollector::start(int workers) {
  QueueController::start(workers);
  for (int i = 0; i < workers; ++i) tasks_.spawn(orphan_loop());
}

void GarbageCollector::stop() {
  tasks_.cancel_all();
  QueueController::stop();
}

bool GarbageCollector::is_known(const ObjectPlace& place) const {
  const api::Kind* kind = api::find_kind(place.api_version, place.kind);
  const auto it = kind ? informers_.find(kind->id) : informers_.end();
  if (it == informers_.end()) return false;
  const ObjectRef object = it->second->get(place.namespace_, place.name);
  return object && object->meta().uid == place.uid;
}

/// addDependentToOwners: of the owners that are new, the first that cannot be the one meant is told when it is known to
/// stand in another namespace.
void GarbageCollector::report_foreign_owner(const ObjectRef& old, const api::Object& now) {
  const api::ObjectMeta& meta = now.meta();
  for (const api::OwnerReference& r : meta.owner_references) {
    const auto names_it = [&r](const api::OwnerReference& o) { return o.uid == r.uid; };
    if (old && std::any_of(old->meta().owner_references.begin(), old->meta().owner_references.end(), names_it)) continue;
    const ObjectPlace place = owner_place(r, meta.namespace_);
    const api::Kind* kind = api::find_kind(r.api_version, r.kind);
    const auto it = kind ? informers_.find(kind->id) : informers_.end();
    if (it == informers_.end() || is_known(place)) continue;
    ObjectRef owner;
    it->second->each([&](const ObjectRef& o) {
      if (o->meta().uid == r.uid) owner = o;
    });
    if (!owner) continue;
    const Str& ns = owner->meta().namespace_;
    if (!ns.empty() && !(ns == meta.namespace_))
      events_.event(now, "Warning", "OwnerRefInvalidNamespace",
                    base::cat("ownerRef [", r.api_version, "/", r.kind, ", namespace: ", meta.namespace_, ", name: ", r.name,
                              ", uid: ", r.uid, "] does not exist in namespace \"", meta.namespace_, "\""));
    return;
  }
}

void GarbageCollector::take(OwnerGraph::Work work) {
  for (Str& uid : work.attempt) queue_.add(std::move(uid));
  for (Str& uid : work.orphan) orphans_.add(std::move(uid));
}

void GarbageCollector::object_changed(const ObjectRef& old, const ObjectRef& now) {
  OwnerGraph::Work work;
  const bool successor = old && now && !(old->meta().uid == now->meta().uid);
  if (!now || successor) {
    const OwnerGraph::Node* node = graph_.find(old->meta().uid);
    if (node && !node->dependents.empty()) absent_.put(hash_of(place_of(*old)), true);
    graph_.removed(old->meta().uid, work);
  }
  if (now) {
    if (!now->meta().owner_references.empty() &&
        (!old || successor || !old->meta().owner_references.shares(now->meta().owner_references)))
      report_foreign_owner(successor ? ObjectRef() : old, *now);
    base::UniqueFunction<bool(const ObjectPlace&)> known = [this](const ObjectPlace& p) {
      return is_known(p);
    };
    graph_.changed(successor ? ObjectRef() : old, now, work, known);
  }
  take(std::move(work));
}

void GarbageCollector::verified_absent(const Str& uid) {
  OwnerGraph::Work work;
  graph_.removed(uid, work);
  take(std::move(work));
}

env::Task<SyncResult> GarbageCollector::sync(Str uid) {
  const OwnerGraph::Node* node = graph_.find(uid);
  if (!node || (node->being_deleted && !node->deleting_dependents)) co_return SyncResult::ok();
  if (node->virtual_ && is_known(node->place)) {
    graph_.observe(uid);
    co_return SyncResult::ok();
  }
  if (node->virtual_ && env_.faults.here(env::Site::kGcTrustsCache)) {
    verified_absent(uid);
    co_return SyncResult::ok();
  }
  const ObjectPlace place = node->place;
  const bool foreground = node->deleting_dependents;
  const api::Kind* kind = api::find_kind(place.api_version, place.kind);
  if (!kind)
    co_return SyncResult::fail(
        Str(base::cat("no matches for kind ", place.kind, " in ", place.api_version)));
  const auto latest = co_await client_.get(kind->id, place.namespace_, place.name);
  if (!latest && !latest.error().not_found()) co_return SyncResult::fail(latest.error());
  if (!latest || !((*latest)->meta().uid == uid)) {
    verified_absent(uid);
    co_return SyncResult::ok();
  }
  if (foreground) {
    const Failure failure = co_await finish_foreground(place);
    if (failure) co_return SyncResult::fail(*failure);
    co_return SyncResult::ok();
  }
  const SyncResult collected = co_await collect(place, *latest);
  if (collected.failed) co_return collected;
  const OwnerGraph::Node* after = graph_.find(uid);
  if (after && after->virtual_) co_return SyncResult::fail(Str("not observed yet"));
  co_return SyncResult::ok();
}

env::Task<SyncResult> GarbageCollector::collect(ObjectPlace place, ObjectRef latest) {
  const api::ObjectMeta& meta = latest->meta();
  if (meta.owner_references.empty()) co_return SyncResult::ok();
  const Verdict verdict = co_await classify(latest);
  if (verdict.impossible) co_return SyncResult::ok();
  if (verdict.failure) co_return SyncResult::fail(*verdict.failure);
  Failure failure;
  if (!verdict.solid.empty()) {
    std::vector<Str> release = verdict.dangling;
    release.insert(release.end(), verdict.waiting.begin(), verdict.waiting.end());
    if (release.empty()) co_return SyncResult::ok();
    failure = co_await release_owners(latest, std::move(release));
  } else {
    const OwnerGraph::Node* node = graph_.find(place.uid);
    api::Propagation propagation = api::Propagation::kBackground;
    if (!verdict.waiting.empty() && node && !node->dependents.empty()) {
      propagation = api::Propagation::kForeground;
      const bool circle =
          std::any_of(node->dependents.begin(), node->dependents.end(), [this](const Str& uid) {
            const OwnerGraph::Node* d = graph_.find(uid);
            return d && d->deleting_dependents;
          });
      if (circle) failure = co_await unblock(latest);
    } else if (has_finalizer(meta, kOrphanFinalizer)) {
      propagation = api::Propagation::kOrphan;
    } else if (has_finalizer(meta, kForegroundFinalizer)) {
      propagation = api::Propagation::kForeground;
    }
    if (!failure) failure = co_await remove_object(latest, propagation);
    if (failure && failure->not_found()) {
      verified_absent(place.uid);
      co_return SyncResult::ok();
    }
  }
  if (failure) co_return SyncResult::fail(*failure);
  co_return SyncResult::ok();
}

env::Task<GarbageCollector::Verdict> GarbageCollector::classify(ObjectRef item) {
  Verdict v;
  const auto owners = item->meta().owner_references;
  for (const api::OwnerReference& r : owners) {
    const Owner owner = co_await look_up(&r, item->meta().namespace_, &v.failure);
    if (v.failure) co_return v;
    if (owner == Owner::kImpossible) v.impossible = true;
    if (owner == Owner::kSolid) v.solid.push_back(r.uid);
    if (owner == Owner::kDangling) v.dangling.push_back(r.uid);
    if (owner == Owner::kWaiting) v.waiting.push_back(r.uid);
  }
  co_return v;
}

env::Task<GarbageCollector::Owner> GarbageCollector::look_up(const api::OwnerReference* reference,
                                                             Str ns, Failure* failure) {
  const ObjectPlace place = owner_place(*reference, ns);
  if (absent_.find(hash_of(place))) co_return Owner::kDangling;
  const api::Kind* kind = api::find_kind(place.api_version, place.kind);
  if (!kind) {
    failure->emplace();
    (*failure)->message = base::cat("no matches for kind ", place.kind, " in ", place.api_version);
    co_return Owner::kSolid;
  }
  if (kind->namespaced && ns.empty()) co_return Owner::kImpossible;
  if (env_.faults.here(env::Site::kGcTrustsCache) && !is_known(place)) co_return Owner::kDangling;
  const auto owner = co_await client_.get(kind->id, place.namespace_, place.name);
  if (!owner && !owner.error().not_found()) {
    *failure = owner.error();
    co_return Owner::kSolid;
  }
  if (!owner || !((*owner)->meta().uid == place.uid)) {
    absent_.put(hash_of(place), true);
    co_return Owner::kDangling;
  }
  const api::ObjectMeta& meta = (*owner)->meta();
  co_return meta.deleting() && has_finalizer(meta, kForegroundFinalizer) ? Owner::kWaiting
                                                                         : Owner::kSolid;
}

env::Task<GarbageCollector::Failure> GarbageCollector::release_owners(ObjectRef item,
                                                                      std::vector<Str> owners) {
  const api::ObjectMeta& meta = item->meta();
  const auto patched = co_await client_.patch(
      item->kind_id(), meta.namespace_, meta.name, api::PatchType::kStrategicMerge,
      owners_patch(meta.uid, owners, "\"$patch\":\"delete\""));
  if (patched) co_return std::nullopt;
  co_return patched.error();
}

env::Task<GarbageCollector::Failure> GarbageCollector::unblock(ObjectRef item) {
  const api::ObjectMeta& meta = item->meta();
  std::vector<Str> blocking;
  for (const api::OwnerReference& r : meta.owner_references) {
    if (r.block_owner_deletion.value_or(false)) blocking.push_back(r.uid);
  }
  if (blocking.empty()) co_return std::nullopt;
  const auto patched = co_await client_.patch(
      item->kind_id(), meta.namespace_, meta.name, api::PatchType::kStrategicMerge,
      owners_patch(meta.uid, blocking, "\"blockOwnerDeletion\":false"));
  if (patched) co_return std::nullopt;
  co_return patched.error();
}

env::Task<GarbageCollector::Failure> GarbageCollector::remove_object(ObjectRef item,
                                                                     api::Propagation propagation) {
  const api::ObjectMeta& meta = item->meta();
  client::DeleteParams params;
  params.propagation = propagation;
  params.precondition_uid = meta.uid;
  params.precondition_resource_version = std::to_string(item->revision());
  const auto removed = co_await client_.remove(item->kind_id(), meta.namespace_, meta.name, params);
  if (removed) co_return std::nullopt;
  if (!removed.error().conflict()) co_return removed.error();
  const auto live = co_await client_.get(item->kind_id(), meta.namespace_, meta.name);
  if (!live) co_return live.error();
  const bool same = (*live)->meta().uid == meta.uid &&
                    api::deep_equal((*live)->meta().owner_references, meta.owner_references);
  if (!same) co_return removed.error();
  // Something else of it changed: the verdict on its owners stands.
  params.precondition_resource_version = {};
  const auto again = co_await client_.remove(item->kind_id(), meta.namespace_, meta.name, params);
  if (again) co_return std::nullopt;
  co_return again.error();
}

env::Task<GarbageCollector::Failure> GarbageCollector::finish_foreground(ObjectPlace place) {
  const std::vector<Str> blocking = graph_.blocking_dependents(place.uid);
  if (blocking.empty()) {
    const Failure failure = co_await remove_finalizer(place, kForegroundFinalizer);
    co_return failure;
  }
  for (const Str& uid : blocking) {
    const OwnerGraph::Node* node = graph_.find(uid);
    if (node && !node->deleting_dependents) queue_.add(uid);
  }
  co_return std::nullopt;
}

env::Task<GarbageCollector::Failure> GarbageCollector::remove_finalizer(
    ObjectPlace place, std::string_view finalizer) {
  const api::Kind* kind = api::find_kind(place.api_version, place.kind);
  for (int tries = 1;; ++tries) {
    const auto live = co_await client_.get(kind->id, place.namespace_, place.name);
    if (!live && live.error().not_found()) co_return std::nullopt;
    if (!live) co_return live.error();
    const api::ObjectMeta& meta = (*live)->meta();
    if (!has_finalizer(meta, finalizer)) co_return std::nullopt;
    std::string patch =
        base::cat("{\"metadata\":{\"resourceVersion\":\"",
                  std::to_string(meta.resource_version.value), "\",\"finalizers\":[");
    bool first = true;
    for (const Str& f : meta.finalizers) {
      if (f == finalizer) continue;
      if (!first) patch += ',';
      first = false;
      codec::append_json_string(f, patch);
    }
    patch += "]}}";
    const auto patched = co_await client_.patch(kind->id, place.namespace_, place.name,
                                                api::PatchType::kMerge, std::move(patch));
    if (patched || patched.error().not_found()) co_return std::nullopt;
    if (!patched.error().conflict() || tries == kConflictTries) co_return patched.error();
  }
}

env::Task<> GarbageCollector::orphan_loop() {
  co_await context_.informers.wait_synced();
  while (true) {
    const Str uid = co_await orphans_.get();
    const bool done = co_await orphan(uid);
    if (done) orphans_.forget(uid);
    else orphans_.add_rate_limited(uid);
    orphans_.done(uid);
  }
}

env::Task<> GarbageCollector::release_dependent(Str dependent, Str owner, bool* all) {
  const OwnerGraph::Node* d = graph_.find(dependent);
  const api::Kind* kind = d ? api::find_kind(d->place.api_version, d->place.kind) : nullptr;
  if (!kind) co_return;
  const ObjectPlace at = d->place;
  const auto patched = co_await client_.patch(kind->id, at.namespace_, at.name, api::PatchType::kStrategicMerge,
                                              owners_patch(dependent, std::vector<Str>(1, owner), "\"$patch\":\"delete\""));
  if (!patched && !patched.error().not_found()) *all = false;
}

env::Task<bool> GarbageCollector::orphan(Str uid) {
  const OwnerGraph::Node* node = graph_.find(uid);
  if (!node) co_return true;
  const ObjectPlace place = node->place;
  std::vector<env::Task<>> tasks;  // all at once, as orphanDependents
  bool all = true;
  for (const Str& dependent : node->dependents) tasks.push_back(release_dependent(dependent, uid, &all));
  co_await run_all(env_, std::move(tasks));
  if (!all) co_return false;
  const Failure failure = co_await remove_finalizer(place, kOrphanFinalizer);
  co_return !failure;
}

}  // namespace orrery::controllers
