#include "control/store/snapshot_pieces.h"

#include <utility>

#include "control/store/mvcc.h"

namespace orrery::store {
namespace {

/// Keeps versions from being forgotten while a view is written.
class Pin {
 public:
  explicit Pin(Mvcc& mvcc) : mvcc_(&mvcc) { mvcc.pin(); }
  Pin(Pin&& o) noexcept : mvcc_(std::exchange(o.mvcc_, nullptr)) {}
  Pin& operator=(Pin&&) = delete;
  ~Pin() {
    if (mvcc_) mvcc_->unpin();
  }

 private:
  Mvcc* mvcc_;
};

SnapshotPieceRef piece_of(std::vector<KeyValue> versions) {
  auto piece = base::make_ref<SnapshotPiece>();
  piece->versions = std::move(versions);
  return piece;
}

}  // namespace

void SnapshotPieces::add_recent() {
  while (!recent_.empty() && recent_.front().to <= mvcc_.compacted()) recent_.pop_front();
  Revision from = recent_.empty() ? mvcc_.compacted() : recent_.back().to;
  std::size_t position = mvcc_.change_position(from + 1);
  while (position < mvcc_.changes().size()) {
    SnapshotPieceRef piece = piece_of(mvcc_.export_changes(position, piece_versions_));
    const Revision to = piece->versions.back().mod_revision;
    recent_.push_back({from, to, std::move(piece)});
    from = to;
  }
}

SnapshotPieceRef SnapshotPieces::base_piece(Base& base, std::size_t i, const Mvcc& mvcc, std::size_t limit) {
  if (i < base.pieces.size()) return base.pieces[i];
  if (base.complete) return nullptr;
  const Str last = base.pieces.empty() ? Str() : base.pieces.back()->versions.back().key;
  std::vector<KeyValue> versions = mvcc.export_after(last, base.start, limit);
  base.complete = versions.empty();
  return base.complete ? nullptr : base.pieces.emplace_back(piece_of(std::move(versions)));
}

SnapshotFiles::Source SnapshotPieces::view() {
  add_recent();
  const Revision start = recent_.empty() ? mvcc_.revision() : recent_.front().from;
  if (!base_ || base_->start != start) {
    base_ = base::make_ref<Base>();
    base_->start = start;
  }
  std::vector<SnapshotPieceRef> recent;
  recent.reserve(recent_.size());
  for (const Span& span : recent_) recent.push_back(span.piece);
  return [mvcc = &mvcc_, limit = piece_versions_, pin = Pin(mvcc_), base = base_, recent = std::move(recent),
          in_base = std::size_t{0}, in_recent = std::size_t{0}]() mutable -> SnapshotPieceRef {
    if (SnapshotPieceRef piece = base_piece(*base, in_base, *mvcc, limit)) {
      ++in_base;
      return piece;
    }
    return in_recent < recent.size() ? recent[in_recent++] : nullptr;
  };
}

void SnapshotPieces::clear() {
  base_.reset();
  recent_.clear();
}

}  // namespace orrery::store
