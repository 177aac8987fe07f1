#include <doctest/doctest.h>

#include "nodes/kubelet/back_off.h"
#include "nodes/kubelet/container_spec.h"
#include "nodes/kubelet/eviction.h"
#include "nodes/kubelet/image_collector.h"
#include "nodes/kubelet/pod_admission.h"
#include "nodes/kubelet/pod_status.h"
#include "nodes/kubelet/probe_specs.h"
#include "nodes/kubelet/qos.h"

using namespace orrery;
using namespace orrery::kubelet;
using base::kSecond;

namespace {

api::Container container(const char* name, const char* cpu_request, const char* memory_request, const char* cpu_limit,
                         const char* memory_limit) {
  api::Container c;
  c.name = name;
  const auto set = [](api::ResourceList& list, const char* resource, const char* amount) {
    if (*amount) list.set(resource, api::Quantity::must_parse(amount));
  };
  set(c.resources.requests, "cpu", cpu_request);
  set(c.resources.requests, "memory", memory_request);
  set(c.resources.limits, "cpu", cpu_limit);
  set(c.resources.limits, "memory", memory_limit);
  return c;
}

api::Pod pod_of(std::vector<api::Container> containers) {
  api::Pod p;
  p.spec.edit().containers = std::move(containers);
  p.spec.edit().restart_policy = "Always";
  return p;
}

/// One letter for each container: w(aiting) r(unning) s(ucceeded) f(ailed) b(ack-off after a failure).
api::List<api::ContainerStatus> statuses(const char* prefix, const char* letters) {
  api::List<api::ContainerStatus> out;
  for (int i = 0; letters[i]; ++i) {
    api::ContainerStatus s;
    s.name = prefix + std::to_string(i);
    api::ContainerStateTerminated t;
    t.exit_code = letters[i] == 's' ? 0 : 1;
    switch (letters[i]) {
      case 'w': s.state.waiting = api::ContainerStateWaiting{}; break;
      case 'r': s.state.running = api::ContainerStateRunning{}; break;
      case 'b': s.state.waiting = api::ContainerStateWaiting{}; s.last_state.terminated = t; break;
      default: s.state.terminated = t;
    }
    out.push_back(s);
  }
  return out;
}

}  // namespace

TEST_CASE("phase of containers' states") {
  struct Case { const char* policy; const char* init; const char* app; bool terminal; const char* phase; };
  const Case cases[] = {
      {"Always", "", "w", false, "Pending"},      {"Always", "", "r", false, "Running"},
      {"Always", "", "rw", false, "Pending"},     {"Always", "", "rf", false, "Running"},
      {"Always", "", "f", false, "Running"},      {"Always", "", "b", false, "Running"},
      {"Always", "", "s", false, "Running"},      {"Always", "", "s", true, "Succeeded"},
      {"Always", "", "sf", true, "Failed"},       {"OnFailure", "", "s", false, "Succeeded"},
      {"OnFailure", "", "f", false, "Running"},   {"OnFailure", "", "ss", false, "Succeeded"},
      {"Never", "", "s", false, "Succeeded"},     {"Never", "", "sf", false, "Failed"},
      {"Never", "", "rf", false, "Running"},      {"Never", "f", "w", false, "Failed"},
      {"Always", "f", "w", false, "Pending"},     {"Always", "r", "w", false, "Pending"},
      {"Always", "s", "r", false, "Running"},     {"Always", "sr", "w", false, "Pending"},
      {"Always", "", "", false, "Pending"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.policy);
    CAPTURE(c.init);
    CAPTURE(c.app);
    api::PodSpec spec;
    spec.restart_policy = c.policy;
    for (int i = 0; c.init[i]; ++i) spec.init_containers.push_back(container(("i" + std::to_string(i)).c_str(), "", "", "", ""));
    for (int i = 0; c.app[i]; ++i) spec.containers.push_back(container(("c" + std::to_string(i)).c_str(), "", "", "", ""));
    CHECK(std::string(phase_of(spec, statuses("i", c.init), statuses("c", c.app), c.terminal, *c.app == 'r')) == c.phase);
  }
}

