#include "control/store/disk_format.h"

#include <algorithm>

#include "model/base/prefetch.h"

namespace orrery::store {
namespace {

constexpr std::size_t kSector = 512;
// Never zero, so that a frame's part of a sector is all zero only when the sector was not written.
constexpr char kFill = static_cast<char>(0xa5);

// Header: length 4, header crc 4, payload crc 4, lsn 8, batch 8, payload type 2, frame type 1, fill 5.
std::string header_of(std::uint32_t length, std::uint32_t crc, std::uint64_t lsn, std::uint64_t batch,
                      std::uint16_t payload_type, FrameType frame) {
  std::string tail;
  Writer w(tail);
  w(crc);
  w(lsn);
  w(batch);
  w(payload_type);
  w(frame);
  tail.append(5, kFill);
  std::string out;
  Writer h(out);
  h(length);
  std::string checked = out + tail;
  h(crc32c(checked));
  return out + tail;
}

/// True when part of [from, to) that lies in one sector is all zero, or the bytes end before `to`.
bool looks_torn(std::string_view bytes, std::size_t from, std::size_t to) {
  if (to > bytes.size()) return true;
  while (from < to) {
    const std::size_t chunk = std::min(to, (from / kSector + 1) * kSector);
    const std::string_view part = bytes.substr(from, chunk - from);
    if (part.find_first_not_of('\0') == std::string_view::npos) return true;
    from = chunk;
  }
  return false;
}

base::Result<env::BodyRef> no_decode(std::string_view) {
  return base::Error{base::ErrorCode::kCorrupt, "a frame stands in files only"};
}

}  // namespace

const env::BodyType Frame::kType{106, "store.frame", no_decode};
const env::BodyType SegmentHead::kType{107, "store.segment-head", &SegmentHead::decode};
const env::BodyType LogChange::kType{108, "store.log-change", &LogChange::decode};
const env::BodyType SnapshotHead::kType{109, "store.snapshot-head", &SnapshotHead::decode};
const env::BodyType SnapshotPiece::kType{105, "store.snapshot-piece", &SnapshotPiece::decode};
const env::BodyType SnapshotFoot::kType{100, "store.snapshot-foot", &SnapshotFoot::decode};
const env::BodyType SnapshotData::kType{119, "store.snapshot-data", &SnapshotData::decode};
const env::BodyType SnapshotChunk::kType{120, "store.snapshot-chunk", &SnapshotChunk::decode};

SnapshotPiece::~SnapshotPiece() {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (i + base::kPrefetchAhead < versions.size())
      base::prefetch(versions[i + base::kPrefetchAhead].value.get());
    versions[i].value.reset();
  }
}

void Frame::encode(std::string& out) const {
  std::string payload;
  payload.reserve(payload_->encoded_size());
  payload_->encode(payload);
  const std::size_t start = out.size();
  out += header_of(static_cast<std::uint32_t>(payload.size()), crc32c(payload), lsn_, batch_,
                   payload_->type().id, frame_);
  out += payload;
  out.append(padded(out.size() - start) - (out.size() - start), kFill);
}

FrameState read_frame(std::string_view bytes, std::size_t offset, FrameView& out) {
  if (offset >= bytes.size()) return FrameState::kEnd;
  const std::size_t header_end = offset + Frame::kHeaderBytes;
  if (header_end > bytes.size()) return FrameState::kTorn;
  Reader r(bytes.substr(offset, Frame::kHeaderBytes));
  std::uint32_t length = 0;
  std::uint32_t header_crc = 0;
  std::uint32_t crc = 0;
  std::uint16_t payload_type = 0;
  r(length);
  r(header_crc);
  r(crc);
  r(out.lsn);
  r(out.batch);
  r(payload_type);
  r(out.type);
  const std::string expected = header_of(length, crc, out.lsn, out.batch, payload_type, out.type);
  if (!r.ok() || bytes.substr(offset, Frame::kHeaderBytes) != expected) {
    return looks_torn(bytes, offset, header_end) ? FrameState::kTorn : FrameState::kCorrupt;
  }
  out.end = offset + Frame::padded(Frame::kHeaderBytes + length);
  if (out.end > bytes.size()) return FrameState::kTorn;
  out.payload = bytes.substr(header_end, length);
  const std::string_view padding = bytes.substr(header_end + length, out.end - header_end - length);
  if (crc32c(out.payload) == crc && padding.find_first_not_of(kFill) == std::string_view::npos)
    return FrameState::kGood;
  return looks_torn(bytes, offset, out.end) ? FrameState::kTorn : FrameState::kCorrupt;
}

bool later_batch_follows(std::string_view bytes, std::size_t offset, std::uint64_t lsn) {
  FrameView view;
  for (offset = (offset + 8) & ~std::size_t{7}; offset + Frame::kHeaderBytes <= bytes.size(); offset += 8) {
    if (bytes[offset + Frame::kHeaderBytes - 1] != kFill) continue;
    if (read_frame(bytes, offset, view) == FrameState::kGood && view.batch > lsn) return true;
  }
  return false;
}

}  // namespace orrery::store
