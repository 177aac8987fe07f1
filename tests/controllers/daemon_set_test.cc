#include "control/controllers/daemon_set.h"

#include "control/client/owner.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using Lines = std::vector<std::string>;

api::Node node(const char* name) {
  api::Node n;
  n.metadata.name = name;
  n.metadata.labels.set("kubernetes.io/hostname", Str(name));
  return n;
}

api::Taint taint(const char* key, const char* effect) {
  api::Taint t;
  t.key = key;
  t.effect = effect;
  return t;
}

api::DaemonSet agent() {
  api::DaemonSet ds;
  ds.metadata.namespace_ = "default";
  ds.metadata.name = "agent";
  ds.metadata.annotations.set("deprecated.daemonset.template.generation", "1");
  ds.spec.edit().selector = web_selector();
  ds.spec.edit().template_ = web_template();
  base::Ref<api::Object> o = api::clone(*api::make_object(ds));
  api::apply_defaults(o->kind(), api::edit_value(*o));
  return o->as<api::DaemonSet>();
}

struct World : Cluster {
  explicit World(api::DaemonSet ds, int nodes = 4) {
    add<controllers::DaemonSetController>();
    for (int i = 0; i < nodes; ++i) api.put(node(base::cat("n", std::to_string(i)).c_str()));
    api.put(std::move(ds));
    every_tick = [this] { watch(); };
  }
  void watch() {
    std::map<std::string, int> active;
    int ready = 0;
    for (const auto& p : api.all<api::Pod>()) {
      if (!client::is_pod_active(*p)) continue;
      most_per_node = std::max(most_per_node, ++active[controllers::target_node(*p).str()]);
      ready += client::is_pod_ready(*p);
    }
    least_ready = std::min(least_ready, ready);
  }
  api::Handle<api::DaemonSet> ds() { return api.get<api::DaemonSet>("default", "agent"); }
  void image(const char* name) {
    api.edit<api::DaemonSet>("default", "agent", [name](auto& x) {
      x.spec.edit().template_.spec.edit().containers.edit()[0].image = name;
      x.metadata.annotations.set("deprecated.daemonset.template.generation", std::to_string(++x.metadata.generation));
    });
  }
  Lines nodes() {
    Lines out;
    for (const auto& p : api.all<api::Pod>()) {
      if (!p->metadata.deleting()) out.push_back(controllers::target_node(*p).str());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  bool all_run(const char* image) {
    for (const auto& p : api.all<api::Pod>()) {
      if (!(p->spec->containers[0].image == image)) return false;
    }
    return true;
  }
  int most_per_node = 0, least_ready = 1000;
};

TEST_CASE("DaemonSet: one pod per node, placed by affinity, tolerating what nodes suffer") {
  World w(agent());
  w.start();
  w.run(5 * kSecond);
  CHECK(w.nodes() == Lines{"n0", "n1", "n2", "n3"});
  CHECK(w.most_per_node == 1);
  const auto pod = w.api.all<api::Pod>()[0];
  CHECK(pod->spec->tolerations.size() == 6);
  CHECK(pod->metadata.labels.get("pod-template-generation") == "1");
  const auto revision = w.api.all<api::ControllerRevision>()[0];
  CHECK(revision->metadata.labels.get("controller-revision-hash") ==
        pod->metadata.labels.get("controller-revision-hash"));
  CHECK(revision->metadata.name == base::cat("agent-", pod->metadata.labels.get("controller-revision-hash")));
  const auto s = w.ds()->status;
  CHECK(s->desired_number_scheduled == 4);
  CHECK(s->current_number_scheduled == 4);
  CHECK(s->number_ready == 4);
  CHECK(s->number_available == 4);
  CHECK(s->updated_number_scheduled == 4);
  CHECK(s->number_unavailable == 0);
  CHECK(s->number_misscheduled == 0);
  CHECK(s->observed_generation == 1);
  CHECK(w.events("SuccessfulCreate").size() == 4);
}

TEST_CASE("DaemonSet: the planted bug makes second pods") {
  World w(agent());
  w.process.faults.plant(env::Site::kDaemonSetDuplicates);
  w.start();
  w.run(5 * kSecond);
  CHECK(w.most_per_node > 1);
}

TEST_CASE("DaemonSet: follows nodes, labels and taints") {
  api::DaemonSet ds = agent();
  ds.spec.edit().template_.spec.edit().node_selector.set("disk", "ssd");
  World w(ds);
  w.start();
  w.run(3 * kSecond);
  CHECK(w.nodes().empty());
  w.api.edit<api::Node>("", "n2", [](auto& n) { n.metadata.labels.set("disk", "ssd"); });
  w.run(3 * kSecond);
  CHECK(w.nodes() == Lines{"n2"});
  api::Node more = node("n9");
  more.metadata.labels.set("disk", "ssd");
  w.api.put(more);
  w.run(3 * kSecond);
  CHECK(w.nodes() == Lines{"n2", "n9"});
  // NoSchedule keeps what runs; a NoExecute that is not tolerated does not.
  w.api.edit<api::Node>("", "n2", [](auto& n) { n.spec.edit().taints.push_back(taint("x", "NoSchedule")); });
  w.run(3 * kSecond);
  CHECK(w.nodes() == Lines{"n2", "n9"});
  // Upstream's syncNodeUpdate sees nothing to do; the counts follow with the set's next change.
  CHECK(w.ds()->status->number_misscheduled == 0);
  CHECK(w.ds()->status->desired_number_scheduled == 2);
  w.api.edit<api::DaemonSet>("default", "agent", [](auto& x) { x.metadata.annotations.set("seen", "1"); });
  w.run(3 * kSecond);
  CHECK(w.ds()->status->number_misscheduled == 1);
  CHECK(w.ds()->status->desired_number_scheduled == 1);
  // While something is misscheduled, a node's change is looked at.
  w.api.edit<api::Node>("", "n2", [](auto& n) { n.spec.edit().taints.clear(); });
  w.run(3 * kSecond);
  CHECK(w.ds()->status->number_misscheduled == 0);
  CHECK(w.ds()->status->desired_number_scheduled == 2);
  w.api.edit<api::Node>("", "n2", [](auto& n) { n.spec.edit().taints.push_back(taint("x", "NoExecute")); });
  w.run(3 * kSecond);
  CHECK(w.nodes() == Lines{"n9"});
  w.api.edit<api::Node>("", "n9", [](auto& n) { n.metadata.labels.erase("disk"); });
  w.run(3 * kSecond);
  CHECK(w.nodes().empty());
}

TEST_CASE("DaemonSet: an update replaces one node after the other") {
  World w(agent());
  w.start();
  w.run(5 * kSecond);
  w.least_ready = 1000;
  w.image("web:2");
  w.run(30 * kSecond);
  CHECK(w.all_run("web:2"));
  CHECK(w.nodes().size() == 4);
  CHECK(w.least_ready == 3);
  CHECK(w.most_per_node == 1);
  CHECK(w.api.all<api::ControllerRevision>().size() == 2);
  CHECK(w.ds()->status->updated_number_scheduled == 4);
}

TEST_CASE("DaemonSet: with surge the old pod stays until the new one is available") {
  api::DaemonSet ds = agent();
  api::RollingUpdateDaemonSet& r = ds.spec.edit().update_strategy.rolling_update.edit();
  r.max_surge = api::IntOrString(1);
  r.max_unavailable = api::IntOrString(0);
  World w(ds);
  w.start();
  w.run(5 * kSecond);
  w.least_ready = 1000;
  w.image("web:2");
  w.run(30 * kSecond);
  CHECK(w.all_run("web:2"));
  CHECK(w.nodes().size() == 4);
  CHECK(w.least_ready == 4);
  CHECK(w.most_per_node == 2);
}

TEST_CASE("DaemonSet: OnDelete waits for the user") {
  api::DaemonSet ds = agent();
  ds.spec.edit().update_strategy.type = "OnDelete";
  ds.spec.edit().update_strategy.rolling_update.reset();
  World w(ds, 1);
  w.start();
  w.run(5 * kSecond);
  w.image("web:2");
  w.run(5 * kSecond);
  CHECK(w.all_run("web:1"));
  w.api.erase(KindId::kPod, "default", w.pods()[0]);
  w.run(5 * kSecond);
  CHECK(w.all_run("web:2"));
}

TEST_CASE("DaemonSet: failed pods are replaced with growing delays, succeeded ones at once") {
  World w(agent(), 1);
  w.start();
  w.run(5 * kSecond);
  std::vector<base::Instant> failures;
  std::string last;
  w.every_tick = [&] {
    for (const auto& p : w.api.all<api::Pod>()) {
      if (p->metadata.deleting() || p->status->phase == "Failed" || p->spec->node_name.empty()) continue;
      if (p->metadata.name == last) continue;
      last = p->metadata.name.str();
      failures.push_back(w.process.time.now());
      w.api.edit<api::Pod>("default", last, [](auto& x) { x.status.edit().phase = "Failed"; });
    }
  };
  w.run(60 * kSecond);
  REQUIRE(failures.size() >= 4);
  CHECK(failures.size() <= 8);
  CHECK(failures.back() - failures[failures.size() - 2] > failures[2] - failures[1]);
  const Lines told = w.events("FailedDaemonPod");
  REQUIRE(!told.empty());
  CHECK(told[0].starts_with("Found failed daemon pod default/agent-"));
  CHECK(told[0].ends_with(" on node n0, will try to kill it"));
}

TEST_CASE("DaemonSet: a deleted node's unscheduled pod goes, too") {
  World w(agent(), 2);
  w.kubelets = false;
  w.start();
  w.run(2 * kSecond);
  CHECK(w.nodes() == Lines{"n0", "n1"});
  w.api.erase(KindId::kNode, "", "n1");
  w.api.edit<api::DaemonSet>("default", "agent", [](auto& x) { x.metadata.annotations.set("a", "b"); });
  w.run(2 * kSecond);
  CHECK(w.nodes() == Lines{"n0"});
}

// --- pure decisions

TEST_CASE("eligibility") {
  struct Row {
    const char* what;
    std::function<void(api::PodSpec&)> spec;
    std::function<void(api::Node&)> node;
    bool run, stay;
  };
  const auto term = [](const char* key, const char* op, const char* value) {
    return [=](api::PodSpec& s) {
      api::NodeSelectorRequirement r;
      r.key = key;
      r.operator_ = op;
      if (*value) r.values.push_back(Str(value));
      api::NodeSelectorTerm t;
      t.match_expressions.push_back(r);
      api::NodeSelector selector;
      selector.node_selector_terms.push_back(t);
      s.affinity.edit().node_affinity.edit().required_during_scheduling_ignored_during_execution = selector;
    };
  };
  const auto tainted = [](const char* key, const char* effect) {
    return [=](api::Node& n) { n.spec.edit().taints.push_back(taint(key, effect)); };
  };
  const auto none = [](auto&) {};
  for (const Row& r : {
           Row{"plain", none, none, true, true},
           Row{"node name", [](api::PodSpec& s) { s.node_name = "other"; }, none, false, false},
           Row{"selector", [](api::PodSpec& s) { s.node_selector.set("a", "b"); }, none, false, false},
           Row{"term matches", term("kubernetes.io/hostname", "In", "n"), none, true, true},
           Row{"term does not", term("kubernetes.io/hostname", "NotIn", "n"), none, false, false},
           Row{"term on absence", term("gpu", "DoesNotExist", ""), none, true, true},
           Row{"unschedulable", none, tainted("node.kubernetes.io/unschedulable", "NoSchedule"), true, true},
           Row{"not ready", none, tainted("node.kubernetes.io/not-ready", "NoExecute"), true, true},
           Row{"unreachable, no schedule", none, tainted("node.kubernetes.io/unreachable", "NoSchedule"), false, true},
           Row{"prefer", none, tainted("x", "PreferNoSchedule"), true, true},
           Row{"no schedule", none, tainted("x", "NoSchedule"), false, true},
           Row{"no execute", none, tainted("x", "NoExecute"), false, false},
           Row{"no network", none, tainted("node.kubernetes.io/network-unavailable", "NoSchedule"), false, true},
           Row{"no network, host's", [](api::PodSpec& s) { s.host_network = true; },
               tainted("node.kubernetes.io/network-unavailable", "NoSchedule"), true, true},
       }) {
    CAPTURE(r.what);
    api::DaemonSet ds = agent();
    r.spec(ds.spec.edit().template_.spec.edit());
    api::Node n = node("n");
    r.node(n);
    const auto verdict = controllers::DaemonEligibility(ds).of(n);
    CHECK(verdict.should_run == r.run);
    CHECK(verdict.may_continue == r.stay);
  }
}

client::PodHandle pod(const char* name, const char* hash, bool ready, int created = 0) {
  api::Pod p;
  p.metadata.name = name;
  p.metadata.creation_timestamp = api::Time(created);
  p.metadata.labels.set("controller-revision-hash", Str(hash));
  p.spec.edit().node_name = "n";
  p.status.edit().phase = "Running";
  if (ready) {
    api::PodCondition c;
    c.type = "Ready";
    c.status = "True";
    p.status.edit().conditions.push_back(c);
  }
  return client::PodHandle(api::make_object(p));
}

TEST_CASE("a step of the rolling update") {
  struct Row {
    int max_unavailable;
    std::string nodes;  ///< per node: N new and ready, n new, O old and ready, o old, - none
    std::string removed;
  };
  // Unavailable old pods always go; available ones as far as the budget reaches.
  for (const Row& r : {Row{1, "OOOO", "0"}, Row{2, "OOOO", "01"}, Row{1, "nOOO", ""}, Row{1, "NOOO", "1"},
                       Row{1, "oOOO", "0"}, Row{1, "ooOO", "01"}, Row{1, "-OOO", ""}, Row{2, "-OOO", "1"},
                       Row{2, "NnOO", "2"}, Row{1, "NNNN", ""}, Row{2, "oOOO", "01"}}) {
    api::DaemonSet ds = agent();
    ds.spec.edit().update_strategy.rolling_update.edit().max_unavailable = api::IntOrString(r.max_unavailable);
    ds.metadata.annotations.clear();
    controllers::PodsByNode by_node;
    base::SortedSet<Str> runs;
    std::vector<Str> order;
    for (std::size_t i = 0; i < r.nodes.size(); ++i) {
      const Str name = std::to_string(i);
      order.push_back(name);
      const char c = r.nodes[i];
      runs.insert(name);
      by_node[name];
      if (c != '-') by_node[name].push_back(pod(name.c_str(), c == 'N' || c == 'n' ? "new" : "old", c == 'N' || c == 'O'));
    }
    std::string removed;
    for (const Str& n : controllers::plan_rolling_update(ds, by_node, order, runs, "new", base::Instant{base::kHour}).remove) {
      removed += n.view();
    }
    CAPTURE(r.nodes);
    CHECK(removed == r.removed);
  }
}

TEST_CASE("of several pods on a node the oldest stays") {
  base::UniqueFunction<bool(const client::PodHandle&)> never = [](const client::PodHandle&) { return false; };
  const auto plan = controllers::plan_node(agent(), {true, true}, {pod("b", "h", true, 5), pod("a", "h", true, 9)}, "h",
                                           base::Instant{base::kHour}, never);
  REQUIRE(plan.remove.size() == 1);
  CHECK(plan.remove[0]->metadata.name == "a");
  CHECK_FALSE(plan.create);
}

}  // namespace
}  // namespace orrery::test
