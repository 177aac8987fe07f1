// The comparison with recorded histories: reader, masks, distiller, matcher, tolerances, and that a history
// which says something else is caught. The small histories are recorded from the simulation itself.
#include <doctest/doctest.h>

#include <functional>

#include "model/base/str.h"
#include "scenarios/conform/compare.h"
#include "scenarios/conform/conform.h"
#include "scenarios/conform/driver.h"
#include "scenarios/conform/envelope.h"
#include "scenarios/conform/fields.h"
#include "scenarios/conform/match.h"
#include "scenarios/conform/replay.h"
#include "scenarios/conform/tolerances.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;

constexpr const char* kHeader =
    R"({"header":{"scenario":"own","wall_start_unix":1795367909.25,"duration_s":100,"namespaces":["shop"],"nodes":["n-0","n-1"]}})";

std::string node_line(const std::string& name) {
  return cat(
      R"({"t":0,"res":"nodes","type":"INITIAL","object":{"apiVersion":"v1","kind":"Node","metadata":{"name":")",
      name, R"(","labels":{"kubernetes.io/hostname":")", name,
      R"("}},"spec":{},"status":{"allocatable":{"cpu":"4",)",
      R"("memory":"16Gi","pods":"110"},"capacity":{"cpu":"4","memory":"16Gi","pods":"110"}}}})", "\n");
}

std::string action(const std::string& t, const std::string& what, const std::string& more = "") {
  return cat(R"({"t":)", t, R"(,"res":"ACTION","type":"ACTION","object":{"action":")", what, "\"", more,
             "}}\n");
}

/// A deployment and a service, a failing job, a quota of disruptions, a lost node, a drain.
std::string actions() {
  const std::string tmpl =
      R"({"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"app:v1","resources":{"requests":{"cpu":"100m"}}}]}})";
  const std::string job =
      R"({"metadata":{"annotations":{"fake/exit-code":"3"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"app:v1"}]}})";
  return cat(
      action("0", "POST /api/v1/namespaces", R"(,"body":{"metadata":{"name":"shop"}})"),
      action(
          "1.5", "POST /apis/apps/v1/namespaces/shop/deployments",
          cat(R"(,"body":{"metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":)",
              tmpl, "}}")),
      action(
          "1.6", "POST /api/v1/namespaces/shop/services",
          R"(,"body":{"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}})"),
      action("1.7", "POST /apis/batch/v1/namespaces/shop/jobs",
             cat(R"(,"body":{"metadata":{"name":"bad"},"spec":{"backoffLimit":1,"template":)", job, "}}")),
      action("8", "PATCH /apis/apps/v1/namespaces/shop/deployments/web",
             R"(,"body":{"spec":{"replicas":3}},"ct":"application/merge-patch+json")"),
      action("12", "FAKE KUBELET STOPPED (no lease renewal): n-1"),
      action("85", "FAKE KUBELET STARTED AGAIN: n-1"),
      action("94", "kubectl drain n-0 --ignore-daemonsets", R"(,"took":0.5)"));
}

const char* type_name(HistoryRecord::Type type) {
  static constexpr const char* kNames[] = {"INITIAL", "ADDED", "MODIFIED", "DELETED", "ACTION"};
  return kNames[static_cast<int>(type)];
}

/// The script and what a simulation of it shows.
std::string recorded() {
  static const std::string kText = [] {
    const History script =
        parse_history("script", cat(kHeader, "\n", node_line("n-0"), node_line("n-1"), actions()));
    std::string text = cat(kHeader, "\n", actions());
    for (const Observation& o : replay(script, plan_of(script), 7).seen) {
      JsonValue line = JsonValue::object();
      line.set("t", static_cast<double>(o.t) / 1e9);
      line.set("res", o.resource);
      line.set("type", type_name(o.type));
      line.set("object", o.object);
      text += cat(line.dump(), "\n");
    }
    return text;
  }();
  return kText;
}

/// What `orrery conform` says of it, with other seeds than the one it was recorded with and fewer than it may draw.
Verdict judged(const std::string& text) {
  constexpr int kDraws = 4;
  return conform(parse_history("own", text), 101, kDraws);
}

/// Replaces `from` by `to` in every line that holds all of `marks`; the number of lines changed.
int edit(std::string& text, const std::vector<std::string>& marks, const std::string& from,
         const std::string& to) {
  std::string out;
  int changed = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == text.npos) end = text.size();
    std::string line = text.substr(at, end - at);
    bool all = line.find("\"ACTION\"") == line.npos;
    for (const std::string& m : marks) all = all && line.find(m) != line.npos;
    if (const std::size_t found = all ? line.find(from) : line.npos; found != line.npos) {
      line.replace(found, from.size(), to);
      ++changed;
    }
    out += line + "\n";
    at = end + 1;
  }
  text = out;
  return changed;
}

