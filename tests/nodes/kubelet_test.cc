#include "model/api/config_map.h"
#include "model/api/csi_node.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "tests/nodes/node_world.h"

using namespace orrery;
using namespace orrery::test;
using base::kSecond;

TEST_CASE("a kubelet registers its node and keeps its lease") {
  NodeWorld w;
  w.start();
  const auto node = w.api.get<api::Node>("", "worker-1");
  REQUIRE(node);
  CHECK(node->metadata.labels.get("kubernetes.io/hostname") == "worker-1");
  CHECK(node->status->capacity.get("cpu").str() == "4");
  CHECK(node->status->capacity.get("pods").str() == "110");
  CHECK(node->status->allocatable.get("memory").str() == "8092Mi");
  const auto& conditions = node->status->conditions;
  REQUIRE(conditions.size() == 4);
  CHECK(conditions[0].type == "MemoryPressure");
  CHECK(conditions[3].type == "Ready");
  CHECK(conditions[3].status == "True");
  CHECK(conditions[3].reason == "KubeletReady");
  const auto lease = w.api.get<api::Lease>("kube-node-lease", "worker-1");
  REQUIRE(lease);
  CHECK(*lease->spec.holder_identity == "worker-1");
  CHECK(*lease->spec.lease_duration_seconds == 40);
  CHECK(lease->metadata.owner_references[0].uid == node->metadata.uid);
  const auto first = lease->spec.renew_time.micros;
  w.run(12 * kSecond);
  CHECK(w.api.get<api::Lease>("kube-node-lease", "worker-1")->spec.renew_time.micros - first >= 10'000'000);
  CHECK(w.has_event("worker-1", "NodeReady: Node worker-1 status is now: NodeReady"));
  CHECK(w.has_event("worker-1", "Starting: Starting kubelet."));
}

TEST_CASE("a node with CSI drivers has a CSINode, corrected when the kubelet starts with others") {
  NodeWorld w;
  w.start();
  CHECK_FALSE(w.api.get<api::CSINode>("", "worker-1"));
  w.volume_limits = {{"ebs.csi.aws.com", 25}};
  w.restart();
  const auto csi = w.api.get<api::CSINode>("", "worker-1");
  REQUIRE(csi);
  CHECK(csi->metadata.owner_references[0].uid == w.api.get<api::Node>("", "worker-1")->metadata.uid);
  REQUIRE(csi->spec->drivers.size() == 1);
  CHECK(csi->spec->drivers[0].node_id == "worker-1");
  CHECK(*csi->spec->drivers[0].allocatable->count == 25);
  w.volume_limits = {{"ebs.csi.aws.com", 25}, {"pd.csi.storage.gke.io", 127}};
  w.restart();
  CHECK(w.api.get<api::CSINode>("", "worker-1")->spec->drivers.size() == 2);
  w.api.writes.clear();
  w.restart();
  for (const std::string& write : w.api.writes) CHECK(write.find("update csinodes") == std::string::npos);
}

TEST_CASE("the status is reported every five minutes and repaired within a pass") {
  NodeWorld w;
  w.start();
  const auto heartbeat = [&] { return w.api.get<api::Node>("", "worker-1")->status->conditions[3].last_heartbeat_time.seconds; };
  const auto first = heartbeat();
  w.run(200 * kSecond);
  CHECK(heartbeat() == first);
  w.run(110 * kSecond);
  CHECK(heartbeat() - first >= 300);
  w.api.edit<api::Node>("", "worker-1", [](api::Node& n) { n.status.edit().conditions.edit()[3].status = "Unknown"; });
  w.run(11 * kSecond);
  CHECK(w.api.get<api::Node>("", "worker-1")->status->conditions[3].status == "True");
}

