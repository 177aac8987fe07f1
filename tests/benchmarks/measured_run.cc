#include "tests/benchmarks/measured_run.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "model/api/deployment.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"

namespace orrery::benchmarks {
namespace {

using Sample = MeasuredRun::Sample;

double seconds(const rusage& used) {
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return of(used.ru_utime) + of(used.ru_stime);
}

double resident_megabytes() {
  long pages = 0, resident = 0;
  std::FILE* f = std::fopen("/proc/self/statm", "r");
  if (!f || std::fscanf(f, "%ld %ld", &pages, &resident) != 2) resident = 0;
  if (f) std::fclose(f);
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

int ready_pods(const scenarios::WorldState& state) {
  int n = 0;
  for (const auto& [name, object] : state.objects().all(api::KindId::kDeployment))
    n += object->as<api::Deployment>().status->ready_replicas;
  return n;
}

/// Memory that parent and child share.
class SharedSamples {
 public:
  explicit SharedSamples(int count) : bytes_(static_cast<std::size_t>(count) * sizeof(Sample)) {
    room_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (room_ == MAP_FAILED) throw std::runtime_error("mmap failed");
  }
  SharedSamples(const SharedSamples&) = delete;
  ~SharedSamples() { munmap(room_, bytes_); }
  Sample* data() { return static_cast<Sample*>(room_); }

 private:
  std::size_t bytes_;
  void* room_;
};

[[noreturn]] void run_and_exit(const std::string& file, int until, bool oracles,
                               const std::function<void(scenarios::Scenario&)>& change, Sample* samples) {
  int status = 3;
  try {
    scenarios::LoadOptions load;
    load.seed = 1;
    load.until = until * base::kSecond;
    scenarios::Scenario scenario = scenarios::load_scenario(file, load).front();
    if (change) change(scenario);
    scenarios::RunOptions options;
    options.oracles = oracles;
    options.on_progress = [samples, until](base::Instant now, const scenarios::WorldState& state) {
      const auto second = now.ns / base::kSecond;
      if (second > until) return;
      rusage used{};
      getrusage(RUSAGE_SELF, &used);
      samples[second] = {seconds(used), resident_megabytes(), ready_pods(state)};
    };
    const scenarios::RunResult result = scenarios::run_scenario(scenario, options);
    for (const scenarios::Verdict& v : result.verdicts)
      if (!v.ok) std::fprintf(stderr, "%s: %s: wanted %s, measured %s\n", file.c_str(), v.what.c_str(), v.wanted.c_str(), v.measured.c_str());
    status = result.ok() ? 0 : 1;
  } catch (const scenarios::InputError& e) {
    std::fprintf(stderr, "%s\n", e.text().c_str());
  }
  std::_Exit(status);
}

}  // namespace

MeasuredRun::MeasuredRun(const std::string& name, int until, bool oracles,
                         const std::function<void(scenarios::Scenario&)>& change) {
  const std::string file = std::string(ORRERY_SOURCE_DIR "/tests/benchmarks/") + name + ".yaml";
  SharedSamples shared(until + 1);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) run_and_exit(file, until, oracles, change, shared.data());
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child || status != 0) throw std::runtime_error(name + ": the run failed");
  total_ = benchmarks::seconds(used);
  samples_.assign(shared.data(), shared.data() + until + 1);
}

int MeasuredRun::ready_at(int pods) const {
  for (std::size_t i = 0; i < samples_.size(); ++i)
    if (samples_[i].ready >= pods) return static_cast<int>(i);
  throw std::runtime_error("the pods did not become ready");
}

}  // namespace orrery::benchmarks
