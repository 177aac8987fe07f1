// Log: the entries of one member in memory, from its last compaction on, and how far they were handed to
// the disk.
#pragma once
#include <deque>

#include "control/raft/types.h"

namespace orrery::raft {

/// Indices: compacted() < first_index() <= entries <= last_index(). The term of compacted() is known, older
/// ones are not. `handed` is the last index already given out for persisting; entries after it are new.
class Log {
 public:
  /// Starts at a snapshot point with the entries after it (contiguous; checked). All of them count as
  /// handed out.
  Log(Index compacted, Term compacted_term, const std::vector<Entry>& entries);

  Index compacted() const { return compacted_; }
  Index first_index() const { return compacted_ + 1; }
  Index last_index() const { return compacted_ + entries_.size(); }
  Term last_term() const { return entries_.empty() ? compacted_term_ : entries_.back().term; }
  /// False outside compacted()..last_index(): then `term` is unknown.
  bool has_term(Index index) const { return index >= compacted_ && index <= last_index(); }
  /// Term of an entry; 0 when unknown.
  Term term(Index index) const;
  const Entry& at(Index index) const { return entries_[index - compacted_ - 1]; }
  bool matches(Index index, Term term) const { return has_term(index) && this->term(index) == term; }
  /// True when a log ending in (index, term) is at least as complete as this one (dissertation 3.6.1).
  bool up_to_date(Index index, Term term) const {
    return term > last_term() || (term == last_term() && index >= last_index());
  }

  void append(Entry entry);
  /// Removes `index` and everything after it.
  void truncate_from(Index index);
  /// Forgets entries up to `index`, which must be held.
  void compact(Index index);
  /// Replaces everything by a snapshot point.
  void reset(Index index, Term term);

  Index handed() const { return handed_; }
  void set_handed(Index index) { handed_ = index; }

  /// Copies entries from `from` on into `out`, at most `max_bytes` of payload but at least one. Returns
  /// their bytes.
  std::size_t copy(Index from, Index to, std::size_t max_bytes, std::vector<Entry>& out) const;
  /// The greatest index <= `index` whose term is <= `term` (or whose term is unknown): where logs may still
  /// agree.
  Index conflict_below(Index index, Term term) const;

 private:
  Index compacted_;
  Term compacted_term_;
  Index handed_;
  std::deque<Entry> entries_;
};

}  // namespace orrery::raft