TEST_CASE("a history agrees with the simulation it was recorded from, and every kind of lie is caught") {
  const Verdict clean = judged(recorded());
  CHECK_MESSAGE(clean.ok(), report(clean, false));
  CHECK(clean.comparison.objects > 15);
  CHECK(clean.comparison.transitions > 300);
  struct Lie {
    const char* what;
    std::vector<std::string> marks;
    const char *from, *to;
  };
  const Lie lies[] = {
      {"condition reason", {"\"res\":\"deployments\""}, "NewReplicaSetAvailable", "ReplicaSetAvailable"},
      {"condition message",
       {"\"res\":\"nodes\"", "n-1"},
       "Kubelet stopped posting node status.",
       "Kubelet stopped."},
      {"condition status",
       {"\"res\":\"nodes\"", "n-1"},
       R"("type":"Ready","status":"Unknown")",
       R"("type":"Ready","status":"False")"},
      {"phase", {"\"res\":\"pods\"", "bad-"}, R"("phase":"Failed")", R"("phase":"Succeeded")"},
      {"replicas", {"\"res\":\"deployments\""}, R"("availableReplicas":2)", R"("availableReplicas":1)"},
      {"job counts", {"\"res\":\"jobs\""}, R"("failed":2)", R"("failed":3)"},
      {"taint", {"\"res\":\"nodes\"", "n-1"}, "NoExecute", "NoSchedule"},
      {"event reason", {"\"res\":\"events\""}, "BackoffLimitExceeded", "BackoffLimit"},
      {"event message", {"\"res\":\"events\""}, "Created pod:", "Made pod:"},
      {"owner", {"\"res\":\"pods\"", "bad-"}, R"("kind":"Job")", R"("kind":"CronJob")"},
      {"finalizer",
       {"\"res\":\"pods\"", "bad-"},
       "batch.kubernetes.io/job-tracking\"]",
       "batch.kubernetes.io/tracking\"]"},
      {"deletion",
       {"\"res\":\"pods\"", "web-"},
       R"("deletionGracePeriodSeconds":30)",
       R"("deletionGracePeriodSeconds":10)"},
      {"object", {"\"res\":\"replicasets\""}, R"("res":"replicasets")", R"("res":"daemonsets")"},
      {"cordon", {"\"res\":\"nodes\"", "n-0"}, R"("unschedulable":true)", R"("unschedulable":false)"},
      {"endpoints", {"\"res\":\"endpoints\""}, "addresses", "notReadyAddresses"},
      {"label", {"\"res\":\"pods\"", "web-"}, R"("app":"web")", R"("app":"shop")"},
      {"node", {"\"res\":\"pods\"", "web-"}, R"("nodeName":"n-0")", R"("nodeName":"n-7")"},
  };
  for (const Lie& lie : lies) {
    INFO(std::string(lie.what));
    std::string text = recorded();
    CHECK(edit(text, lie.marks, lie.from, lie.to) > 0);
    CHECK_FALSE(judged(text).ok());
  }
}

namespace {

/// The recording with every record as `change` leaves it; those for which it returns false are left out.
std::string rewritten(const std::function<bool(HistoryRecord&)>& change) {
  std::string text;
  for (HistoryRecord& r : parse_history("own", recorded()).records) {
    if (r.type == HistoryRecord::Type::kAction || !change(r)) continue;
    JsonValue line = JsonValue::object();
    line.set("t", static_cast<double>(r.t) / 1e9);
    line.set("res", r.resource);
    line.set("type", type_name(r.type));
    line.set("object", r.object);
    text += cat(line.dump(), "\n");
  }
  return cat(kHeader, "\n", actions(), text);
}

bool is_event(const HistoryRecord& r, std::string_view reason) {
  return r.resource == "events" && r.object["reason"].text_or("") == reason;
}

}  // namespace

