// What Google's traces of 2011 and 2019 have in common: tables of events, amounts as parts of the largest machine of the cluster, and
// tasks of which every submission is an attempt, a pod of its own.
#pragma once
#include <utility>

#include "model/base/btree_map.h"
#include "scenarios/bench/csv.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Events past the end of the trace stand at 2^63 - 1 microseconds.
inline constexpr std::int64_t kLastGoogleMicros = std::int64_t{1} << 52;

/// Columns of CPU and memory, in parts of the largest machine.
struct GoogleAmounts {
  const char* cpus;
  const char* memory;
  bool are_told(const CsvTable& csv, std::size_t row) const { return !csv.text(row, cpus).empty() && !csv.text(row, memory).empty(); }
};

class GoogleMachines {
 public:
  explicit GoogleMachines(GoogleAmounts amounts) : amounts_(amounts) {}
  /// It comes. The first row of a machine that tells its amounts counts.
  void add(const CsvTable& csv, std::size_t row, std::int64_t id);
  /// It goes.
  void remove(const CsvTable& csv, std::size_t row, std::int64_t id);
  /// By id. Throws InputError when there are none.
  std::vector<TraceNode> take(const CsvTable& csv);

 private:
  /// When it comes or goes, and the row, as rows may be in any order.
  struct Change {
    base::Nanos at;
    std::size_t row;
    bool comes;
  };
  void note_change(const CsvTable& csv, std::size_t row, std::int64_t id, bool comes);
  static std::vector<TraceNode::Away> away(std::vector<Change> changes);

  GoogleAmounts amounts_;
  base::BTreeMap<std::int64_t, TraceNode> nodes_;
  base::BTreeMap<std::int64_t, std::vector<Change>> changes_;
};

class GoogleTasks {
 public:
  using Task = std::pair<std::int64_t, std::int64_t>;   ///< job or collection, index
  struct Attempt {
    base::Nanos submitted = 0, started = -1;
    std::size_t row = 0;               ///< that tells the requests
  };

  /// The references outlive it.
  GoogleTasks(const CsvTable& csv, GoogleAmounts amounts, Trace& trace) : csv_(csv), amounts_(amounts), trace_(trace) {}
  /// The attempt has ended, or the trace has (`censored`). One without requests is counted and left out.
  void add(const Task& task, const Attempt& attempt, base::Nanos end, bool censored, Str tenant);
  std::size_t without_requests() const { return bare_; }

 private:
  const CsvTable& csv_;
  GoogleAmounts amounts_;
  Trace& trace_;
  base::BTreeMap<Task, int> attempts_;
  std::size_t bare_ = 0;
};

/// Pods by arrival, and the note about amounts.
void finish_google(Trace& trace);

}  // namespace orrery::scenarios::bench