TEST_CASE("a pod runs and is deleted with its grace period") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  REQUIRE(w.phase("web") == "Running");
  const api::PodStatus& s = *w.pod("web")->status;
  CHECK(s.host_ip == "192.168.0.1");
  CHECK(!s.pod_ip.empty());
  CHECK(s.qos_class == "BestEffort");
  CHECK(w.status("web").ready);
  CHECK(w.status("web").state.running);
  CHECK(*w.status("web").started);
  CHECK(w.status("web").image_id == "sha256:app:1");
  for (const char* type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
    CAPTURE(type);
    CHECK(w.condition("web", type) == "True");
  }
  CHECK(w.events("web") == std::vector<std::string>{"Pulled: Container image \"app:1\" already present on machine",
                                                    "Created: Created container: a", "Started: Started container a"});
  w.remove("web");
  w.run(2 * kSecond);
  CHECK(w.phase("web") == "gone");
  CHECK(w.containers.running() == 0);
  CHECK(w.containers.sandboxes.empty());
  CHECK(w.kubelet->workers().empty());
  CHECK(w.log() == "sandbox web\nstart a#0\nterm a#0 30s\nexit a#0 143\n");
  CHECK(w.has_event("web", "Killing: Stopping container a"));
}

TEST_CASE("a container that ignores SIGTERM is killed when the grace period is over, not before") {
  NodeWorld w;
  w.containers.behaviours["app:1"].term_takes = -1;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  w.remove("web", 20);
  w.run(19 * kSecond);
  CHECK(w.containers.running() == 1);
  CHECK(w.phase("web") == "Running");
  w.run(2 * kSecond);
  CHECK(w.phase("web") == "gone");
}

TEST_CASE("an idle pod costs nothing but the heartbeats") {
  NodeWorld w;
  w.containers.stats.memory_capacity_bytes = std::int64_t{8} << 30;
  w.containers.stats.memory_available_bytes = std::int64_t{7} << 30;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(5 * kSecond);
  const int calls = w.process.network.calls;
  w.api.writes.clear();
  w.run(100 * kSecond);
  CHECK(w.process.network.calls - calls <= 11);
  for (const std::string& write : w.api.writes) CHECK(write == "update leases");
}

TEST_CASE("a restarted kubelet takes the containers over") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1"), container("b", "app:1")}));
  w.run(kSecond);
  const std::string before = w.log();
  const Str id = w.status("web").container_id;
  w.restart();
  w.run(5 * kSecond);
  CHECK(w.log() == before);
  CHECK(w.phase("web") == "Running");
  CHECK(w.status("web").container_id == id);
  CHECK(w.status("web").restart_count == 0);
  CHECK(w.condition("web", "Ready") == "True");
  SUBCASE("and stops what was deleted meanwhile") {
    w.kubelet.reset();
    w.containers.new_process();
    w.api.break_watches();
    w.api.erase(api::KindId::kPod, "default", "web");
    w.start();
    w.run(5 * kSecond);
    CHECK(w.containers.running() == 0);
    CHECK(w.containers.sandboxes.empty());
  }
  SUBCASE("and ends what was being deleted") {
    w.containers.behaviours["app:1"].term_takes = 10 * kSecond;
    w.remove("web");
    w.run(2 * kSecond);
    w.restart();
    w.run(20 * kSecond);
    CHECK(w.phase("web") == "gone");
    CHECK(w.log().find("137") == std::string::npos);
  }
  SUBCASE("unless a bug is planted") {
    w.process.faults.plant(env::Site::kKubeletRestartsContainers);
    w.restart();
    w.run(5 * kSecond);
    CHECK(w.log() != before);
  }
}

TEST_CASE("a pod that vanishes from the API is stopped") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  w.api.erase(api::KindId::kPod, "default", "web");
  w.run(3 * kSecond);
  CHECK(w.containers.running() == 0);
  CHECK(w.containers.sandboxes.empty());
  CHECK(w.kubelet->workers().empty());
}

TEST_CASE("failing containers back off by 10 s doubling") {
  NodeWorld w;
  w.containers.behaviours["app:1"] = {kSecond, 1, "", 0, 0, -1};
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(2500 * base::kMillisecond);
  CHECK(w.status("web").restart_count == 1);
  w.run(kSecond);
  REQUIRE(w.status("web").state.waiting);
  CHECK(w.status("web").state.waiting->reason == "CrashLoopBackOff");
  const std::string pod_text = base::cat("web_default(", w.pod("web")->metadata.uid, ")");
  CHECK(w.status("web").state.waiting->message == "back-off 10s restarting failed container=a pod=" + pod_text);
  CHECK(w.status("web").last_state.terminated->exit_code == 1);
  CHECK(w.has_event("web", "BackOff: Back-off restarting failed container a in pod " + pod_text));
  CHECK(w.phase("web") == "Running");
  CHECK(w.condition("web", "Ready") == "False ContainersNotReady");
  w.run(11 * kSecond);
  CHECK(w.status("web").restart_count == 2);
  w.run(5 * kSecond);
  CHECK(w.status("web").state.waiting->message == "back-off 20s restarting failed container=a pod=" + pod_text);
  w.run(base::kHour);
  CHECK(w.status("web").state.waiting->message == "back-off 5m0s restarting failed container=a pod=" + pod_text);
  CHECK(w.containers.runs.size() <= 2);
}