TEST_CASE("what comes late, never, or in addition is caught") {
  CHECK(judged(rewritten([](HistoryRecord&) { return true; })).ok());
  const auto caught = [](const char* what, const std::function<bool(HistoryRecord&)>& change) {
    INFO(std::string(what));
    int changed = 0;
    const std::string text = rewritten([&](HistoryRecord& r) {
      const Nanos before = r.t;
      const std::string object = r.object.dump();
      const bool stays = change(r);
      changed += !stays || r.t != before || r.object.dump() != object;
      return stays;
    });
    CHECK(changed > 0);
    CHECK_FALSE(judged(text).ok());
  };
  // Chance puts it between 40 and 56 s after the node fell silent.
  caught("a lost node is found out 14 s late", [](HistoryRecord& r) {
    if (r.t > 52 * base::kSecond && r.t < 70 * base::kSecond) r.t += 14 * base::kSecond;
    return true;
  });
  caught("a Job fails 5 s late", [](HistoryRecord& r) {
    if (r.resource == "jobs" && r.t > 10 * base::kSecond) r.t += 5 * base::kSecond;
    return true;
  });
  caught("an event is told 5 s late", [](HistoryRecord& r) {
    if (is_event(r, "BackoffLimitExceeded")) r.t += 5 * base::kSecond;
    return true;
  });
  caught("an event is never told", [](HistoryRecord& r) { return !is_event(r, "BackoffLimitExceeded"); });
  caught("one of several alike events is never told", [n = 0](HistoryRecord& r) mutable {
    return !is_event(r, "Scheduled") || ++n != 2;
  });
  caught("a pod has one condition more", [](HistoryRecord& r) {
    if (r.resource != "pods" || !meta_text(r.object, "name").starts_with("web-")) return true;
    JsonValue status = r.object["status"], list = status["conditions"], odd = JsonValue::object();
    odd.set("type", "Odd");
    odd.set("status", "True");
    list.edit_items().push_back(std::move(odd));
    status.set("conditions", std::move(list));
    r.object.set("status", std::move(status));
    return true;
  });
  caught("one pod has another owner", [name = std::string()](HistoryRecord& r) mutable {
    const std::string_view pod = meta_text(r.object, "name");
    if (r.resource != "pods" || !pod.starts_with("web-")) return true;
    if (name.empty()) name = pod;
    if (pod != name) return true;
    JsonValue meta = r.object["metadata"], owners = JsonValue::array();
    JsonValue owner = meta["ownerReferences"].items()[0];
    owner.set("name", "other-7bbdcdcf4");
    owners.edit_items().push_back(std::move(owner));
    meta.set("ownerReferences", std::move(owners));
    r.object.set("metadata", std::move(meta));
    return true;
  });
  caught("a pod that was deleted stays", [](HistoryRecord& r) {
    return r.type != HistoryRecord::Type::kDeleted || r.resource != "pods" || !meta_text(r.object, "name").starts_with("web-");
  });
  caught("the scheduler's lease changes hands", [](HistoryRecord& r) {
    if (r.resource != "leases" || meta_text(r.object, "name") != "kube-scheduler" || r.t < 40 * base::kSecond) return true;
    JsonValue spec = r.object["spec"];
    spec.set("leaseTransitions", spec["leaseTransitions"].int_or(0) + 1);
    r.object.set("spec", std::move(spec));
    return true;
  });
  caught("a pod becomes ready 5 s late", [](HistoryRecord& r) {
    const bool web = r.resource == "pods" && meta_text(r.object, "name").starts_with("web-");
    if (web && r.t > 8500 * base::kMillisecond && r.t < 12 * base::kSecond) r.t += 5 * base::kSecond;
    return true;
  });
}

TEST_CASE("the envelope excuses what simulations differ in, and nothing else") {
  using Kind = Difference::Kind;
  const auto difference = [](Kind kind, int t, int off = 0) {
    Difference d;
    d.kind = kind;
    d.track = 0;
    d.field = "status.phase";
    d.value = "Failed";
    d.t = t * base::kSecond;
    d.off = off * base::kSecond;
    return d;
  };
  const auto run = [](std::vector<Difference> differences) {
    Comparison c;
    c.paired = {true};
    c.differences = std::move(differences);
    return c;
  };
  const Difference missing = difference(Kind::kMissing, 10), extra = difference(Kind::kExtra, 10),
                   early = difference(Kind::kTiming, 10, -4), late = difference(Kind::kTiming, 10, 3);
  Envelope alone({}), agreed({}), spread({}), unpaired({});
  alone.add(run({missing, extra, early}), {});
  alone.add(run({missing, extra, early}), {});
  for (const Difference& d : {missing, extra, early}) CHECK_FALSE(alone.covers(d));
  agreed.add(run({missing, extra}), {});
  agreed.add(run({}), {});
  CHECK(agreed.covers(missing));
  CHECK(agreed.covers(extra));
  spread.add(run({early}), {});
  spread.add(run({late}), {});
  CHECK(spread.covers(early));
  CHECK(spread.covers(late));
  // Another run has the same extra transition a moment later, and one has no such object at all.
  unpaired.add(run({extra, missing}), {});
  unpaired.add(run({difference(Kind::kExtra, 15), missing}), {});
  Comparison none;
  none.paired = {false};
  unpaired.add(none, {});
  CHECK_FALSE(unpaired.covers(extra));
  CHECK_FALSE(unpaired.covers(missing));
}

