// State: the replicated state machine of a member: key space, leases, alarm, member addresses.
#pragma once
#include <optional>

#include "control/store/disk_format.h"
#include "control/store/lessor.h"
#include "control/store/mvcc.h"

namespace orrery::store {

using SnapshotDataRef = base::Ref<const SnapshotData>;

/// Changes only by apply() and restore(), so that members that applied the same log agree. Lease deadlines
/// are not part of it: `now` only starts them on the member that leads.
class State {
 public:
  State() : mvcc_(lessor_) {}

  Mvcc& mvcc() { return mvcc_; }
  const Mvcc& mvcc() const { return mvcc_; }
  Lessor& lessor() { return lessor_; }
  bool no_space() const { return no_space_; }
  const std::vector<MemberInfo>& members() const { return members_; }
  void set_members(std::vector<MemberInfo> members) { members_ = std::move(members); }
  void add_member(raft::NodeId id, const Str& host);
  void remove_member(raft::NodeId id);

  /// Applies a committed proposal. The answer (TxnReply or ControlReply), or null when `answer` is false.
  env::BodyRef apply(const Proposal& proposal, bool answer, base::Instant now);

  /// Everything but the keys; the caller adds what raft knows.
  base::Ref<SnapshotHead> export_head() const;
  /// Takes the place of everything.
  void restore(const SnapshotData& data, base::Instant now);
  /// Of the key space and what else is replicated.
  std::uint64_t hash() const;

 private:
  env::BodyRef apply_txn(const TxnRequest& txn, bool answer);
  void apply_control(const ControlRequest& request, base::Instant now, ControlReply& reply);

  Lessor lessor_;
  Mvcc mvcc_;
  bool no_space_ = false;
  std::vector<MemberInfo> members_;  // by id
  TxnReply scratch_;
};

/// Writes something that grows the database.
bool has_put(const TxnRequest& txn);

}  // namespace orrery::store
