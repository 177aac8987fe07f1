#include "model/history/record.h"

#include "model/base/hash.h"

namespace orrery::history {
namespace {

std::uint64_t mix() { return 0; }
template <class T>
std::uint64_t word(const T& v) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) return base::hash_bytes(v);
  else return static_cast<std::uint64_t>(v);
}
template <class T, class... Rest>
std::uint64_t mix(const T& first, const Rest&... rest) {
  return base::combine64(mix(rest...), word(first));
}
template <class T>
std::uint64_t hash_of(const base::Ref<T>& body) { return body ? body->content_hash() : 0; }

}  // namespace

std::uint64_t StoreCommit::content_hash() const {
  std::uint64_t h = mix(revision, raft_index, raft_term, request_id);
  for (const Op& op : ops) h = base::combine64(h, mix(op.key, op.previous_mod_revision, op.value ? 1 : 0));
  return h;
}
std::uint64_t StoreOp::content_hash() const { return mix(phase, request_id, modifies, revision, succeeded); }
std::uint64_t StoreRead::content_hash() const { return mix(phase, id, serializable, key, end, revision, count, result_hash); }
std::uint64_t RaftState::content_hash() const { return mix(member, term, vote, commit, leader, role); }
std::uint64_t RaftApply::content_hash() const { return mix(member, index, term, payload_hash); }
std::uint64_t StoreHash::content_hash() const { return mix(member, applied_index, hash, revision); }
std::uint64_t StoreCompact::content_hash() const { return mix(revision); }
std::uint64_t StoreLease::content_hash() const { return mix(id, ttl_seconds); }
std::uint64_t StoreDelivery::content_hash() const {
  std::uint64_t h = mix(key, end);
  for (const Part& p : parts) h = base::combine64(h, mix(p.revision, p.events));
  return h;
}
std::uint64_t ApiRequestRecord::content_hash() const { return mix(id, hash_of(request)); }
std::uint64_t ApiResponseRecord::content_hash() const { return mix(id, hash_of(response), maybe_done, took); }
std::uint64_t WatchOpen::content_hash() const { return mix(stream, hash_of(request), start_revision); }
std::uint64_t WatchDelivery::content_hash() const { return mix(stream, hash_of(batch)); }
std::uint64_t WatchClose::content_hash() const { return mix(stream, code); }
std::uint64_t ContainerStarted::content_hash() const { return mix(pod_uid, container, container_id, attempt); }
std::uint64_t ContainerStopped::content_hash() const { return mix(how, pod_uid, container, container_id, reason, exit_code); }
std::uint64_t PodRemoved::content_hash() const { return mix(pod_uid); }
std::uint64_t ServiceTable::content_hash() const { return mix(service_namespace, service_name, backends_hash); }
std::uint64_t LeaderActs::content_hash() const { return mix(lease, identity, epoch, acting); }
std::uint64_t ApiUpdate::content_hash() const { return mix(revision, status); }
std::uint64_t FencedWrite::content_hash() const { return mix(fence, epoch, revision); }
std::uint64_t ProcessRecord::content_hash() const { return mix(what, why); }
std::uint64_t MachineRecord::content_hash() const { return mix(what); }
std::uint64_t FaultRecord::content_hash() const { return mix(text, begins); }
std::uint64_t Note::content_hash() const { return mix(text); }

const char* to_string(RecordKind kind) {
  switch (kind) {
    case RecordKind::kStoreCommit: return "store-commit";
    case RecordKind::kStoreOp: return "store-op";
    case RecordKind::kStoreRead: return "store-read";
    case RecordKind::kRaftState: return "raft-state";
    case RecordKind::kRaftApply: return "raft-apply";
    case RecordKind::kStoreHash: return "store-hash";
    case RecordKind::kStoreCompact: return "store-compact";
    case RecordKind::kStoreLease: return "store-lease";
    case RecordKind::kStoreDelivery: return "store-delivery";
    case RecordKind::kApiRequest: return "api-request";
    case RecordKind::kApiResponse: return "api-response";
    case RecordKind::kApiUpdate: return "api-update";
    case RecordKind::kWatchOpen: return "watch-open";
    case RecordKind::kWatchDelivery: return "watch-delivery";
    case RecordKind::kWatchClose: return "watch-close";
    case RecordKind::kContainerStarted: return "container-started";
    case RecordKind::kContainerStopped: return "container-stopped";
    case RecordKind::kSandbox: return "sandbox";
    case RecordKind::kPodRemoved: return "pod-removed";
    case RecordKind::kServiceTable: return "service-table";
    case RecordKind::kEviction: return "eviction";
    case RecordKind::kLeaderActs: return "leader-acts";
    case RecordKind::kFencedWrite: return "fenced-write";
    case RecordKind::kProcess: return "process";
    case RecordKind::kMachine: return "machine";
    case RecordKind::kFault: return "fault";
    case RecordKind::kNote: return "note";
  }
  return "note";
}

}  // namespace orrery::history
