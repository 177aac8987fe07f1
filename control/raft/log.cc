#include "control/raft/log.h"

#include <algorithm>

#include "model/base/check.h"
#include "model/base/prefetch.h"

namespace orrery::raft {

Log::Log(Index compacted, Term compacted_term, const std::vector<Entry>& entries)
    : compacted_(compacted), compacted_term_(compacted_term), handed_(compacted + entries.size()) {
  for (const Entry& e : entries) append(e);
}

Term Log::term(Index index) const {
  if (index == compacted_) return compacted_term_;
  if (index < compacted_ || index > last_index()) return 0;
  return at(index).term;
}

void Log::append(Entry entry) {
  ORRERY_CHECK(entry.index == last_index() + 1, "raft log has a gap");
  ORRERY_CHECK(entry.term >= last_term(), "raft log terms go back");
  entries_.push_back(std::move(entry));
}

void Log::truncate_from(Index index) {
  ORRERY_CHECK(index > compacted_, "raft log truncated below its snapshot");
  while (last_index() >= index) entries_.pop_back();
  handed_ = std::min(handed_, last_index());
}

void Log::compact(Index index) {
  if (index <= compacted_) return;
  ORRERY_CHECK(index <= last_index(), "raft log compacted past its end");
  compacted_term_ = term(index);
  while (compacted_ < index) {
    if (entries_.size() > base::kPrefetchAhead) base::prefetch(entries_[base::kPrefetchAhead].payload.get());
    entries_.pop_front();
    ++compacted_;
  }
}

void Log::reset(Index index, Term term) {
  entries_.clear();
  compacted_ = index;
  compacted_term_ = term;
  handed_ = index;
}

std::size_t Log::copy(Index from, Index to, std::size_t max_bytes, std::vector<Entry>& out) const {
  std::size_t bytes = 0;
  if (from <= to) out.reserve(out.size() + std::min<Index>(to - from + 1, 64));
  for (Index i = from; i <= to; ++i) {
    const Entry& e = at(i);
    const std::size_t size = e.payload_bytes();
    if (i > from && bytes + size > max_bytes) break;
    bytes += size;
    out.push_back(e);
  }
  return bytes;
}

Index Log::conflict_below(Index index, Term term) const {
  index = std::min(index, last_index());
  while (index > compacted_ && this->term(index) > term) --index;
  return index;
}

}  // namespace orrery::raft
