#include "sim/disk/file_data.h"

#include <algorithm>

#include "model/base/check.h"
#include "model/base/prefetch.h"

namespace orrery::sim {
namespace {

constexpr std::uint64_t kCoalesce = 64 * 1024;

}  // namespace

FileData::~FileData() {
  for (std::size_t i = 0; i < extents_.size(); ++i) {
    if (i + base::kPrefetchAhead < extents_.size()) base::prefetch(extents_[i + base::kPrefetchAhead].body.get());
    extents_[i].body.reset();
  }
}

void FileData::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!extents_.empty() && !extents_.back().body && extents_.back().bytes->size() < kCoalesce) {
    extents_.back().bytes->append(bytes);
    extents_.back().end += bytes.size();
    return;
  }
  extents_.push_back({size() + bytes.size(), {}, std::make_unique<std::string>(bytes)});
}

void FileData::append(env::BodyRef body) {
  const std::uint64_t n = body ? body->encoded_size() : 0;
  if (n > 0) extents_.push_back({size() + n, std::move(body), {}});
}

std::size_t FileData::extent_at(std::uint64_t offset) const {
  const auto it = std::upper_bound(extents_.begin(), extents_.end(), offset,
                                   [](std::uint64_t o, const Extent& e) { return o < e.end; });
  return static_cast<std::size_t>(it - extents_.begin());
}

std::string FileData::bytes_of(const Extent& e) {
  if (!e.body) return *e.bytes;
  std::string out;
  e.body->encode(out);
  ORRERY_CHECK(out.size() == e.body->encoded_size(), "encoded_size() is not what encode() writes");
  return out;
}

std::string FileData::read(std::uint64_t offset, std::uint64_t length) const {
  std::string out;
  for (std::size_t i = extent_at(offset); i < extents_.size() && out.size() < length; ++i) {
    const std::uint64_t skip = offset + out.size() - start_of(i);
    if (extents_[i].body) out.append(bytes_of(extents_[i]), skip, length - out.size());
    else out.append(*extents_[i].bytes, skip, length - out.size());
  }
  return out;
}

void FileData::cut(std::uint64_t size) {
  if (size >= this->size()) return;
  const std::size_t i = extent_at(size);
  const std::uint64_t keep = size - start_of(i);
  if (keep > 0) {
    std::string bytes = bytes_of(extents_[i]);
    bytes.resize(keep);
    extents_[i] = {size, {}, std::make_unique<std::string>(std::move(bytes))};
  }
  extents_.resize(i + (keep > 0 ? 1 : 0));
}

void FileData::truncate(std::uint64_t size) {
  if (size >= this->size()) return;
  if (size < floor_) {
    old_tail_ = read(size, floor_ - size) + old_tail_;
    floor_ = size;
  }
  recent_truncations_.push_back({++truncations_, size});
  cut(size);
}

void FileData::synced(const Mark& mark) {
  std::uint64_t same = mark.size;
  for (const Truncation& t : recent_truncations_) {
    if (t.number > mark.truncations) same = std::min(same, t.size);
  }
  std::erase_if(recent_truncations_, [&](const Truncation& t) { return t.number <= mark.truncations; });
  if (mark.truncations == truncations_ || same > floor_) {
    floor_ = synced_ = same;
    old_tail_.clear();
  }
}

void FileData::sync_failed(const Mark& mark) {
  const std::uint64_t end = std::min(mark.size, size());
  if (end > floor_) doomed_.push_back({floor_, end});
}

std::string FileData::drawn_tail(base::RandomStream& draws) const {
  const std::uint64_t now = size();
  std::uint64_t length = now;
  const std::uint64_t choice = draws.below(4);
  if (now >= synced_ && choice == 0) length = synced_;
  if (now >= synced_ && choice > 1) {
    length = std::max(synced_, (synced_ + draws.below(now - synced_ + 1)) / kSector * kSector);
  }
  if (now < synced_ && choice < 2) length = synced_;
  const std::string fresh = read(floor_, now - floor_);
  std::string out(length - floor_, '\0');
  for (std::uint64_t at = floor_; at < length; at = (at / kSector + 1) * kSector) {
    const std::uint64_t end = std::min(length, (at / kSector + 1) * kSector);
    const std::string& source = draws.next() & 1 ? fresh : old_tail_;
    for (std::uint64_t i = at - floor_; i < end - floor_ && i < source.size(); ++i) out[i] = source[i];
  }
  return out;
}

void FileData::lose_power(LossMode mode, base::RandomStream& draws) {
  const std::uint64_t now = size();
  if (now != floor_ || synced_ != floor_) {
    std::string tail;
    switch (mode) {
      case LossMode::kDrawn: tail = drawn_tail(draws); break;
      case LossMode::kTorn: tail = read(floor_, draws.below(now - floor_ + 1)); break;
      case LossMode::kNothing: tail = old_tail_; break;
      case LossMode::kAll: tail = read(floor_, now - floor_); break;
    }
    if (mode != LossMode::kAll) {
      cut(floor_);
      append(tail);
    }
  }
  for (const Range& r : doomed_) {
    for (std::uint64_t at = r.from; at < std::min(r.to, size()); at = (at / kSector + 1) * kSector) {
      const std::uint64_t end = std::min({r.to, size(), (at / kSector + 1) * kSector});
      if (draws.next() & 1) overwrite(at, std::string(end - at, '\0'));
    }
  }
  doomed_.clear();
  old_tail_.clear();
  recent_truncations_.clear();
  ++truncations_;
  synced_ = floor_ = size();
}

void FileData::overwrite(std::uint64_t offset, std::string_view bytes) {
  for (std::size_t i = extent_at(offset); i < extents_.size() && !bytes.empty(); ++i) {
    Extent& e = extents_[i];
    std::string content = bytes_of(e);
    const std::uint64_t skip = offset - start_of(i);
    const std::size_t n = std::min<std::size_t>(bytes.size(), content.size() - skip);
    content.replace(skip, n, bytes.substr(0, n));
    e.body.reset();
    e.bytes = std::make_unique<std::string>(std::move(content));
    bytes.remove_prefix(n);
    offset += n;
  }
}

void FileData::flip_bit(std::uint64_t offset, unsigned bit) {
  if (offset >= size()) return;
  std::string byte = read(offset, 1);
  byte[0] = static_cast<char>(static_cast<unsigned char>(byte[0]) ^ (1u << (bit % 8)));
  overwrite(offset, byte);
}

void FileData::copy_sector(std::uint64_t from, std::uint64_t to) {
  if (from * kSector >= size() || to * kSector >= size()) return;
  overwrite(to * kSector, read(from * kSector, kSector));
}

}  // namespace orrery::sim
