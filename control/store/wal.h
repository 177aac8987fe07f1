// Wal: the write-ahead log of one member, in segments, with one sync for everything that waits.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "control/store/disk_format.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::store {

struct WalConfig {
  std::uint64_t cluster = 0;
  std::uint64_t member = 0;
  std::uint64_t segment_bytes = 64 << 20;  ///< a new segment begins after it
};

/// What the log says after a restart.
struct Recovered {
  raft::HardState hard;
  raft::Index mark_index = 0;  ///< a snapshot of this point must exist; 0: none
  raft::Term mark_term = 0;
  std::vector<raft::Entry> entries;  ///< contiguous
  bool empty = true;                 ///< there was no log at all
};

/// Changes become durable in the order they were appended. While a sync runs, later changes wait in memory
/// and share the next one. A full disk keeps them waiting (full(), retry()); a failed write or sync ends
/// the process.
class Wal {
 public:
  /// `durable(n)` is called when change number n and all before are durable.
  Wal(env::Environment& env, WalConfig config, base::UniqueFunction<void(std::uint64_t)> durable);

  /// Reads all segments. A tail that a crash cut off is removed; anything else wrong is kCorrupt and
  /// nothing is changed.
  base::Result<Recovered> recover();
  /// Starts writing (a new segment), after recover(). `ready` runs when the log can be relied on: first its last segment is
  /// written once more, which needs as much room.
  void open(const raft::HardState& hard, base::UniqueFunction<void()> ready);

  /// `number` ascends.
  void append(std::uint64_t number, base::Ref<const LogChange> change);
  /// While held nothing is written (a snapshot that later changes build on is not durable yet).
  void hold(bool on);
  /// The next change begins a new segment.
  void cut() { cut_ = true; }
  /// Removes segments that hold no entry above `index`.
  void release(raft::Index index);
  /// The disk had no room for what waits.
  bool full() const { return full_; }
  void retry() { flush(); }
  bool idle() const { return waiting_.empty() && !busy_; }

 private:
  struct Segment {
    std::string name;
    raft::Index max_index = 0;
  };
  struct Waiting {
    std::uint64_t number;
    base::Ref<const LogChange> change;
  };
  base::Result<bool> read_segment(const std::string& name, std::uint64_t number, bool last, Recovered& out);
  base::Status replay(const LogChange& change, Recovered& out);
  base::Result<bool> torn(const std::string& name, std::string_view bytes, std::size_t offset, bool last,
                          bool corrupt);
  void renew_last_segment();
  bool start_segment();
  bool write(FrameType type, env::BodyRef payload);
  void flush();
  void sync();
  void sync_directory(base::UniqueFunction<void()> done);
  void finish();

  env::Environment& env_;
  WalConfig config_;
  base::UniqueFunction<void(std::uint64_t)> durable_;
  base::UniqueFunction<void()> ready_;
  std::vector<Segment> segments_;  // the last one is written
  std::deque<Waiting> waiting_;
  raft::HardState hard_;
  std::uint64_t next_segment_ = 1;
  std::uint64_t next_lsn_ = 1;
  std::uint64_t batch_ = 0;
  std::uint64_t written_number_ = 0;
  std::uint64_t segment_size_ = 0;
  bool busy_ = false;
  bool held_ = false;
  bool cut_ = false;
  bool full_ = false;
  bool new_file_ = false;
  bool renew_ = false;  // the last segment, before anything is written
  env::Liveness liveness_;
};

}  // namespace orrery::store
