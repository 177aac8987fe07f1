#include "scenarios/oracles/raft_safety.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kCertainlyDurable = 5 * base::kSecond;

std::string text(std::uint64_t v) { return std::to_string(v); }

}  // namespace

void RaftSafety::on_record(const history::Record& record, const Changes&) {
  if (record.kind == RecordKind::kRaftState) return on_state(static_cast<const history::RaftState&>(record));
  if (record.kind == RecordKind::kProcess) {
    const auto& p = static_cast<const history::ProcessRecord&>(record);
    using What = history::ProcessRecord::What;
    if (p.what == What::kKilled || p.what == What::kExited || p.what == What::kOomKilled)
      died_[cat(p.origin.machine, "/", p.origin.process)] = p.origin.at;
    return;
  }
  if (record.kind != RecordKind::kRaftApply) return;
  const auto& a = static_cast<const history::RaftApply&>(record);
  if (a.index >= terms_.size()) terms_.resize(a.index + 1);
  std::uint64_t& term = terms_[a.index];
  if (term == 0) term = a.term;
  check(term == a.term, a.origin.at, [&] {
    return cat("entry ", text(a.index), " is of term ", text(a.term), " on ", a.origin.machine, " and of term ", text(term),
               " elsewhere");
  });
}

void RaftSafety::on_state(const history::RaftState& s) {
  const Instant at = s.origin.at;
  if (s.role == history::RaftState::Role::kLeader) {
    std::uint64_t& leader = leaders_[s.term];
    if (leader == 0) leader = s.member;
    check(leader == s.member, at, [&] { return cat("term ", text(s.term), " has two leaders, the second on ", s.origin.machine); });
  }
  Member& m = members_[s.member];
  if (m.incarnation != s.origin.incarnation) {
    const auto died = died_.find(cat(s.origin.machine, "/", s.origin.process));
    if (m.incarnation != 0 && died != died_.end() && died->second - m.since >= kCertainlyDurable) {
      m.durable_term = m.term;
      m.durable_vote = m.vote;
    }
    m.incarnation = s.origin.incarnation;
    m.term = m.vote = 0;
  }
  check(s.term >= m.term && s.term >= m.durable_term, at, [&] {
    return cat(s.origin.machine, " went back to term ", text(s.term), " from ", text(std::max(m.term, m.durable_term)));
  });
  check(s.term != m.term || m.vote == 0 || s.vote == m.vote, at,
        [&] { return cat(s.origin.machine, " changed its vote in term ", text(s.term)); });
  check(s.term != m.durable_term || m.durable_vote == 0 || s.vote == m.durable_vote, at,
        [&] { return cat(s.origin.machine, " forgot its vote in term ", text(s.term)); });
  if (s.term == m.term && s.vote == m.vote) return;
  m.term = s.term;
  m.vote = s.vote;
  m.since = at;
}

void StoreEquality::on_record(const history::Record& record, const Changes&) {
  if (record.kind != RecordKind::kStoreHash) return;
  const auto& h = static_cast<const history::StoreHash&>(record);
  if (first_member_ == 0) first_member_ = h.member;
  if (h.member != first_member_) subject();   // one member alone has nothing to be compared with
  StateSeen& seen = seen_[h.applied_index];
  if (seen.member == 0) {
    seen = {h.hash, h.member, h.revision};
    return;
  }
  check(seen.hash == h.hash && seen.revision == h.revision, h.origin.at, [&] {
    return cat("at entry ", text(h.applied_index), " ", h.origin.machine, " holds another key space (revision ",
               num(h.revision), ") than member ", text(seen.member), " (revision ", num(seen.revision), ")");
  });
}

}  // namespace orrery::scenarios
