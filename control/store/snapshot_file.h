// Snapshot files of one member: written in pieces beside the running store, taken into use by a rename.
#pragma once
#include <string>
#include <vector>

#include "control/store/disk_format.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::store {

using SnapshotDataRef = base::Ref<const SnapshotData>;

/// Keeps the two newest snapshots. A file is complete, synced and only then renamed from "snap.tmp" to its
/// name, so a damaged one has lost bytes that were durable: it is set aside as "broken-NAME" and the one
/// before it is used.
class SnapshotFiles {
 public:
  /// Gives the pieces of a snapshot one after another; null at the end.
  using Source = base::UniqueFunction<SnapshotPieceRef()>;

  SnapshotFiles(env::Environment& env, std::uint64_t cluster) : env_(env), cluster_(cluster) {}

  /// The newest snapshot that is whole; null when there is none. Removes what an interrupted writer left.
  base::Result<SnapshotDataRef> load();
  /// Writes one piece per turn. `done` gets kLimit when the disk is full (nothing is left behind) and
  /// success when the snapshot survives power loss; a failed sync ends the process. One at a time.
  void write(base::Ref<const SnapshotHead> head, Source source,
             base::UniqueFunction<void(base::Status)> done);
  /// Stops a writing; its `done` is not called.
  void abandon();
  bool writing() const { return static_cast<bool>(done_); }
  /// Index of the older snapshot that is kept: the log must reach back to it. 0: none.
  raft::Index oldest() const { return kept_.size() < 2 ? 0 : kept_.front().index; }
  raft::Index newest() const { return kept_.empty() ? 0 : kept_.back().index; }

 private:
  struct Kept {
    raft::Index index;
    std::string name;
  };
  base::Result<SnapshotDataRef> read(const std::string& name);
  bool put(FrameType type, env::BodyRef payload);
  void next_piece();
  void finish();
  void taken();
  void end(base::Status status);

  env::Environment& env_;
  std::uint64_t cluster_;
  std::vector<Kept> kept_;  // ascending
  base::Ref<const SnapshotHead> head_;
  Source source_;
  base::UniqueFunction<void(base::Status)> done_;
  std::uint64_t lsn_ = 0;
  std::uint64_t pieces_ = 0;
  std::uint64_t versions_ = 0;
  std::uint64_t attempt_ = 0;  // callbacks of abandoned writings are recognised by it
  env::Liveness liveness_;
};

}  // namespace orrery::store
