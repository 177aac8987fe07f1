// FileData: the content of one simulated file: what the page cache holds, and how much of it the platter
// surely holds.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/random.h"
#include "model/base/ref.h"
#include "model/env/message.h"

namespace orrery::sim {

/// What power loss leaves of data that no completed sync covers.
enum class LossMode : std::uint8_t {
  kDrawn,    ///< any subset of 512-byte sectors, any length
  kTorn,     ///< a prefix, cut anywhere
  kNothing,  ///< none of it
  kAll,      ///< all of it
};

/// Append-only extents, each bytes or a body that is encoded only when somebody looks. Copies of bodies are
/// never made.
class FileData : public base::RefCounted {
 public:
  static constexpr std::uint64_t kSector = 512;

  FileData() = default;
  FileData(const FileData&) = delete;
  FileData& operator=(const FileData&) = delete;
  ~FileData();

  std::uint64_t size() const { return extents_.empty() ? 0 : extents_.back().end; }
  std::uint64_t synced_size() const { return synced_; }
  /// Bytes a sync would have to write now.
  std::uint64_t unsynced_bytes() const { return size() > floor_ ? size() - floor_ : 0; }
  void append(std::string_view bytes);
  /// Zero-length bodies are ignored.
  void append(env::BodyRef body);
  /// `offset` + `length` within the file.
  std::string read(std::uint64_t offset, std::uint64_t length) const;
  void truncate(std::uint64_t size);

  /// A number for the present state, to be handed to synced() when the sync that starts now has completed.
  struct Mark {
    std::uint64_t size = 0, truncations = 0;
  };
  Mark mark() const { return {size(), truncations_}; }
  void synced(const Mark& mark);
  /// The sync failed: the pages count as clean, but the platter has them or not.
  void sync_failed(const Mark& mark);
  /// Replaces the content by what the platter holds afterwards; all of that is durable.
  void lose_power(LossMode mode, base::RandomStream& draws);

  /// Damages platter and cache alike. Offsets beyond the end are ignored.
  void flip_bit(std::uint64_t offset, unsigned bit);
  /// A write that was meant for sector `from` went to sector `to`.
  void copy_sector(std::uint64_t from, std::uint64_t to);

 private:
  struct Extent {
    std::uint64_t end;  // offset behind it
    env::BodyRef body;  // or, when null,
    std::unique_ptr<std::string> bytes;
  };
  struct Truncation {
    std::uint64_t number, size;
  };
  std::size_t extent_at(std::uint64_t offset) const;
  std::uint64_t start_of(std::size_t i) const { return i == 0 ? 0 : extents_[i - 1].end; }
  static std::string bytes_of(const Extent& e);
  void cut(std::uint64_t size);
  void overwrite(std::uint64_t offset, std::string_view bytes);
  std::string drawn_tail(base::RandomStream& draws) const;

  std::vector<Extent> extents_;
  std::uint64_t synced_ = 0;       // size that the platter has, as far as below floor_ with this very content
  std::uint64_t floor_ = 0;        // content below it is the platter's
  std::string old_tail_;  // platter's content from floor_ to synced_, when truncation went below synced_
  std::uint64_t truncations_ = 0;
  std::vector<Truncation> recent_truncations_;  // that a sync under way may not know
  struct Range {
    std::uint64_t from, to;
  };
  std::vector<Range> doomed_;      // of a failed sync: never durable by a later one
};

}  // namespace orrery::sim
