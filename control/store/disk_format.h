// What stands in the store's files: frames with checksums, and the bodies inside them. FORMAT.md says it in
// bytes.
#pragma once
#include "control/store/messages.h"

namespace orrery::store {

enum class FrameType : std::uint8_t {
  kNone,
  kSegmentHead,
  kChange,
  kSnapshotHead,
  kSnapshotPiece,
  kSnapshotFoot,
  kLast = kSnapshotFoot
};

/// One record of a file: header, payload, padding (0xa5, at least one byte) to a multiple of 8 bytes. `lsn`
/// counts the frames of a log (or of a snapshot file); `batch` is the lsn of the first frame that shares
/// this one's sync. A batch is written only when the batch before it is durable, so a good frame proves
/// that everything before its batch was durable.
class Frame final : public env::Body {
 public:
  Frame(FrameType frame, std::uint64_t lsn, std::uint64_t batch, env::BodyRef payload)
      : frame_(frame), lsn_(lsn), batch_(batch), payload_(std::move(payload)) {}
  static const env::BodyType kType;  // 106
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return padded(kHeaderBytes + payload_->encoded_size()); }
  void encode(std::string& out) const override;
  std::uint64_t content_hash() const override {
    return base::combine64(payload_->content_hash(), lsn_ + (batch_ << 32));
  }
  static constexpr std::size_t kHeaderBytes = 36;
  static constexpr std::size_t padded(std::size_t n) { return (n + 8) & ~std::size_t{7}; }

 private:
  FrameType frame_;
  std::uint64_t lsn_;
  std::uint64_t batch_;
  env::BodyRef payload_;
};

/// A frame found in bytes.
struct FrameView {
  FrameType type = FrameType::kNone;
  std::uint64_t lsn = 0;
  std::uint64_t batch = 0;
  std::string_view payload;
  std::size_t end = 0;  ///< offset after it
};

enum class FrameState : std::uint8_t {
  kGood,
  kEnd,      ///< no byte left
  kTorn,     ///< a write that was cut short: the bytes end, or a 512-byte sector of it was never written
  kCorrupt,  ///< everything is there and wrong
};
/// Looks at the frame at `offset`.
FrameState read_frame(std::string_view bytes, std::size_t offset, FrameView& out);
/// True when a good frame stands anywhere after `offset` whose batch begins after `lsn`: then the frame
/// `lsn` was durable.
bool later_batch_follows(std::string_view bytes, std::size_t offset, std::uint64_t lsn);

struct SegmentHead final : PlainBody<SegmentHead> {  // 107
  static const env::BodyType kType;
  std::uint32_t format = 1;
  std::uint64_t cluster = 0;
  std::uint64_t member = 0;
  std::uint64_t segment = 0;
  raft::HardState hard;  ///< as of the start of the segment
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.format);
    a(s.cluster);
    a(s.member);
    a(s.segment);
    a(s.hard);
  }
};

/// What one Ready wants durable. `mark_index` > 0: a snapshot of that point replaced the log before these
/// entries.
struct LogChange final : PlainBody<LogChange> {  // 108
  static const env::BodyType kType;
  raft::Index mark_index = 0;
  raft::Term mark_term = 0;
  raft::HardState hard;  ///< always the current one
  std::vector<raft::Entry> entries;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.mark_index);
    a(s.mark_term);
    a(s.hard);
    a(s.entries);
  }
};

struct MemberInfo {
  raft::NodeId id = 0;
  Str host;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.id);
    a(s.host);
  }
};

struct LeaseInfo {
  LeaseId id = 0;
  std::int64_t ttl_seconds = 0;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.id);
    a(s.ttl_seconds);
  }
};

/// First frame of a snapshot: the state machine at raft index `index` but for the keys.
struct SnapshotHead final : PlainBody<SnapshotHead> {  // 109
  static const env::BodyType kType;
  std::uint32_t format = 1;
  std::uint64_t cluster = 0;
  raft::Index index = 0;
  raft::Term term = 0;
  raft::ConfState conf;
  std::vector<MemberInfo> members;
  Revision revision = 0;
  Revision compacted = 0;
  bool no_space = false;
  std::vector<LeaseInfo> leases;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.format);
    a(s.cluster);
    a(s.index);
    a(s.term);
    a(s.conf);
    a(s.members);
    a(s.revision);
    a(s.compacted);
    a(s.no_space);
    a(s.leases);
  }
};

/// All versions of some keys up to a revision, in key order, or those of some revisions in theirs (SnapshotPieces).
struct SnapshotPiece final : PlainBody<SnapshotPiece> {  // 105
  ~SnapshotPiece() override;
  static const env::BodyType kType;
  std::vector<KeyValue> versions;  ///< version 0: a deletion
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.versions);
  }
};
using SnapshotPieceRef = base::Ref<const SnapshotPiece>;

struct SnapshotFoot final : PlainBody<SnapshotFoot> {  // 100
  static const env::BodyType kType;
  std::uint64_t pieces = 0;
  std::uint64_t versions = 0;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.pieces);
    a(s.versions);
  }
};

/// A whole snapshot in memory: what raft::Snapshot::data is.
struct SnapshotData final : PlainBody<SnapshotData> {  // 119
  static const env::BodyType kType;
  base::Ref<const SnapshotHead> head;
  std::vector<SnapshotPieceRef> pieces;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.head);
    a(s.pieces);
  }
};

/// Leader to a member that lags: piece `number` (from 0) of a transfer, in a call; the answer is a
/// ControlReply. The last one may carry no piece.
struct SnapshotChunk final : PlainBody<SnapshotChunk> {  // 120
  static const env::BodyType kType;
  std::uint64_t cluster = 0;
  raft::NodeId from = 0;
  raft::Term term = 0;
  std::uint64_t transfer = 0;
  std::uint32_t number = 0;
  bool last = false;
  base::Ref<const SnapshotHead> head;
  SnapshotPieceRef piece;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.cluster);
    a(s.from);
    a(s.term);
    a(s.transfer);
    a(s.number);
    a(s.last);
    a(s.head);
    a(s.piece);
  }
};

}  // namespace orrery::store
