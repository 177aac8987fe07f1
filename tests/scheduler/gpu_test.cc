// GPUs as devices: what pods ask for, what nodes have left, which devices are given, and the scores of the literature's
// policies on states small enough to be reckoned by hand.
#include <doctest/doctest.h>

#include "control/scheduler/cycle.h"
#include "control/scheduler/policies/fgd.h"
#include "control/scheduler/policies/policy.h"
#include "control/scheduler/queue/nominator.h"

using namespace orrery;
using namespace orrery::scheduler;

namespace {

NodeHandle gpu_node(const std::string& name, int gpus, const char* model, const char* cpu = "64") {
  api::Node n;
  n.metadata.name = name;
  n.metadata.labels.set(kGpuModel, model);
  auto& has = n.status.edit().allocatable;
  for (const auto& [k, v] : {std::pair{"cpu", cpu}, std::pair{"memory", "256Gi"}, std::pair{"pods", "110"}}) {
    has.set(k, api::Quantity::must_parse(v));
  }
  has.set(kGpuCount, api::Quantity(gpus, api::QuantityFormat::kDecimalSI));
  return NodeHandle(api::make_object(std::move(n)));
}

PodInfoRef gpu_pod(const std::string& name, const char* count, const char* milli, const char* models = "",
                   const char* cpu = "4", const char* index = "") {
  api::Pod p;
  p.metadata.name = p.metadata.uid = name;
  p.metadata.namespace_ = "ns";
  if (*count) p.metadata.annotations.set(kGpuCount, count);
  if (*milli) p.metadata.annotations.set(kGpuMilli, milli);
  if (*models) p.metadata.annotations.set(kGpuModel, models);
  if (*index) p.metadata.annotations.set(kGpuIndex, index);
  api::Container c;
  c.resources.requests.set("cpu", api::Quantity::must_parse(cpu));
  p.spec.edit().containers.push_back(c);
  return base::make_ref<PodInfo>(api::make_object(std::move(p)));
}

struct Cluster {
  explicit Cluster(const char* policy, std::shared_ptr<const FragmentationModel> model = nullptr, std::uint64_t seed = 1)
      : spec(*known_policy(policy)),
        framework(policy_profile({snapshot, lister, nominator, running}, spec, std::move(model), seed)), classes(*framework, snapshot) {
    memory.first_of_best = spec.first_of_best;
  }
  CycleResult decide(const PodInfoRef& p, bool by_class = false) {
    CycleState state;
    return schedule_pod(*framework, snapshot, nominator, *p, memory, state, nullptr, by_class ? &classes : nullptr);
  }
  /// Where it went: "node/devices", or "" for nowhere.
  std::string place(const PodInfoRef& p, bool by_class = false) {
    const CycleResult r = decide(p, by_class);
    if (!r.node) return "";
    const PodInfoRef assigned = framework->run_assign(p, *r.node);
    snapshot.add_pod(assigned, r.node->name());
    return base::cat(r.node->name(), "/", gpu_index_text(assigned->gpu_indices));
  }
  Snapshot snapshot;
  FixedLister lister;
  Nominator nominator;
  RunningPreemptions running;
  PolicySpec spec;
  std::unique_ptr<Framework> framework;
  PodClasses classes;
  CycleMemory memory;
};

std::int64_t score_of(Cluster& c, const char* plugin, const PodInfoRef& pod, const char* node) {
  const auto* score = dynamic_cast<const ScorePlugin*>(c.framework->find(plugin));
  REQUIRE(score != nullptr);
  return score->score(CycleState(), *pod, *c.snapshot.find(node));
}

}  // namespace

TEST_CASE("what annotations ask for") {
  const struct { const char *count, *milli; int want_count, want_milli; bool malformed; } kRows[] = {
      {"", "", 0, 0, false},      {"1", "500", 1, 500, false}, {"", "300", 1, 300, false},  {"2", "", 2, 1000, false},
      {"0", "", 0, 0, false},     {"1", "0", 0, 0, false},     {"8", "4000", 8, 1000, false}, {"x", "", 0, 0, true},
      {"-1", "", 0, 0, true},     {"1", "1.5", 0, 0, true},    {"65", "", 0, 0, true},      {"", "", 0, 0, false}};
  for (const auto& row : kRows) {
    CAPTURE(std::string(row.count));
    CAPTURE(std::string(row.milli));
    const GpuDemand d = gpu_pod("p", row.count, row.milli)->gpu;
    CHECK(d.malformed == row.malformed);
    if (row.malformed) continue;
    CHECK(d.count == row.want_count);
    CHECK(d.milli == row.want_milli);
  }
}