TEST_CASE("status keeps what it must") {
  api::Pod pod = pod_of({container("b", "", "", "", ""), container("a", "", "", "", "")});
  ContainerRun runs[2];
  runs[0].id = "x1";
  runs[0].state = RunState::kRunning;
  runs[0].ready = runs[0].started = true;
  StatusInput in{pod, *pod.status, {}, runs, "1.2.3.4", "10.0.0.1", true, false, nullptr, {100 * kSecond}};
  const api::PodStatus first = compute_status(in);
  CHECK(first.phase == "Pending");
  CHECK(first.container_statuses[0].name == "a");
  CHECK(first.container_statuses[0].state.waiting->reason == "ContainerCreating");
  CHECK(first.container_statuses[1].container_id == "containerd://x1");
  CHECK(first.conditions[2].message == "containers with unready status: [a]");
  CHECK(first.start_time.seconds == 100);

  runs[1] = ContainerRun{};
  runs[1].id = "x2";
  runs[1].state = RunState::kRunning;
  runs[1].ready = runs[1].started = true;
  StatusInput later{pod, first, {}, runs, "1.2.3.4", "10.0.0.1", true, false, nullptr, {200 * kSecond}};
  const api::PodStatus second = compute_status(later);
  CHECK(second.phase == "Running");
  CHECK(second.start_time.seconds == 100);
  CHECK(second.conditions[1].last_transition_time.seconds == 100);
  CHECK(second.conditions[2].last_transition_time.seconds == 200);
  CHECK(second.container_statuses[1].container_id.same_buffer(first.container_statuses[1].container_id));

  SUBCASE("a terminal phase is final") {
    api::PodStatus over = second;
    over.phase = "Failed";
    over.reason = "Evicted";
    StatusInput after{pod, over, {}, runs, "1.2.3.4", "10.0.0.1", true, false, nullptr, {300 * kSecond}};
    CHECK(compute_status(after).phase == "Failed");
    CHECK(compute_status(after).reason == "Evicted");
  }
  SUBCASE("readiness gates") {
    pod.spec.edit().readiness_gates = {{"example.com/gate"}};
    StatusInput gated{pod, second, {}, runs, "1.2.3.4", "10.0.0.1", true, false, nullptr, {300 * kSecond}};
    const api::PodStatus s = compute_status(gated);
    CHECK(s.conditions[2].reason == "ReadinessGatesNotReady");
    CHECK(s.conditions[2].message == "corresponding condition of pod readiness gate \"example.com/gate\" does not exist.");
    CHECK(s.conditions[3].status == "True");
  }
  SUBCASE("a container that vanished counts as failed") {
    runs[1].state = RunState::kNone;
    StatusInput end{pod, second, {}, runs, "1.2.3.4", "10.0.0.1", false, true, nullptr, {300 * kSecond}};
    runs[0].state = RunState::kExited;
    runs[0].exit = Exit{"x1", "Completed", {}, 0, {}, {}, {}};
    const api::PodStatus s = compute_status(end);
    CHECK(s.phase == "Failed");
    CHECK(s.container_statuses[0].state.terminated->reason == "ContainerStatusUnknown");
    CHECK(s.container_statuses[0].state.terminated->exit_code == 137);
  }
}

TEST_CASE("crash back-off: 0, 10, 20, ... 300 s, reset after 10 minutes") {
  const BackOffLimits limits{10 * kSecond, 300 * kSecond};
  BackOff b;
  base::Instant now{kSecond};
  std::vector<base::Nanos> waits;
  for (int i = 0; i < 8; ++i) {
    const base::Instant event = now;
    const base::Nanos wait = b.remaining(event, now, limits);
    waits.push_back(wait / kSecond);
    now = now + wait;
    b.next(event, now, limits);
    now = now + kSecond;
  }
  CHECK(waits == std::vector<base::Nanos>{0, 10, 20, 40, 80, 160, 300, 300});
  now = now + 601 * kSecond;
  CHECK(b.remaining(now, now, limits) == 0);
  b.next(now, now, limits);
  CHECK(b.delay() == 10 * kSecond);
}

