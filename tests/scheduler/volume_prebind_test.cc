// What VolumeBinding does between Reserve and Bind, against upstream's own tables (volumebinding/binder_test.go: TestBindAPIUpdate,
// TestCheckBindings, TestCheckBindingsWithCSIMigration, TestBindPodVolumes), over a fake apiserver. Left out: nil lists, which do not
// exist here, bindings that another pod's claims are given to, and migration switched off, which 1.33 cannot be.
#include <doctest/doctest.h>

#include "model/api/csi_node.h"
#include "tests/client/fake_apiserver.h"
#include "tests/scheduler/volume_world.h"

namespace volume_prebind_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

/// What the apiserver holds.
class ApiLister final : public Lister {
 public:
  explicit ApiLister(test::FakeApiserver& api) : api_(api) {}
  api::ObjectRef get(api::KindId kind, std::string_view ns, std::string_view name) const override {
    const std::string n(name);
    if (kind == api::KindId::kPod) return api_.get<api::Pod>(std::string(ns), n).object();
    if (kind == api::KindId::kPersistentVolume) return api_.get<api::PersistentVolume>("", n).object();
    if (kind == api::KindId::kPersistentVolumeClaim) return api_.get<api::PersistentVolumeClaim>(std::string(ns), n).object();
    if (kind == api::KindId::kCSINode) return api_.get<api::CSINode>("", n).object();
    if (kind == api::KindId::kStorageClass) return api_.get<api::StorageClass>("", n).object();
    return {};
  }
  std::vector<api::ObjectRef> list(api::KindId kind, std::string_view) const override {
    std::vector<api::ObjectRef> out;
    if (kind != api::KindId::kPersistentVolume) return out;
    for (const auto& v : api_.all<api::PersistentVolume>("")) out.push_back(v.object());
    return out;
  }
  std::int64_t version(api::KindId) const override { return api_.revision(); }

 private:
  test::FakeApiserver& api_;
};

