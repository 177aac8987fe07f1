// The measured budgets of the simulated world. `ninja benchmarks` builds and runs it; figures are processor time of one
// core and depend on the machine, whose speed reference is printed beside them.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "model/base/hash.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"
#include "tests/benchmarks/scheduling.h"

namespace orrery {
namespace {

constexpr double kPods = 5000, kNodes = 5000;

struct Usage {
  double seconds = 0, megabytes = 0;
};

[[noreturn]] void run_and_exit(const std::string& file, base::Nanos until, bool oracles) {
  int status = 3;
  try {
    scenarios::LoadOptions load;
    load.seed = 1;
    load.until = until;
    scenarios::RunOptions options;
    options.oracles = oracles;
    const scenarios::RunResult result = scenarios::run_scenario(scenarios::load_scenario(file, load).front(), options);
    for (const scenarios::Verdict& v : result.verdicts)
      if (!v.ok) std::fprintf(stderr, "%s: %s: wanted %s, measured %s\n", file.c_str(), v.what.c_str(), v.wanted.c_str(), v.measured.c_str());
    status = result.ok() ? 0 : 1;
  } catch (const scenarios::InputError& e) {
    std::fprintf(stderr, "%s\n", e.text().c_str());
  }
  std::_Exit(status);
}

/// Runs a scenario of this directory in a process of its own. Throws when it does not hold what it expects.
Usage measure(const std::string& name, base::Nanos until, bool oracles = false) {
  const std::string file = std::string(ORRERY_SOURCE_DIR "/tests/benchmarks/") + name + ".yaml";
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) run_and_exit(file, until, oracles);
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child || status != 0) throw std::runtime_error(name + ": the run failed");
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_maxrss) / 1024};
}

/// Nanoseconds of one step of a fixed dependent chain of multiplications: what to divide by when machines are compared.
double speed_reference() {
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t x = 1;
  constexpr int kSteps = 100'000'000;
  for (int i = 0; i < kSteps; ++i) x = base::mix64(x + 1);
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  if (x == 0) std::puts("");
  return spent.count() / kSteps;
}

void row(const char* what, double value, const char* unit, const char* budget) {
  std::printf("%-66s %12.2f %-10s %s\n", what, value, unit, budget);
  std::fflush(stdout);
}

void run_all() {
  std::printf("%-66s %12s %-10s %s\n", "what", "figure", "unit", "budget");
  row("speed reference: one step of a chain of 64-bit mixes", speed_reference(), "ns", "");
  const base::Nanos minute = base::kMinute;
  const Usage boot = measure("idle", 2 * minute), idle = measure("idle", 4 * minute), longer = measure("idle", 12 * minute);
  const double ten = longer.seconds - boot.seconds;
  row("boot of 3 masters and 5,000 nodes, 2 virtual minutes", boot.seconds, "s", "");
  row("node lease renewal, end to end, 3 store members, 5,000 nodes", ten / (kNodes * 60) * 1e6, "us", "<= 5 us");
  row("5,000 idle nodes: virtual over processor time", 600 / ten, "x", ">= 200 x");
  const Usage pods = measure("pods", 4 * minute);
  row("pod from create to Running, 5,000 nodes", (pods.seconds - idle.seconds) / kPods * 1e6, "us", "<= 60 us");
  row("memory per running pod", (pods.megabytes - idle.megabytes) / kPods * 1024, "KiB", "<= 3 KiB");
  benchmarks::scheduling_benchmark(row);
  row("3 masters, 100 nodes, 10 minutes, a master lost, oracles on", measure("failure", 10 * minute, true).seconds, "s", "<= 2 s");
  row("the same with oracles off", measure("failure", 10 * minute, false).seconds, "s", "");
}

}  // namespace
}  // namespace orrery

int main() {
  try {
    orrery::run_all();
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "benchmarks: %s\n", e.what());
    return 3;
  }
}
