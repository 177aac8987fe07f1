#include "control/apiserver/object_store.h"

#include "control/apiserver/storage_key.h"
#include "control/client/fence.h"
#include "model/history/record.h"

namespace orrery::apiserver {

namespace {

constexpr int kMaxAttempts = 1000;

ObjectRef first_object(const std::vector<store::KeyValue>& kvs) {
  if (kvs.empty()) return {};
  const api::Object* object = env::body_as<api::Object>(kvs.front().value.get());
  return object ? api::sealed(ObjectRef(object), kvs.front().mod_revision) : ObjectRef();
}

/// The answer to a branch not taken shows another holder's epoch.
bool fence_lost(const WriteFence& fence, const store::TxnReply& reply) {
  if (fence.lease.empty() || fence.epoch == 0 || reply.results.size() < 2) return false;
  const auto& kvs = reply.results.back().kvs;
  return kvs.empty() || kvs.front().mod_revision != fence.epoch;
}

Failure fence_failure(KindId kind, const WriteFence& fence) {
  Failure f = conflict(kind, "", base::cat("a newer holder of the lease ", fence.lease, " has begun"));
  f.edit().details.edit().causes = {api::StatusCause{client::Fence::kFenceTaken, fence.lease, {}}};
  return f;
}

}  // namespace

struct ObjectStore::Op : base::RefCounted {
  Str key;
  KindId kind = KindId::kNone;
  ObjectRef present;
  bool live = false;  // `present` comes from the store, not from the cache
  int attempts = 0;
  Step step;
  OutcomeDone done;
  WriteFence fence;
  Change pending;
};

ObjectStore::ObjectStore(env::Environment& env, store::Kv& kv, const ApiserverConfig& config,
                         CostMeter& meter)
    : env_(env), kv_(kv) {
  for (std::size_t k = 1; k < caches_.size(); ++k) {
    caches_[k] = std::make_unique<WatchCache>(env, kv, config, meter, static_cast<KindId>(k));
  }
}

void ObjectStore::start() {
  for (std::size_t k = 1; k < caches_.size(); ++k) caches_[k]->start();
}

bool ObjectStore::all_filled() const {
  for (std::size_t k = 1; k < caches_.size(); ++k) {
    if (!caches_[k]->filled()) return false;
  }
  return true;
}

bool ObjectStore::all_synced() const {
  for (std::size_t k = 1; k < caches_.size(); ++k) {
    if (!caches_[k]->synced()) return false;
  }
  return true;
}

Str ObjectStore::key(KindId kind, std::string_view ns, std::string_view name) const {
  return storage_key(cache(kind).prefix(), api::kind_of(kind).namespaced ? ns : std::string_view(),
                     name);
}

ObjectRef ObjectStore::cached(KindId kind, std::string_view ns, std::string_view name) const {
  const ObjectRef* found = cache(kind).find(key(kind, ns, name));
  return found ? *found : ObjectRef();
}

void ObjectStore::read(const Str& key, base::UniqueFunction<void(Failure, ObjectRef)> done) {
  kv_.range(store::range_request(key), [done = std::move(done), alive = live_.token()](
                                           base::Result<store::RangeReplyRef> r) mutable {
    if (!alive.alive()) return;
    if (!r.ok()) return done(store_failure(r.error()), nullptr);
    done({}, first_object((*r)->kvs));
  });
}

void ObjectStore::begin(Str key, KindId kind, bool from_cache, Step step, OutcomeDone done,
                        WriteFence fence) {
  auto op = base::make_ref<Op>();
  op->key = std::move(key);
  op->kind = kind;
  op->step = std::move(step);
  op->done = std::move(done);
  op->fence = std::move(fence);
  if (from_cache) {
    const ObjectRef* found = cache(kind).find(op->key);
    if (found) op->present = *found;
  }
  attempt(std::move(op));
}

void ObjectStore::attempt(base::Ref<Op> op) {
  if (++op->attempts > kMaxAttempts) {
    Outcome out;
    out.failure = timeout("too many conflicting writes", 0);
    return op->done(std::move(out));
  }
  Change change = op->step(op->present);
  const bool writes = change.what == Change::What::kPut || change.what == Change::What::kDelete;
  if (!op->live && (!writes || change.dry_run)) return decide_again(std::move(op));
  if (writes && !change.dry_run) return commit(std::move(op), std::move(change));
  op->done(Outcome{change.what, std::move(change.failure), std::move(change.object)});
}

void ObjectStore::decide_again(base::Ref<Op> op) {
  const Str key = op->key;
  read(key, [this, op = std::move(op)](Failure failure, ObjectRef present) mutable {
    if (failure) return op->done(Outcome{Change::What::kFail, std::move(failure), {}});
    op->live = true;
    op->present = std::move(present);
    attempt(std::move(op));
  });
}

void ObjectStore::add_fence(const Op& op, const Change& change, store::TxnRequest& txn) const {
  const Str key = op.fence.key();
  if (op.fence.epoch == 0) {
    txn.then.push_back(store::put_op(key, change.object));
  } else if (!env_.faults.here(env::Site::kFenceNotCompared)) {
    txn.compares.push_back(store::compare_mod(key, op.fence.epoch));
    txn.otherwise.push_back(store::range_op(key));
  }
}

void ObjectStore::record_fenced(const WriteFence& fence, std::int64_t revision) const {
  if (fence.lease.empty() || !env_.trace.recording(history::RecordKind::kFencedWrite)) return;
  history::FencedWrite fact;
  fact.fence = fence.lease;
  fact.epoch = fence.epoch == 0 ? revision : fence.epoch;
  fact.revision = revision;
  env_.trace.record(fact);
}

void ObjectStore::commit(base::Ref<Op> op, Change change) {
  auto txn = base::make_ref<store::TxnRequest>();
  txn->compares = std::move(change.compares);
  if (!change.blind) {
    txn->compares.push_back(store::compare_mod(op->key, op->present ? op->present->revision() : 0));
  }
  txn->then = std::move(change.ops);
  const bool puts = change.what == Change::What::kPut;
  txn->then.push_back(puts ? store::put_op(op->key, change.object, change.lease)
                           : store::delete_op(op->key));
  txn->otherwise.push_back(store::range_op(op->key));
  if (!op->fence.lease.empty()) add_fence(*op, change, *txn);
  op->pending.what = change.what;
  op->pending.object = std::move(change.object);
  kv_.txn(std::move(txn), [this, op = std::move(op),
                           alive = live_.token()](base::Result<store::TxnReplyRef> r) mutable {
    if (!alive.alive()) return;
    if (!r.ok()) return op->done(Outcome{Change::What::kFail, store_failure(r.error()), {}});
    const store::TxnReply& reply = **r;
    if (!reply.succeeded && fence_lost(op->fence, reply)) {
      return op->done(Outcome{Change::What::kFail, fence_failure(op->kind, op->fence), {}});
    }
    if (!reply.succeeded) {
      op->live = true;
      op->present = reply.results.empty() ? ObjectRef() : first_object(reply.results.front().kvs);
      return attempt(std::move(op));
    }
    record_fenced(op->fence, reply.revision);
    Change& c = op->pending;
    op->done(Outcome{c.what, {}, api::sealed(std::move(c.object), reply.revision)});
  });
}

}  // namespace orrery::apiserver
