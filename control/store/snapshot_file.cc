#include "control/store/snapshot_file.h"

#include <algorithm>

#include "model/base/check.h"

namespace orrery::store {
namespace {

constexpr std::string_view kTemporary = "snap.tmp";
constexpr std::string_view kSnapshotPrefix = "snap-";
constexpr std::size_t kKeep = 2;

std::string hex16(std::uint64_t v) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string s;
  for (int shift = 60; shift >= 0; shift -= 4) s += kDigits[v >> shift & 15];
  return s;
}

std::string file_name(raft::Index index, raft::Term term) {
  return base::cat(kSnapshotPrefix, hex16(index), "-", hex16(term), ".db");
}

base::Error corrupt_snapshot(std::string_view name, std::string_view what) {
  return {base::ErrorCode::kCorrupt, base::cat("snapshot ", name, ": ", what)};
}

}  // namespace

base::Result<SnapshotDataRef> SnapshotFiles::load() {
  auto files = env_.disk.list();
  if (!files.ok()) return files.error();
  std::vector<std::string> names;
  for (const std::string& name : *files) {
    if (name == kTemporary) {
      if (auto status = env_.disk.remove(name); !status.ok()) return status.error();
    } else if (std::string_view(name).substr(0, kSnapshotPrefix.size()) == kSnapshotPrefix) {
      names.push_back(name);
    }
  }
  SnapshotDataRef newest;
  for (auto it = names.rbegin(); it != names.rend(); ++it) {
    auto data = read(*it);
    if (!data.ok()) {
      env_.trace.log(env::LogLevel::kError, data.error().message);
      if (auto status = env_.disk.rename(*it, base::cat("broken-", *it)); !status.ok())
        return status.error();
      continue;
    }
    kept_.insert(kept_.begin(), {(*data)->head->index, *it});
    if (!newest) newest = std::move(*data);
  }
  return newest;
}

base::Result<SnapshotDataRef> SnapshotFiles::read(const std::string& name) {
  auto size = env_.disk.size(name);
  if (!size.ok()) return size.error();
  auto bytes = env_.disk.read_at(name, 0, *size);
  if (!bytes.ok()) return bytes.error();
  auto out = base::make_ref<SnapshotData>();
  FrameView frame;
  std::size_t offset = 0;
  std::uint64_t versions = 0;
  for (std::uint64_t lsn = 1;; ++lsn, offset = frame.end) {
    if (read_frame(*bytes, offset, frame) != FrameState::kGood)
      return corrupt_snapshot(name, "damaged or cut short");
    if (frame.lsn != lsn || (lsn == 1) != (frame.type == FrameType::kSnapshotHead))
      return corrupt_snapshot(name, "frames out of order");
    if (frame.type == FrameType::kSnapshotHead) {
      auto body = SnapshotHead::decode(frame.payload);
      if (!body.ok()) return body.error();
      out->head = base::Ref<const SnapshotHead>(env::body_as<SnapshotHead>(body->get()));
      if (out->head->format != 1 || out->head->cluster != cluster_)
        return corrupt_snapshot(name, "belongs to another cluster");
      if (name != file_name(out->head->index, out->head->term)) return corrupt_snapshot(name, "is another snapshot");
    } else if (frame.type == FrameType::kSnapshotPiece) {
      auto body = SnapshotPiece::decode(frame.payload);
      if (!body.ok()) return body.error();
      out->pieces.emplace_back(env::body_as<SnapshotPiece>(body->get()));
      versions += out->pieces.back()->versions.size();
    } else {
      break;
    }
  }
  auto body = SnapshotFoot::decode(frame.payload);
  if (!body.ok()) return body.error();
  const auto& foot = *env::body_as<SnapshotFoot>(body->get());
  if (foot.pieces != out->pieces.size() || foot.versions != versions || frame.end != bytes->size()) {
    return corrupt_snapshot(name, "incomplete");
  }
  return SnapshotDataRef(std::move(out));
}

// ---- writing

void SnapshotFiles::write(base::Ref<const SnapshotHead> head, Source source,
                          base::UniqueFunction<void(base::Status)> done) {
  ORRERY_CHECK(!writing(), "two snapshots at a time");
  head_ = std::move(head);
  source_ = std::move(source);
  done_ = std::move(done);
  lsn_ = pieces_ = versions_ = 0;
  ++attempt_;
  if (auto status = env_.disk.create(kTemporary); !status.ok()) {
    end(status);
    return;
  }
  if (put(FrameType::kSnapshotHead, base::Ref<const SnapshotHead>(head_))) next_piece();
}

void SnapshotFiles::abandon() {
  if (!writing()) return;
  ++attempt_;
  done_ = nullptr;
  source_ = nullptr;
  head_.reset();
  (void)env_.disk.remove(kTemporary);  // what stays is removed by the next load() or rename
}

void SnapshotFiles::end(base::Status status) {
  auto done = std::move(done_);
  done_ = nullptr;
  source_ = nullptr;
  head_.reset();
  if (done) done(std::move(status));
}

bool SnapshotFiles::put(FrameType type, env::BodyRef payload) {
  auto frame = base::make_ref<Frame>(type, ++lsn_, 1, std::move(payload));
  base::Status status = env_.disk.append(kTemporary, env::BodyRef(std::move(frame)));
  if (status.ok()) return true;
  if (status.error().code != base::ErrorCode::kLimit) {
    env_.process.exit(1, base::cat("snapshot: ", status.error().message));
    return false;
  }
  (void)env_.disk.remove(kTemporary);
  end(std::move(status));
  return false;
}

void SnapshotFiles::next_piece() {
  const SnapshotPieceRef piece = source_();
  if (piece) {
    ++pieces_;
    versions_ += piece->versions.size();
    if (!put(FrameType::kSnapshotPiece, piece)) return;
    env_.timers.after(0, [this, token = liveness_.token(), attempt = attempt_] {
      if (token.alive() && attempt == attempt_) next_piece();
    });
    return;
  }
  auto foot = base::make_ref<SnapshotFoot>();
  foot->pieces = pieces_;
  foot->versions = versions_;
  if (put(FrameType::kSnapshotFoot, std::move(foot))) finish();
}

void SnapshotFiles::finish() {
  env_.disk.sync(kTemporary, [this, token = liveness_.token(), attempt = attempt_](base::Status status) {
    if (!token.alive() || attempt != attempt_) return;
    const std::string name = file_name(head_->index, head_->term);
    if (status.ok()) status = env_.disk.rename(kTemporary, name);
    if (!status.ok()) {
      env_.process.exit(1, "snapshot: sync or rename failed");
      return;
    }
    env_.disk.sync_dir([this, token, attempt](base::Status dir) {
      if (!token.alive() || attempt != attempt_) return;
      if (dir.ok()) taken();
      else env_.process.exit(1, "snapshot: sync of the directory failed");
    });
  });
}

void SnapshotFiles::taken() {
  const std::string name = file_name(head_->index, head_->term);
  std::erase_if(kept_, [this](const Kept& k) { return k.index >= head_->index; });
  kept_.push_back({head_->index, name});
  while (kept_.size() > kKeep) {
    if (!env_.disk.remove(kept_.front().name).ok()) break;
    kept_.erase(kept_.begin());
  }
  end(base::ok_status());
}

}  // namespace orrery::store
