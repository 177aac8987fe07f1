#include "scenarios/oracles/store_log.h"

namespace orrery::scenarios {

CommitLog::Entry* CommitLog::find(std::int64_t revision) {
  if (revision < 0 || revision > last()) return nullptr;
  Entry& e = entries_[static_cast<std::size_t>(revision)];
  return e.index == 0 ? nullptr : &e;
}

void CommitLog::add(const history::StoreCommit& c) {
  if (c.revision > last()) entries_.resize(static_cast<std::size_t>(c.revision) + 1);
  entries_[static_cast<std::size_t>(c.revision)] = {c.request_id, c.raft_index, c.raft_term, false};
}

void StoreDurability::on_record(const history::Record& record, const Changes&) {
  if (record.kind == RecordKind::kStoreCommit) {
    const auto& c = static_cast<const history::StoreCommit&>(record);
    const CommitLog::Entry* known = log_.find(c.revision);
    if (!known) return log_.add(c);
    if (!known->acknowledged) return;
    check(known->same(c), c.origin.at, [&] {
      return cat("revision ", num(c.revision), " was acknowledged as one write and is another on ", c.origin.machine);
    });
  } else if (record.kind == RecordKind::kStoreOp) {
    const auto& op = static_cast<const history::StoreOp&>(record);
    subject();
    if (op.phase != history::StoreOp::Phase::kOk || !op.modifies) return;
    CommitLog::Entry* known = log_.find(op.revision);
    if (!known || known->request_id != op.request_id) return;  // it changed nothing
    check(true, op.origin.at, [] { return std::string(); });
    known->acknowledged = true;
  }
}

void StoreRevisions::on_record(const history::Record& record, const Changes&) {
  if (record.kind != RecordKind::kStoreCommit) return;
  const auto& c = static_cast<const history::StoreCommit&>(record);
  Member& m = members_[c.origin.machine];
  if (m.incarnation != c.origin.incarnation) m = {c.origin.incarnation, 0};
  check(c.revision > m.revision, c.origin.at, [&] {
    return cat(c.origin.machine, " committed revision ", num(c.revision), " after ", num(m.revision));
  });
  m.revision = c.revision;
  if (const CommitLog::Entry* known = log_.find(c.revision)) {
    check(known->same(c), c.origin.at, [&] {
      return cat("revision ", num(c.revision), " is log entry ", num(static_cast<std::int64_t>(c.raft_index)), " on ",
                 c.origin.machine, " and ", num(static_cast<std::int64_t>(known->index)), " elsewhere");
    });
    return;
  }
  const std::int64_t last = log_.last();
  check(last < 0 || c.revision == last + 1, c.origin.at,
        [&] { return cat("revision ", num(c.revision), " follows ", num(last)); });
  log_.add(c);
}

}  // namespace orrery::scenarios
