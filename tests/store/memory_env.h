// An environment whose disk is a map of strings that a test may damage at any byte. Everything but disk and
// process is a simulated machine's.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/env/environment.h"
#include "sim/world/world.h"

namespace orrery::store_test {

class MemoryDisk final : public env::Disk {
 public:
  explicit MemoryDisk(env::Timers& timers) : timers_(timers) {}
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<std::size_t>> syncs;  ///< sizes at which each file was synced
  std::size_t room = SIZE_MAX;                            ///< appends beyond it are refused
  bool syncs_fail = false;
  std::map<std::string, std::size_t> doomed;              ///< from where on no later sync counts, after a failed one
  /// What failed syncs left in memory only is gone.
  void lose_power();

  base::Status create(std::string_view f) override;
  base::Status append(std::string_view f, std::string_view bytes) override;
  base::Status append(std::string_view f, env::BodyRef body) override;
  base::Result<std::string> read_at(std::string_view f, std::uint64_t offset,
                                    std::uint64_t length) override;
  base::Result<std::uint64_t> size(std::string_view f) override;
  base::Status truncate(std::string_view f, std::uint64_t size) override;
  base::Status rename(std::string_view from, std::string_view to) override;
  base::Status remove(std::string_view f) override;
  base::Result<std::vector<std::string>> list() override;
  void sync(std::string_view f, Done done) override;
  void sync_dir(Done done) override;

 private:
  std::string* find(std::string_view f);
  env::Timers& timers_;
};

class RecordingProcess final : public env::Process {
 public:
  base::Str machine() const override { return "m"; }
  base::Str name() const override { return "etcd"; }
  std::uint32_t incarnation() const override { return 0; }
  void exit(int, std::string_view why) override { ended = std::string(why); }
  bool exiting() const override { return !ended.empty(); }
  std::string ended;
};

/// Owns a world with one machine; env() is a process on it with the memory disk.
class MemoryEnv {
 public:
  MemoryEnv();
  env::Environment& env() { return *env_; }
  MemoryDisk& disk() { return *disk_; }
  RecordingProcess& process() { return process_; }
  /// Lets timers and syncs that are due within a second happen.
  void settle() { world_.run_for(base::kSecond); }

 private:
  sim::World world_;
  RecordingProcess process_;
  std::unique_ptr<MemoryDisk> disk_;
  std::unique_ptr<env::Environment> env_;
};

}  // namespace orrery::store_test
