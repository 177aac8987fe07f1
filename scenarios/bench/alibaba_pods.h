// What Alibaba's traces of 2017 and 2018 have in common: tasks of batch jobs with a plan of what each instance needs, tries of
// instances, online containers that may outlast the trace. Every one of them becomes a pod.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/base/btree_map.h"
#include "scenarios/bench/csv.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// The latest and, with a minus, the earliest time that is taken for one.
inline constexpr std::int64_t kMostAlibabaSeconds = 3'000'000'000;

struct AlibabaRequest {
  std::int64_t milli_cpu = 0, memory = 0;   ///< memory in bytes
};
struct AlibabaTask {
  std::int64_t created = 0;
  AlibabaRequest each;   ///< instance
};

/// Throws InputError as CsvTable does. Times are seconds after the beginning of the trace.
class AlibabaPods {
 public:
  using Key = std::pair<std::string, std::string>;   ///< job, task
  /// Names of the columns of a table of tries.
  struct TryColumns {
    const char *start, *end, *job, *task, *number;
  };

  /// No time is before `earliest`, which is not above 0.
  AlibabaPods(Trace& trace, std::int64_t earliest) : trace_(trace), earliest_(earliest) {}

  /// A time; what was before the trace is at its beginning, as is what is not told.
  std::int64_t seconds(const CsvTable& csv, std::size_t row, const char* column) const;

  /// A time of the tables: censored pods last until the latest of them.
  void see(std::int64_t second) { last_ = std::max(last_, second); }
  void add_task(Key key, AlibabaTask task) { tasks_.insert_or_assign(std::move(key), task); }
  /// Instances of a task without tries: pods "JOB-TASK-N". A negative duration: it is not known.
  void add_instances(const Key& key, const AlibabaTask& task, std::int64_t count, std::int64_t duration);
  /// Every row, a try of an instance, is a pod "JOB-TASK-ROW" of a task that was added before: the first try comes when its task was
  /// created, others when they started. Rows without such a task or without a start are left out.
  void read_tries(const CsvTable& csv, const TryColumns& columns);
  /// An online container runs from now on: pod "online-ID", then "online-ID-2" and so on.
  void start_online(const std::string& id, const std::string& app, const AlibabaRequest& request, std::int64_t at);
  /// It is no longer there; one that does not run is counted and left out.
  void stop_online(const CsvTable& csv, std::size_t row, const char* time_column, const std::string& id, std::int64_t at);
  bool runs_online(const std::string& id) const;
  /// The end: `file` is blamed when there are no pods.
  void finish(const std::string& file);

 private:
  struct Online {
    int times = 0;
    bool runs = false;
    std::size_t pod = 0;   // the last
  };
  /// 0: not told.
  std::int64_t told_seconds(const CsvTable& csv, std::size_t row, const char* column) const;
  void add(std::string name, const std::string& tenant, const AlibabaRequest& request, std::int64_t arrival, std::int64_t start, std::int64_t duration);

  Trace& trace_;
  std::int64_t earliest_;
  base::BTreeMap<Key, AlibabaTask> tasks_;
  base::BTreeMap<std::string, Online> online_;        // by id
  std::vector<std::int64_t> started_;                 // of each pod
  std::int64_t last_ = 0;
  std::size_t strays_ = 0, never_started_ = 0, stopped_unseen_ = 0;
};

/// Throws InputError unless the row's `end` is at or after its `begin`.
void check_alibaba_times(const CsvTable& csv, std::size_t row, const char* end_column, std::int64_t begin, std::int64_t end);

}  // namespace orrery::scenarios::bench
