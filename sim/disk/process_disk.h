// ProcessDisk: the disk as one process incarnation sees it.
#pragma once
#include <cstdint>
#include <vector>

#include "model/env/disk.h"
#include "sim/disk/machine_disk.h"
#include "sim/world/process_gate.h"

namespace orrery::sim {

/// Effects of a dead process are discarded and reported as done.
class ProcessDisk final : public env::Disk {
 public:
  ProcessDisk(Kernel& kernel, MachineDisk& disk, ProcessGate& gate, std::string_view process);
  base::Status create(std::string_view file) override;
  base::Status append(std::string_view file, std::string_view bytes) override;
  base::Status append(std::string_view file, env::BodyRef body) override;
  base::Result<std::string> read_at(std::string_view file, std::uint64_t offset,
                                    std::uint64_t length) override;
  base::Result<std::uint64_t> size(std::string_view file) override;
  base::Status truncate(std::string_view file, std::uint64_t size) override;
  base::Status rename(std::string_view from, std::string_view to) override;
  base::Status remove(std::string_view file) override;
  base::Result<std::vector<std::string>> list() override;
  void sync(std::string_view file, Done done) override;
  void sync_dir(Done done) override;

 private:
  struct PendingSync {
    base::Ref<FileData> file;  // null: the directory, or no such file
    FileData::Mark mark;
    std::uint64_t directory_mark = 0;
    bool missing = false;
    Done done;
    std::uint32_t next_free = 0;
  };
  template <class Add>
  base::Status add(std::string_view file, std::uint64_t size, Add add_to);
  void start_sync(PendingSync sync, base::Nanos delay);
  void sync_done(std::uint32_t i);

  Kernel& kernel_;
  MachineDisk& disk_;
  ProcessGate& gate_;
  base::Ref<Directory> directory_;
  std::vector<PendingSync> syncs_;
  std::uint32_t free_sync_ = UINT32_MAX;
};

}  // namespace orrery::sim
