// SnapshotPieces: what the snapshots of one key space are made of.
#pragma once
#include <deque>

#include "control/store/snapshot_file.h"

namespace orrery::store {

class Mvcc;

/// First pieces of the key space as it was at some revision, key by key, then pieces of all versions since then in the order of
/// their revisions. Each is made once and stands in every snapshot until compaction has passed the oldest of the second kind, so
/// that a version is walked once or twice and not once for each snapshot. What compaction has superseded by then goes along;
/// Mvcc::finish_load drops it.
class SnapshotPieces {
 public:
  /// At most about `piece_versions` versions and 1 MiB a piece.
  explicit SnapshotPieces(Mvcc& mvcc, std::size_t piece_versions = 1000) : mvcc_(mvcc), piece_versions_(piece_versions) {}

  /// The key space as it is now, whatever is written while the pieces are taken. Until it is destroyed no version is forgotten.
  SnapshotFiles::Source view();
  /// Something else has taken the place of the key space.
  void clear();

 private:
  /// The keys as they were at `start`, as far as views have walked them.
  struct Base final : base::RefCounted {
    Revision start = 0;
    std::vector<SnapshotPieceRef> pieces;
    bool complete = false;
  };
  /// The versions of the revisions after `from` up to `to`.
  struct Span {
    Revision from, to;
    SnapshotPieceRef piece;
  };
  void add_recent();
  /// Piece `i`, made if no view has come so far; null behind the last.
  static SnapshotPieceRef base_piece(Base& base, std::size_t i, const Mvcc& mvcc, std::size_t limit);

  Mvcc& mvcc_;
  std::size_t piece_versions_;
  base::Ref<Base> base_;
  std::deque<Span> recent_;  // each begins where the one before it ends, the first at base_->start
};

}  // namespace orrery::store
