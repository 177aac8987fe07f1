// What a kubelet does after something was lost: a sandbox, its containers, a piece of the watch.
#include "tests/nodes/node_world.h"

using namespace orrery;
using namespace orrery::test;
using base::kSecond;

TEST_CASE("a dead sandbox is made anew") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  w.containers.kill_sandbox(w.containers.sandboxes.begin()->first);
  w.run(2 * kSecond);
  CHECK(w.phase("web") == "Running");
  CHECK(w.status("web").restart_count == 1);
  CHECK(w.status("web").last_state.terminated->exit_code == 137);
  CHECK(w.has_event("web", "SandboxChanged: Pod sandbox changed, it will be killed and re-created."));
}

TEST_CASE("a deletion that only the answer to a write of the status and a new list show is not taken for an echo") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  REQUIRE(w.phase("web") == "Running");
  w.process.network.watch_latency = 100 * kSecond;
  w.remove("web");
  // The status changes; its write meets a conflict, reads the pod again and succeeds.
  w.containers.kill_sandbox(w.containers.sandboxes.begin()->first);
  w.run(3 * kSecond);
  REQUIRE(w.pod("web"));
  REQUIRE(w.status("web").restart_count == 1);
  w.process.network.watch_latency = base::kMillisecond;
  w.api.oldest_watch = w.api.revision();
  w.api.break_watches();
  w.run(40 * kSecond);
  CHECK(w.phase("web") == "gone");
}

TEST_CASE("a node that lost everything starts its pods anew") {
  NodeWorld w;
  w.start();
  w.api.put(bound_pod("web", {container("a", "app:1")}));
  w.run(kSecond);
  w.kubelet.reset();
  w.containers.new_process();
  w.containers.runs.clear();
  w.containers.sandboxes.clear();
  w.containers.info.boot_id = "boot-2";
  w.api.break_watches();
  w.start();
  w.run(kSecond);
  CHECK(w.phase("web") == "Running");
  CHECK(w.status("web").restart_count == 1);
  CHECK(w.status("web").last_state.terminated->reason == "ContainerStatusUnknown");
  CHECK(w.has_event("worker-1", "Rebooted: Node worker-1 has been rebooted, boot id: boot-2"));
}