TEST_CASE("restart policies decide the phase") {
  struct Case { const char* policy; int code; const char* phase; int restarts; };
  for (const Case& c : {Case{"Never", 0, "Succeeded", 0}, Case{"Never", 3, "Failed", 0}, Case{"OnFailure", 0, "Succeeded", 0}}) {
    CAPTURE(c.policy);
    CAPTURE(c.code);
    NodeWorld w;
    w.containers.behaviours["app:1"] = {kSecond, c.code, "", 0, 0, -1};
    w.start();
    w.api.put(bound_pod("job", {container("a", "app:1")}, c.policy));
    w.run(5 * kSecond);
    CHECK(w.phase("job") == c.phase);
    CHECK(w.status("job").restart_count == c.restarts);
    CHECK(w.status("job").state.terminated->exit_code == c.code);
    CHECK(w.condition("job", "Ready") == (c.code == 0 ? "False PodCompleted" : "False PodFailed"));
    const std::string before = w.log();
    w.restart();
    w.run(5 * kSecond);
    CHECK(w.phase("job") == c.phase);
    CHECK(w.log() == before);
    w.remove("job");
    w.run(kSecond);
    CHECK(w.phase("job") == "gone");
    CHECK(w.containers.sandboxes.empty());
  }
}

TEST_CASE("init containers run in order, sidecars before the rest and end last") {
  NodeWorld w;
  w.containers.present("init:1");
  w.containers.behaviours["init:1"] = {2 * kSecond, 0, "", 0, 0, -1};
  w.start();
  api::Pod p = bound_pod("web", {container("a", "app:1")});
  api::Container sidecar = container("side", "app:1");
  sidecar.restart_policy = Str("Always");
  p.spec.edit().init_containers = {container("first", "init:1"), sidecar, container("second", "init:1")};
  w.api.put(p);
  w.run(kSecond);
  CHECK(w.phase("web") == "Pending");
  CHECK(w.status("web").state.waiting->reason == "PodInitializing");
  CHECK(w.condition("web", "Initialized") == "False ContainersNotInitialized");
  CHECK(api::find_condition(*w.pod("web")->status, "Initialized")->message ==
        "containers with incomplete status: [first side second]");
  w.run(5 * kSecond);
  CHECK(w.phase("web") == "Running");
  CHECK(w.condition("web", "Initialized") == "True");
  w.remove("web");
  w.run(3 * kSecond);
  CHECK(w.phase("web") == "gone");
  CHECK(w.log() ==
        "sandbox web\nstart first#0\nexit first#0 0\nstart side#0\nstart second#0\nexit second#0 0\nstart a#0\n"
        "term a#0 30s\nexit a#0 143\nterm side#0 30s\nexit side#0 143\n");
}

TEST_CASE("a failed init container ends a pod that is never restarted") {
  NodeWorld w;
  w.containers.behaviours["app:1"] = {kSecond, 2, "", 0, 0, -1};
  w.start();
  api::Pod p = bound_pod("job", {container("a", "app:1")}, "Never");
  p.spec.edit().init_containers = {container("first", "app:1")};
  w.api.put(p);
  w.run(5 * kSecond);
  CHECK(w.phase("job") == "Failed");
  CHECK(w.log() == "sandbox job\nstart first#0\nexit first#0 2\n");
}