TEST_CASE("models are alternatives") {
  const GpuDemand d = gpu_pod("p", "1", "", "V100M16|V100M32")->gpu;
  CHECK(d.accepts("V100M16"));
  CHECK(d.accepts("V100M32"));
  CHECK(!d.accepts("V100M"));
  CHECK(!d.accepts(""));
  CHECK(gpu_pod("q", "1", "")->gpu.accepts("T4"));
}

TEST_CASE("devices fill up and are given back") {
  Cluster c("GpuPacking");
  c.snapshot.set_node(gpu_node("n", 4, "T4"));
  CHECK(c.place(gpu_pod("a", "1", "600")) == "n/0");
  CHECK(c.place(gpu_pod("b", "1", "600")) == "n/1");
  CHECK(c.place(gpu_pod("c", "1", "300")) == "n/0");
  CHECK(c.place(gpu_pod("d", "2", "")) == "n/2-3");
  CHECK(c.place(gpu_pod("e", "1", "500")) == "");
  const GpuDevices& gpus = c.snapshot.find("n")->gpus();
  CHECK(gpus.total_free() == 500);
  CHECK(gpus.pods_of_class(0) == 3);
  CHECK(gpus.pods_of_class(2) == 1);
  CHECK(gpus.classes() == 2);
  c.snapshot.remove_pod(gpu_pod("b", "1", "600")->pod(), "n");
  CHECK(gpus.free()[1] == 1000);
  CHECK(c.place(gpu_pod("e", "1", "500")) == "n/1");
}

TEST_CASE("a node that is told anew keeps what its pods hold") {
  Cluster c("BestFit");
  c.snapshot.add_pod(gpu_pod("a", "1", "400", "", "4", "1"), "n");
  c.snapshot.set_node(gpu_node("n", 2, "T4"));
  CHECK(c.snapshot.find("n")->gpus().free()[1] == 600);
  c.snapshot.set_node(gpu_node("n", 4, "T4"));
  CHECK(c.snapshot.find("n")->gpus().count() == 4);
  CHECK(c.snapshot.find("n")->gpus().free()[1] == 600);
}

TEST_CASE("why a node does not do") {
  Cluster c("BestFit");
  c.snapshot.set_node(gpu_node("n", 2, "T4"));
  const struct { const char *count, *milli, *models, *reason; } kRows[] = {
      {"4", "", "", "node(s) had too few GPUs"},
      {"1", "", "A10", "node(s) had GPUs of another model"},
      {"2", "", "", "Insufficient GPU"},
      {"none", "", "", "annotation alibabacloud.com/gpu-count or alibabacloud.com/gpu-milli is not a whole number in range"}};
  CHECK(c.place(gpu_pod("a", "1", "400")) == "n/0");
  for (const auto& row : kRows) {
    CAPTURE(std::string(row.reason));
    const CycleResult r = c.decide(gpu_pod("b", row.count, row.milli, row.models));
    CHECK(r.node == nullptr);
    CHECK(r.message.find(row.reason) != std::string::npos);
  }
}

TEST_CASE("GpuPacking: used devices, then free devices of used nodes, then free nodes") {
  Cluster c("GpuPacking");
  c.snapshot.set_node(gpu_node("free", 8, "T4"));
  c.snapshot.set_node(gpu_node("used", 8, "T4"));
  c.snapshot.add_pod(gpu_pod("a", "1", "400", "", "4", "0"), "used");
  CHECK(score_of(c, "GpuPacking", gpu_pod("p", "0", ""), "used") == 0);
  CHECK(score_of(c, "GpuPacking", gpu_pod("p", "1", "500"), "free") == 25);   // 33 - 8
  CHECK(score_of(c, "GpuPacking", gpu_pod("p", "1", "500"), "used") == 94);   // 100 - 60 / 10
  CHECK(score_of(c, "GpuPacking", gpu_pod("p", "2", ""), "used") == 48);      // 50 - 2
}

