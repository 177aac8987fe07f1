#include "control/apiserver/watch_cache.h"

#include <algorithm>

#include "control/apiserver/storage_key.h"
#include "model/api/int_or_string.h"
#include "model/api/pod.h"

namespace orrery::apiserver {

namespace {

constexpr base::Nanos kNudgeInterval = 100 * base::kMillisecond;

ObjectRef object_of(const store::KeyValue& kv) {
  const api::Object* object = env::body_as<api::Object>(kv.value.get());
  if (!object) return {};
  return api::sealed(ObjectRef(object), kv.mod_revision);
}

}  // namespace

WatchCache::WatchCache(env::Environment& env, store::Kv& kv, const ApiserverConfig& config,
                       CostMeter& meter, KindId kind)
    : env_(env),
      kind_(kind),
      prefix_(collection_prefix(kind)),
      meter_(meter),
      fanout_(env, config, meter, ring_, kind, revision_),
      feed_(env, kv, prefix_,
            StoreFeed::Sink{[this](std::vector<store::KeyValue> kvs, std::int64_t r) {
                              on_list(std::move(kvs), r);
                            },
                            [this](const store::WatchReply& n) { on_notice(n); },
                            [this] { synced_ = false; }}) {}

void WatchCache::move_node(const Str& key, const ObjectRef& before, const ObjectRef& now) {
  const Str was = before ? before->as<api::Pod>().spec->node_name : Str();
  const Str is = now ? now->as<api::Pod>().spec->node_name : Str();
  if (was == is) return;
  if (!was.empty()) {
    Contents::Ordered* pods = by_node_.find(was);
    if (pods) pods->erase(key);
    if (pods && pods->empty()) by_node_.erase(was);
  }
  if (!is.empty()) by_node_[is].emplace(key, contents_.entry(key));
}

void WatchCache::changed(const Str& key, const ObjectRef& before, const ObjectRef& now) {
  if (kind_ == KindId::kPod) move_node(key, before, now);
  const std::size_t gone = before ? before->encoded_size() : 0, come = now ? now->encoded_size() : 0;
  meter_.memory.add(static_cast<std::int64_t>(come) - static_cast<std::int64_t>(gone));
  if (on_change) on_change(before, now);
}

void WatchCache::on_list(std::vector<store::KeyValue> kvs, std::int64_t revision) {
  fanout_.close_all({base::ErrorCode::kUnavailable, "the watch cache was rebuilt"});
  std::vector<Str> gone;
  for (const auto& [key, entry] : contents_.ordered()) {
    const auto at =
        std::lower_bound(kvs.begin(), kvs.end(), key,
                         [](const store::KeyValue& kv, const Str& k) { return kv.key < k; });
    if (at == kvs.end() || !(at->key == key)) gone.push_back(key);
  }
  for (const Str& key : gone) changed(key, contents_.erase(key), nullptr);
  for (const store::KeyValue& kv : kvs) {
    ObjectRef object = object_of(kv);
    if (!object) continue;
    const ObjectRef before = contents_.put(kv.key, object);
    changed(kv.key, before, object);
  }
  ring_.reset(revision);
  revision_ = revision;
  synced_ = filled_ = true;
  wake_waiters();
}

void WatchCache::apply(const store::Event& event) {
  CacheEvent out;
  out.revision = event.kv.mod_revision;
  out.at = env_.clock.now();
  if (event.deleted) {
    out.previous = contents_.erase(event.kv.key);
    if (!out.previous) return;
    out.type = api::WatchType::kDeleted;
    out.object = api::sealed(out.previous, out.revision);
    changed(event.kv.key, out.previous, nullptr);
  } else {
    out.object = object_of(event.kv);
    if (!out.object) return;
    out.previous = contents_.put(event.kv.key, out.object);
    out.type = out.previous ? api::WatchType::kModified : api::WatchType::kAdded;
    changed(event.kv.key, out.previous, out.object);
  }
  ring_.push(std::move(out));
}

void WatchCache::on_notice(const store::WatchReply& notice) {
  const std::uint64_t first = ring_.end();
  for (const store::Event& event : notice.events) {
    if (event.kv.mod_revision > revision_) apply(event);
  }
  revision_ = std::max(revision_, notice.revision);
  synced_ = true;
  if (ring_.end() != first) fanout_.on_events(first);
  wake_waiters();
}

void WatchCache::wake_waiters() {
  if (waiters_.empty()) return;
  std::vector<Waiter> ready;
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    if (at->second.revision > revision_) {
      ++at;
      continue;
    }
    env_.timers.cancel(at->second.timer);
    ready.push_back(std::move(at->second));
    at = waiters_.erase(at);
  }
  for (Waiter& w : ready) w.done(true);
}

