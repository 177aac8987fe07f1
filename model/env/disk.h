// Disk: the files of one machine, as one process sees them (its own directory).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/function.h"
#include "model/base/result.h"
#include "model/env/message.h"

namespace orrery::env {

/// Everything but sync works on the page cache and returns at once; it survives a kill of the process. What power loss may
/// take: any subset of 512-byte sectors not covered by a completed sync of that file, and any subset of creations, renames
/// and removals not covered by a completed sync_dir. After a failed sync the state of that file is unknown and the process
/// has to stop. File names are flat ("wal-0000000000000001.log"), at most 255 bytes, no '/'.
class Disk {
 public:
  virtual ~Disk() = default;
  using Done = base::UniqueFunction<void(base::Status)>;

  /// kExists when there is such a file.
  virtual base::Status create(std::string_view file) = 0;
  /// Appends bytes, all or nothing. kLimit when the disk is full, kNotFound, kIo.
  virtual base::Status append(std::string_view file, std::string_view bytes) = 0;
  /// Appends what `body` encodes to. The simulated disk keeps the handle and makes the bytes only when somebody reads them
  /// or a fault damages them.
  virtual base::Status append(std::string_view file, BodyRef body) = 0;
  /// Up to `length` bytes from `offset`; fewer at the end of the file.
  virtual base::Result<std::string> read_at(std::string_view file, std::uint64_t offset, std::uint64_t length) = 0;
  virtual base::Result<std::uint64_t> size(std::string_view file) = 0;
  /// Cuts the file to `size` bytes.
  virtual base::Status truncate(std::string_view file, std::uint64_t size) = 0;
  /// Replaces `to` when it exists.
  virtual base::Status rename(std::string_view from, std::string_view to) = 0;
  virtual base::Status remove(std::string_view file) = 0;
  /// Names in byte order.
  virtual base::Result<std::vector<std::string>> list() = 0;
  /// Makes all appends and truncations of the file so far durable. `done` runs later, never inside the call.
  virtual void sync(std::string_view file, Done done) = 0;
  /// Makes creations, renames and removals so far durable.
  virtual void sync_dir(Done done) = 0;
};

}  // namespace orrery::env
