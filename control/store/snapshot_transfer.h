// SnapshotSender and SnapshotReceiver: how a leader's state reaches a member that lags too far, piece by
// piece.
#pragma once
#include <vector>

#include "control/store/snapshot_file.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::store {

/// One transfer. Pieces go out one call at a time; a call that fails ends it. `done(delivered)` is called
/// once, unless the sender is destroyed first.
class SnapshotSender {
 public:
  SnapshotSender(env::Environment& env, env::Peer to, raft::NodeId target,
                 base::Ref<const SnapshotChunk> first, SnapshotFiles::Source source,
                 base::UniqueFunction<void(bool)> done);
  /// Sends the first chunk.
  void start() { send(); }
  raft::NodeId target() const { return target_; }
  bool finished() const { return !done_; }

 private:
  void send();
  void end(bool delivered);

  env::Environment& env_;
  env::Peer to_;
  raft::NodeId target_;
  base::Ref<const SnapshotChunk> first_;
  SnapshotFiles::Source source_;
  base::UniqueFunction<void(bool)> done_;
  std::uint32_t number_ = 0;
  env::Liveness liveness_;
};

/// Puts the chunks of one transfer together; a chunk of another transfer drops what was there.
class SnapshotReceiver {
 public:
  /// True when the chunk was taken. `complete` is set when it was the last one.
  bool add(const SnapshotChunk& chunk, SnapshotDataRef& complete);

 private:
  raft::NodeId from_ = 0;
  std::uint64_t transfer_ = 0;
  std::uint32_t next_ = 0;
  base::Ref<SnapshotData> data_;
};

}  // namespace orrery::store
