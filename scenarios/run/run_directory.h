// RunDirectory: run.json, events.jsonl (facts), kernel.events (every kernel event) and metrics.csv of one run.
#pragma once
#include <fstream>
#include <memory>
#include <string>

#include "model/env/process.h"
#include "model/env/trace.h"
#include "scenarios/expect/world_state.h"
#include "scenarios/run/runner.h"
#include "scenarios/spec/scenario.h"
#include "sim/kernel/event_log.h"

namespace orrery::scenarios {

/// Creates the directory; an existing one is used when it is empty or holds an earlier run. Throws InputError.
class RunDirectory {
 public:
  RunDirectory(const std::string& path, const Scenario& scenario);
  /// The sink for the kernel's events. `name` as in EventLogWriter.
  sim::EventSink* log_events(base::UniqueFunction<base::Str(std::uint32_t owner)> name);
  void on_record(const history::Record& record);
  void on_log(base::Instant now, const env::Process& process, env::LogLevel level, std::string_view line);
  void on_second(base::Instant now, const WorldState& state);
  void finish(const RunResult& result);

 private:
  std::string path_;
  const Scenario& scenario_;
  std::ofstream events_, metrics_, kernel_events_;
  std::unique_ptr<sim::EventLogWriter> event_log_;
  std::string line_;
};

/// A digest as people see it: 16 hexadecimal digits.
std::string hex(std::uint64_t digest);

/// What `orrery replay` needs of an earlier run.
struct RecordedRun {
  std::string scenario_file;
  std::uint64_t scenario_hash = 0, seed = 1, digest = 0;
  std::vector<std::pair<std::string, std::string>> axes;
  std::vector<std::string> planted;
  base::Nanos until = 0;
};
/// Throws InputError.
RecordedRun read_run_directory(const std::string& path);

}  // namespace orrery::scenarios
