#include "control/controllers/stateful_set.h"

#include "control/client/owner.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using Lines = std::vector<std::string>;

api::StatefulSet db(int replicas) {
  api::StatefulSet s;
  s.metadata.namespace_ = "default";
  s.metadata.name = "db";
  api::StatefulSetSpec& spec = s.spec.edit();
  spec.replicas = replicas;
  spec.selector = web_selector();
  spec.template_ = web_template();
  spec.service_name = "db";
  base::Ref<api::Object> o = api::clone(*api::make_object(s));
  api::apply_defaults(o->kind(), api::edit_value(*o));
  return o->as<api::StatefulSet>();
}

struct StatefulSetWorld : Cluster {
  explicit StatefulSetWorld(api::StatefulSet s) {
    add<controllers::StatefulSetController>();
    api.put(std::move(s));
    every_tick = [this] { watch(); };
  }
  /// Notes the order in which pods appear and are deleted, and what R1 and R2 forbid.
  void watch() {
    std::set<std::string> now, ready;
    for (const auto& p : api.all<api::Pod>()) {
      const std::string name = p->metadata.name.str();
      (p->metadata.deleting() ? gone : seen).push_back(name);
      now.insert(name);
      if (client::is_pod_ready(*p) && !p->metadata.deleting()) ready.insert(name);
    }
    for (auto* list : {&seen, &gone}) {
      Lines unique;
      for (const std::string& n : *list) {
        if (std::find(unique.begin(), unique.end(), n) == unique.end()) unique.push_back(n);
      }
      *list = unique;
    }
    // The newest may be starting; all before it must be ready when it was made.
    unready_most = std::max(unready_most, static_cast<int>(now.size() - ready.size()));
  }
  api::Handle<api::StatefulSet> s() { return api.get<api::StatefulSet>("default", "db"); }
  template <class F>
  void change(F f) {
    api.edit<api::StatefulSet>("default", "db", [&f](auto& x) {
      f(x.spec.edit());
      ++x.metadata.generation;
    });
  }
  void image(const char* name) {
    change([name](auto& x) { x.template_.spec.edit().containers.edit()[0].image = name; });
  }
  Lines images() {
    Lines out;
    for (const auto& p : api.all<api::Pod>()) out.push_back(p->spec->containers[0].image.str());
    return out;
  }
  Lines seen, gone;
  int unready_most = 0;
};

TEST_CASE("StatefulSet: pods come in order, each after the one before is ready") {
  StatefulSetWorld w(db(3));
  w.start();
  w.run(15 * kSecond);
  CHECK(w.seen == Lines{"db-0", "db-1", "db-2"});
  CHECK(w.unready_most == 1);
  const auto status = w.s()->status;
  CHECK(status->replicas == 3);
  CHECK(status->ready_replicas == 3);
  CHECK(status->available_replicas == 3);
  CHECK(status->current_replicas == 3);
  CHECK(status->updated_replicas == 3);
  CHECK(status->collision_count == 0);
  CHECK(status->current_revision == status->update_revision);
  CHECK(w.events("SuccessfulCreate") == Lines{"create Pod db-0 in StatefulSet db successful",
                                              "create Pod db-1 in StatefulSet db successful",
                                              "create Pod db-2 in StatefulSet db successful"});
  const auto pod = w.api.get<api::Pod>("default", "db-1");
  CHECK(pod->metadata.labels.get("statefulset.kubernetes.io/pod-name") == "db-1");
  CHECK(pod->metadata.labels.get("apps.kubernetes.io/pod-index") == "1");
  CHECK(pod->metadata.labels.get("controller-revision-hash") == status->current_revision);
  CHECK(pod->spec->hostname == "db-1");
  CHECK(pod->spec->subdomain == "db");
}

TEST_CASE("StatefulSet: the planted bug skips the order") {
  StatefulSetWorld w(db(3));
  w.process.faults.plant(env::Site::kStatefulSetSkipsOrdinalCheck);
  w.start();
  w.run(15 * kSecond);
  CHECK(w.unready_most > 1);
}

TEST_CASE("StatefulSet: shrinks from the top, one at a time") {
  StatefulSetWorld w(db(4));
  w.start();
  w.run(20 * kSecond);
  w.gone.clear();
  w.change([](auto& x) { x.replicas = 1; });
  w.run(20 * kSecond);
  CHECK(w.gone == Lines{"db-3", "db-2", "db-1"});
  CHECK(w.pods() == Lines{"db-0"});
  CHECK(w.events("SuccessfulDelete").size() == 3);
}