struct PreBindRow {
  const char* upstream;
  const char* pod;        // claims: unbound (1G), unbound2 (5G; of class "wait") and made (of class "makes") are there
  const char* volumes;    // "NAME NODE SIZE [CLAIM]" of class "wait", or "gce NAME", ";" between
  const char* before;     // what happens after Reserve, as Binding::happen() takes it
  double seconds;         // after which `after` happens
  const char* after;
  double until;           // seconds
  const char* expected;   // "ok", "fails", "waits"
};
#define NODE_1A "pv-node1a node1 5G"
#define NODE_1B "pv-node1b node1 10G"
#define MOVED(zone) "drivers kubernetes.io/gce-pd; zone " zone
const PreBindRow kPreBinds[] = {
    // TestCheckBindings
    {"nothing-to-bind", "empty", "", "", 0, "", 0, "ok"},
    {"binding-bound", "unbound", NODE_1A, "", .5, "bind unbound pv-node1a", 2, "ok"},
    {"binding-prebound", "unbound", NODE_1A, "", .5, "prebind unbound pv-node1a", 2, "waits"},
    {"binding-unbound", "unbound", NODE_1A, "", .5, "", 2, "waits"},
    {"binding-pvc-not-exists", "unbound", NODE_1A, "", .5, "lose unbound", 2, "fails"},
    {"binding-pv-not-exists", "unbound", NODE_1A, "", .5, "bind unbound pv-node1a; lose-volume pv-node1a", 2, "fails"},
    {"binding-claimref-nil", "unbound", NODE_1A, "", .5, "bind unbound pv-node1a; unref pv-node1a", 2, "fails"},
    {"binding-claimref-uid-empty", "unbound", NODE_1A, "", .5, "bind unbound pv-node1a; unref-uid pv-node1a", 2, "fails"},
    {"binding-one-bound,one-unbound", "unbound unbound2", NODE_1A "; " NODE_1B, "", .5, "bind unbound pv-node1a", 2, "waits"},
    {"provisioning-pvc-bound", "made", "", "", .5, "volume pv-bound node1 1Gi made; bind made pv-bound", 2, "ok"},
    {"provisioning-pvc-unbound", "made", "", "", .5, "", 2, "waits"},
    {"provisioning-pvc-not-exists", "made", "", "", .5, "lose made", 2, "fails"},
    {"provisioning-pvc-annotations-nil", "made", "", "", .5, "select made -", 2, "fails"},
    {"provisioning-pvc-selected-node-dropped", "made", "", "", .5, "select made -", 2, "fails"},
    {"provisioning-pvc-selected-node-wrong-node", "made", "", "", .5, "select made wrong-node", 2, "fails"},
    {"binding-bound-provisioning-unbound", "unbound made", NODE_1A, "", .5, "bind unbound pv-node1a", 2, "waits"},
    {"tolerate-provisioning-pvc-bound-pv-not-found", "made", NODE_1A, "", .5, "bind made pv-bound; lose-volume pv-node1a", 2, "waits"},
    // TestCheckBindingsWithCSIMigration
    {"provisioning-pvc-bound, migrated", "made", "", MOVED("us-east-1"), .5, "gce pv-bound made; bind made pv-bound", 2, "ok"},
    {"binding-node-pv-same-zone", "unbound", "gce pv", MOVED("us-east-1"), 0, "", 2, "waits"},
    {"binding-without-csinode", "unbound", "gce pv", "zone us-east-1", 0, "", 2, "waits"},
    {"binding-non-migrated-plugin", "unbound", "gce pv", "drivers -; zone us-east-1", 0, "", 2, "waits"},
    {"binding-node-pv-in-different-zones", "unbound", "gce pv", MOVED("us-east-2"), 0, "", 2, "fails"},
    // Of our own.
    {"a provisioned volume in another zone", "made", "", MOVED("us-east-2"), .5, "gce pv-bound made; bind made pv-bound", 2, "fails"},
    // TestBindPodVolumes
    {"nothing-to-bind-empty", "empty", "", "", 0, "", 0, "ok"},
    {"already-bound", "unbound", NODE_1A " unbound", "bind unbound pv-node1a", 0, "", 2, "ok"},
    {"binding-static-pv-succeeds-after-time", "unbound", NODE_1A, "", 5, "bind unbound pv-node1a", 7, "ok"},
    {"binding-dynamic-pv-succeeds-after-time", "made", "", "", 5, "volume dynamic-pv node1 1G made; bind made dynamic-pv", 7, "ok"},
    {"bound-by-pv-controller-before-bind", "unbound", NODE_1A, "ref pv-node1a unbound; bind unbound pv-node1a", 0, "", 2, "fails"},
    {"pod-deleted-after-time", "unbound", NODE_1A, "", 5, "lose-pod", 7, "fails"},
    {"binding-times-out", "unbound", NODE_1A, "", 0, "", 11, "fails"},
    {"binding-fails", "unbound2", NODE_1B, "", 0, "", 11, "fails"},
    {"check-fails", "unbound", NODE_1A, "", 5, "lose unbound", 7, "fails"},
    {"node-affinity-fails", "unbound", NODE_1A " unbound", "bind unbound pv-node1a; unlabel", 0, "", 2, "fails"},
    {"node-affinity-fails-dynamic-provisioning", "made", "pv-node2 node2 1G", "", 5, "bind made pv-node2", 7, "fails"},
};

struct WriteRow {
  const char* upstream;
  const char* pod;
  const char* volumes;
  const char* before;     // another's change, for which the write fails
  bool fails;
  const char* written;    // "VOLUME>CLAIM" and "CLAIM@NODE", blanks between, by name
};
/// TestBindAPIUpdate.
const WriteRow kWrites[] = {
    {"nothing-to-bind-empty", "empty", "", "", false, ""},
    {"one-binding", "unbound", NODE_1A, "", false, "pv-node1a>unbound"},
    {"two-bindings", "unbound unbound2", NODE_1A "; " NODE_1B, "", false, "pv-node1a>unbound pv-node1b>unbound2"},
    {"api-already-updated", "unbound", NODE_1A " unbound", "", false, "pv-node1a>unbound"},
    {"api-update-failed", "unbound unbound2", NODE_1A "; " NODE_1B, "touch pv-node1b", true, "pv-node1a>unbound"},
    {"one-provisioned-pvc", "made", "", "", false, "made@node1"},
    {"provision-api-update-failed", "made made2", "", "touch-claim made2", true, "made@node1"},
    {"binding-succeed, provision-api-update-failed", "unbound made made2", NODE_1A, "touch-claim made2", true,
     "pv-node1a>unbound made@node1"},
};

