// Volumes go where their pods are, and leave nodes that may still use them only when that is said or waited for.
#include "control/controllers/attach_detach.h"

#include "control/client/volume_util.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using base::kMinute;
using controllers::Detach;

constexpr const char* kName = "kubernetes.io/csi/block.example^disk-1";

struct Volumes : Cluster {
  Volumes() {
    kubelets = false;
    for (const char* node : {"node-a", "node-b"}) {
      api::Node n;
      n.metadata.name = node;
      api::NodeCondition ready;
      ready.type = "Ready";
      ready.status = "True";
      n.status.edit().conditions.push_back(ready);
      api.put(n);
    }
    api::PersistentVolume v;
    v.metadata.name = "pv-1";
    v.spec.edit().access_modes.push_back("ReadWriteOnce");
    api::CSIPersistentVolumeSource csi;
    csi.driver = "block.example";
    csi.volume_handle = "disk-1";
    v.spec.edit().source.edit().csi = csi;
    api.put(v);
    api::PersistentVolumeClaim c;
    c.metadata.namespace_ = "default";
    c.metadata.name = "data";
    c.spec.edit().volume_name = "pv-1";
    c.status.edit().phase = "Bound";
    api.put(c);
    add<controllers::AttachDetachController>();
  }
  void pod(const char* name, const char* node) {
    api::Pod p;
    p.metadata.namespace_ = "default";
    p.metadata.name = name;
    p.spec.edit().node_name = node;
    api::VolumeSource source;
    source.persistent_volume_claim = api::PersistentVolumeClaimVolumeSource{"data", false};
    p.spec.edit().volumes = {{"data", source}};
    p.status.edit().phase = "Running";
    api.put(p);
  }
  void in_use(const char* node, bool is) {
    api.edit<api::Node>("", node, [is](api::Node& n) {
      if (is) n.status.edit().volumes_in_use.push_back(kName);
      else n.status.edit().volumes_in_use.clear();
    });
  }
  void ready(const char* node, bool is) {
    api.edit<api::Node>("", node, [is](api::Node& n) { n.status.edit().conditions.edit()[0].status = is ? "True" : "Unknown"; });
  }
  bool attached(const char* node) {
    const auto n = api.get<api::Node>("", node);
    return n && n->status->volumes_attached.size() == 1 && n->status->volumes_attached[0].name == kName;
  }
};

TEST_CASE("a volume follows its pod when the node has unmounted it") {
  Volumes w;
  w.pod("db-0", "node-a");
  w.start();
  CHECK_FALSE(w.attached("node-a"));
  w.run(2 * kSecond);
  CHECK(w.attached("node-a"));
  CHECK(w.events("SuccessfulAttachVolume") == std::vector<std::string>{"AttachVolume.Attach succeeded for volume \"pv-1\" "});
  w.in_use("node-a", true);
  w.pod("db-1", "node-b");
  w.run(kSecond);
  CHECK(w.events("FailedAttachVolume") ==
        std::vector<std::string>{"Multi-Attach error for volume \"pv-1\" Volume is already used by pod(s) db-0"});
  w.api.erase(KindId::kPod, "default", "db-0");
  w.run(kMinute);
  CHECK(w.attached("node-a"));
  CHECK(w.events("FailedAttachVolume").size() == 1);
  w.in_use("node-a", false);
  w.run(kSecond);
  CHECK_FALSE(w.attached("node-a"));
  CHECK_FALSE(w.attached("node-b"));
  w.run(4 * kSecond);
  CHECK(w.attached("node-b"));
}

TEST_CASE("a node that does not answer loses a mounted volume after six minutes, one that is out of service at once") {
  for (const char* how : {"silent", "deleted", "answers", "out of service"}) {
    CAPTURE(how);
    Volumes w;
    w.pod("db-0", "node-a");
    w.start();
    w.run(3 * kSecond);
    w.in_use("node-a", true);
    if (how != std::string("answers")) w.ready("node-a", false);
    if (how == std::string("deleted")) w.api.erase(KindId::kNode, "", "node-a");
    if (how == std::string("out of service"))
      w.api.edit<api::Node>("", "node-a", [](api::Node& n) {
        api::Taint t;
        t.key = "node.kubernetes.io/out-of-service";
        t.effect = "NoExecute";
        n.spec.edit().taints.push_back(t);
      });
    w.api.erase(KindId::kPod, "default", "db-0");
    w.pod("db-0", "node-b");
    w.run(10 * kSecond);
    const bool at_once = how == std::string("out of service");
    CHECK(w.attached("node-b") == at_once);
    w.run(6 * kMinute - 11 * kSecond);
    CHECK(w.attached("node-b") == at_once);
    w.run(6 * kSecond);
    CHECK(w.attached("node-b") == (how != std::string("answers")));
    CHECK(w.attached("node-a") == (how == std::string("answers")));
    if (at_once) continue;
    CHECK(w.events("FailedAttachVolume") ==
          std::vector<std::string>{"Multi-Attach error for volume \"pv-1\" Volume is already exclusively attached to one node and "
                                   "can't be attached to another"});
  }
}

TEST_CASE("a new leader knows what is attached from the nodes") {
  Volumes w;
  w.api.edit<api::Node>("", "node-a", [](api::Node& n) {
    n.status.edit().volumes_attached.push_back({kName, ""});
    n.status.edit().volumes_in_use.push_back(kName);
  });
  w.pod("db-0", "node-b");
  w.start();
  w.run(5 * kSecond);
  CHECK(w.attached("node-a"));
  CHECK_FALSE(w.attached("node-b"));
  CHECK(w.events("FailedAttachVolume").size() == 1);
}

TEST_CASE("when a volume is detached, case by case") {
  struct Case {
    bool mounted, healthy, out_of_service;
    base::Nanos waited;
    Detach want;
  };
  for (const Case& c : {Case{false, true, false, 0, Detach::kSafely}, Case{false, false, false, 0, Detach::kSafely},
                        Case{false, true, false, 7 * kMinute, Detach::kAtOnce}, Case{true, true, false, 7 * kMinute, Detach::kWait},
                        Case{true, false, false, 6 * kMinute, Detach::kWait}, Case{true, false, false, 7 * kMinute, Detach::kAtOnce},
                        Case{true, false, true, 0, Detach::kAtOnce}, Case{true, true, true, 0, Detach::kAtOnce}}) {
    controllers::AttachmentState s;
    s.detach_asked = base::Instant{kSecond};
    const Detach got = decide_detach(s, c.mounted, {c.healthy, c.out_of_service}, base::Instant{kSecond + c.waited}, 6 * kMinute);
    CAPTURE(c.mounted);
    CAPTURE(c.healthy);
    CAPTURE(c.waited);
    CHECK(got == c.want);
  }
}

TEST_CASE("which volumes are attached, and to how many nodes") {
  api::PersistentVolume v;
  CHECK(client::attachable_name(v).empty());
  CHECK(client::attaches_to_many(v));
  v.spec.edit().access_modes.push_back("ReadWriteOnce");
  CHECK_FALSE(client::attaches_to_many(v));
  v.spec.edit().access_modes.push_back("ReadOnlyMany");
  CHECK(client::attaches_to_many(v));
  v.spec.edit().source.edit().host_path = api::HostPathVolumeSource{};
  CHECK(client::attachable_name(v).empty());
}

}  // namespace
}  // namespace orrery::test
