// A random cluster that changes all the time, in which each decision is made twice: by classes of pods and by the plain cycle.
#pragma once
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "control/scheduler/cycle.h"
#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/nominator.h"
#include "model/api/namespace.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/service.h"
#include "model/api/storage_class.h"
#include "model/codec/json_read.h"

namespace orrery::scheduler::testing {

/// What the classes do not hear of, on purpose.
enum class Mistake { kNone, kNodeUnseen, kSelectorsUnseen };

class TestLister final : public Lister {
 public:
  api::ObjectRef get(api::KindId kind, std::string_view ns, std::string_view name) const override {
    return inner.get(kind, ns, name);
  }
  std::vector<api::ObjectRef> list(api::KindId kind, std::string_view ns) const override { return inner.list(kind, ns); }
  std::int64_t version(api::KindId kind) const override { return frozen ? 0 : inner.version(kind); }
  FixedLister inner;
  bool frozen = false;
};

/// Everything that a decision says, and what it leaves behind.
inline std::string text_of(const CycleResult& r, const CycleMemory& memory) {
  std::ostringstream out;
  out << (r.node ? r.node->name().view() : "none") << " next " << memory.next_start << " draws " << memory.ties.draws() << "+"
      << memory.preemption.draws() << " evaluated " << r.evaluated << " feasible " << r.feasible << " dry " << r.dry_runs << " "
      << to_string(r.status.code()) << " " << r.message;
  if (r.node) return out.str();
  out << " by " << r.diagnosis.unschedulable << "/" << r.diagnosis.pending;
  for (const Diagnosis::Rejection& n : r.diagnosis.nodes) {
    out << "\n" << n.node->name().view() << " " << n.status.plugin() << " " << to_string(n.status.code()) << " " << n.status.message();
  }
  if (r.post_filter.nominated_node) out << "\nnominated " << r.post_filter.nominated_node->view();
  for (const PodInfoRef& v : r.post_filter.victims) out << " evicts " << v->meta().name.view();
  return out.str();
}

class RandomWorld {
 public:
  RandomWorld(std::uint64_t seed, std::size_t nodes, Mistake mistake)
      : random_(base::stream_key(seed, "incremental", "")), calm_(seed % 2 == 0), mistake_(mistake) {
    lister_.frozen = mistake == Mistake::kSelectorsUnseen;
    framework_ = default_profile({snapshot_, lister_, nominator_, running_, nullptr, nullptr});
    classes_ = std::make_unique<PodClasses>(*framework_, snapshot_);
    for (const char* ns : {"one", "two"}) set_namespace(ns);
    for (int i = 0; i < 4; ++i) {
      set_service(i);
      set_owner(i);
    }
    set_storage();
    while (snapshot_.size() < nodes) add_node();
    for (int i = 0; i < 14; ++i) templates_.push_back(random_template());
  }

  /// How many of the decisions came out differently.
  int run(int decisions) {
    int wrong = 0;
    for (int i = 0; i < decisions; ++i) {
      for (std::size_t n = below(4); n > 0; --n) change();
      wrong += decide() ? 0 : 1;
    }
    return wrong;
  }
  int placed = 0, refused = 0, preempting = 0, by_class = 0, gated = 0, with_volumes = 0;
  std::string first_difference;

 private:
  /// Of half the apps the pods belong to ReplicationControllers, of the others to ReplicaSets.
  static bool controlled(std::string_view app) { return app == "app2" || app == "app3"; }
  static const char* kind_of_owner(std::string_view app) {
    return controlled(app) ? R"("apiVersion":"v1","kind":"ReplicationController")" : R"("apiVersion":"apps/v1","kind":"ReplicaSet")";
  }