TEST_CASE("GpuClustering: equals side by side") {
  Cluster c("GpuClustering");
  for (const char* n : {"none", "share", "both", "other"}) c.snapshot.set_node(gpu_node(n, 8, "T4"));
  c.snapshot.add_pod(gpu_pod("a", "1", "500", "", "4", "0"), "share");
  c.snapshot.add_pod(gpu_pod("b", "1", "500", "", "4", "0"), "both");
  c.snapshot.add_pod(gpu_pod("c", "2", "", "", "4", "1-2"), "both");
  c.snapshot.add_pod(gpu_pod("d", "2", "", "", "4", "1-2"), "other");
  const PodInfoRef p = gpu_pod("p", "1", "300");
  CHECK(score_of(c, "GpuClustering", p, "share") == 75 + 25 * 500 / 8000);
  CHECK(score_of(c, "GpuClustering", p, "both") == 50 + 25 * 2500 / 8000);
  CHECK(score_of(c, "GpuClustering", p, "none") == 25);
  CHECK(score_of(c, "GpuClustering", p, "other") == 25 * 2000 / 8000);
  CHECK(score_of(c, "GpuClustering", gpu_pod("q", "", ""), "share") == 0);
}

TEST_CASE("fragmentation of small nodes") {
  const std::vector<TypicalPod> typical{{{4000, {1, 500, "", false}}, 0.5}, {{4000, {2, 1000, "", false}}, 0.25},
                                        {{8000, {0, 0, "", false}}, 0.125}, {{1000, {1, 1000, "A10", false}}, 0.125}};
  const FragmentationModel model(typical);
  const std::int32_t gpus[] = {300, 1000};
  // 0.5 x 300 (too small), 0.25 x 1300 (too few), 0.125 x 1300 (no GPU wanted), 0.125 x 1300 (another model)
  CHECK(model.amount({32000, gpus}, "T4") == 150 + 325 + 162.5 + 162.5);
  // The last one may use the whole device: only the part of 300 is lost to it.
  CHECK(model.amount({32000, gpus}, "A10") == 150 + 325 + 162.5 + 37.5);
  // Without CPU everything is lost to everybody.
  CHECK(model.amount({500, gpus}, "A10") == 1300);
  const std::int32_t none[] = {0, 0};
  CHECK(model.amount({32000, none}, "T4") == 0);
}

TEST_CASE("typical pods are the most frequent ones until they are 95 of 100") {
  std::vector<PodShape> pods;
  const auto add = [&](int n, PodShape s) { pods.insert(pods.end(), static_cast<std::size_t>(n), s); };
  add(60, {1000, {}});
  add(18, {2000, {1, 500, "", false}});
  add(18, {2000, {1, 700, "", false}});
  add(4, {9000, {}});
  const auto t = typical_pods(pods);
  REQUIRE(t.size() == 3);
  CHECK(t[0].shape.milli_cpu == 1000);
  CHECK(t[1].shape.gpu.milli == 700);
  CHECK(t[0].share == doctest::Approx(60 / 96.0));
}

TEST_CASE("kept scores decide as the plain cycle does, for every policy") {
  std::vector<TypicalPod> typical{{{4000, {1, 500, "", false}}, 0.5}, {{4000, {2, 1000, "", false}}, 0.3}, {{8000, {0, 0, "", false}}, 0.2}};
  const auto model = std::make_shared<FragmentationModel>(typical);
  for (const std::string_view policy : known_policies()) {
    CAPTURE(std::string(policy));
    Cluster plain(policy.data(), model, 7), kept(policy.data(), model, 7);
    base::RandomStream random(base::stream_key(3, "test", policy));
    std::vector<std::pair<PodInfoRef, std::string>> there;
    for (int i = 0; i < 30; ++i) {
      const int gpus = 1 << random.below(4);
      const char* node_model = random.below(2) == 0 ? "T4" : "A10";
      for (Cluster* c : {&plain, &kept}) c->snapshot.set_node(gpu_node(base::cat("n", std::to_string(i)), gpus, node_model));
    }
    for (int i = 0; i < 600; ++i) {
      const char* counts[] = {"", "1", "1", "2", "4"};
      const char* millis[] = {"200", "500", "1000"};
      const std::size_t k = random.below(5);
      const char* milli = k == 1 || k == 2 ? millis[random.below(3)] : "";
      const char* models = random.below(6) == 0 ? "T4" : "";
      const char* cpu = random.below(2) == 0 ? "1" : "6";
      const PodInfoRef pod = gpu_pod(base::cat("p", std::to_string(i)), counts[k], milli, models, cpu);
      const std::string where = plain.place(pod, false);
      REQUIRE(kept.place(pod, true) == where);
      if (!where.empty()) there.emplace_back(pod, where.substr(0, where.find('/')));
      if (there.size() > 60 || (where.empty() && !there.empty())) {
        const std::size_t gone = random.below(there.size());
        for (Cluster* c : {&plain, &kept}) c->snapshot.remove_pod(there[gone].first->pod(), there[gone].second);
        there.erase(there.begin() + static_cast<std::ptrdiff_t>(gone));
      }
    }
  }
}
