#include "tests/benchmarks/placement.h"

#include <ctime>
#include <filesystem>
#include <string>

#include "scenarios/bench/bench.h"
#include "scenarios/bench/load_bench.h"

namespace orrery::benchmarks {
namespace {

using scenarios::bench::Bench;

/// Processor seconds of the one run that a bench file with one policy and seed asks for.
double seconds_of_run(const Bench& bench, std::size_t policy) {
  const std::clock_t start = std::clock();
  bench.run(bench.cells()[policy * bench.spec().seeds.size()]);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

void placement_benchmark(Report report) {
  const std::string files = std::string(ORRERY_SOURCE_DIR) + "/scenarios/bench/";
  const std::string data = std::string(ORRERY_SOURCE_DIR) + "/../shared/data";
  if (!std::filesystem::exists(data + "/openb")) {
    report("placement only: the openb trace is not at hand", 0, "", "");
    return;
  }
  const std::string pods = data + "/openb/openb_pod_list_default.csv";
  const Bench fgd(scenarios::bench::load_bench(files + "fgd.yaml", {{"pods", pods},
                                                                   {"nodes", data + "/openb/openb_node_list_gpu_node.csv"},
                                                                   {"orders", data + "/fgd/orders/openb_pod_list_default.csv"}}));
  report("placement only: FGD, 8,152 pods scaled to 10,866, 1,213 nodes", seconds_of_run(fgd, 0), "s", "<= 1 s");
  report("placement only: BestFit, the same", seconds_of_run(fgd, 1), "s", "<= 1 s");
  const Bench openb(scenarios::bench::load_bench(files + "openb.yaml",
                                                 {{"pods", pods}, {"nodes", data + "/openb/openb_node_list_all_node.csv"}}));
  report("placement only: openb at its real times, 149 days, FGD", seconds_of_run(openb, 0), "s", "<= 5 s");
}

}  // namespace orrery::benchmarks
