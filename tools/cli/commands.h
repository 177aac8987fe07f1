// The sub-commands of orrery. Each returns the exit status: 0 all held, 1 something was violated, 2 bad input or usage.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace orrery::cli {

struct RunCommand {
  std::string file, out_dir, until;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> plant;
  bool json = false;
  bool quiet = false;
};

struct ConformCommand {
  std::vector<std::string> files;
  std::uint64_t seed = 1;
  int draws = 24;
  bool tolerated = false;
};

struct ExplainCommand {
  std::string run;          ///< directory of a run or a bench; empty: `cluster` is asked
  std::string cluster, pod, config;
  std::vector<std::string> libraries;
  std::size_t attempt = 0;  ///< at the pod, from 1; 0: the last
  std::string trace, size, policy, key;   ///< which run of a bench; empty: any
  std::optional<std::uint64_t> seed;
  bool json = false;
  bool annotations = false;
};

struct BenchCommand {
  std::string file, out_dir;
  std::vector<std::string> set;
  std::size_t jobs = 0;     ///< 0: as many as there are cores
  bool quiet = false;
};

int run(const RunCommand& command);
/// Runs policies over traces and puts them side by side.
int bench(const BenchCommand& command);
/// Compares simulations with recorded histories of a real control plane, and decisions with those of a real scheduler.
int conform(const ConformCommand& command);
/// Where a pod would go in a dumped cluster, or went in a run, and why.
int explain(const ExplainCommand& command);
/// The same for a run: it runs again, and the scheduler's decision about the pod is explained as it is made.
int explain_run(const ExplainCommand& command);
/// NAME=VALUE each. Throws InputError.
std::map<std::string, std::string> assignments(const std::vector<std::string>& set);
/// Runs a recorded run again and compares the digests.
int replay(const std::string& directory, bool quiet);
/// Names the first differing event of two runs.
int diff(const std::string& left, const std::string& right);

}  // namespace orrery::cli