class Binding {
 public:
  Binding(const char* pod, std::string_view volumes) {
    ProfileConfig config;
    config.volume_binding.bind_timeout = 10 * base::kSecond;
    framework_ = default_profile({snapshot_, lister_, nominator_, running_, &client_, &process_.env()}, config);
    plugin_ = framework_->find("VolumeBinding");
    add_class_of("wait", "kubernetes.io/no-provisioner");
    add_class_of("makes", "test-provisioner");
    for (const auto& [name, rest] : {std::pair{"unbound", "wait, resources: {requests: {storage: 1G}}"},
                                     {"unbound2", "wait, resources: {requests: {storage: 5G}}"},
                                     {"made", "makes, resources: {requests: {storage: 1Gi}}"},
                                     {"made2", "makes, resources: {requests: {storage: 1Gi}}"}}) {
      api_.put(claim_of_yaml(base::cat("{metadata: {name: ", name, ", uid: ", name, "}, spec: {accessModes: [ReadWriteOnce], storageClassName: ",
                                       rest, "}}")));
    }
    for (const std::string& v : parts(volumes, ';')) happen(v.starts_with("gce ") ? v : base::cat("volume ", v));
    label("{nodeKey: node1}");
    api_.put(pod_with(pod, "test-pod"));
    pod_ = base::make_ref<PodInfo>(api_.get<api::Pod>("default", "test-pod").object());
    NodeNames names;
    if (dynamic_cast<const PreFilterPlugin*>(plugin_)->pre_filter(state_, *pod_, names).skipped()) return;
    REQUIRE(dynamic_cast<const ReservePlugin*>(plugin_)->reserve(state_, *pod_, *snapshot_.find("node1")).ok());
  }
  /// Of claims and volumes: "bind C V", "prebind C V", "lose C", "lose-volume V", "ref V C", "unref V", "unref-uid V", "select C NODE",
  /// "volume V NODE SIZE [C]", "gce V [C]" (of zone us-east-1), "touch V", "touch-claim C"; "lose-pod"; of the node: "unlabel",
  /// "zone Z", "drivers PLUGINS" (that have moved to a driver). ";" between.
  void happen(std::string_view events) {
    for (const std::string& event : parts(events, ';')) {
      const std::vector<std::string> w = parts(event, ' ');
      const auto claim = [&](const auto& change) { api_.edit<api::PersistentVolumeClaim>("default", w[1], change); };
      const auto volume = [&](const auto& change) { api_.edit<api::PersistentVolume>("", w[1], change); };
      const auto ref = [&](std::size_t claim) {
        return w.size() <= claim ? "" : base::cat(", claimRef: {namespace: default, name: ", w[claim], ", uid: ", w[claim], "}");
      };
      if (w[0] == "bind" || w[0] == "prebind") {
        claim([&](api::PersistentVolumeClaim& c) {
          c.spec.edit().volume_name = w[2];
          if (w[0] == "bind") c.metadata.annotations.set("pv.kubernetes.io/bind-completed", "yes");
        });
      } else if (w[0] == "lose") {
        api_.erase(api::KindId::kPersistentVolumeClaim, "default", w[1]);
      } else if (w[0] == "lose-volume") {
        api_.erase(api::KindId::kPersistentVolume, "", w[1]);
      } else if (w[0] == "lose-pod") {
        api_.erase(api::KindId::kPod, "default", "test-pod");
      } else if (w[0] == "ref") {
        volume([&](api::PersistentVolume& v) {
          v.spec.edit().claim_ref = from_yaml<api::ObjectReference>(base::cat("{namespace: default, name: ", w[2], ", uid: ", w[2], "}"));
        });
      } else if (w[0] == "unref") {
        volume([](api::PersistentVolume& v) { v.spec.edit().claim_ref.reset(); });
      } else if (w[0] == "unref-uid") {
        volume([](api::PersistentVolume& v) { v.spec.edit().claim_ref.edit().uid = ""; });
      } else if (w[0] == "touch") {
        volume([](api::PersistentVolume& v) { v.metadata.annotations.set("touched", "yes"); });
      } else if (w[0] == "touch-claim") {
        claim([](api::PersistentVolumeClaim& c) { c.metadata.annotations.set("touched", "yes"); });
      } else if (w[0] == "select") {
        claim([&](api::PersistentVolumeClaim& c) { c.metadata.annotations.set("volume.kubernetes.io/selected-node", w[2] == "-" ? "" : w[2]); });
      } else if (w[0] == "unlabel") {
        label("{}");
      } else if (w[0] == "zone") {
        label(base::cat("{nodeKey: node1, topology.gke.io/zone: ", w[1], "}"));
      } else if (w[0] == "drivers") {
        api_.put(from_yaml<api::CSINode>(base::cat("{metadata: {name: node1, annotations: {", api::kMigratedPlugins, ": '", w[1], "'}}}")));
      } else if (w[0] == "gce") {
        api_.put(from_yaml<api::PersistentVolume>(base::cat(
            "{metadata: {name: ", w[1], ", labels: {failure-domain.beta.kubernetes.io/zone: us-east-1}}, spec: {storageClassName: wait, ",
            "accessModes: [ReadWriteOnce], capacity: {storage: 1G}, gcePersistentDisk: {pdName: disk}", ref(2), "}, status: {phase: Available}}")));
      } else if (w[0] == "volume") {
        api_.put(from_yaml<api::PersistentVolume>(base::cat(
            "{metadata: {name: ", w[1], "}, spec: {storageClassName: wait, accessModes: [ReadWriteOnce], capacity: {storage: ", w[3],
            "}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: nodeKey, operator: In, values: [", w[2], "]}]}]}}", ref(4),
            "}, status: {phase: Available}}")));
      }
    }
  }
  void start() { tasks_.spawn(pre_bind()); }
  void run(double seconds) { process_.time.run_for(static_cast<base::Nanos>(seconds * 1e9)); }
  std::string outcome() const { return !result_ ? "waits" : result_->ok() ? "ok" : "fails"; }
  /// What PreBind has written: claims of volumes, nodes of claims.
  std::string written() const {
    std::string out;
    for (const auto& v : api_.all<api::PersistentVolume>("")) {
      if (v->spec->claim_ref) out += base::cat(out.empty() ? "" : " ", v->metadata.name, ">", v->spec->claim_ref->name);
    }
    for (const auto& c : api_.all<api::PersistentVolumeClaim>()) {
      const Str node = c->metadata.annotations.get("volume.kubernetes.io/selected-node");
      if (!node.empty()) out += base::cat(out.empty() ? "" : " ", c->metadata.name, "@", node);
    }
    return out;
  }

