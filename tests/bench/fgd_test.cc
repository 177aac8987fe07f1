// The published tables of FGD (ATC'23), cell by cell: allocation, fragmentation and fragmentation ratio of five policies
// that draw nothing, for every workload whose files are at hand. ORRERY_ALL_SEEDS=1: all seeds; else two of them.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "scenarios/bench/arrivals.h"
#include "scenarios/bench/csv.h"
#include "scenarios/bench/openb.h"

using namespace orrery;
using namespace orrery::scenarios::bench;

namespace {

namespace fs = std::filesystem;

const std::string kData = std::string(ORRERY_SOURCE_DIR) + "/../shared/data";

struct Table {
  explicit Table(const char* name) : csv(kData + "/fgd/" + name, {"workload", "sc_policy", "seed"}) {}
  std::size_t row_of(const std::string& workload, const std::string& policy, const std::string& seed) const {
    for (std::size_t r = 0; r < csv.rows(); ++r) {
      if (csv.text(r, "workload") == workload && csv.text(r, "sc_policy") == policy && csv.text(r, "seed") == seed) return r;
    }
    return csv.rows();
  }
  /// How many cells are further away than `tolerance`; an empty cell and a missing one agree.
  int differences(std::size_t row, const std::vector<double>& values, double tolerance, std::string& first) const {
    int out = 0;
    for (std::size_t column = 0; csv.has(std::to_string(column)); ++column) {
      const std::string text(csv.text(row, std::to_string(column)));
      const bool missing = column >= values.size();
      const double wanted = text.empty() ? NAN : std::strtod(text.c_str(), nullptr);
      const bool same = missing ? text.empty() : std::fabs(values[column] - wanted) <= tolerance;
      if (same) continue;
      if (out++ == 0) {
        first = "column " + std::to_string(column) + ": " + (missing ? "none" : std::to_string(values[column])) + ", published " + text;
      }
    }
    return out;
  }
  CsvTable csv;
};

std::shared_ptr<const scheduler::FragmentationModel> model_of(const Trace& trace) {
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& pod : trace.pods) shapes.push_back(shape_of(pod));
  return std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes));
}

Trace load(const std::string& workload) {
  Trace trace;
  trace.nodes = read_openb_nodes(kData + "/openb/openb_node_list_gpu_node.csv");
  trace.pods = read_openb_pods(kData + "/openb/" + workload + ".csv", false);
  return trace;
}

std::vector<std::string> workloads() {
  std::vector<std::string> out;
  if (fs::exists(kData + "/fgd/orders")) {
    for (const auto& e : fs::directory_iterator(kData + "/fgd/orders")) out.push_back(e.path().stem());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("every published cell of the deterministic policies") {
  if (workloads().empty()) {
    MESSAGE("the published tables are not at hand; skipped");
    return;
  }
  const bool all = std::getenv("ORRERY_ALL_SEEDS") != nullptr;
  const Table allocation("analysis_allo_discrete.csv"), fragmentation("analysis_frag_discrete.csv"),
      ratio("analysis_frag_ratio_discrete.csv");
  for (const std::string& workload : workloads()) {
    const Trace trace = load(workload);
    const auto model = model_of(trace);
    for (const ArrivalOrder& order : read_orders(kData + "/fgd/orders/" + workload + ".csv", trace.pods.size(), trace.nodes.size())) {
      if (!all && order.seed != 42 && order.seed != 49) continue;
      for (const char* policy : {"02-DotProd", "03-GpuClustering", "04-GpuPacking", "05-BestFit", "06-FGD"}) {
        const std::string seed = std::to_string(order.seed);
        CAPTURE(workload);
        CAPTURE(std::string(policy));
        CAPTURE(seed);
        const ArrivalRun run = run_arrivals(trace, order, *scheduler::known_policy(std::string_view(policy).substr(3)), model);
        std::string first;
        CHECK(allocation.differences(allocation.row_of(workload, policy, seed), run.curves.allocation, 0.0101, first) == 0);
        CHECK(fragmentation.differences(fragmentation.row_of(workload, policy, seed), run.curves.fragmentation, 0.0101, first) == 0);
        CHECK(ratio.differences(ratio.row_of(workload, policy, seed), run.curves.fragmentation_ratio, 0.0051, first) == 0);
        CHECK(first == "");
      }
    }
  }
}

TEST_CASE("every published placement of one seed") {
  const std::string workload = "openb_pod_list_default";
  if (!fs::exists(kData + "/fgd/orders/" + workload + ".csv")) {
    MESSAGE("the published placements are not at hand; skipped");
    return;
  }
  const Trace trace = load(workload);
  const auto model = model_of(trace);
  const ArrivalOrder order = read_orders(kData + "/fgd/orders/" + workload + ".csv", trace.pods.size(), trace.nodes.size()).front();
  for (const char* policy : {"BestFit", "DotProd", "FGD", "GpuClustering", "GpuPacking"}) {
    CAPTURE(std::string(policy));
    const CsvTable published(kData + "/fgd/placements_default_" + policy + "_seed42.csv", {"pod", "node", "gpu_ids"});
    const ArrivalRun run = run_arrivals(trace, order, *scheduler::known_policy(policy), model, true);
    REQUIRE(published.rows() == run.placements.size());
    int differences = 0;
    for (std::size_t i = 0; i < run.placements.size(); ++i) {
      const auto& p = run.placements[i];
      std::string devices = scheduler::gpu_index_text(p.devices);
      std::replace(devices.begin(), devices.end(), '-', ' ');
      std::string wanted(published.text(i, "gpu_ids"));
      std::replace(wanted.begin(), wanted.end(), '-', ' ');
      const std::string node = p.node.empty() ? "-" : p.node.str();
      // The publication's pods that came again are called NAME-tuned-N.
      const std::string_view pod = trace.pods[p.pod].name;
      const bool same = published.text(i, "pod").substr(0, pod.size()) == pod && node == published.text(i, "node") && devices == wanted;
      if (!same && differences++ == 0) {
        MESSAGE(trace.pods[p.pod].name.str(), " ", node, " ", devices, ", published ", std::string(published.text(i, "node")), " ", wanted);
      }
    }
    CHECK(differences == 0);
  }
}

TEST_CASE("typical pods are those published") {
  if (workloads().empty()) return;
  const CsvTable published(kData + "/fgd/typical_pods.csv", {"workload", "rank", "milli_cpu", "gpu_number", "milli_gpu", "probability"});
  for (const std::string& workload : workloads()) {
    const auto model = model_of(load(workload));
    std::size_t rank = 0;
    for (std::size_t r = 0; r < published.rows(); ++r) {
      if (published.text(r, "workload") != workload) continue;
      REQUIRE(rank < model->typical().size());
      const scheduler::TypicalPod& t = model->typical()[rank++];
      CHECK(t.shape.milli_cpu == published.integer(r, "milli_cpu", 0, INT64_MAX));
      CHECK(t.shape.gpu.count == published.integer(r, "gpu_number", 0, 64));
      CHECK(t.shape.gpu.milli == published.integer(r, "milli_gpu", 0, 1000));
      CHECK(t.share == std::strtod(std::string(published.text(r, "probability")).c_str(), nullptr));
    }
    CHECK(rank == model->typical().size());
  }
}