TEST_CASE("files that are no histories and actions that cannot be done are refused") {
  const std::pair<std::string, const char*> cases[] = {
      {"", "is empty"},
      {"{}\n", "neither a history"},
      {"nonsense\n", "own:1"},
      {R"({"header":{"namespaces":["a"]}})", "wall_start_unix"},
      {cat(kHeader, "\n", R"({"t":1,"res":"pods","object":{}})"), "unknown type"},
      {cat(kHeader, "\n", R"({"res":"pods","type":"ADDED","object":{}})"), "without t"},
      {cat(kHeader, "\n", R"({"t":1,"res":"pods","type":"ADDED"})"), "without object"},
      {cat(kHeader, "\n", action("1", "POST /apis/autoscaling/v2/namespaces/a/horizontalpodautoscalers")), "is not served"},
      {cat(kHeader, "\n", action("1", "JUMP /api/v1/nodes")), "cannot be replayed"},
      {cat(kHeader, "\n", action("1", "kubectl exec web -- sh")), "cannot be replayed"},
      {cat(kHeader, "\n", action("1", "kubectl apply -f web.yaml")), "does not have the objects"},
      {cat(kHeader, "\n", action("1", "FAKE KUBELET STOPPED: n-9")), "no node n-9"},
      {cat(kHeader, "\n", action("1", "FAKE KUBELET STOPPED")), "names no nodes"},
      {cat(kHeader, "\n", action("1", "FAKE KUBELET PAINTED: n-1")), "cannot be replayed"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string shown(expected);
    CAPTURE(shown);
    std::string message;
    try {
      plan_of(parse_history("own", text));
    } catch (const InputError& e) { message = e.text(); }
    CHECK(message.find(expected) != std::string::npos);
  }
  CHECK_THROWS_AS(read_history("/nonexistent"), InputError);
}

TEST_CASE("the nodes that a fake kubelet stops or starts are found in any form") {
  const auto nodes = [](const char* text) { return plan_of(parse_history("own", cat(kHeader, "\n", action("1", text)))).at(0); };
  using Words = std::vector<std::string>;
  const std::pair<const char*, Words> stops[] = {{"FAKE KUBELET STOPPED (no status updates): ['n-0', 'n-1']", {"n-0", "n-1"}},
                                                 {"FAKE KUBELET n-1 KILLED", {"n-1"}},
                                                 {"FAKE NODE REMOVED: n-0", {"n-0"}},
                                                 {"FAKE KUBELETS STOPPED: all nodes", {"n-0", "n-1"}}};
  for (const auto& [text, words] : stops) {
    CHECK(nodes(text).kind == Step::Kind::kStopNodes);
    CHECK(nodes(text).words == words);
  }
  CHECK(nodes("FAKE KUBELET BACK: n-1").kind == Step::Kind::kStartNodes);
}

TEST_CASE("an event about Endpoints belongs to them") {
  const auto seen = [](const char* resource, const char* json) {
    return Observation{base::kSecond, resource, HistoryRecord::Type::kAdded, *codec::parse_json(json)};
  };
  const std::vector<Track> tracks =
      distill({seen("endpoints", R"({"metadata":{"name":"web","namespace":"shop","uid":"u"},"subsets":[]})"),
               seen("events", R"({"involvedObject":{"kind":"Endpoints","namespace":"shop","name":"web"},"reason":"FailedToUpdateEndpoint"})")});
  REQUIRE(tracks.size() == 1);
  CHECK(tracks[0].events.size() == 1);
}

TEST_CASE("masks") {
  Masker mask;
  mask.keep("web-6bbdcdcf4");
  CHECK(mask("Created pod: web-6bbdcdcf4-7zbhr") == "Created pod: web-6bbdcdcf4-*");
  CHECK(mask("Created pod: web-7bbdcdcf4-7zbhr") == "Created pod: web-*-*");
  CHECK(mask("create Pod db-0 in StatefulSet db successful") ==
        "create Pod db-0 in StatefulSet db successful");
  CHECK(mask("pvc-453c6b19-63f8-4a74-9625-5ff324c368e1") == "pvc-UID");
  CHECK(mask("2026-11-22T17:15:07Z 10.64.0.1") == "TIME IP");
  CHECK(mask("Scaled up replica set web-6bbdcdcf4 from 0 to 2.") ==
        "Scaled up replica set web-6bbdcdcf4 from 0 to 2.");
}

TEST_CASE("alignment keeps equal values in order and lets far ones go") {
  const auto changes = [](std::initializer_list<std::pair<int, const char*>> list) {
    std::vector<Change> out;
    for (const auto& [t, value] : list) out.push_back({t * base::kSecond, value});
    return out;
  };
  const auto pairs = align(changes({{1, "a"}, {2, "b"}, {3, "c"}}), changes({{1, "a"}, {3, "c"}}));
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0] == std::pair<std::size_t, std::size_t>(0, 0));
  CHECK(pairs[1] == std::pair<std::size_t, std::size_t>(2, 1));
  CHECK(align(changes({{1, "a"}}), changes({{500, "a"}})).size() == 1);
}

