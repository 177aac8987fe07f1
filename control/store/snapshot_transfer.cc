#include "control/store/snapshot_transfer.h"

namespace orrery::store {
namespace {

constexpr base::Nanos kChunkTimeout = 5 * base::kSecond;

}  // namespace

SnapshotSender::SnapshotSender(env::Environment& env, env::Peer to, raft::NodeId target,
                               base::Ref<const SnapshotChunk> first, SnapshotFiles::Source source,
                               base::UniqueFunction<void(bool)> done)
    : env_(env),
      to_(to),
      target_(target),
      first_(std::move(first)),
      source_(std::move(source)),
      done_(std::move(done)) {}

void SnapshotSender::send() {
  auto chunk = base::make_ref<SnapshotChunk>();
  chunk->cluster = first_->cluster;
  chunk->from = first_->from;
  chunk->term = first_->term;
  chunk->transfer = first_->transfer;
  if (number_ == 0) chunk->head = first_->head;
  chunk->number = number_++;
  chunk->piece = source_();
  chunk->last = !chunk->piece;
  const bool last = chunk->last;
  env_.network.call(to_, {std::move(chunk)}, kChunkTimeout,
                    [this, last, token = liveness_.token()](base::Result<env::Message> answer) {
                      if (!token.alive()) return;
                      const auto* reply =
                          answer.ok() ? env::body_as<ControlReply>(answer->body.get()) : nullptr;
                      const bool taken = reply && reply->outcome.ok();
                      if (taken && !last) send();
                      else end(taken);
                    });
}

void SnapshotSender::end(bool delivered) {
  auto done = std::move(done_);
  done_ = nullptr;
  source_ = nullptr;
  if (done) done(delivered);
}

bool SnapshotReceiver::add(const SnapshotChunk& chunk, SnapshotDataRef& complete) {
  if (chunk.number == 0) {
    if (!chunk.head) return false;
    from_ = chunk.from;
    transfer_ = chunk.transfer;
    next_ = 0;
    data_ = base::make_ref<SnapshotData>();
    data_->head = chunk.head;
  }
  if (!data_ || chunk.from != from_ || chunk.transfer != transfer_ || chunk.number != next_) return false;
  ++next_;
  if (chunk.piece) data_->pieces.push_back(chunk.piece);
  if (chunk.last) complete = SnapshotDataRef(std::move(data_));
  return true;
}

}  // namespace orrery::store