void WatchCache::wait_for(std::int64_t revision, base::Nanos patience,
                          base::UniqueFunction<void(bool)> done) {
  if (revision <= revision_ && filled_) return done(true);
  const std::uint64_t id = next_waiter_++;
  const env::TimerId timer = env_.timers.after(patience, [this, id, alive = live_.token()] {
    if (!alive.alive()) return;
    const auto at = waiters_.find(id);
    if (at == waiters_.end()) return;
    base::UniqueFunction<void(bool)> late = std::move(at->second.done);
    waiters_.erase(at);
    late(false);
  });
  waiters_.emplace(id, Waiter{revision, std::move(done), timer});
  nudge();
}

std::vector<ObjectRef> WatchCache::select(const Filter& filter) const {
  std::vector<ObjectRef> out;
  const auto take = [&](const ObjectRef& object) {
    if (filter.matches(*object)) out.push_back(object);
  };
  if (const auto name = filter.required("metadata.name");
      name && (!filter.namespace_name().empty() || !api::kind_of(kind_).namespaced)) {
    if (const ObjectRef* found = find(storage_key(prefix_, filter.namespace_name(), *name)))
      take(*found);
    return out;
  }
  if (const auto node = filter.required("spec.nodeName");
      node && kind_ == KindId::kPod && !node->empty()) {
    if (const Contents::Ordered* pods = by_node_.find(*node)) {
      for (const auto& [key, entry] : *pods) take(entry->object);
    }
    return out;
  }
  const Contents::Ordered& all = contents_.ordered();
  if (filter.namespace_name().empty()) {
    if (filter.trivial()) out.reserve(all.size());
    for (const auto& [key, entry] : all) take(entry->object);
    return out;
  }
  const Str below = storage_key(prefix_, filter.namespace_name(), "");
  for (auto at = all.lower_bound(below);
       at != all.end() && at->first.view().starts_with(below.view()); ++at) {
    take(at->second->object);
  }
  return out;
}

// A collection without changes hears of a new revision only when it asks.
void WatchCache::nudge() {
  if (nudging_ || waiters_.empty()) return;
  nudging_ = true;
  feed_.request_progress();
  env_.timers.after(kNudgeInterval, [this, alive = live_.token()] {
    if (!alive.alive()) return;
    nudging_ = false;
    nudge();
  });
}

void WatchCache::refuse(env::Stream& stream, const Failure& failure) {
  auto batch = base::make_ref<api::WatchBatch>();
  api::WatchEvent event;
  event.type = api::WatchType::kError;
  batch->events.push_back(std::move(event));
  batch->error = failure;
  stream.send(env::Message{base::Ref<const api::WatchBatch>(std::move(batch))});
  stream.close({base::ErrorCode::kInvalid, failure->message.str()});
}

void WatchCache::watch(const api::ApiRequest& request, Filter filter,
                       std::unique_ptr<env::Stream> stream, std::int64_t consistent_revision) {
  if (!filled_) return refuse(*stream, too_many_requests("storage is (re)initializing", 1));
  const bool from_state = request.send_initial_events || request.resource_version.empty() ||
                          request.resource_version == "0";
  WatchSession::Start start;
  if (from_state) {
    start.revision = std::max(revision_, consistent_revision);
    start.cursor = ring_.end();
    start.initial = select(filter);
    start.initial_events_end = request.send_initial_events;
  } else {
    start.revision = api::parse_decimal(request.resource_version).value();
    if (start.revision < ring_.floor_revision()) {
      return refuse(*stream,
                    expired(base::cat("too old resource version: ", std::to_string(start.revision),
                                      " (", std::to_string(ring_.floor_revision()), ")")));
    }
    if (env_.faults.here(env::Site::kResumedWatchSkips)) ++start.revision;
    start.cursor = ring_.after(start.revision);
    if (env_.faults.here(env::Site::kWatchSendsOlder) && start.cursor != ring_.first()) {
      --start.cursor;
      start.revision = ring_.at(start.cursor).revision - 1;
    }
  }
  fanout_.open(fanout_.group(std::move(filter)), std::move(stream),
               {request.allow_bookmarks, request.timeout_seconds}, std::move(start));
}

}  // namespace orrery::apiserver
