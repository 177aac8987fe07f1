// The measured budgets of the simulated world. `ninja benchmarks` builds and runs it; figures are processor time of one
// core and depend on the machine, whose speed reference is printed beside them. Oracles are off where a row does not say on.
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "model/api/deployment.h"
#include "model/base/hash.h"
#include "tests/benchmarks/measured_run.h"
#include "tests/benchmarks/placement.h"
#include "tests/benchmarks/scheduling.h"

namespace orrery {
namespace {

using benchmarks::MeasuredRun;

constexpr double kNodes = 5000;
constexpr int kBooted = 120;  // virtual seconds after which a cluster without pods is at rest

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
  std::printf("%-74s %12.2f %-10s %s\n", what, value, unit, budget);
  std::fflush(stdout);
}

void lease_rows(const MeasuredRun& idle) {
  const double ten = idle.seconds(kBooted, 720);
  row("boot of 3 masters and 5,000 nodes, 2 virtual minutes", idle.seconds(0, kBooted), "s", "");
  row("node lease renewal, end to end, 3 store members, 5,000 nodes", ten / (kNodes * 60) * 1e6, "us", "<= 5 us");
  row("5,000 idle nodes: virtual over processor time", 600 / ten, "x", ">= 200 x");
}

void pod_rows(const MeasuredRun& idle) {
  constexpr int kPods = 5000, kDone = 240;
  const MeasuredRun pods("pods", kDone);
  row("pod from create to Running, 5,000 nodes",
      (pods.seconds(kBooted, kDone) - idle.seconds(kBooted, kDone)) / kPods * 1e6, "us", "<= 60 us");
  row("memory per running pod", (pods.megabytes(kDone) - idle.megabytes(kDone)) / kPods * 1024, "KiB", "<= 3 KiB");
}

/// The Deployment of the file, `count` times under names of their own.
void multiply(scenarios::Scenario& scenario, int count) {
  auto& objects = scenario.workloads.front().objects;
  const api::Deployment one = objects.back()->as<api::Deployment>();
  for (int i = 1; i < count; ++i) {
    api::Deployment next = one;
    const std::string name = "web-" + std::to_string(i);
    next.metadata.name = name;
    api::DeploymentSpec& spec = next.spec.edit();
    spec.selector.edit().match_labels.set("app", name);
    spec.template_.metadata.labels.set("app", name);
    objects.push_back(api::make_object(std::move(next)));
  }
}

void full_rows() {
  constexpr int kDeployments = 300, kPods = 150'000, kEnd = 1500;
  const MeasuredRun full("full", kEnd, false, [](scenarios::Scenario& s) { multiply(s, kDeployments); });
  const int ready = full.ready_at(kPods);
  row("5,000 nodes, 150,000 pods of 300 Deployments: boot to all Running", full.seconds(0, ready), "s", "<= 20 s");
  row("the same: virtual time it took", ready, "s", "");
  row("the same: memory then", full.megabytes(ready) / 1024, "GiB", "<= 1.5 GiB");
  row("the same at rest, every pod probed: virtual over processor time", (kEnd - 1200) / full.seconds(1200, kEnd), "x", ">= 100 x");
}

void proxy_row(const MeasuredRun& idle) {
  constexpr int kFrom = 180, kTo = 380, kChanges = 400;
  const MeasuredRun slices("proxies", kTo);
  row("one EndpointSlice change delivered to 5,000 proxies",
      (slices.seconds(kFrom, kTo) - idle.seconds(kFrom, kTo)) / kChanges * 1e3, "ms", "<= 2 ms");
}

void run_all() {
  std::printf("%-74s %12s %-10s %s\n", "what", "figure", "unit", "budget");
  row("speed reference: one step of a chain of 64-bit mixes", speed_reference(), "ns", "");
  const MeasuredRun idle("idle", 720);
  lease_rows(idle);
  pod_rows(idle);
  proxy_row(idle);
  full_rows();
  benchmarks::scheduling_benchmark(row);
  benchmarks::placement_benchmark(row);
  row("3 masters, 100 nodes, 10 minutes, a master lost, oracles on", MeasuredRun("failure", 600, true).total(), "s", "<= 2 s");
  row("the same with oracles off", MeasuredRun("failure", 600).total(), "s", "");
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
