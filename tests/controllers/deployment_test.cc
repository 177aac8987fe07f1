#include "control/controllers/deployment.h"

#include "control/client/owner.h"
#include "control/controllers/replica_set.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using Lines = std::vector<std::string>;

api::Deployment web(int replicas) {
  api::Deployment d;
  d.metadata.namespace_ = "default";
  d.metadata.name = "web";
  d.spec.edit().replicas = replicas;
  d.spec.edit().selector = web_selector();
  d.spec.edit().template_ = web_template();
  base::Ref<api::Object> o = api::clone(*api::make_object(d));
  api::apply_defaults(o->kind(), api::edit_value(*o));
  return o->as<api::Deployment>();
}

struct DeploymentWorld : Cluster {
  explicit DeploymentWorld(api::Deployment d) {
    add<controllers::DeploymentController>();
    add<controllers::ReplicaSetController>();
    api.put(std::move(d));
    every_tick = [this] { watch(); };
  }
  /// The extremes seen since the last reset.
  void watch() {
    int available = 0;
    const auto pods = api.all<api::Pod>();
    int active = 0;
    for (const auto& p : pods) {
      if (!client::is_pod_active(*p)) continue;
      ++active;
      available += client::is_pod_ready(*p);
    }
    least_available = std::min(least_available, available);
    most_pods = std::max(most_pods, active);
  }
  void reset() {
    least_available = 1000;
    most_pods = 0;
  }
  api::Handle<api::Deployment> d() { return api.get<api::Deployment>("default", "web"); }
  template <class F>
  void change(F f) {
    api.edit<api::Deployment>("default", "web", [&f](auto& x) {
      f(x.spec.edit());
      ++x.metadata.generation;
    });
  }
  void image(const char* name) {
    change([name](auto& s) { s.template_.spec.edit().containers.edit()[0].image = name; });
  }
  std::string reason(std::string_view type) {
    const auto* c = api::find_condition(*d()->status, type);
    return c ? base::cat(c->status, " ", c->reason) : "none";
  }
  Lines sizes() {
    Lines out;
    for (const auto& rs : api.all<api::ReplicaSet>()) {
      out.push_back(base::cat(rs->metadata.annotations.get("deployment.kubernetes.io/revision"), ":",
                              std::to_string(*rs->spec->replicas)));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  int least_available = 1000, most_pods = 0;
};

TEST_CASE("Deployment: first rollout") {
  DeploymentWorld w(web(10));
  w.start();
  w.run(10 * kSecond);
  const auto d = w.d();
  CHECK(w.sizes() == Lines{"1:10"});
  CHECK(d->metadata.annotations.get("deployment.kubernetes.io/revision") == "1");
  CHECK(w.reason("Progressing") == "True NewReplicaSetAvailable");
  CHECK(w.reason("Available") == "True MinimumReplicasAvailable");
  CHECK(d->status->available_replicas == 10);
  CHECK(d->status->updated_replicas == 10);
  CHECK(d->status->unavailable_replicas == 0);
  const auto rs = w.api.all<api::ReplicaSet>()[0];
  CHECK(rs->metadata.annotations.get("deployment.kubernetes.io/desired-replicas") == "10");
  CHECK(rs->metadata.annotations.get("deployment.kubernetes.io/max-replicas") == "13");
  CHECK(rs->metadata.labels.contains("pod-template-hash"));
  CHECK(rs->spec->selector->match_labels.get("pod-template-hash") == rs->metadata.labels.get("pod-template-hash"));
  CHECK(w.events("ScalingReplicaSet") == Lines{base::cat("Scaled up replica set ", rs->metadata.name, " from 0 to 10")});
  CHECK(api::find_condition(*d->status, "Progressing")->message ==
        base::cat("ReplicaSet \"", rs->metadata.name, "\" has successfully progressed."));
}

TEST_CASE("Deployment: a rolling update keeps within 25 % up and down; the planted bug does not") {
  for (const bool bug : {false, true}) {
    DeploymentWorld w(web(10));
    if (bug) w.process.faults.plant(env::Site::kRollingUpdateIgnoresUnavailable);
    w.start();
    w.run(10 * kSecond);
    w.reset();
    w.image("web:2");
    w.run(40 * kSecond);
    CHECK(w.sizes() == Lines{"1:0", "2:10"});
    CHECK(w.most_pods <= 13);
    CHECK((w.least_available >= 8) == !bug);
    CHECK(w.d()->metadata.annotations.get("deployment.kubernetes.io/revision") == "2");
    CHECK(w.reason("Progressing") == "True NewReplicaSetAvailable");
    if (bug) continue;
    // The first steps as a real control plane takes them.
    const Lines told = w.events("ScalingReplicaSet");
    const auto says = [&told](std::string_view end) {
      return std::any_of(told.begin(), told.end(), [end](const std::string& l) { return l.ends_with(end); });
    };
    CHECK(says("from 0 to 3"));
    CHECK(says("from 10 to 8"));
    CHECK(says("from 3 to 5"));
  }
}

TEST_CASE("Deployment: going back to an earlier template raises its revision and remembers the old one") {
  DeploymentWorld w(web(2));
  w.start();
  w.run(5 * kSecond);
  w.image("web:2");
  w.run(15 * kSecond);
  w.image("web:1");
  w.run(15 * kSecond);
  CHECK(w.sizes() == Lines{"2:0", "3:2"});
  for (const auto& rs : w.api.all<api::ReplicaSet>()) {
    const bool back = *rs->spec->replicas == 2;
    CHECK(rs->metadata.annotations.get("deployment.kubernetes.io/revision-history") == (back ? "1" : ""));
  }
}

TEST_CASE("Deployment: rollback by annotation") {
  DeploymentWorld w(web(2));
  w.start();
  w.run(5 * kSecond);
  w.image("web:2");
  w.run(15 * kSecond);
  w.api.edit<api::Deployment>("default", "web", [](auto& x) {
    x.metadata.annotations.set("deprecated.deployment.rollback.to", "1");
  });
  w.run(15 * kSecond);
  CHECK(w.d()->spec->template_.spec->containers[0].image == "web:1");
  CHECK_FALSE(w.d()->metadata.annotations.contains("deprecated.deployment.rollback.to"));
  CHECK(w.events("DeploymentRollback") == Lines{"Rolled back deployment \"web\" to revision 1"});
  w.api.edit<api::Deployment>("default", "web", [](auto& x) {
    x.metadata.annotations.set("deprecated.deployment.rollback.to", "77");
  });
  w.run(5 * kSecond);
  CHECK(w.events("DeploymentRollbackRevisionNotFound") == Lines{"Unable to find the revision to rollback to."});
}

TEST_CASE("Deployment: a broken image stalls within bounds and times out") {
  api::Deployment d = web(4);
  d.spec.edit().progress_deadline_seconds = 20;
  DeploymentWorld w(d);
  w.broken_images.insert("web:2");
  w.start();
  w.run(5 * kSecond);
  w.reset();
  w.image("web:2");
  w.run(15 * kSecond);
  CHECK(w.reason("Progressing") == "True ReplicaSetUpdated");
  w.run(15 * kSecond);
  CHECK(w.reason("Progressing") == "False ProgressDeadlineExceeded");
  CHECK(w.least_available == 3);
  CHECK(w.most_pods <= 5);
  w.image("web:1");
  w.run(20 * kSecond);
  CHECK(w.reason("Progressing") == "True NewReplicaSetAvailable");
}

TEST_CASE("Deployment: Recreate never runs two templates together") {
  api::Deployment d = web(3);
  d.spec.edit().strategy.type = "Recreate";
  d.spec.edit().strategy.rolling_update.reset();
  DeploymentWorld w(d);
  bool mixed = false;
  w.every_tick = [&] {
    std::set<std::string> images;
    for (const auto& p : w.api.all<api::Pod>()) images.insert(p->spec->containers[0].image.str());
    mixed |= images.size() > 1;
  };
  w.start();
  w.run(5 * kSecond);
  w.image("web:2");
  w.run(15 * kSecond);
  CHECK(w.sizes() == Lines{"1:0", "2:3"});
  CHECK(w.d()->status->available_replicas == 3);
  CHECK_FALSE(mixed);
}

TEST_CASE("Deployment: a paused one scales but does not roll") {
  DeploymentWorld w(web(2));
  w.start();
  w.run(5 * kSecond);
  w.change([](auto& s) { s.paused = true; });
  w.image("web:2");
  w.change([](auto& s) { s.replicas = 4; });
  w.run(10 * kSecond);
  CHECK(w.sizes() == Lines{"1:4"});
  CHECK(w.reason("Progressing") == "Unknown DeploymentPaused");
  w.change([](auto& s) { s.paused = false; });
  w.run(20 * kSecond);
  CHECK(w.sizes() == Lines{"1:0", "2:4"});
  CHECK(w.reason("Progressing") == "True NewReplicaSetAvailable");
}

TEST_CASE("Deployment: old sets beyond the limit are deleted, oldest first") {
  api::Deployment d = web(1);
  d.spec.edit().revision_history_limit = 1;
  DeploymentWorld w(d);
  w.start();
  for (const char* image : {"web:2", "web:3", "web:4"}) {
    w.run(8 * kSecond);
    w.image(image);
  }
  w.run(10 * kSecond);
  CHECK(w.sizes() == Lines{"3:0", "4:1"});
}

TEST_CASE("Deployment: a stranger with the hash's name makes the collision count go up") {
  DeploymentWorld w(web(1));
  api::ReplicaSet stranger;
  stranger.metadata.namespace_ = "default";
  stranger.metadata.name = base::cat("web-", client::template_hash(w.d()->spec->template_, std::nullopt));
  stranger.metadata.labels.set("app", "other");
  stranger.spec.edit().replicas = 0;
  w.api.put(stranger);
  w.start();
  w.run(10 * kSecond);
  CHECK(w.d()->status->collision_count == 1);
  CHECK(w.api.all<api::ReplicaSet>().size() == 2);
  CHECK(w.d()->status->available_replicas == 1);
}

TEST_CASE("Deployment: a set that cannot be created is told in the status") {
  DeploymentWorld w(web(1));
  w.api.intercept = [&](const api::ApiRequest& r) {
    if (r.verb != api::Verb::kCreate || r.kind != KindId::kReplicaSet) return Response();
    return FakeApiserver::failure(403, "Forbidden", "no sets today");
  };
  w.start();
  w.run(5 * kSecond);
  CHECK(w.reason("Progressing") == "False ReplicaSetCreateError");
  const Lines told = w.events("ReplicaSetCreateError");
  REQUIRE(told.size() == 1);
  CHECK(told[0].starts_with("Failed to create new replica set \"web-"));
  CHECK(told[0].ends_with("\": no sets today"));
}

// --- pure decisions, with cases of upstream's own tables

api::Deployment deployment(int replicas, api::IntOrString surge, api::IntOrString unavailable) {
  api::Deployment d = web(replicas);
  api::RollingUpdateDeployment& r = d.spec.edit().strategy.rolling_update.edit();
  r.max_surge = surge;
  r.max_unavailable = unavailable;
  return d;
}

controllers::ReplicaSetHandle set(const char* name, int replicas, int available = 0, int created = 0,
                                  int max_before = 0) {
  api::ReplicaSet rs;
  rs.metadata.name = name;
  rs.metadata.uid = name;
  rs.metadata.creation_timestamp = api::Time(created);
  rs.spec.edit().replicas = replicas;
  rs.status.edit().replicas = replicas;
  rs.status.edit().available_replicas = available;
  if (max_before) rs.metadata.annotations.set("deployment.kubernetes.io/max-replicas", std::to_string(max_before));
  return controllers::ReplicaSetHandle(api::make_object(rs));
}

TEST_CASE("fenceposts") {
  struct Row {
    api::IntOrString surge, unavailable;
    int desired, want_surge, want_unavailable;
  };
  for (const Row& r : {Row{"0%", "0%", 0, 0, 1}, Row{"39%", "39%", 10, 4, 3}, Row{"0%", "0%", 10, 0, 1},
                       Row{1, 0, 10, 1, 0}, Row{"25%", "25%", 1, 1, 0}, Row{"25%", "25%", 10, 3, 2}, Row{0, 0, 5, 0, 1}}) {
    const auto f = controllers::resolve_fenceposts(r.surge, r.unavailable, r.desired);
    CHECK(f.surge == r.want_surge);
    CHECK(f.unavailable == r.want_unavailable);
  }
}

TEST_CASE("replicas of the new set") {
  struct Row {
    bool rolling;
    int desired, current, others, surge, want;
  };
  for (const Row& r : {Row{true, 1, 1, 0, 0, 1}, Row{true, 2, 1, 0, 0, 2}, Row{true, 10, 0, 10, 0, 0},
                       Row{true, 10, 0, 10, 2, 2}, Row{true, 10, 0, 5, 2, 7}, Row{true, 10, 2, 10, 2, 2},
                       Row{false, 3, 1, 5, 0, 3}}) {
    api::Deployment d = deployment(r.desired, r.surge, 1);
    if (!r.rolling) d.spec.edit().strategy.type = "Recreate";
    CHECK(controllers::new_set_replicas(d, {set("old", r.others), set("new", r.current)}, r.current) == r.want);
  }
}

TEST_CASE("old replicas that may go") {
  struct Row {
    int replicas, unavailable, old_size, old_available, new_size, new_available, want_cleanup, want_down;
  };
  // Of upstream: healthy ones down to the minimum; unhealthy ones always, as far as the budget goes.
  for (const Row& r : {Row{10, 0, 10, 10, 0, 0, 0, 0}, Row{10, 2, 10, 10, 0, 0, 0, 2}, Row{10, 2, 10, 8, 0, 0, 2, 0},
                       Row{10, 2, 10, 9, 0, 0, 1, 1}, Row{10, 2, 8, 8, 5, 0, 0, 0}, Row{10, 2, 8, 8, 5, 1, 0, 1}}) {
    const api::Deployment d = deployment(r.replicas, 3, r.unavailable);
    if (r.unavailable == 0) continue;
    const auto old = set("old", r.old_size, r.old_available);
    const auto fresh = set("new", r.new_size, r.new_available);
    int cleaned = 0;
    int down = 0;
    const int limit = controllers::max_scaled_down(d, {old, fresh}, *fresh);
    auto left = old;
    if (limit > 0) {
      for (const auto& s : controllers::cleanup_unhealthy({old}, limit)) {
        cleaned += r.old_size - s.replicas;
        left = set("old", s.replicas, r.old_available);
      }
      for (const auto& s : controllers::scale_down_old(d, {left, fresh}, {left})) {
        down += *left->spec->replicas - s.replicas;
      }
    }
    CHECK(cleaned == r.want_cleanup);
    CHECK(down == r.want_down);
  }
}

TEST_CASE("proportional scaling") {
  struct Row {
    int from, to, surge;
    std::vector<int> sizes, want;   ///< oldest first
  };
  for (const Row& r : {Row{10, 12, 0, {5, 5}, {6, 6}}, Row{10, 5, 0, {5, 5}, {2, 3}}, Row{10, 20, 0, {5, 3, 2}, {10, 6, 4}},
                       Row{6, 2, 0, {1, 4, 1}, {0, 1, 1}}, Row{10, 0, 0, {3, 3, 4}, {0, 0, 0}},
                       Row{10, 30, 0, {8, 1, 1}, {24, 3, 3}}}) {
    api::Deployment d = deployment(r.to, r.surge, 1);
    d.status.edit().replicas = r.from;
    controllers::ReplicaSetList sets;
    for (std::size_t i = 0; i < r.sizes.size(); ++i) {
      sets.push_back(set(std::to_string(i).c_str(), r.sizes[i], 0, static_cast<int>(i), r.from + r.surge));
    }
    std::vector<int> got(r.sizes.size(), -1);
    for (const auto& step : controllers::proportional_scale(d, sets)) {
      got[static_cast<std::size_t>(step.set->metadata.name.view()[0] - '0')] = step.replicas;
    }
    CHECK(got == r.want);
  }
}

TEST_CASE("revision history keeps within its length") {
  api::Deployment d = web(1);
  api::ObjectMeta rs;
  rs.annotations.set("deployment.kubernetes.io/revision", "3");
  rs.annotations.set("deployment.kubernetes.io/revision-history", "1,2");
  CHECK(controllers::set_new_set_annotations(d, rs, 4, true, 5));
  CHECK(rs.annotations.get("deployment.kubernetes.io/revision-history") == "1,2,3");
  CHECK(controllers::set_new_set_annotations(d, rs, 5, true, 5));
  CHECK(rs.annotations.get("deployment.kubernetes.io/revision-history") == "2,3,4");
  CHECK_FALSE(controllers::set_new_set_annotations(d, rs, 5, true, 5));
  d.metadata.annotations.set("mine", "x");
  d.metadata.annotations.set("kubectl.kubernetes.io/last-applied-configuration", "y");
  CHECK(controllers::set_new_set_annotations(d, rs, 5, true, 5));
  CHECK(rs.annotations.get("mine") == "x");
  CHECK_FALSE(rs.annotations.contains("kubectl.kubernetes.io/last-applied-configuration"));
}

}  // namespace
}  // namespace orrery::test