TEST_CASE("StatefulSet: Parallel makes and removes all at once") {
  api::StatefulSet s = db(5);
  s.spec.edit().pod_management_policy = "Parallel";
  StatefulSetWorld w(s);
  w.start();
  w.run(500 * kMillisecond);
  CHECK(w.pods().size() == 5);
  w.run(5 * kSecond);
  w.change([](auto& x) { x.replicas = 1; });
  w.run(300 * kMillisecond);
  CHECK(w.pods() == Lines{"db-0", "db-1!", "db-2!", "db-3!", "db-4!"});
}

TEST_CASE("StatefulSet: updates from the top, one at a time, and takes the new revision when done") {
  StatefulSetWorld w(db(3));
  w.start();
  w.run(10 * kSecond);
  const Str first = w.s()->status->current_revision;
  w.gone.clear();
  w.unready_most = 0;
  w.image("web:2");
  w.run(20 * kSecond);
  CHECK(w.gone == Lines{"db-2", "db-1", "db-0"});
  CHECK(w.unready_most == 1);
  CHECK(w.images() == Lines{"web:2", "web:2", "web:2"});
  CHECK(w.s()->status->current_revision == w.s()->status->update_revision);
  CHECK_FALSE(w.s()->status->current_revision == first);
  CHECK(w.api.all<api::ControllerRevision>().size() == 2);
  w.image("web:1");
  w.run(20 * kSecond);
  CHECK(w.s()->status->current_revision == first);
  CHECK(w.api.get<api::ControllerRevision>("default", first.str())->revision == 3);
}

TEST_CASE("StatefulSet: a partition holds the pods below it back, also when they are replaced") {
  StatefulSetWorld w(db(3));
  w.start();
  w.run(10 * kSecond);
  w.change([](auto& x) { x.update_strategy.rolling_update.edit().partition = 2; });
  w.image("web:2");
  w.run(10 * kSecond);
  CHECK(w.images() == Lines{"web:1", "web:1", "web:2"});
  w.api.erase(KindId::kPod, "default", "db-0");
  w.run(5 * kSecond);
  CHECK(w.images() == Lines{"web:1", "web:1", "web:2"});
  const auto status = w.s()->status;
  CHECK(status->current_replicas == 2);
  CHECK(status->updated_replicas == 1);
  CHECK_FALSE(status->current_revision == status->update_revision);
}

TEST_CASE("StatefulSet: OnDelete leaves the pods alone") {
  api::StatefulSet s = db(2);
  s.spec.edit().update_strategy.type = "OnDelete";
  s.spec.edit().update_strategy.rolling_update.reset();
  StatefulSetWorld w(s);
  w.start();
  w.run(10 * kSecond);
  w.image("web:2");
  w.run(10 * kSecond);
  CHECK(w.images() == Lines{"web:1", "web:1"});
  w.api.erase(KindId::kPod, "default", "db-1");
  w.run(5 * kSecond);
  CHECK(w.images() == Lines{"web:1", "web:2"});
}

TEST_CASE("StatefulSet: a pod is replaced only when it is gone; the planted bug does not wait") {
  for (const bool bug : {false, true}) {
    StatefulSetWorld w(db(2));
    if (bug) w.process.faults.plant(env::Site::kCreatesReplacementWhileTerminating);
    w.start();
    w.run(10 * kSecond);
    w.kubelets = false;
    const Str uid = w.api.get<api::Pod>("default", "db-1")->metadata.uid;
    w.api.edit<api::Pod>("default", "db-1", [&w](auto& p) {
      p.metadata.deletion_timestamp = api::Time::from(w.process.time.wall());
    });
    w.run(60 * kSecond);
    CHECK((w.api.get<api::Pod>("default", "db-1")->metadata.uid == uid) == !bug);
  }
}

TEST_CASE("StatefulSet: a failed pod is deleted and made anew") {
  StatefulSetWorld w(db(1));
  w.start();
  w.run(5 * kSecond);
  const Str uid = w.api.get<api::Pod>("default", "db-0")->metadata.uid;
  w.api.edit<api::Pod>("default", "db-0", [](auto& p) { p.status.edit().phase = "Failed"; });
  w.run(5 * kSecond);
  CHECK_FALSE(w.api.get<api::Pod>("default", "db-0")->metadata.uid == uid);
  CHECK(w.events("SuccessfulDelete") == Lines{"delete Pod db-0 in StatefulSet db successful"});
}