 private:
  env::Task<> pre_bind() {
    result_ = co_await dynamic_cast<const PreBindPlugin*>(plugin_)->pre_bind(&state_, pod_, "node1");
  }
  void add_class_of(const char* name, const char* provisioner) {
    api_.put(from_yaml<api::StorageClass>(
        base::cat("{metadata: {name: ", name, "}, provisioner: ", provisioner, ", volumeBindingMode: WaitForFirstConsumer}")));
  }
  void label(std::string_view labels) {
    snapshot_.set_node(NodeHandle(api::make_object(from_yaml<api::Node>(base::cat("{metadata: {name: node1, labels: ", labels, "}}")))));
  }

  test::FakeProcess process_;
  test::FakeApiserver api_{process_};
  client::Client client_{process_.env(), api_.config()};
  ApiLister lister_{api_};
  Snapshot snapshot_;
  Nominator nominator_;
  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
  const Plugin* plugin_ = nullptr;
  PodInfoRef pod_;
  CycleState state_;
  std::optional<Status> result_;
  env::TaskScope tasks_{process_.env().trampoline};
};

}  // namespace

TEST_CASE("VolumeBinding: TestCheckBindings, TestBindPodVolumes") {
  for (const PreBindRow& row : kPreBinds) {
    CAPTURE(std::string(row.upstream));
    Binding b(row.pod, row.volumes);
    b.happen(row.before);
    b.start();
    b.run(row.seconds);
    b.happen(row.after);
    b.run(row.until - row.seconds);
    CHECK(b.outcome() == row.expected);
  }
}

TEST_CASE("VolumeBinding: TestBindAPIUpdate") {
  for (const WriteRow& row : kWrites) {
    CAPTURE(std::string(row.upstream));
    Binding b(row.pod, row.volumes);
    b.happen(row.before);
    b.start();
    b.run(.5);
    CHECK((b.outcome() == "fails") == row.fails);
    CHECK(b.written() == row.written);
  }
}

#undef NODE_1A
#undef NODE_1B
#undef MOVED

}  // namespace volume_prebind_test
