#include "control/store/wal.h"

#include <algorithm>

#include "model/base/check.h"

namespace orrery::store {
namespace {

constexpr std::string_view kSegmentPrefix = "wal-";
constexpr std::string_view kCopy = "renewed.log";  // not a segment before it has the name of one

std::string segment_name(std::uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string name(kSegmentPrefix);
  for (int shift = 60; shift >= 0; shift -= 4) name += kDigits[number >> shift & 15];
  return name + ".log";
}

base::Error corrupt_segment(std::string_view file, std::string_view what) {
  return {base::ErrorCode::kCorrupt, base::cat("write-ahead log ", file, ": ", what)};
}

}  // namespace

Wal::Wal(env::Environment& env, WalConfig config, base::UniqueFunction<void(std::uint64_t)> durable)
    : env_(env), config_(config), durable_(std::move(durable)) {}

// ---- recovery

base::Result<Recovered> Wal::recover() {
  auto files = env_.disk.list();
  if (!files.ok()) return files.error();
  std::vector<std::string> names;
  for (std::string& name : *files) {
    if (std::string_view(name).substr(0, kSegmentPrefix.size()) == kSegmentPrefix) names.push_back(std::move(name));
  }
  Recovered out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::uint64_t number = 0;
    for (const char c : names[i].substr(kSegmentPrefix.size(), 16)) {
      number = number << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (names[i] != segment_name(number)) return corrupt_segment(names[i], "unexpected name");
    if (i > 0 && number != next_segment_) {
      // Removals of released segments need not have become durable in order. Whether what is left is
      // enough, the caller sees from the snapshot it has.
      out = Recovered{};
      segments_.clear();
      batch_ = 0;
    }
    next_segment_ = number + 1;
    auto kept = read_segment(names[i], number, i + 1 == names.size(), out);
    if (!kept.ok()) return kept.error();
  }
  hard_ = out.hard;
  return out;
}

/// False when the segment held nothing and was removed.
base::Result<bool> Wal::read_segment(const std::string& name, std::uint64_t number, bool last,
                                     Recovered& out) {
  auto size = env_.disk.size(name);
  if (!size.ok()) return size.error();
  auto bytes = env_.disk.read_at(name, 0, *size);
  if (!bytes.ok()) return bytes.error();
  std::size_t offset = 0;
  FrameView frame;
  for (FrameState state; (state = read_frame(*bytes, offset, frame)) != FrameState::kEnd;
       offset = frame.end) {
    if (state != FrameState::kGood) return torn(name, *bytes, offset, last, state == FrameState::kCorrupt);
    if (out.empty && offset == 0) next_lsn_ = frame.lsn;
    if (frame.lsn != next_lsn_ || frame.batch < batch_ || frame.batch > frame.lsn)
      return corrupt_segment(name, "frames out of order");
    if ((offset == 0) != (frame.type == FrameType::kSegmentHead)) return corrupt_segment(name, "unexpected frame");
    out.empty = false;
    ++next_lsn_;
    batch_ = frame.batch;
    if (frame.type == FrameType::kSegmentHead) {
      auto body = SegmentHead::decode(frame.payload);
      if (!body.ok()) return body.error();
      const auto& head = *env::body_as<SegmentHead>(body->get());
      if (head.format != 1 || head.cluster != config_.cluster || head.member != config_.member ||
          head.segment != number) {
        return corrupt_segment(name, "belongs to another member");
      }
      out.hard = head.hard;
      segments_.push_back({name, 0});
    } else if (frame.type == FrameType::kChange) {
      auto body = LogChange::decode(frame.payload);
      if (!body.ok()) return body.error();
      if (auto status = replay(*env::body_as<LogChange>(body->get()), out); !status.ok())
        return status.error();
    } else {
      return corrupt_segment(name, "unexpected frame");
    }
  }
  if (offset == 0) return torn(name, *bytes, 0, last, false);
  return true;
}

base::Status Wal::replay(const LogChange& change, Recovered& out) {
  if (change.hard.term < out.hard.term) return corrupt_segment(segments_.back().name, "terms go back");
  out.hard = change.hard;
  if (change.mark_index > 0) {
    out.mark_index = change.mark_index;
    out.mark_term = change.mark_term;
    out.entries.clear();
  }
  for (const raft::Entry& e : change.entries) {
    const raft::Index floor = out.entries.empty() ? out.mark_index : out.entries.front().index - 1;
    const raft::Index next = floor + out.entries.size() + 1;
    const bool first_of_all = out.entries.empty() && out.mark_index == 0;
    if (!first_of_all && (e.index <= floor || e.index > next))
      return corrupt_segment(segments_.back().name, "entries with a gap");
    if (!first_of_all) out.entries.resize(e.index - floor - 1);
    out.entries.push_back(e);
    segments_.back().max_index = std::max(segments_.back().max_index, e.index);
  }
  return base::ok_status();
}

/// A broken frame. It may be cut off when nothing that was ever durable is lost by that.
base::Result<bool> Wal::torn(const std::string& name, std::string_view bytes, std::size_t offset, bool last,
                             bool is_corrupt) {
  if (is_corrupt) return corrupt_segment(name, "checksum mismatch");
  if (!last) return corrupt_segment(name, "ends too early");
  if (later_batch_follows(bytes, offset, next_lsn_)) return corrupt_segment(name, "damaged before durable data");
  env_.trace.log(env::LogLevel::kWarning, base::cat("torn tail of ", name, " cut off"));
  if (offset == 0) {
    if (auto status = env_.disk.remove(name); !status.ok()) return status.error();
    --next_segment_;
    return false;
  }
  if (auto status = env_.disk.truncate(name, offset); !status.ok()) return status.error();
  return true;
}

// ---- writing

void Wal::open(const raft::HardState& hard, base::UniqueFunction<void()> ready) {
  hard_ = hard;
  ready_ = std::move(ready);
  cut_ = true;
  renew_ = !segments_.empty();
  flush();
}

/// Whether the platter holds what was read of the last segment is not known: it may have been in memory only, and after a
/// failed sync (of an earlier life, too) no sync of that file brings it there, though it succeeds (Rebello et al., "Can
/// Applications Recover from fsync Failures?", 2020). A copy in a new file is written for certain. Older segments were
/// synced before a newer one began.
void Wal::renew_last_segment() {
  const std::string name = segments_.back().name;
  const auto failed = [this](const base::Error& error) {
    (void)env_.disk.remove(kCopy);
    if (error.code == base::ErrorCode::kLimit) full_ = true;
    else env_.process.exit(1, base::cat("write-ahead log: ", error.message));
  };
  (void)env_.disk.remove(kCopy);  // of a life that ended here
  auto size = env_.disk.size(name);
  if (!size.ok()) return failed(size.error());
  auto bytes = env_.disk.read_at(name, 0, *size);
  if (!bytes.ok()) return failed(bytes.error());
  if (auto status = env_.disk.create(kCopy); !status.ok()) return failed(status.error());
  if (auto status = env_.disk.append(kCopy, std::string_view(*bytes)); !status.ok()) return failed(status.error());
  busy_ = true;
  env_.disk.sync(kCopy, [this, name, token = liveness_.token()](base::Status status) {
    if (!token.alive()) return;
    if (status.ok()) status = env_.disk.rename(kCopy, name);
    if (!status.ok()) {
      env_.process.exit(1, "write-ahead log: sync or rename failed");
      return;
    }
    sync_directory([this] {
      renew_ = busy_ = false;
      flush();
    });
  });
}

void Wal::append(std::uint64_t number, base::Ref<const LogChange> change) {
  waiting_.push_back({number, std::move(change)});
  flush();
}

void Wal::hold(bool on) {
  held_ = on;
  if (!on) flush();
}

bool Wal::write(FrameType type, env::BodyRef payload) {
  auto frame = base::make_ref<Frame>(type, next_lsn_, batch_, std::move(payload));
  const std::size_t size = frame->encoded_size();
  const base::Status status = env_.disk.append(segments_.back().name, env::BodyRef(std::move(frame)));
  if (status.ok()) {
    ++next_lsn_;
    segment_size_ += size;
    return true;
  }
  if (status.error().code == base::ErrorCode::kLimit) full_ = true;
  else env_.process.exit(1, base::cat("write-ahead log: ", status.error().message));
  return false;
}

bool Wal::start_segment() {
  if (!new_file_) {
    const std::string name = segment_name(next_segment_);
    const base::Status status = env_.disk.create(name);
    if (!status.ok()) {
      if (status.error().code == base::ErrorCode::kLimit) full_ = true;
      else env_.process.exit(1, base::cat("write-ahead log: ", status.error().message));
      return false;
    }
    segments_.push_back({name, 0});
    ++next_segment_;
    segment_size_ = 0;
    new_file_ = true;
  }
  auto head = base::make_ref<SegmentHead>();
  head->cluster = config_.cluster;
  head->member = config_.member;
  head->segment = next_segment_ - 1;
  head->hard = hard_;
  if (!write(FrameType::kSegmentHead, std::move(head))) return false;
  cut_ = false;
  return true;
}

void Wal::flush() {
  if (busy_ || held_ || env_.process.exiting()) return;
  if (waiting_.empty() && !ready_) return;
  full_ = false;
  if (renew_) {
    renew_last_segment();
    return;
  }
  batch_ = next_lsn_;
  if (segment_size_ > config_.segment_bytes) cut_ = true;
  bool wrote = false;
  if (cut_) {
    if (!start_segment()) return;
    wrote = true;
  }
  while (!waiting_.empty()) {
    const Waiting& next = waiting_.front();
    if (!write(FrameType::kChange, next.change)) break;
    hard_ = next.change->hard;
    if (!next.change->entries.empty()) {
      Segment& s = segments_.back();
      s.max_index = std::max(s.max_index, next.change->entries.back().index);
    }
    written_number_ = next.number;
    waiting_.pop_front();
    wrote = true;
  }
  if (wrote) sync();
}

void Wal::sync() {
  busy_ = true;
  env_.disk.sync(segments_.back().name, [this, token = liveness_.token()](base::Status status) {
    if (!token.alive()) return;
    if (!status.ok()) {
      env_.process.exit(1, "write-ahead log: sync failed");
      return;
    }
    if (!new_file_) {
      finish();
      return;
    }
    sync_directory([this] {
      new_file_ = false;
      finish();
    });
  });
}

void Wal::sync_directory(base::UniqueFunction<void()> done) {
  env_.disk.sync_dir([this, done = std::move(done), token = liveness_.token()](base::Status status) mutable {
    if (!token.alive()) return;
    if (status.ok()) done();
    else env_.process.exit(1, "write-ahead log: sync of the directory failed");
  });
}

void Wal::finish() {
  busy_ = false;
  const std::uint64_t number = written_number_;
  flush();  // what waited starts its sync before the news of this one is worked on
  if (ready_) {
    base::UniqueFunction<void()> ready = std::move(ready_);
    ready_ = nullptr;
    ready();
  }
  if (number > 0) durable_(number);
}

void Wal::release(raft::Index index) {
  while (segments_.size() > 1 && segments_.front().max_index <= index) {
    const base::Status status = env_.disk.remove(segments_.front().name);
    if (!status.ok()) return;
    segments_.erase(segments_.begin());
  }
}

}  // namespace orrery::store