TEST_CASE("StatefulSet: claims come before pods and outlive them unless the policy says otherwise") {
  for (const bool remove : {false, true}) {
    api::StatefulSet s = db(2);
    api::PersistentVolumeClaim claim;
    claim.metadata.name = "data";
    s.spec.edit().volume_claim_templates.push_back(claim);
    if (remove) {
      api::StatefulSetPersistentVolumeClaimRetentionPolicy p;
      p.when_deleted = "Delete";
      p.when_scaled = "Delete";
      s.spec.edit().persistent_volume_claim_retention_policy = p;
    }
    StatefulSetWorld w(s);
    w.start();
    w.run(10 * kSecond);
    CHECK(w.api.all<api::PersistentVolumeClaim>().size() == 2);
    const auto pod = w.api.get<api::Pod>("default", "db-1");
    REQUIRE(pod);
    CHECK(pod->spec->volumes[0].source->persistent_volume_claim->claim_name == "data-db-1");
    CHECK(w.events("SuccessfulCreate")[0] == "create Claim data-db-0 Pod db-0 in StatefulSet db success");
    const auto owners = [&w] {
      return w.api.get<api::PersistentVolumeClaim>("default", "data-db-1")->metadata.owner_references;
    };
    CHECK(owners().size() == (remove ? 1 : 0));
    if (remove) CHECK(owners()[0].kind == "StatefulSet");
    w.change([](auto& x) { x.replicas = 1; });
    w.run(200 * kMillisecond);
    CHECK(owners().size() == (remove ? 1 : 0));
    if (remove) CHECK(owners()[0].kind == "Pod");
  }
}

TEST_CASE("StatefulSet: names of revisions are those of a real control plane") {
  api::PodTemplateSpec t;
  t.metadata.labels.set("app", "db");
  const auto read = codec::from_json<api::PodTemplateSpec>(R"({"metadata":{"creationTimestamp":null,"labels":{"app":"db"}},
    "spec":{"containers":[{"name":"c","image":"app:v1","resources":{"requests":{"cpu":"100m","memory":"64Mi"}},
    "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],
    "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","nodeSelector":{"grp":"gen"},
    "securityContext":{},"schedulerName":"default-scheduler"}})");
  REQUIRE(read.ok());
  const std::string data = controllers::template_patch(*read);
  CHECK(data ==
        R"({"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"app":"db"}},"spec":{)"
        R"("containers":[{"image":"app:v1","imagePullPolicy":"IfNotPresent","name":"c","resources":{"requests":{"cpu":)"
        R"("100m","memory":"64Mi"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],)"
        R"("dnsPolicy":"ClusterFirst","nodeSelector":{"grp":"gen"},"restartPolicy":"Always","schedulerName":)"
        R"("default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}})");
  CHECK(controllers::revision_name("db", controllers::revision_hash(data, 0)) == "db-8548d477c9");
  api::ControllerRevision r;
  r.data.text = data;
  const auto back = controllers::template_of(r);
  REQUIRE(back.has_value());
  CHECK(api::deep_equal(*back, *read));
}

TEST_CASE("ordinals") {
  struct Row {
    const char *name, *parent;
    int ordinal;
  };
  for (const Row& r : {Row{"db-0", "db", 0}, Row{"my-db-17", "my-db", 17}, Row{"db", "", -1}, Row{"db-", "", -1},
                       Row{"db-x1", "", -1}, Row{"db-99999999999", "db", -1}, Row{"-5", "", 5}}) {
    const auto got = controllers::parent_and_ordinal(r.name);
    CHECK(got.parent == std::string_view(r.parent));
    CHECK(got.ordinal == r.ordinal);
  }
}

TEST_CASE("the set's claims and pods start at spec.ordinals.start") {
  api::StatefulSet s = db(2);
  api::StatefulSetOrdinals o;
  o.start = 5;
  s.spec.edit().ordinals = o;
  StatefulSetWorld w(s);
  w.start();
  w.run(10 * kSecond);
  CHECK(w.pods() == Lines{"db-5", "db-6"});
}

}  // namespace
}  // namespace orrery::test