  std::size_t below(std::size_t n) { return random_.below(n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class... T>
  const char* any(T... choices) {
    const char* all[] = {choices...};
    return all[below(sizeof...(choices))];
  }

  api::ObjectRef parse(api::KindId kind, const std::string& json) {
    auto object = codec::read_object_as(api::kind_of(kind), json);
    REQUIRE_MESSAGE(object.ok(), json);
    return api::ObjectRef(std::move(*object));
  }

  void set_namespace(const char* name) {
    lister_.inner.set(parse(api::KindId::kNamespace, base::cat(R"({"metadata":{"name":")", name, R"(","labels":{"team":")",
                                                               any("x", "y"), R"("}}})")));
  }
  static std::string app_of(int i) { return base::cat("app", std::to_string(i)); }
  /// What selects the pods of an app: its name, or sometimes what other apps have, too.
  std::string some_selector(const std::string& app, std::size_t odds) {
    return one_in(odds) ? R"({"tier":"back"})" : base::cat(R"({"app":")", app, R"("})");
  }
  /// A service over one app.
  void set_service(int i) {
    const std::string app = app_of(i);
    lister_.inner.set(parse(api::KindId::kService, base::cat(R"({"metadata":{"namespace":"one","name":")", app, R"("},"spec":{"selector":)",
                                                             some_selector(app, 3), "}}")));
  }
  /// What owns the pods of one app.
  void set_owner(int i) {
    const std::string app = app_of(i);
    const std::string owner = base::cat(R"({"metadata":{"namespace":"two","name":")", app, R"("},"spec":{"selector":)");
    const std::string selector = some_selector(app, 2);
    if (controlled(app)) {
      lister_.inner.set(parse(api::KindId::kReplicationController, base::cat(owner, selector, "}}")));
    } else {
      lister_.inner.set(parse(api::KindId::kReplicaSet, base::cat(owner, R"({"matchLabels":)", selector, "}}}")));
    }
  }

