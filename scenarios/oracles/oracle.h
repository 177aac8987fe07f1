// Oracle: judges the recorded facts of a run. An oracle reads history only, never the system.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/history/cluster_view.h"

namespace orrery::scenarios {

struct Violation {
  base::Instant at;
  std::string text;   ///< one line: what was seen and what should have been
};

/// What an oracle may know about the run besides its records.
struct RunFacts {
  bool fencing = false;          ///< L3 is asserted only when on
  bool faults_healed = true;     ///< the run ended in a quiet, healed window (needed by C1, P5, V1)
  base::Instant healed_at;       ///< since when nothing was broken or asked for
  base::Instant ended_at;
};

class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual std::string_view id() const = 0;     ///< "W3"
  virtual std::string_view name() const = 0;   ///< "watch streams have no gap"
  /// `changes`: what the record changed in the committed objects; empty for anything but the first report of a commit.
  virtual void on_record(const history::Record& record, const std::vector<history::Change>& changes) = 0;
  /// After the last record.
  virtual void finish(const RunFacts& facts) = 0;
  /// Comparisons really made. None is a failure unless applicable() is false.
  virtual std::uint64_t checks() const = 0;
  /// False when the run contained nothing of this oracle's subject (no StatefulSet, no eviction request, ...).
  virtual bool applicable() const = 0;
  /// The first few, at most 20.
  virtual const std::vector<Violation>& violations() const = 0;
};

}  // namespace orrery::scenarios