TEST_CASE("probes gate readiness and restart containers") {
  NodeWorld w;
  w.start();
  api::Container c = container("a", "app:1");
  api::Probe probe;
  probe.handler.tcp_socket = api::TCPSocketAction{api::IntOrString(80), {}};
  SUBCASE("readiness") {
    w.containers.behaviours["app:1"] = {-1, 0, "", 0, 5 * kSecond, 20 * kSecond};
    c.readiness_probe = probe;
    w.api.put(bound_pod("web", {c}));
    w.run(kSecond);
    CHECK(w.phase("web") == "Running");
    CHECK(w.condition("web", "Ready") == "False ContainersNotReady");
    w.run(5 * kSecond);
    CHECK(w.condition("web", "Ready") == "True");
    w.run(16 * kSecond);
    CHECK(w.condition("web", "Ready") == "False ContainersNotReady");
    CHECK(w.status("web").restart_count == 0);
  }
  SUBCASE("liveness") {
    w.containers.behaviours["app:1"] = {-1, 0, "", 0, 0, 10 * kSecond};
    c.liveness_probe = probe;
    w.api.put(bound_pod("web", {c}));
    w.run(12 * kSecond);
    CHECK(w.status("web").restart_count == 1);
    CHECK(w.has_event("web", "Killing: Container a failed liveness probe, will be restarted"));
    CHECK(w.status("web").last_state.terminated->exit_code == 143);
  }
  SUBCASE("startup goes first") {
    w.containers.behaviours["app:1"] = {-1, 0, "", 0, 8 * kSecond, -1};
    c.startup_probe = probe;
    c.liveness_probe = probe;
    w.api.put(bound_pod("web", {c}));
    w.run(5 * kSecond);
    CHECK(w.containers.probes_watched == 1);
    CHECK(*w.status("web").started == false);
    w.run(5 * kSecond);
    CHECK(w.containers.probes_watched == 2);
    CHECK(*w.status("web").started);
    CHECK(w.condition("web", "Ready") == "True");
    CHECK(w.status("web").restart_count == 0);
  }
}

TEST_CASE("images are pulled one at a time, failures back off") {
  NodeWorld w;
  w.start();
  w.containers.pull_failures["other:latest"] = 2;
  w.api.put(bound_pod("web", {container("a", "other")}));
  w.run(2 * kSecond);
  REQUIRE(w.status("web").state.waiting);
  CHECK(w.status("web").state.waiting->reason == "ErrImagePull");
  CHECK(w.has_event("web", "Failed: Failed to pull image \"other\": no such manifest"));
  w.run(22 * kSecond);
  CHECK(w.status("web").state.waiting->reason == "ImagePullBackOff");
  w.run(12 * kSecond);
  CHECK(w.phase("web") == "Running");
  int pulls = 0;
  for (const std::string& line : w.containers.log) pulls += line == "pull other:latest";
  CHECK(pulls == 3);
  CHECK(w.has_event("web", "Pulled: Successfully pulled image \"other\" in 1s (1s including waiting). Image size: 1000 bytes."));
}

TEST_CASE("hooks run around a container's life") {
  NodeWorld w;
  w.start();
  api::Container c = container("a", "app:1");
  const auto exec = [](const char* command) {
    api::LifecycleHandler h;
    h.exec = api::ExecAction{{Str(command)}};
    return h;
  };
  api::Lifecycle hooks;
  SUBCASE("both succeed") {
    hooks.post_start = exec("warm-up");
    api::LifecycleHandler nap;
    nap.sleep = api::SleepAction{5};
    hooks.pre_stop = nap;
    c.lifecycle = hooks;
    w.api.put(bound_pod("web", {c}));
    w.run(kSecond);
    CHECK(w.phase("web") == "Running");
    w.remove("web");
    w.run(4 * kSecond);
    CHECK(w.containers.running() == 1);
    w.run(3 * kSecond);
    CHECK(w.log() == "sandbox web\nstart a#0\nexec a#0 warm-up\nterm a#0 25s\nexit a#0 143\n");
  }
  SUBCASE("postStart fails") {
    hooks.post_start = exec("false");
    c.lifecycle = hooks;
    w.api.put(bound_pod("web", {c}));
    w.run(3 * kSecond);
    CHECK(w.has_event("web", "FailedPostStartHook: PostStartHook failed"));
    CHECK(w.status("web").restart_count >= 1);
  }
}

