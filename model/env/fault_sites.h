// The planted bugs of the product, one line each: X(enumerator, "name", "what breaks", "invariant that must catch it").
#pragma once
#include <cstdint>

#define ORRERY_FAULT_SITES(X)                                                                                       \
  X(kAckBeforeSync, "ack-before-sync", "a store member acknowledges entries before its disk has them", "S2")        \
  X(kUpdateIgnoresResourceVersion, "update-ignores-resource-version", "an update skips its resourceVersion precondition", "A1") \
  X(kUidReuse, "uid-reuse", "an object takes the uid of the last one created", "A2")                                  \
  X(kLostFinalizer, "lost-finalizer", "a delete removes an object that still has finalizers", "A9")                   \
  X(kStatusWriteChangesSpec, "status-write-changes-spec", "a status update also writes the spec", "A4")               \
  X(kNoOpWrites, "no-op-writes", "an update that changes nothing writes a revision", "A5")                            \
  X(kDryRunPersists, "dry-run-persists", "a dry run is written", "A6")                                                \
  X(kDeletionTimestampReset, "deletion-timestamp-reset", "a second delete moves the deletion time", "A8")             \
  X(kWatchSkipsEvent, "watch-skips-event", "a watch leaves out every 16th revision", "W3")                            \
  X(kWatchDuplicates, "watch-duplicates", "a watch sends every 16th revision twice", "W2")                            \
  X(kWatchReorders, "watch-reorders", "a watch sends the events of a batch in reverse", "W1")                         \
  X(kBookmarkTooNew, "bookmark-too-new", "a bookmark names a revision that is still to come", "W6")                   \
  X(kPdbNoCas, "pdb-no-cas", "evictions count down a disruption budget without comparing", "Q1")                      \
  X(kBindWithoutPrecondition, "bind-without-precondition", "a binding overwrites a node name", "P1")                  \
  X(kCreateInTerminatingNamespace, "create-in-terminating-namespace", "objects are created in a namespace that ends", "G5") \
  X(kListMixesRevisions, "list-mixes-revisions", "later pages of a list show the newest state", "W9")                 \
  X(kQuotaNoCas, "quota-no-cas", "quota usage is written without comparing", "Q3")                                    \
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