TEST_CASE("quality of service and what the kernel is told") {
  constexpr std::int64_t kGi = std::int64_t{1} << 30;
  struct Case { api::Container c; Qos qos; int score; std::int64_t shares; std::int64_t quota; };
  const Case cases[] = {
      {container("a", "", "", "", ""), Qos::kBestEffort, 1000, 2, 0},
      {container("a", "1", "1Gi", "1", "1Gi"), Qos::kGuaranteed, -997, 1024, 1000},
      {container("a", "100m", "1Gi", "", ""), Qos::kBurstable, 750, 102, 0},
      {container("a", "100m", "", "200m", ""), Qos::kBurstable, 999, 102, 200},
      {container("a", "1", "4Gi", "", ""), Qos::kBurstable, 3, 1024, 0},
      {container("a", "", "", "500m", ""), Qos::kBurstable, 999, 512, 500},
  };
  for (const Case& c : cases) {
    const api::Pod pod = pod_of({c.c});
    CHECK(qos_of(*pod.spec) == c.qos);
    const env::ContainerResources r = container_resources(pod, c.c, 4 * kGi);
    CHECK(r.oom_score_adj == c.score);
    CHECK(r.cpu_shares == c.shares);
    CHECK(r.cpu_quota_milli == c.quota);
  }
  api::Container sidecar = container("s", "", "", "", "");
  sidecar.restart_policy = base::Str("Always");
  const api::Pod with_sidecar = pod_of({container("a", "", "1Gi", "", "")});
  CHECK(oom_score_adj(with_sidecar, sidecar, 4 * kGi) == 750);
}

TEST_CASE("what a pod takes from a node") {
  api::PodSpec spec;
  spec.containers = {container("a", "100m", "1Gi", "", ""), container("b", "200m", "", "", "")};
  api::Container sidecar = container("s", "50m", "", "", "");
  sidecar.restart_policy = base::Str("Always");
  spec.init_containers = {container("i1", "1", "", "", ""), sidecar, container("i2", "400m", "2Gi", "", "")};
  const api::ResourceList r = pod_requests(spec);
  CHECK(r.get("cpu").milli_value() == 1000);
  CHECK(r.get("memory").value() == std::int64_t{2} << 30);
  spec.init_containers = {sidecar};
  CHECK(pod_requests(spec).get("cpu").milli_value() == 350);
}

TEST_CASE("refusals") {
  KubeletConfig config;
  config.node_name = "n";
  NodeFacts facts;
  facts.machine.cpu_milli = 1000;
  facts.machine.memory_bytes = std::int64_t{1} << 30;
  const api::ResourceList allocatable = node_allocatable(config, facts.machine);
  api::Node node = initial_node(config, facts, {});
  const auto reason = [&](const api::Pod& p, const NodeUse& use) {
    const auto refusal = refuse(p, &node, allocatable, use, facts);
    return refusal ? refusal->reason.str() : std::string("fits");
  };
  api::Pod pod = pod_of({container("a", "600m", "100Mi", "", "")});
  NodeUse use;
  CHECK(reason(pod, use) == "fits");
  use.add(*pod.spec);
  CHECK(reason(pod, use) == "OutOfcpu");
  use.remove(*pod.spec);
  CHECK(reason(pod, use) == "fits");
  use.pods = 110;
  CHECK(reason(pod, use) == "OutOfpods");
  use.pods = 0;
  CHECK(reason(pod_of({container("a", "", "2Gi", "", "")}), use) == "OutOfmemory");
  pod.spec.edit().node_selector.set("disk", "ssd");
  CHECK(reason(pod, use) == "NodeAffinity");
  node.metadata.labels.set("disk", "ssd");
  CHECK(reason(pod, use) == "fits");
  node.spec.edit().taints = {{"gone", {}, "NoExecute", {}}};
  CHECK(reason(pod, use) == "TaintToleration");
  pod.spec.edit().tolerations = {{"gone", "Exists", {}, {}, {}}};
  CHECK(reason(pod, use) == "fits");
  facts.memory_pressure = true;
  CHECK(reason(pod, use) == "fits");
  CHECK(refuse(pod_of({container("a", "", "", "", "")}), &node, allocatable, use, facts)->message ==
        "The node had condition: [MemoryPressure]. ");
}

