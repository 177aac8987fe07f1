#include "tests/benchmarks/scheduling.h"

#include <ctime>

#include "control/scheduler/cache.h"
#include "control/scheduler/cycle.h"
#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/nominator.h"
#include "model/api/replica_set.h"

namespace orrery::benchmarks {
namespace {

using namespace orrery::scheduler;

constexpr int kNodes = 5000;

class Cluster {
 public:
  Cluster() : framework_(default_profile({cache_.snapshot(), lister_, nominator_, running_, nullptr, nullptr})) {
    for (int i = 0; i < kNodes; ++i) add_node(i);
    classes_ = std::make_unique<PodClasses>(*framework_, cache_.snapshot());
  }

  /// A pod of the ReplicaSet `owner`, which it makes when it is new.
  PodInfoRef pod(int owner) {
    const std::string app = base::cat("app", std::to_string(owner));
    if (owner >= owners_) add_owner(app, owner);
    api::Pod p;
    p.metadata.name = base::cat(app, "-", std::to_string(pods_));
    p.metadata.namespace_ = "default";
    p.metadata.uid = std::to_string(pods_++);
    p.metadata.labels.set("app", app);
    p.metadata.labels.set("pod-template-hash", "7d4b9c");
    api::OwnerReference reference;
    reference.api_version = "apps/v1";
    reference.kind = "ReplicaSet";
    reference.name = app;
    reference.controller = true;
    p.metadata.owner_references.push_back(reference);
    api::Container c;
    c.name = "main";
    c.image = "registry/app:1";
    c.resources.requests.set("cpu", api::Quantity::must_parse("100m"));
    c.resources.requests.set("memory", api::Quantity::must_parse("64Mi"));
    p.spec.edit().containers.push_back(c);
    for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
      api::Toleration t;
      t.key = key;
      t.operator_ = "Exists";
      t.effect = "NoExecute";
      p.spec.edit().tolerations.push_back(t);
    }
    return base::make_ref<PodInfo>(api::make_object(std::move(p)));
  }

  void decide(const PodInfoRef& pod, bool by_class) {
    CycleState state;
    const CycleResult r = schedule_pod(*framework_, cache_.snapshot(), nominator_, *pod, memory_, state, nullptr,
                                       by_class ? classes_.get() : nullptr);
    ORRERY_CHECK(r.node != nullptr, "the cluster is full");
    cache_.assume(pod, r.node->name());
  }

 private:
  void add_node(int i) {
    api::Node n;
    n.metadata.name = base::cat("node-", std::to_string(i));
    n.metadata.labels.set("kubernetes.io/hostname", n.metadata.name);
    n.metadata.labels.set("kubernetes.io/os", "linux");
    n.metadata.labels.set("topology.kubernetes.io/zone", Str(i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c"));
    for (const auto& [k, v] : {std::pair{"cpu", "64"}, std::pair{"memory", "256Gi"}, std::pair{"pods", "110"}}) {
      n.status.edit().allocatable.set(k, api::Quantity::must_parse(v));
    }
    api::ContainerImage image;
    image.names = {Str("registry/app:1")};
    image.size_bytes = 200 << 20;
    n.status.edit().images.push_back(image);
    cache_.set_node(NodeHandle(api::make_object(std::move(n))));
  }
  void add_owner(const std::string& app, int number) {
    api::ReplicaSet rs;
    rs.metadata.name = app;
    rs.metadata.namespace_ = "default";
    api::LabelSelector selector;
    selector.match_labels.set("app", app);
    rs.spec.edit().selector = std::move(selector);
    lister_.set(api::make_object(std::move(rs)));
    owners_ = number + 1;
  }

  Cache cache_;
  FixedLister lister_;
  Nominator nominator_;
  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
  std::unique_ptr<PodClasses> classes_;
  CycleMemory memory_;
  int owners_ = 0, pods_ = 0;
};

/// `owner_of(i)` owns the i-th pod.
template <class OwnerOf>
double microseconds(Cluster& cluster, int decisions, bool by_class, OwnerOf owner_of) {
  std::vector<PodInfoRef> pods;
  for (int i = 0; i < decisions; ++i) pods.push_back(cluster.pod(owner_of(i)));
  const std::clock_t start = std::clock();
  for (const PodInfoRef& p : pods) cluster.decide(p, by_class);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC * 1e6 / decisions;
}

}  // namespace

void scheduling_benchmark(Report report) {
  Cluster cluster;
  int owner = 0;
  const auto one = [&](int) { return owner; };
  const auto each_new = [&](int i) { return owner + i; };
  const auto in_turn = [&](int i) { return owner + i % 300; };
  const auto measure = [&](const char* what, const char* budget, int decisions, auto owner_of, int owners, bool by_class = true) {
    report(what, microseconds(cluster, decisions, by_class, owner_of), "us", budget);
    owner += owners;
  };
  measure("scheduling decision, 5,000 empty nodes, a Deployment of 5,000", "<= 5 us", 5000, one, 1);
  measure("the same nodes, each pod of a new template", "<= 80 us", 1000, each_new, 1000);
  measure("the same nodes, 300 Deployments in turn, up to 105,000 pods", "", 99000, in_turn, 300);
  measure("105,000 pods on the nodes, a Deployment of 5,000", "<= 5 us", 5000, one, 1);
  measure("110,000 pods on the nodes, each pod of a new template", "<= 80 us", 1000, each_new, 1000);
  measure("the same, by the plain definition", "", 20, each_new, 20, false);
}

}  // namespace orrery::benchmarks
