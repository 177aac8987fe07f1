// Expectations: a controller's creations and deletions that its informer has not shown yet
// (pkg/controller/controller_utils.go).
#pragma once
#include <vector>

#include "model/base/sorted_map.h"
#include "model/base/str.h"
#include "model/base/time.h"

namespace orrery::client {

/// Per key of the owning object. While unsatisfied the controller must not create or delete, or it would repeat itself on
/// a stale copy. Deletions are tracked by pod, so that one is not counted twice. Unfulfilled ones expire after 5 minutes.
class Expectations {
 public:
  static constexpr base::Nanos kTimeout = 5 * base::kMinute;

  void expect_creations(std::string_view key, int count, base::Instant now);
  void expect_deletions(std::string_view key, const std::vector<base::Str>& pods, base::Instant now);
  /// Both at once, by number only (DaemonSet).
  void set(std::string_view key, int adds, int deletes, base::Instant now);
  void creation_observed(std::string_view key);
  /// Also when the deletion request failed and nothing is to be observed.
  void deletion_observed(std::string_view key, std::string_view pod);
  /// By number only.
  void deletion_observed(std::string_view key);
  /// True when there is nothing to wait for: none, fulfilled, or expired.
  bool satisfied(std::string_view key, base::Instant now) const;
  /// The owning object is gone.
  void forget(std::string_view key);

 private:
  struct Entry {
    int adds = 0, deletes = 0;
    base::Instant since;
    base::SortedSet<base::Str> pods;
  };
  base::SortedMap<base::Str, Entry> entries_;
};

}  // namespace orrery::client