TEST_CASE("command lines") {
  CHECK(split_command("kubectl patch po x -p '{\"a\": 1}'") ==
        std::vector<std::string>{"kubectl", "patch", "po", "x", "-p", "{\"a\": 1}"});
  CHECK(kubectl_problem({"-n", "s01", "rollout", "undo", "deployment/web"}).empty());
  CHECK(!kubectl_writes({"rollout", "status", "deployment/web"}));
  CHECK(!kubectl_writes({"delete", "pod", "a", "--dry-run=server"}));
  CHECK(kubectl_writes({"--namespace=s01", "delete", "pod", "a", "--dry-run=none"}));
  CHECK(kind_by_word("deploy")->id == api::KindId::kDeployment);
  CHECK(kind_by_word("deployments.apps")->id == api::KindId::kDeployment);
  CHECK(kind_by_word("gadget") == nullptr);
}

TEST_CASE("kubectl lines that are understood, and those that are refused") {
  const std::pair<const char*, const char*> cases[] = {
      {"delete pods -l app=web -n shop", ""},
      {"delete pod a b --grace-period=0 --force", ""},
      {"delete deploy/web svc/web --cascade=orphan", ""},
      {"delete all --all --now", ""},
      {"delete pods --field-selector status.phase=Failed -A", ""},
      {"label nodes -lgrp=gen zone- tier=one --overwrite", ""},
      {"taint nodes n-0 a=b:NoExecute c:NoSchedule-", ""},
      {"set image deployment/web *=app:v2", ""},
      {"scale --replicas=3 deployment/web", ""},
      {"drain n-0 n-1 --ignore-daemonsets --timeout=60s", ""},
      {"set env deployment/web A=b C-", ""},
      {"apply -f web.yaml", ""},
      {"delete -f web.yaml --ignore-not-found", ""},
      {"apply -f web.yaml --prune", "--prune cannot be replayed"},
      {"set resources deployment/web -c app --limits=cpu=1,memory=1Gi --requests cpu=100m", ""},
      {"create job now --from=cronjob/tick -n shop", ""},
      {"create job now --from cj/tick", ""},
      {"create job now --from=deployment/web", "other than --from"},
      {"rollout restart deployment -n shop", ""},
      {"set selector svc web app=x", ""},
      {"apply --server-side -f web.yaml", ""},
      {"delete deploy web --cascade=false", ""},
      {"create job now --image=app:v1", "--image cannot be replayed"},
      {"create job now", "other than --from"},
      {"set resources deployment/web", "changes nothing"},
      {"autoscale deployment web --min=2 --max=5", "kubectl autoscale cannot be replayed"},
      {"run web --image=app:v1", "kubectl run cannot be replayed"},
      {"delete pods", "no object"},
      {"delete pods a -l app=web", "a selector"},
      {"delete gadgets a", "gadgets is not served"},
      {"delete pod a --cascade=sideways", "--cascade"},
      {"delete pod a --recursive", "--recursive cannot be replayed"},
      {"delete pod a --grace-period=soon", "is no number"},
      {"scale deployment/web", "without --replicas"},
      {"cordon n-0 --force", "cordon with --force"},
  };
  for (const auto& [line, expected] : cases) {
    CAPTURE(std::string(line));
    const std::string problem = kubectl_problem(split_command(line));
    if (*expected) CHECK(problem.find(expected) != std::string::npos);
    else CHECK(problem == "");
  }
}

TEST_CASE("every tolerance says why, and none excuses everything") {
  for (const Tolerance& t : tolerances()) {
    CAPTURE(t.name);
    CHECK(std::string_view(t.reason).size() > 5);
    CHECK(*t.fields);
  }
}

}  // namespace
}  // namespace orrery::scenarios::conform