TEST_CASE("order of eviction") {
  std::vector<PodUse> pods = {
      {0, 0, 500, 1000, {}},   // below its request
      {1, 10, 900, 100, {}},   // above, high priority
      {2, 0, 300, 100, {}},    // above by 200
      {3, 0, 2000, 1000, {}},  // above by 1000
      {4, -5, 10, 5, {}},      // above, lowest priority
  };
  rank(pods);
  std::vector<std::size_t> order;
  for (const PodUse& p : pods) order.push_back(p.index);
  CHECK(order == std::vector<std::size_t>{4, 3, 2, 1, 0});
}

TEST_CASE("thresholds and when to look again") {
  KubeletConfig config;
  env::UsageStats s;
  s.memory_capacity_bytes = 1000 << 20;
  s.memory_available_bytes = 900 << 20;
  s.nodefs_capacity_bytes = s.imagefs_capacity_bytes = 1000;
  s.nodefs_available_bytes = s.imagefs_available_bytes = 800;
  auto o = observe(s, config);
  CHECK(!o[0].met());
  CHECK(next_look(o, config) == config.eviction_period_relaxed);
  s.memory_available_bytes = 500 << 20;
  CHECK(next_look(observe(s, config), config) == config.eviction_period);
  s.memory_available_bytes = (100 << 20) - 1;
  s.nodefs_available_bytes = 100;
  s.imagefs_available_bytes = 149;
  o = observe(s, config);
  CHECK(o[0].met());
  CHECK(!o[1].met());
  CHECK(o[2].met());
}

TEST_CASE("image collection") {
  KubeletConfig config;
  env::UsageStats s;
  s.imagefs_capacity_bytes = 1000;
  s.imagefs_available_bytes = 160;
  CHECK(ImageCollector::excess(s, config) == 0);
  s.imagefs_available_bytes = 150;
  CHECK(ImageCollector::excess(s, config) == 50);
  const base::Instant wall{1000 * kSecond};
  std::vector<env::ImageInfo> images = {{"new", {}, 100, wall - kSecond}, {"used", {}, 100, {}}, {"old", {}, 30, wall - 500 * kSecond},
                                        {"older", {}, 30, wall - 600 * kSecond}, {"mid", {}, 30, wall - 300 * kSecond}};
  const auto chosen = ImageCollector::choose(images, {"used"}, 50, wall, 120 * kSecond);
  REQUIRE(chosen.size() == 2);
  CHECK(chosen[0].name == "older");
  CHECK(chosen[1].name == "old");
}

TEST_CASE("probe targets and image names") {
  api::Container c = container("a", "", "", "", "");
  c.ports = {{"http", 0, 8080, "TCP", {}}};
  api::Probe p;
  p.handler.http_get = api::HTTPGetAction{"/healthz", api::IntOrString("http"), {}, "HTTP", {}};
  p.initial_delay_seconds = 10;
  p.period_seconds = 5;
  env::ProbeSpec s = probe_spec(c, p, env::ProbeKind::kLiveness, "id", "10.0.0.7", 4 * kSecond);
  CHECK(s.target == "http://10.0.0.7:8080/healthz");
  CHECK(s.initial_delay == 6 * kSecond);
  CHECK(s.period == 5 * kSecond);
  CHECK(s.failure_threshold == 3);
  CHECK(with_default_tag("nginx") == "nginx:latest");
  CHECK(with_default_tag("registry:5000/nginx") == "registry:5000/nginx:latest");
  CHECK(with_default_tag("nginx:1.25") == "nginx:1.25");
  CHECK(with_default_tag("nginx@sha256:ab") == "nginx@sha256:ab");
}

TEST_CASE("variables are expanded") {
  const std::vector<env::EnvVar> vars = {{"A", "1"}, {"B", "two"}};
  struct Case { const char* in; const char* out; };
  for (const Case& c : {Case{"$(A)-$(B)", "1-two"}, Case{"$$(A)", "$(A)"}, Case{"$(C)", "$(C)"}, Case{"$A", "$A"}, Case{"x$", "x$"},
                        Case{"$(A", "$(A"}}) {
    CHECK(expand_variables(c.in, vars) == c.out);
  }
}
