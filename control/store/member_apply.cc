// Committed entries and snapshots of a Member.
#include <algorithm>

#include "control/store/member.h"
#include "model/history/record.h"

namespace orrery::store {

using history::RecordKind;

namespace {

/// A key space of this size is written whenever there are entries enough; a larger one when the log since the last snapshot has
/// half of what is beyond, so that snapshots cost at most twice what the log does.
constexpr std::int64_t kCheapSnapshot = 16 << 20;

bool deletes(const Proposal& p) {
  if (!p.txn) return false;
  return std::any_of(p.txn->then.begin(), p.txn->then.end(),
                     [](const Op& op) { return op.kind == OpKind::kDelete; });
}

}  // namespace

void Member::apply(const raft::Entry& entry) {
  log_bytes_ += static_cast<std::int64_t>(entry.payload_bytes());
  if (env_.trace.recording(RecordKind::kRaftApply)) {
    history::RaftApply record;
    record.member = config_.id;
    record.index = entry.index;
    record.term = entry.term;
    record.payload_hash = entry.payload ? entry.payload->content_hash() : 0;
    env_.trace.record(record);
  }
  if (entry.kind == raft::EntryKind::kConfChange) {
    apply_conf_change(entry);
  } else if (const auto* proposal = env::body_as<Proposal>(entry.payload.get())) {
    const bool skip = env_.faults.here(env::Site::kApplyDivergence) && config_.id % 3 == 2 &&
                      entry.index % 5 == 0 && deletes(*proposal);
    if (entry.index == lost_revision_at_) state_.mvcc().plant_lost_revision();
    const std::size_t before = state_.mvcc().changes().size();
    const Revision compacted = state_.mvcc().compacted();
    const Revision revision = state_.mvcc().revision();
    const bool answer = pending_.contains(proposal->id);
    env::BodyRef reply;
    if (!skip) reply = state_.apply(*proposal, answer, env_.clock.now());
    if (proposal->control && proposal->control->kind == ControlKind::kLeaseGrant)
      record_lease(proposal->control->id, proposal->control->number);
    if (state_.mvcc().revision() != revision) {
      const std::size_t changes = state_.mvcc().changes().size() - before;
      hub_.dispatch(changes);
      if (env_.trace.recording(RecordKind::kStoreCommit)) record_commit(entry, *proposal, changes);
    } else if (state_.mvcc().compacted() != compacted) {
      hub_.compacted();
      if (env_.trace.recording(RecordKind::kStoreCompact)) {
        history::StoreCompact record;
        record.revision = state_.mvcc().compacted();
        env_.trace.record(record);
      }
    }
    memory_.set(state_.mvcc().bytes());
    if (answer && reply) finish(proposal->id, std::move(reply));
  }
  if (entry.index % config_.hash_every != 0 || !env_.trace.recording(RecordKind::kStoreHash)) return;
  history::StoreHash record;
  record.member = config_.id;
  record.applied_index = entry.index;
  record.hash = state_.hash();
  record.revision = state_.mvcc().revision();
  env_.trace.record(record);
}

void Member::record_commit(const raft::Entry& entry, const Proposal& proposal, std::size_t changes) {
  history::StoreCommit record;
  record.revision = state_.mvcc().revision();
  record.raft_index = entry.index;
  record.raft_term = entry.term;
  record.request_id =
      proposal.txn && proposal.txn->request_id != 0 ? proposal.txn->request_id : proposal.id;
  const auto& all = state_.mvcc().changes();
  record.ops.reserve(changes);
  for (std::size_t i = all.size() - changes; i < all.size(); ++i) {
    Event e = state_.mvcc().event(all[i], false);
    record.ops.push_back({std::move(e.kv.key), std::move(e.kv.value), e.previous_mod_revision});
  }
  env_.trace.record(record);
}

void Member::apply_conf_change(const raft::Entry& entry) {
  const auto& change = *env::body_as<raft::ConfChange>(entry.payload.get());
  Reader r(change.context());
  std::uint64_t id = 0;
  Str host;
  r(id);
  r(host);
  const raft::ConfState before = raft_->conf();
  const raft::ConfState& after = raft_->apply_conf_change(entry);
  if (r.done() && !(before == after)) {
    if (change.kind() == raft::ConfChangeKind::kRemove) state_.remove_member(change.node());
    else if (!host.empty()) state_.add_member(change.node(), host);
    peers_.erase(change.node());
  }
  if (!pending_.contains(id)) return;
  auto reply = status_reply();
  if (before == after)
    reply->outcome = Outcome::failure(base::ErrorCode::kConflict, "etcdserver: unhealthy cluster");
  finish(id, std::move(reply));
}

// ---- snapshots

base::Ref<const SnapshotHead> Member::view_head() const {
  auto head = state_.export_head();
  head->cluster = config_.cluster;
  head->index = raft_->applied();
  head->term = raft_->log().term(head->index);
  head->conf = raft_->conf();
  return head;
}

void Member::maybe_snapshot() {
  if (raft_->applied() < next_snapshot_ || files_.writing()) return;
  if (2 * log_bytes_ + kCheapSnapshot < state_.mvcc().bytes()) return;
  next_snapshot_ = raft_->applied() + config_.snapshot_count;
  log_bytes_ = 0;
  auto head = view_head();
  exporting_ = true;
  files_.write(head, pieces_.view(), [this, head](base::Status status) {
    exporting_ = false;
    if (status.ok()) snapshot_ready(head);
    else env_.trace.log(env::LogLevel::kWarning, "snapshot: no space");
  });
}

void Member::snapshot_ready(base::Ref<const SnapshotHead> head) {
  auto meta = base::make_ref<raft::Snapshot>();
  meta->index = head->index;
  meta->term = head->term;
  meta->conf = head->conf;
  raft_->on_snapshot(std::move(meta));
  if (head->index > config_.catch_up_entries) raft_->compact(head->index - config_.catch_up_entries);
  wal_.cut();
  wal_.release(files_.oldest());
}

/// A received snapshot takes the place of the state at once; the log may go on only when it is durable.
void Member::install(const raft::SnapshotRef& snapshot) {
  const auto* data = env::body_as<SnapshotData>(snapshot->data.get());
  if (!data) return;
  files_.abandon();
  exporting_ = false;
  senders_.clear();
  const Revision before = state_.mvcc().revision();
  pieces_.clear();
  state_.restore(*data, env_.clock.now());
  peers_.clear();
  hub_.rebase(before);
  next_snapshot_ = snapshot->index + config_.snapshot_count;
  log_bytes_ = 0;
  installing_ = SnapshotDataRef(data);
  wal_.hold(true);
  write_installed();
}

void Member::write_installed() {
  install_stuck_ = false;
  SnapshotFiles::Source pieces = [data = installing_, next = std::size_t{0}]() mutable -> SnapshotPieceRef {
    return next < data->pieces.size() ? data->pieces[next++] : nullptr;
  };
  files_.write(installing_->head, std::move(pieces), [this](base::Status status) {
    if (!status.ok()) {
      install_stuck_ = true;
      return;
    }
    installing_.reset();
    wal_.cut();
    wal_.hold(false);
    wal_.release(files_.oldest());
  });
}

void Member::start_senders() {
  if (lagging_.empty() && senders_.empty()) return;
  std::erase_if(senders_, [](const auto& s) { return s->finished(); });
  for (const raft::NodeId to : std::exchange(lagging_, {})) {
    const env::Peer at = peer(to);
    const bool busy =
        std::any_of(senders_.begin(), senders_.end(), [to](const auto& s) { return s->target() == to; });
    if (at == env::Peer::kNone || busy || raft_->log().term(raft_->applied()) == 0) {
      raft_->report_snapshot(to, false);
      continue;
    }
    auto first = base::make_ref<SnapshotChunk>();
    first->cluster = config_.cluster;
    first->from = config_.id;
    first->term = raft_->term();
    first->transfer = new_id();
    first->head = view_head();
    auto done = [this, to](bool delivered) {
      raft_->report_snapshot(to, delivered);
      process();
    };
    senders_.push_back(
        std::make_unique<SnapshotSender>(env_, at, to, std::move(first), pieces_.view(), std::move(done)));
    senders_.back()->start();
  }
}

}  // namespace orrery::store