  /// Two classes, and a few volumes; what is bound to them changes with set_claim().
  void set_storage() {
    lister_.inner.set(parse(api::KindId::kStorageClass, R"({"metadata":{"name":"wait"},"provisioner":"ebs","volumeBindingMode":"WaitForFirstConsumer"})"));
    lister_.inner.set(parse(api::KindId::kStorageClass, R"({"metadata":{"name":"now"},"provisioner":"ebs","volumeBindingMode":"Immediate"})"));
    for (int i = 0; i < 8; ++i) set_claim(i);
    for (const char* ns : {"one", "two"}) set_budget(ns);
  }
  /// The claim "cI" of namespace "one" and its volume "vI": bound, or waiting for its pod, or for its provisioner; of one zone,
  /// or of none.
  void set_claim(int i) {
    const std::string n = std::to_string(i);
    const bool bound = !one_in(3);
    lister_.inner.set(parse(api::KindId::kPersistentVolumeClaim, base::cat(R"({"metadata":{"namespace":"one","name":"c)", n, R"(")",
        bound ? R"(,"annotations":{"pv.kubernetes.io/bind-completed":"yes"})" : "", R"(},"spec":{"storageClassName":")",
        one_in(6) ? "now" : "wait", R"(","accessModes":[")", any("ReadWriteOnce", "ReadWriteOnce", "ReadWriteOncePod"),
        R"("],"volumeName":")", bound ? "v" + n : std::string(), R"("}})")));
    const std::string zone = any("a", "b", "c");
    lister_.inner.set(parse(api::KindId::kPersistentVolume, base::cat(R"({"metadata":{"name":"v)", n, R"(")",
        one_in(2) ? base::cat(R"(,"labels":{"topology.kubernetes.io/zone":")", zone, R"("})") : "",
        R"(},"spec":{"storageClassName":"wait","capacity":{"storage":"1Gi"},"csi":{"driver":"ebs","volumeHandle":"h)", n, R"("})",
        one_in(3) ? base::cat(R"(,"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"topology.kubernetes.io/zone",)",
                              R"("operator":"In","values":[")", zone, R"("]}]}]}})") : "", "}}")));
  }
  void set_budget(const char* ns) {
    lister_.inner.set(parse(api::KindId::kPodDisruptionBudget, base::cat(R"({"metadata":{"namespace":")", ns,
        R"(","name":"b"},"spec":{"selector":{"matchLabels":{"app":")", any("app0", "app1", "app2"),
        R"("}}},"status":{"disruptionsAllowed":)", any("0", "1"), "}}")));
  }

  std::string node_json(const std::string& name) {
    std::string taints;
    if (one_in(6)) taints = base::cat(R"({"key":"dedicated","value":")", any("a", "b"), R"(","effect":")", any("NoSchedule", "PreferNoSchedule"), R"("})");
    std::string images;
    for (const char* image : {"web:1", "db:1"}) {
      if (one_in(2)) images += base::cat(images.empty() ? "" : ",", R"({"names":[")", image, R"("],"sizeBytes":)", any("90000000", "400000000"), "}");
    }
    return base::cat(R"({"metadata":{"name":")", name, R"(","labels":{"kubernetes.io/hostname":")", name, R"(")",
                     one_in(9) ? "" : base::cat(R"(,"topology.kubernetes.io/zone":")", any("a", "b", "c"), R"(")"),
                     one_in(3) ? R"(,"disk":"ssd")" : "", one_in(4) ? R"(,"rack":"7")" : "", R"(}},"spec":{"unschedulable":)",
                     one_in(12) ? "true" : "false", R"(,"taints":[)", taints, R"(]},"status":{"allocatable":{"cpu":")", any("2", "4", "8"),
                     R"(","memory":")", any("4Gi", "8Gi"), R"(","pods":")", any("8", "20"), R"("},"images":[)", images, "]}}");
  }
  void set_node(const std::string& name) {
    if (one_in(4)) {
      lister_.inner.set(parse(api::KindId::kCSINode, base::cat(R"({"metadata":{"name":")", name, R"("},"spec":{"drivers":[{"name":"ebs","nodeID":")", name,
                                                               R"(","allocatable":{"count":)", std::to_string(1 + below(3)), "}}]}}")));
    }
    snapshot_.set_node(NodeHandle(parse(api::KindId::kNode, node_json(name))));
  }
  void add_node() {
    names_.push_back(base::cat("n", std::to_string(next_node_++)));
    set_node(names_.back());
  }

  std::string term(bool weighted) {
    const std::string inner = base::cat(R"({"labelSelector":{"matchLabels":{"app":")", any("app0", "app1", "app2"), R"("}},"topologyKey":")",
                                        any("topology.kubernetes.io/zone", "kubernetes.io/hostname", "rack"), R"(")",
                                        one_in(3) ? R"(,"namespaceSelector":{"matchLabels":{"team":"x"}})" : "", "}");
    return weighted ? base::cat(R"({"weight":)", any("1", "50"), R"(,"podAffinityTerm":)", inner, "}") : inner;
  }
  std::string pod_affinity(const char* kind) {
    const bool weighted = one_in(2);
    return base::cat(R"(,")", kind, R"(":{")", weighted ? "preferred" : "required", R"(DuringSchedulingIgnoredDuringExecution":[)",
                     term(weighted), "]}");
  }
  std::string spread() {
    return base::cat(R"({"maxSkew":)", any("1", "2"), R"(,"topologyKey":")", any("topology.kubernetes.io/zone", "kubernetes.io/hostname", "rack"),
                     R"(","whenUnsatisfiable":")", any("DoNotSchedule", "ScheduleAnyway"), R"(","labelSelector":{"matchLabels":{"app":")",
                     any("app0", "app1"), R"("}})", one_in(3) ? R"(,"nodeTaintsPolicy":"Honor")" : "",
                     one_in(4) ? R"(,"nodeAffinityPolicy":"Ignore")" : "", "}");
  }
  /// The pod without its name, in two parts around it.
  struct Template {
    std::string meta, spec;
    bool gated = false, volumes = false;
  };
  Template random_template() {
    const std::string app = any("app0", "app1", "app2", "app3");
    Template t;
    t.meta = base::cat(R"("namespace":")", any("one", "two"), R"(","labels":{"app":")", app, R"(","tier":")", any("front", "back"), R"("})",
                       one_in(2) ? base::cat(R"(,"ownerReferences":[{)", kind_of_owner(app), R"(,"controller":true,"name":")", app, R"("}])") : "");
    std::string affinity;
    if (one_in(4)) {
      affinity += base::cat(R"(,"nodeAffinity":{")", R"(preferredDuringSchedulingIgnoredDuringExecution":[{"weight":5,"preference":{"matchExpressions":)",
                            R"([{"key":"disk","operator":"Exists"}]}}]})");
    }
    if (one_in(4)) affinity += pod_affinity("podAffinity");
    if (one_in(3)) affinity += pod_affinity("podAntiAffinity");
    const std::string cpu = one_in(5) ? "" : base::cat(R"("cpu":")", any("100m", "500m", "1"), R"(")");
    t.spec = base::cat(R"("priority":)", any("0", "0", "10", "100"), R"(,"containers":[{"name":"c","image":")", any("web:1", "db:1", "web"),
                       R"(","resources":{"requests":{)", cpu, "}");
    t.spec += base::cat("}", one_in(6) ? R"(,"ports":[{"containerPort":80,"hostPort":8080}])" : "", "}]",
                        one_in(5) ? R"(,"nodeSelector":{"disk":"ssd"})" : "",
                        one_in(3) ? R"(,"tolerations":[{"key":"dedicated","operator":"Exists"}])" : "");
    if (!affinity.empty()) t.spec += base::cat(R"(,"affinity":{)", affinity.substr(1), "}");
    if (one_in(3)) t.spec += base::cat(R"(,"topologySpreadConstraints":[)", spread(), one_in(3) ? "," + spread() : "", "]");
    t.gated = one_in(12);
    t.volumes = t.meta.starts_with(R"("namespace":"one")") && one_in(3);
    if (t.volumes) {
      const auto claim = [&] { return base::cat(R"({"name":"v","persistentVolumeClaim":{"claimName":"c)", std::to_string(below(8)), R"("}})"); };
      const std::string disk = one_in(4) ? R"(,{"name":"d","awsElasticBlockStore":{"volumeID":"disk"}})" : "";
      t.spec += base::cat(R"(,"volumes":[)", claim(), disk, "]");
    }
    return t;
  }
  PodInfoRef pod(const Template& t, const std::string& name, const std::string& node, const char* more = "") {
    return base::make_ref<PodInfo>(parse(api::KindId::kPod, base::cat(R"({"metadata":{"name":")", name, R"(","uid":")", name, R"(",)", t.meta, more,
                                                                      R"(},"spec":{"nodeName":")", node, R"(",)", t.spec, "}}")));
  }

  struct Placed {
    PodInfoRef pod;
    Str node;
    std::size_t made_by;
  };
  void remove(std::size_t i) {
    snapshot_.remove_pod(pods_[i].pod->pod(), pods_[i].node);
    pods_[i] = std::move(pods_.back());
    pods_.pop_back();
  }
  void change() {
    std::size_t what = below(40);
    if (calm_ && what < 10 && !one_in(30)) what = 10 + below(30);
    const std::string node = names_[below(names_.size())];
    if (what == 0) add_node();
    else if (what == 1 && names_.size() > 5) remove_node(below(names_.size()));
    else if (what < 6) set_node(node);
    else if (what == 6) set_namespace(any("one", "two"));
    else if (what < 8) set_service(static_cast<int>(below(4)));
    else if (what < 9) set_owner(static_cast<int>(below(4)));
    else if (what == 9) one_in(4) ? set_budget(any("one", "two")) : set_claim(static_cast<int>(below(8)));
    else if (what == 10 && one_in(4)) templates_[below(templates_.size())] = random_template();
    else if (what < 13) nominate(node);
    else if (what < 17) taint(node);
    else if (!pods_.empty()) change_pod(what, below(pods_.size()));
    if (mistake_ == Mistake::kNodeUnseen && snapshot_.find(node) && one_in(8)) {
      const_cast<NodeInfo*>(snapshot_.find(node))->add_pod(pod(templates_[0], base::cat("hidden", std::to_string(next_pod_++)), node));
    }
  }
  /// Nothing but the taints changes.
  void taint(const std::string& name) {
    api::Node node = snapshot_.find(name)->node();
    api::Taint t;
    t.key = "dedicated";
    t.effect = any("NoSchedule", "PreferNoSchedule");
    node.spec.edit().taints.clear();
    if (one_in(2)) node.spec.edit().taints.push_back(t);
    snapshot_.set_node(NodeHandle(api::make_object(std::move(node))));
  }
  void remove_node(std::size_t i) {
    snapshot_.remove_node(names_[i]);
    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  void nominate(const std::string& node) {
    if (one_in(2)) nominator_.add(pod(templates_[below(templates_.size())], any("early", "late"), ""), node);
    else nominator_.remove(any("early", "late"));
  }
  void change_pod(std::size_t what, std::size_t i) {
    if (what < 31) return remove(i);
    Placed& p = pods_[i];
    static constexpr const char* kDeleting = R"(,"deletionTimestamp":"2025-01-01T00:00:00Z")";
    PodInfoRef next;
    if (what < 34) {
      next = pod(templates_[p.made_by], p.pod->meta().name.str(), p.node.str(), kDeleting);
    } else if (what < 37) {
      p.made_by = below(templates_.size());
      next = pod(templates_[p.made_by], p.pod->meta().name.str(), p.node.str());
    } else {
      api::Pod copy = p.pod->pod();
      copy.status.edit().phase = "Running";
      next = base::make_ref<PodInfo>(api::make_object(std::move(copy)));
    }
    snapshot_.update_pod(*p.pod, next, p.node);
    p.pod = next;
  }

  /// The pod as it first comes, with a gate: 1 when it stays outside. Then its gate is removed, and it is decided about.
  int held_by_gate(std::size_t made_by, const std::string& name) {
    Template t = templates_[made_by];
    t.spec += R"(,"schedulingGates":[{"name":"later"}])";
    return framework_->run_pre_enqueue(*pod(t, name, "")).ok() ? 0 : 1;
  }
  bool decide() {
    const std::size_t made_by = below(templates_.size());
    const std::string name = base::cat("p", std::to_string(next_pod_++));
    const PodInfoRef incoming = pod(templates_[made_by], name, "");
    gated += templates_[made_by].gated ? held_by_gate(made_by, name) : 0;
    with_volumes += templates_[made_by].volumes ? 1 : 0;
    CycleMemory plain_memory = memory_;
    CycleState plain_state;
    CycleState state;
    const CycleResult plain = schedule_pod(*framework_, snapshot_, nominator_, *incoming, plain_memory, plain_state);
    const CycleResult got = schedule_pod(*framework_, snapshot_, nominator_, *incoming, memory_, state, nullptr, classes_.get());
    by_class += classes_->of(incoming) ? 1 : 0;
    const std::string expected = text_of(plain, plain_memory);
    const std::string actual = text_of(got, memory_);
    const bool same = expected == actual;
    if (!same && first_difference.empty()) first_difference = base::cat(name, ": expected ", expected, "\ngot ", actual);
    memory_ = plain_memory;
    carry_out(plain, incoming, made_by);
    return same;
  }
  void carry_out(const CycleResult& r, const PodInfoRef& incoming, std::size_t made_by) {
    if (r.node) {
      ++placed;
      const Str node = r.node->name();
      pods_.push_back({incoming, node, made_by});
      snapshot_.add_pod(incoming, node);
      return;
    }
    ++refused;
    if (r.post_filter.victims.empty()) return;
    ++preempting;
    for (const PodInfoRef& v : r.post_filter.victims) {
      for (std::size_t i = 0; i < pods_.size(); ++i) {
        if (!(pods_[i].pod->meta().uid == v->meta().uid)) continue;
        remove(i);
        break;
      }
    }
    if (one_in(2)) nominator_.add(incoming, *r.post_filter.nominated_node);
    else nominator_.remove("early");
    if (one_in(3)) nominator_.remove(incoming->meta().uid);
  }

  base::RandomStream random_;
  bool calm_;   // nodes and selectors change rarely, so that what is known about them is followed for long
  Mistake mistake_;
  Snapshot snapshot_;
  TestLister lister_;
  Nominator nominator_;
  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
  std::unique_ptr<PodClasses> classes_;
  CycleMemory memory_;
  std::vector<std::string> names_;
  std::vector<Template> templates_;
  std::vector<Placed> pods_;
  int next_node_ = 0, next_pod_ = 0;
};

}  // namespace orrery::scheduler::testing
