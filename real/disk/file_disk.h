// FileDisk: the seam's disk as files in one directory.
#pragma once
#include <memory>
#include <string>

#include "model/base/sorted_map.h"
#include "model/env/disk.h"
#include "real/loop/worker.h"

namespace orrery::real {

/// Appends go to the page cache by write(2); sync is fdatasync and sync_dir fsync of the directory, both on a helper
/// thread and in the order asked. One descriptor stays open per file used. Nobody else may write to the directory.
class FileDisk : public env::Disk {
 public:
  /// Opens the directory, making it (but not its parents) when it is missing. kIo, kNotFound.
  static base::Result<std::unique_ptr<FileDisk>> open(const std::string& directory, Poster post);
  ~FileDisk() override;

  base::Status create(std::string_view file) override;
  base::Status append(std::string_view file, std::string_view bytes) override;
  base::Status append(std::string_view file, env::BodyRef body) override;
  base::Result<std::string> read_at(std::string_view file, std::uint64_t offset, std::uint64_t length) override;
  base::Result<std::uint64_t> size(std::string_view file) override;
  base::Status truncate(std::string_view file, std::uint64_t size) override;
  base::Status rename(std::string_view from, std::string_view to) override;
  base::Status remove(std::string_view file) override;
  base::Result<std::vector<std::string>> list() override;
  void sync(std::string_view file, Done done) override;
  void sync_dir(Done done) override;

 private:
  FileDisk(int directory, Poster post);
  /// The open descriptor of a file that exists.
  base::Result<int> descriptor(std::string_view file);
  void forget(std::string_view file);

  int directory_;
  base::SortedMap<std::string, int> open_;
  std::string scratch_;
  Poster post_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace orrery::real