TEST_CASE("a pod waits until its volume is told to be in use and is attached, and gives it back") {
  constexpr const char* kName = "kubernetes.io/csi/block.example^disk-1";
  NodeWorld w;
  w.start();
  api::PersistentVolume v;
  v.metadata.name = "pv-1";
  api::CSIPersistentVolumeSource csi;
  csi.driver = "block.example";
  csi.volume_handle = "disk-1";
  v.spec.edit().source.edit().csi = csi;
  w.api.put(v);
  api::PersistentVolumeClaim c;
  c.metadata.namespace_ = "default";
  c.metadata.name = "data";
  c.spec.edit().volume_name = "pv-1";
  c.status.edit().phase = "Bound";
  w.api.put(c);
  api::Pod p = bound_pod("db", {container("app", "app:1")});
  api::VolumeSource source;
  source.persistent_volume_claim = api::PersistentVolumeClaimVolumeSource{"data", false};
  p.spec.edit().volumes = {{"disk", source}};
  w.api.put(p);
  const auto in_use = [&w] { return w.api.get<api::Node>("", "worker-1")->status->volumes_in_use.size(); };
  w.run(11 * kSecond);
  CHECK(in_use() == 1);
  CHECK(w.phase("db") == "Pending");
  w.run(120 * kSecond);
  CHECK(w.has_event("db", "FailedMount: Unable to attach or mount volumes: unmounted volumes=[disk], unattached volumes=[disk], "
                          "failed to process volumes=[]: context deadline exceeded"));
  w.api.edit<api::Node>("", "worker-1", [](api::Node& n) { n.status.edit().volumes_attached.push_back({kName, ""}); });
  w.run(5 * kSecond);
  CHECK(w.phase("db") == "Running");
  // A kubelet that starts anew takes nothing back from a pod that runs.
  w.restart();
  w.run(60 * kSecond);
  CHECK(in_use() == 1);
  CHECK(w.phase("db") == "Running");
  w.remove("db", 1);
  w.run(20 * kSecond);
  CHECK(in_use() == 0);
}

TEST_CASE("deadlines, refusals and missing volumes") {
  NodeWorld w;
  w.start();
  SUBCASE("deadline") {
    api::Pod p = bound_pod("web", {container("a", "app:1")});
    p.spec.edit().active_deadline_seconds = 10;
    w.api.put(p);
    w.run(9 * kSecond);
    CHECK(w.phase("web") == "Running");
    w.run(4 * kSecond);
    CHECK(w.phase("web") == "Failed");
    CHECK(w.pod("web")->status->reason == "DeadlineExceeded");
    CHECK(w.containers.running() == 0);
  }
  SUBCASE("too big") {
    api::Container c = container("a", "app:1");
    c.resources.requests.set("cpu", api::Quantity::must_parse("5"));
    w.api.put(bound_pod("web", {c}));
    w.run(kSecond);
    CHECK(w.phase("web") == "Failed");
    CHECK(w.pod("web")->status->reason == "OutOfcpu");
    CHECK(w.pod("web")->status->message ==
          "Pod was rejected: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000");
    CHECK(w.containers.log.empty());
  }
  SUBCASE("missing config map") {
    api::Pod p = bound_pod("web", {container("a", "app:1")});
    api::VolumeSource source;
    source.config_map = api::ConfigMapVolumeSource{{"settings"}, {}, {}, {}};
    p.spec.edit().volumes = {{"conf", source}};
    w.api.put(p);
    w.run(kSecond);
    CHECK(w.status("web").state.waiting->reason == "ContainerCreating");
    CHECK(w.has_event("web", "FailedMount: MountVolume.SetUp failed for volume \"conf\" : configmap \"settings\" not found"));
    api::ConfigMap map;
    map.metadata.name = "settings";
    map.metadata.namespace_ = "default";
    w.api.put(map);
    w.run(5 * kSecond);
    CHECK(w.phase("web") == "Running");
  }
}

TEST_CASE("others' words stay, the kubelet's own are repaired") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  w.api.edit<api::Pod>("default", "web", [](api::Pod& p) {
    auto& conditions = p.status.edit().conditions.edit();
    for (api::PodCondition& c : conditions) {
      if (c.type == "Ready") c.status = "False";
    }
    api::PodCondition mine;
    mine.type = "example.com/mine";
    mine.status = "True";
    conditions.push_back(mine);
  });
  w.run(11 * kSecond);
  CHECK(w.condition("web", "Ready") == "True");
  CHECK(w.condition("web", "example.com/mine") == "True");
}
