#include "fake_kv.h"

#include <algorithm>

namespace orrery::test {

using namespace orrery::store;

struct FakeKv::FakeWatch final : store::Watch {
  FakeWatch(FakeKv& k, base::Ref<const WatchRequest> r, WatchHandlers h)
      : kv(k), request(std::move(r)), handlers(std::move(h)) {}
  ~FakeWatch() override { kv.watches_.erase(id); }
  void request_progress() override {
    kv.time_.after(kv.watch_delay, [k = &kv, i = id] {
      const auto at = k->watches_.find(i);
      if (at != k->watches_.end()) k->send(*at->second, false, true);
    });
  }
  FakeKv& kv;
  base::Ref<const WatchRequest> request;
  WatchHandlers handlers;
  std::uint64_t id = 0;
  std::int64_t sent = 0;  // revisions up to it were looked at
  bool ended = false;
};

const FakeKv::Version* FakeKv::at(const std::string& key, std::int64_t revision) const {
  const auto found = history_.find(key);
  if (found == history_.end()) return nullptr;
  const Version* last = nullptr;
  for (const Version& v : found->second) {
    if (v.kv.mod_revision <= revision) last = &v;
  }
  return last && !last->deleted ? last : nullptr;
}

env::BodyRef FakeKv::get(const std::string& key) const {
  const Version* v = at(key, revision_);
  return v ? v->kv.value : env::BodyRef();
}

std::vector<std::string> FakeKv::keys(const std::string& prefix) const {
  std::vector<std::string> out;
  for (const auto& [key, versions] : history_) {
    if (key.starts_with(prefix) && !versions.back().deleted) out.push_back(key);
  }
  return out;
}

bool FakeKv::holds(const Compare& c) const {
  const Version* v = at(c.key.str(), revision_);
  std::int64_t have = 0;
  if (v) {
    have = c.target == CompareTarget::kModRevision      ? v->kv.mod_revision
           : c.target == CompareTarget::kCreateRevision ? v->kv.create_revision
                                                        : v->kv.version;
  }
  return have == c.operand;
}

void FakeKv::put(const Op& op) {
  const Version* before = at(op.key.str(), revision_);
  Version v;
  v.kv.key = op.key;
  v.kv.value = op.value;
  v.kv.lease = op.lease;
  v.kv.mod_revision = revision_ + 1;
  v.kv.create_revision = before ? before->kv.create_revision : revision_ + 1;
  v.kv.version = before ? before->kv.version + 1 : 1;
  Event e;
  e.kv = v.kv;
  e.previous_mod_revision = before ? before->kv.mod_revision : 0;
  history_[op.key.str()].push_back(std::move(v));
  log_.push_back(std::move(e));
}

void FakeKv::erase(const std::string& key) {
  const Version* before = at(key, revision_);
  if (!before) return;
  Event e;
  e.deleted = true;
  e.kv.key = key;
  e.kv.mod_revision = revision_ + 1;
  e.previous_mod_revision = before->kv.mod_revision;
  Version v;
  v.kv = e.kv;
  v.deleted = true;
  history_[key].push_back(std::move(v));
  log_.push_back(std::move(e));
}

void FakeKv::collect(const std::string& from, const std::string& end, std::int64_t revision,
                     std::int64_t limit, std::vector<KeyValue>& kvs, std::int64_t& count,
                     bool& more) const {
  for (auto i = history_.lower_bound(from); i != history_.end() && in_range(i->first, from, end);
       ++i) {
    const Version* v = at(i->first, revision);
    if (!v) continue;
    ++count;
    if (limit > 0 && static_cast<std::int64_t>(kvs.size()) == limit) more = true;
    else kvs.push_back(v->kv);
  }
}

void FakeKv::fill(OpResult& out, const Op& op) const {
  if (op.kind == OpKind::kRange)
    collect(op.key.str(), op.end.str(), revision_, op.limit, out.kvs, out.count, out.more);
}

void FakeKv::txn(base::Ref<TxnRequest> request, Done<TxnReplyRef> done) {
  time_.after(delay, [this, request, done = std::move(done)]() mutable {
    ++txns;
    if (fail_txn) {
      const base::Error e = *fail_txn;
      fail_txn.reset();
      return done(e);
    }
    auto reply = base::make_ref<TxnReply>();
    reply->succeeded = std::all_of(request->compares.begin(), request->compares.end(),
                                   [this](const Compare& c) { return holds(c); });
    const std::size_t before = log_.size();
    for (const Op& op : reply->succeeded ? request->then : request->otherwise) {
      if (op.kind == OpKind::kPut) put(op);
      if (op.kind == OpKind::kDelete) erase(op.key.str());
      reply->results.emplace_back();
      fill(reply->results.back(), op);
    }
    if (log_.size() != before) {
      ++revision_;
      ++writes;
      publish();
    }
    reply->revision = revision_;
    if (lose_txn_answer) {
      lose_txn_answer = false;
      return done(base::Error{base::ErrorCode::kUnknown, kErrTimeout});
    }
    done(TxnReplyRef(std::move(reply)));
  });
}

void FakeKv::range(base::Ref<const RangeRequest> request, Done<RangeReplyRef> done) {
  time_.after(delay, [this, request, done = std::move(done)]() mutable {
    ++ranges;
    if (request->revision > revision_)
      return done(base::Error{base::ErrorCode::kInvalid, kErrFutureRevision});
    if (request->revision != 0 && request->revision < compacted_) {
      return done(base::Error{base::ErrorCode::kInvalid, kErrCompacted});
    }
    auto reply = base::make_ref<RangeReply>();
    reply->revision = revision_;
    collect(request->key.str(), request->end.str(),
            request->revision ? request->revision : revision_, request->limit, reply->kvs,
            reply->count, reply->more);
    done(RangeReplyRef(std::move(reply)));
  });
}

void FakeKv::control(base::Ref<const ControlRequest> request, Done<ControlReplyRef> done) {
  time_.after(delay, [this, request, done = std::move(done)]() mutable {
    auto reply = base::make_ref<ControlReply>();
    reply->revision = revision_;
    reply->id = request->id;
    if (request->kind == ControlKind::kLeaseGrant) {
      time_.after(request->number * base::kSecond, [this, id = request->id] { expire(id); });
    }
    if (request->kind == ControlKind::kCompact) compact(request->number);
    done(ControlReplyRef(std::move(reply)));
  });
}

void FakeKv::expire(std::int64_t lease) {
  std::vector<std::string> gone;
  for (const auto& [key, versions] : history_) {
    if (!versions.back().deleted && versions.back().kv.lease == lease) gone.push_back(key);
  }
  if (gone.empty()) return;
  for (const std::string& key : gone) erase(key);
  ++revision_;
  ++writes;
  publish();
}

void FakeKv::compact(std::int64_t revision) { compacted_ = std::max(compacted_, revision); }

void FakeKv::break_watches(base::Error error) {
  for (auto& [id, w] : watches_) {
    if (w->ended) continue;
    w->ended = true;
    time_.after(watch_delay, [this, i = id, error] {
      const auto found = watches_.find(i);
      if (found != watches_.end()) found->second->handlers.on_closed(error);
    });
  }
}

void FakeKv::send(FakeWatch& w, bool created, bool progress) {
  if (w.ended) return;
  auto reply = base::make_ref<WatchReply>();
  reply->created = created;
  reply->revision = revision_;
  for (const Event& e : log_) {
    if (!created && e.kv.mod_revision > w.sent && e.kv.mod_revision >= w.request->start_revision &&
        in_range(e.kv.key, w.request->key, w.request->end)) {
      reply->events.push_back(e);
    }
  }
  if (!created) w.sent = revision_;
  if (created || progress || !reply->events.empty()) w.handlers.on_reply(std::move(reply));
}

void FakeKv::publish() {
  for (const auto& [id, w] : watches_) {
    time_.after(watch_delay, [this, i = id] {
      const auto found = watches_.find(i);
      if (found != watches_.end()) send(*found->second, false, false);
    });
  }
}

void FakeKv::notify_progress(std::uint64_t id) {
  time_.after(5 * base::kSecond, [this, id] {
    const auto found = watches_.find(id);
    if (found == watches_.end()) return;
    send(*found->second, false, true);
    notify_progress(id);
  });
}

std::unique_ptr<store::Watch> FakeKv::watch(base::Ref<const WatchRequest> request,
                                            WatchHandlers handlers) {
  auto w = std::make_unique<FakeWatch>(*this, request, std::move(handlers));
  w->id = next_watch_++;
  if (request->start_revision == 0) w->sent = revision_;
  watches_[w->id] = w.get();
  time_.after(watch_delay, [this, i = w->id] {
    const auto found = watches_.find(i);
    if (found == watches_.end()) return;
    FakeWatch& me = *found->second;
    if (me.request->start_revision != 0 && me.request->start_revision <= compacted_) {
      me.ended = true;
      return me.handlers.on_closed(base::Error{base::ErrorCode::kInvalid, kErrCompacted});
    }
    send(me, true, false);
  });
  if (request->progress_notify) notify_progress(w->id);
  return w;
}

}  // namespace orrery::test
