// The sub-commands of orrery. Each returns the exit status: 0 all held, 1 something was violated, 2 bad input or usage.
#pragma once
#include <cstdint>
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
  std::string cluster, pod, config;
  std::vector<std::string> libraries;
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
/// Where a pod would go in a dumped cluster, and why.
int explain(const ExplainCommand& command);
/// Runs a recorded run again and compares the digests.
int replay(const std::string& directory, bool quiet);
/// Names the first differing event of two runs.
int diff(const std::string& left, const std::string& right);

}  // namespace orrery::cli
