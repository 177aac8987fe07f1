// The planted bugs of the product, one line each: X(enumerator, "name", "what breaks", "invariant that must catch it").
#pragma once
#include <cstdint>

#define ORRERY_FAULT_SITES(X)                                                                                       \
  X(kAckBeforeSync, "ack-before-sync", "a store member acknowledges entries before its disk has them", "S2")        \
  X(kCommitWithoutQuorum, "commit-without-quorum-in-own-term", "a store leader commits what it alone has", "S4") \
  X(kVoteNotPersisted, "vote-not-persisted", "a store member forgets its vote when it restarts", "S4") \
  X(kStaleRead, "stale-read", "a store member answers linearizable reads without asking a quorum", "S1") \
  X(kRevisionReused, "revision-reused-after-restart", "a store member counts its last revision again after a restart", "S3") \
  X(kApplyDivergence, "apply-divergence", "one store member leaves out some deletions", "S5") \
  X(kWatchDropsOnCompact, "watch-drops-on-compact", "a store watch loses an event when the store is compacted", "W3") \
  X(kLeaseExpiresEarly, "lease-expires-early", "store leases end after half their time", "S1") \
  X(kUpdateIgnoresResourceVersion, "update-ignores-resource-version", "an update skips its resourceVersion precondition", "A1") \
  X(kUidReuse, "uid-reuse", "an object takes the uid of the last one created", "A2")                                  \
  X(kLostFinalizer, "lost-finalizer", "a delete removes an object that still has finalizers", "A9")                   \
  X(kStatusWriteChangesSpec, "status-write-changes-spec", "a status update also writes the spec", "A4")               \
  X(kNoOpWrites, "no-op-writes", "an update that changes nothing writes a revision", "A5")                            \
  X(kDryRunPersists, "dry-run-persists", "a dry run is written", "A6")                                                \
  X(kDeletionTimestampReset, "deletion-timestamp-reset", "a second delete moves the deletion time", "A8")             \
  X(kWatchSplitsRevision, "watch-splits-revision", "a store watch sends the changes of one revision in several messages", "W4") \
  X(kWatchSkipsEvent, "watch-skips-event", "a watch leaves out every 16th revision", "W3")                            \
  X(kWatchDuplicates, "watch-duplicates", "a watch sends every 16th revision twice", "W2")                            \
  X(kWatchReorders, "watch-reorders", "a watch sends the events of a batch in reverse", "W1")                         \
  X(kBookmarkTooNew, "bookmark-too-new", "a bookmark names a revision that is still to come", "W6")                   \
  X(kPdbNoCas, "pdb-no-cas", "evictions count down a disruption budget without comparing", "Q1")                      \
  X(kReplicaSetIgnoresExpectations, "replicaset-ignores-expectations", "a ReplicaSet acts on a copy that does not show its own last writes", "R3")   \
  X(kStatefulSetSkipsOrdinalCheck, "statefulset-skips-ordinal-check", "an ordered StatefulSet does not wait for the ordinals before", "R2")   \
  X(kCreatesReplacementWhileTerminating, "creates-replacement-while-terminating", "a StatefulSet force-deletes a terminating pod and makes its successor at once", "R1")   \
  X(kRollingUpdateIgnoresUnavailable, "rolling-update-ignores-unavailable", "a rolling update counts pods that are not available as available", "R4")   \
  X(kDaemonSetDuplicates, "daemonset-duplicates", "a DaemonSet makes a second pod on a node that has one", "R5")   \
  X(kBindWithoutPrecondition, "bind-without-precondition", "a binding overwrites a node name", "P1")                  \
  X(kCreateInTerminatingNamespace, "create-in-terminating-namespace", "objects are created in a namespace that ends", "G5") \
  X(kListMixesRevisions, "list-mixes-revisions", "later pages of a list show the newest state", "W9")                 \
  X(kQuotaNoCas, "quota-no-cas", "quota usage is written without comparing", "Q3")                                    \
  X(kKubeletRestartsContainers, "kubelet-restarts-containers", "a kubelet that starts restarts the containers it finds", "N4") \
  X(kKubeletKillsBeforeGrace, "kubelet-kills-before-grace", "a kubelet kills containers without their grace period", "N2") \
  X(kPhaseRegresses, "phase-regresses", "a kubelet reports ended pods as running", "N1")                              \
  X(kKubeletForgetsOrphans, "kubelet-forgets-orphans", "a kubelet leaves the containers of vanished pods running", "N3") \
  X(kProxyKeepsRemovedEndpoint, "proxy-keeps-removed-endpoint", "a proxy goes on using endpoints that were removed", "V1") \
  X(kZoneDampingIgnored, "zone-damping-ignored", "zones in partial disruption are evicted at the normal rate", "N7") \
  X(kJobDoubleCounts, "job-double-counts", "a Job counts an ended pod again before its finalizer is gone", "R6") \
  X(kGcTrustsCache, "gc-trusts-cache", "the garbage collector believes its copy when an owner is missing in it", "G1") \
  X(kNamespaceLeavesObjects, "namespace-leaves-objects", "a namespace ends before its contents are gone", "G5") \
  X(kReconcileOscillates, "reconcile-oscillates", "the disruption controller writes a status that it then corrects", "C1") \
  X(kSchedulerIgnoresAssumedPods, "scheduler-ignores-assumed-pods", "a scheduler forgets the pods it has just placed", "P2") \
  X(kSchedulerLosesWakeup, "scheduler-loses-wakeup", "changes of nodes do not wake unschedulable pods", "P5")       \
  X(kSchedulerBindsTwice, "scheduler-binds-twice", "a scheduler binds each pod a second time", "P1")                \
  X(kCreateOverwrites, "create-overwrites", "a create does not compare that nothing is there", "A3") \
  X(kLeaseTimesOverflow, "lease-times-overflow", "electors give the times of their leases in nanoseconds", "A7") \
  X(kWriteTrustsCache, "write-trusts-cache", "an update is compared with the apiserver's copy alone", "A10") \
  X(kLeaseKeepsEpoch, "lease-keeps-epoch", "a candidate takes a lease without counting it", "L1") \
  X(kResumedWatchSkips, "resumed-watch-skips", "a watch from a revision leaves out the first change after it", "W5") \
  X(kWatchSendsOlder, "watch-sends-older", "a watch from a revision sends the change before it again", "W7") \
  X(kListOmitsNewest, "list-omits-newest", "a list leaves out the object that changed last", "W8") \
  X(kFenceNotCompared, "fence-not-compared", "writes of a leader that was replaced go through", "L3")                 \
  X(kPointerOrder, "pointer-order", "events of one instant run in the order of their addresses", "Z1")              \
  X(kWallClockRead, "wall-clock-read", "event dates take in the machine's own clock", "Z1")

namespace orrery::env {

enum class Site : std::uint8_t {
#define ORRERY_SITE_ENUM(id, name, what, invariant) id,
  ORRERY_FAULT_SITES(ORRERY_SITE_ENUM)
#undef ORRERY_SITE_ENUM
  kCount
};

static_assert(static_cast<unsigned>(Site::kCount) <= 128);

}  // namespace orrery::env
