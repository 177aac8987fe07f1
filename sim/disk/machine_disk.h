// MachineDisk: the disk of one simulated machine: a directory per process name, a queue of syncs, and
// everything that goes wrong with disks.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/sorted_map.h"
#include "model/base/random.h"
#include "model/base/ref.h"
#include "model/base/result.h"
#include "model/base/str.h"
#include "sim/disk/disk_config.h"
#include "sim/disk/file_data.h"
#include "sim/kernel/kernel.h"

namespace orrery::sim {

/// One process's flat directory: the names as they are now, and as the platter has them.
class Directory : public base::RefCounted {
 public:
  using Names = base::SortedMap<std::string, base::Ref<FileData>>;
  const Names& names() const { return now_; }
  /// Null when there is none.
  FileData* find(std::string_view name) const;
  void create(std::string_view name);
  void rename(std::string_view from, std::string_view to);
  void remove(std::string_view name);
  /// Number of the last change, to be handed to synced() when a sync_dir that starts now has completed.
  std::uint64_t mark() const { return last_change_; }
  void synced(std::uint64_t mark);
  void lose_power(LossMode mode, base::RandomStream& draws);

 private:
  // Each change says what it does by file, so that any subset of them makes sense.
  struct Change {
    std::uint64_t number;
    std::string set, erase;  // empty: none
    base::Ref<FileData> file;
  };
  static void apply(Names& names, const Change& change);
  void change(std::string set, std::string erase, base::Ref<FileData> file);

  Names now_, durable_;
  mutable const Names::value_type* found_ = nullptr;  // what find() has found last
  std::vector<Change> pending_;
  std::uint64_t last_change_ = 0;
};

class MachineDisk {
 public:
  MachineDisk(Kernel& kernel, DiskConfig config, std::uint64_t key);

  const DiskConfig& config() const { return config_; }
  /// The directory of a process name; survives every incarnation.
  base::Ref<Directory> directory(std::string_view process);
  std::vector<std::string> directories() const;
  std::int64_t used_bytes() const { return used_; }
  void add_used(std::int64_t bytes) { used_ += bytes; }
  bool has_room(std::uint64_t bytes) const {
    return !full_ && used_ + static_cast<std::int64_t>(bytes) <= config_.capacity_bytes;
  }
  /// Time from now until a sync of so many bytes, queued behind the others, is done.
  base::Nanos sync_delay(std::uint64_t bytes);
  bool syncs_fail() const { return syncs_fail_; }

  // Faults.
  void set_slowdown(int percent) { slowdown_percent_ = percent; }  ///< 100 is normal
  void set_full(bool full) { full_ = full; }
  void set_syncs_fail(bool fail) { syncs_fail_ = fail; }
  /// How the next loss of power treats unsynced data; kDrawn again afterwards.
  void set_next_loss(LossMode mode) { next_loss_ = mode; }
  /// Flips one bit of a file. An empty `file`, or an offset beyond the end, is drawn from `draw`. False
  /// when nothing is there.
  bool rot(std::string_view process, std::string_view file, std::int64_t offset, std::uint64_t draw);
  /// One sector of a file is written over another one.
  bool misdirect(std::string_view process, std::string_view file, std::uint64_t draw);
  void lose_power();
  /// Writes the page cache: an orderly shutdown.
  void flush();

 private:
  FileData* choose(std::string_view process, std::string_view file, std::uint64_t draw) const;
  void recount();

  Kernel& kernel_;
  DiskConfig config_;
  std::uint64_t key_;
  std::uint64_t syncs_ = 0, losses_ = 0;
  base::Instant busy_until_;
  std::int64_t used_ = 0;
  int slowdown_percent_ = 100;
  bool full_ = false, syncs_fail_ = false;
  LossMode next_loss_ = LossMode::kDrawn;
  base::SortedMap<std::string, base::Ref<Directory>> directories_;
};

}  // namespace orrery::sim
