#include "control/store/state.h"

#include <algorithm>

namespace orrery::store {

bool has_put(const TxnRequest& txn) {
  const auto is_put = [](const Op& op) { return op.kind == OpKind::kPut; };
  return std::any_of(txn.then.begin(), txn.then.end(), is_put) ||
         std::any_of(txn.otherwise.begin(), txn.otherwise.end(), is_put);
}

void State::add_member(raft::NodeId id, const Str& host) {
  remove_member(id);
  const auto at = std::lower_bound(members_.begin(), members_.end(), id,
                                   [](const MemberInfo& m, raft::NodeId x) { return m.id < x; });
  members_.insert(at, {id, host});
}

void State::remove_member(raft::NodeId id) {
  std::erase_if(members_, [id](const MemberInfo& m) { return m.id == id; });
}

env::BodyRef State::apply(const Proposal& proposal, bool answer, base::Instant now) {
  if (proposal.txn) return apply_txn(*proposal.txn, answer);
  auto reply = base::make_ref<ControlReply>();
  if (proposal.control) apply_control(*proposal.control, now, *reply);
  reply->revision = mvcc_.revision();
  return reply;
}

env::BodyRef State::apply_txn(const TxnRequest& txn, bool answer) {
  base::Ref<TxnReply> fresh;
  if (answer) fresh = base::make_ref<TxnReply>();
  TxnReply& reply = answer ? *fresh : scratch_;
  if (no_space_ && has_put(txn)) {
    reply.outcome = Outcome::failure(base::ErrorCode::kLimit, kErrNoSpace);
    reply.revision = mvcc_.revision();
    return fresh;
  }
  scratch_.results.clear();
  const base::Status status = mvcc_.txn(txn, reply);
  if (!status.ok()) {
    reply.outcome = Outcome::failure(status.error().code, status.error().message);
    reply.results.clear();
    reply.revision = mvcc_.revision();
  }
  return fresh;
}

void State::apply_control(const ControlRequest& r, base::Instant now, ControlReply& reply) {
  reply.id = r.id;
  switch (r.kind) {
    case ControlKind::kLeaseGrant:
      if (r.id <= 0 || r.number <= 0)
        reply.outcome = Outcome::failure(base::ErrorCode::kInvalid, kErrLeaseNotFound);
      else if (!lessor_.grant(r.id, r.number, now)) {
        reply.outcome = Outcome::failure(base::ErrorCode::kExists, kErrLeaseExists);
      }
      reply.ttl_seconds = r.number;
      break;
    case ControlKind::kLeaseRevoke:
      if (lessor_.contains(r.id)) mvcc_.remove_keys(lessor_.revoke(r.id));
      else reply.outcome = Outcome::failure(base::ErrorCode::kNotFound, kErrLeaseNotFound);
      break;
    case ControlKind::kCompact:
      if (auto status = mvcc_.compact(r.number); !status.ok()) {
        reply.outcome = Outcome::failure(status.error().code, status.error().message);
      }
      break;
    case ControlKind::kAlarmNoSpace: no_space_ = true; break;
    case ControlKind::kAlarmClear: no_space_ = false; break;
    default: reply.outcome = Outcome::failure(base::ErrorCode::kInvalid, "not a replicated request"); break;
  }
}

base::Ref<SnapshotHead> State::export_head() const {
  auto head = base::make_ref<SnapshotHead>();
  head->members = members_;
  head->revision = mvcc_.revision();
  head->compacted = mvcc_.compacted();
  head->no_space = no_space_;
  for (const auto& [id, ttl] : lessor_.list()) head->leases.push_back({id, ttl});
  return head;
}

void State::restore(const SnapshotData& data, base::Instant now) {
  mvcc_.clear();
  lessor_.clear();
  const SnapshotHead& head = *data.head;
  members_ = head.members;
  no_space_ = head.no_space;
  for (const LeaseInfo& lease : head.leases) lessor_.grant(lease.id, lease.ttl_seconds, now);
  for (const SnapshotPieceRef& piece : data.pieces) mvcc_.load(piece->versions);
  mvcc_.finish_load(head.revision, head.compacted);
}

std::uint64_t State::hash() const {
  std::uint64_t h = base::combine64(mvcc_.hash(), no_space_ ? 1 : 0);
  for (const auto& [id, ttl] : lessor_.list()) h = base::combine64(h, static_cast<std::uint64_t>(id ^ ttl));
  return h;
}

}  // namespace orrery::store
