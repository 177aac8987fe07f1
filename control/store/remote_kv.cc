#include "control/store/remote_kv.h"

#include "model/base/check.h"
#include "model/history/record.h"

namespace orrery::store {

using history::RecordKind;

namespace {

class RemoteWatch final : public Watch {
 public:
  RemoteWatch(env::Environment& env, env::Peer to, base::Ref<const WatchRequest> request,
              WatchHandlers handlers)
      : env_(env), request_(std::move(request)), handlers_(std::move(handlers)) {
    env::StreamEvents events;
    events.on_message = [this](env::Message m) {
      const auto* reply = env::body_as<WatchReply>(m.body.get());
      if (!reply) return;
      if (env_.trace.recording(RecordKind::kStoreDelivery) && !reply->events.empty()) record(*reply);
      if (handlers_.on_reply) handlers_.on_reply(WatchReplyRef(reply));
    };
    events.on_closed = [this](base::Error why) {
      auto closed = std::move(handlers_.on_closed);
      handlers_.on_closed = nullptr;
      if (closed) closed(std::move(why));
    };
    stream_ = env_.network.open_stream(to, {request_}, std::move(events));
  }
  void request_progress() override {
    // A full window means that events are on their way; they tell the revision as well.
    if (stream_) (void)stream_->send({base::make_ref<ProgressRequest>()});
  }

 private:
  void record(const WatchReply& reply) {
    history::StoreDelivery record;
    record.key = request_->key;
    record.end = request_->end;
    for (const Event& e : reply.events) {
      if (record.parts.empty() || record.parts.back().revision != e.kv.mod_revision)
        record.parts.push_back({e.kv.mod_revision, 0});
      ++record.parts.back().events;
    }
    env_.trace.record(record);
  }

  env::Environment& env_;
  base::Ref<const WatchRequest> request_;
  WatchHandlers handlers_;
  std::unique_ptr<env::Stream> stream_;
};

}  // namespace

RemoteKv::RemoteKv(env::Environment& env, RemoteKvConfig config) : env_(env), config_(std::move(config)) {
  ORRERY_CHECK(!config_.endpoints.empty(), "store client without endpoints");
  for (const env::Address& a : config_.endpoints) peers_.push_back(env_.network.resolve(a));
  id_base_ = base::combine64(
      base::combine64(base::hash_bytes(env_.process.machine()), base::hash_bytes(env_.process.name())),
      env_.process.incarnation());
}

template <class Reply, class Request>
void RemoteKv::call(base::Ref<const Request> request, bool read, std::size_t tried,
                    Done<base::Ref<const Reply>> done) {
  const env::Peer to = peers_[current_];
  env_.network.call(
      to, {request}, config_.timeout,
      [this, request, read, tried, to, done = std::move(done)](base::Result<env::Message> answer) mutable {
        if (answer.ok()) {
          const auto* reply = env::body_as<Reply>(answer->body.get());
          if (!reply) done(base::Error{base::ErrorCode::kUnknown, "store: answer of another type"});
          else if (!reply->outcome.ok()) done(reply->outcome.error());
          else done(base::Ref<const Reply>(reply));
          return;
        }
        const bool again = answer.error().code == base::ErrorCode::kUnavailable ||
                           (read && answer.error().code == base::ErrorCode::kUnknown);
        if (peers_[current_] == to) current_ = (current_ + 1) % peers_.size();
        if (again && tried + 1 < peers_.size()) {
          call<Reply>(std::move(request), read, tried + 1, std::move(done));
          return;
        }
        base::Error why = std::move(answer).error();
        if (read) why.code = base::ErrorCode::kUnavailable;
        done(std::move(why));
      });
}

void RemoteKv::txn(base::Ref<TxnRequest> request, Done<TxnReplyRef> done) {
  request->request_id = id_base_ + next_id_++;
  if (!env_.trace.recording(RecordKind::kStoreOp)) {
    call<TxnReply>(base::Ref<const TxnRequest>(std::move(request)), false, 0, std::move(done));
    return;
  }
  record_txn(*request, nullptr);
  base::Ref<const TxnRequest> sent(std::move(request));
  call<TxnReply, TxnRequest>(
      sent, false, 0, [this, sent, done = std::move(done)](base::Result<TxnReplyRef> answer) mutable {
        record_txn(*sent, &answer);
        done(std::move(answer));
      });
}

void RemoteKv::range(base::Ref<const RangeRequest> request, Done<RangeReplyRef> done) {
  if (!env_.trace.recording(RecordKind::kStoreRead)) {
    call<RangeReply>(std::move(request), true, 0, std::move(done));
    return;
  }
  const std::uint64_t id = id_base_ + next_read_++;
  record_range(*request, id, nullptr);
  call<RangeReply, RangeRequest>(
      request, true, 0, [this, request, id, done = std::move(done)](base::Result<RangeReplyRef> answer) mutable {
        record_range(*request, id, &answer);
        done(std::move(answer));
      });
}

void RemoteKv::control(base::Ref<const ControlRequest> request, Done<ControlReplyRef> done) {
  const bool read = request->kind == ControlKind::kStatus || request->kind == ControlKind::kLeaseKeepAlive;
  call<ControlReply>(std::move(request), read, 0, std::move(done));
}

std::unique_ptr<Watch> RemoteKv::watch(base::Ref<const WatchRequest> request, WatchHandlers handlers) {
  auto closed = std::move(handlers.on_closed);
  const env::Peer to = peers_[current_];
  handlers.on_closed = [this, to, closed = std::move(closed)](base::Error why) mutable {
    if (why.code != base::ErrorCode::kInvalid && peers_[current_] == to)
      current_ = (current_ + 1) % peers_.size();
    if (closed) closed(std::move(why));
  };
  return std::make_unique<RemoteWatch>(env_, to, std::move(request), std::move(handlers));
}

// ---- the record of the run

void RemoteKv::record_txn(const TxnRequest& request, const base::Result<TxnReplyRef>* answer) {
  history::StoreOp record;
  record.request_id = request.request_id;
  for (const std::vector<Op>* ops : {&request.then, &request.otherwise}) {
    for (const Op& op : *ops) record.modifies = record.modifies || op.kind != OpKind::kRange;
  }
  if (answer && answer->ok()) {
    record.phase = history::StoreOp::Phase::kOk;
    record.revision = (**answer)->revision;
    record.succeeded = (**answer)->succeeded;
  } else if (answer) {
    record.phase = answer->error().code == base::ErrorCode::kUnknown ? history::StoreOp::Phase::kUnknown
                                                                     : history::StoreOp::Phase::kFailed;
  }
  env_.trace.record(record);
}

void RemoteKv::record_range(const RangeRequest& request, std::uint64_t id, const base::Result<RangeReplyRef>* answer) {
  history::StoreRead record;
  record.id = id;
  if (answer && !answer->ok()) {
    record.phase = history::StoreRead::Phase::kFailed;
  } else if (answer) {
    const RangeReply& reply = ***answer;
    record.phase = history::StoreRead::Phase::kOk;
    record.serializable = request.serializable;
    record.key = request.key;
    record.end = request.end;
    record.asked_revision = request.revision;
    record.revision = reply.revision;
    record.count = reply.count;
    for (const KeyValue& kv : reply.kvs) {
      record.result_hash = base::combine64(record.result_hash, base::hash_bytes(kv.key));
      record.result_hash = base::combine64(record.result_hash, static_cast<std::uint64_t>(kv.mod_revision));
    }
  }
  env_.trace.record(record);
}

}  // namespace orrery::store
