#include "scenarios/load/load_expect.h"

#include "model/api/selector.h"
#include "model/base/str.h"
#include "scenarios/expect/catalogue.h"
#include "scenarios/load/load_timeline.h"
#include "scenarios/load/load_workloads.h"
#include "scenarios/load/references.h"
#include "scenarios/oracles/registry.h"

namespace orrery::scenarios {
namespace {

using base::cat;

template <class Shape, std::size_t N>
const Shape& find_shape(const Shape (&shapes)[N], const YamlCursor& c, const std::string& name, const char* what) {
  std::string known;
  for (const Shape& s : shapes) {
    if (name == s.name) return s;
    known += (known.empty() ? "" : ", ") + std::string(s.name);
  }
  c.fail(cat("\"", name, "\" is not ", what, " (", known, ")"));
}

/// A name that the timeline gives with `as`.
bool is_remembered(const Scenario& scenario, const std::string& name) {
  for (const TimelineEntry& e : scenario.timeline)
    for (const FaultSpec& f : e.faults)
      if (f.as == name) return true;
  return false;
}

void check_node(const YamlCursor& c, const std::string& pattern, const Scenario& scenario) {
  for (const auto* group : {&scenario.cluster.masters, &scenario.cluster.nodes})
    for (const MachineSpec& m : *group)
      if (matches_pattern(pattern, m.name)) return;
  if (is_remembered(scenario, pattern)) return;
  c.fail(cat("there is no node \"", pattern, "\""));
}

void check_client(const YamlCursor& c, const std::string& name, const Scenario& scenario) {
  for (const ClientSpec& client : scenario.clients)
    if (client.name == name) return;
  c.fail(cat("there is no client \"", name, "\""));
}

void check_service(const YamlCursor& c, const std::string& pattern, const Scenario& scenario) {
  if (pattern.find('/') == std::string::npos) c.fail(cat("\"", pattern, "\" is not a service (write namespace/name)"));
  if (pattern == "default/kubernetes") return;
  for (const WorkloadSpec& w : scenario.workloads)
    for (const api::ObjectRef& o : w.objects)
      if (o->kind_id() == api::KindId::kService && matches_pattern(pattern, api::key_of(o->meta()))) return;
  c.fail(cat("no Service among the workloads matches \"", pattern, "\""));
}

void check_selector(const YamlCursor& c, const std::string& text) {
  auto selector = api::Selector::parse(text);
  if (!selector.ok()) c.fail(selector.error().message);
}

bool has_writer(const Scenario& scenario) {
  for (const ClientSpec& client : scenario.clients)
    if (client.kind == ClientSpec::Kind::kWriteConfigMaps) return true;
  return false;
}

/// A master, or a name that the timeline gives with `as`.
std::string load_via(const YamlCursor& c, const Scenario& scenario) {
  const std::string name = c.text();
  for (const MachineSpec& m : scenario.cluster.masters)
    if (m.name == name) return name;
  if (is_remembered(scenario, name)) return name;
  c.fail(cat("\"", name, "\" is neither a master nor a name given by as"));
}

bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    if (names.substr(0, comma) == name) return true;
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return false;
}

constexpr const char* kArguments[] = {"process", "object", "node", "client", "service", "selector", "namespace", "lease", "via", "condition",
                                      "status", "reason", "message", "without", "taint", "effect", "phase", "field", "value", "count"};

/// An argument that is not looked at would be a line that says less than it seems to.
void check_arguments(const YamlCursor& c, const std::string& name, const char* need, const char* may) {
  for (const char* a : kArguments) {
    if (lists(need, a) && !c.has(a)) c.fail(cat("needs the key \"", a, "\""));
    if (c.has(a) && !lists(need, a) && !lists(may, a)) c.at(a).fail(cat("means nothing to ", name));
  }
}

/// Of a predicate or metric, after check_arguments().
Predicate load_arguments(const YamlCursor& c, const Scenario& scenario) {
  Predicate p;
  if (c.has("object")) p.object = load_object_name(c.at("object"));
  if (c.has("node")) { p.node = c.at("node").text(); check_node(c.at("node"), p.node, scenario); }
  if (c.has("client")) { p.client = c.at("client").text(); check_client(c.at("client"), p.client, scenario); }
  if (c.has("service")) { p.service = c.at("service").text(); check_service(c.at("service"), p.service, scenario); }
  if (c.has("selector")) { p.selector = c.at("selector").text(); check_selector(c.at("selector"), p.selector); }
  p.namespace_ = c.text_or("namespace", "");
  p.lease = c.text_or("lease", "");
  if (c.has("process"))
    p.process = c.at("process").one_of({"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"});
  p.condition = c.text_or("condition", "");
  p.status = c.text_or("status", p.condition.empty() ? "" : "True");
  p.reason = c.text_or("reason", "");
  p.message = c.text_or("message", "");
  p.without = c.text_or("without", "");
  if (c.has("via")) p.via = load_via(c.at("via"), scenario);
  p.taint_key = c.text_or("taint", "");
  p.taint_effect = c.has("effect") ? c.at("effect").one_of({"NoSchedule", "PreferNoSchedule", "NoExecute"}) : "";
  p.phase = c.has("phase") ? c.at("phase").one_of({"Pending", "Running", "Succeeded", "Failed", "Terminating"}) : "";
  p.field = c.text_or("field", "");
  p.value = c.text_or("value", "");
  p.has_count = c.has("count");
  if (p.has_count) p.count = c.at("count").integer(0, 10'000'000);
  if (!p.field.empty()) check_field_path(c.at("field"), p.object.kind, p.field);
  return p;
}

Predicate load_predicate(const YamlCursor& c, const Scenario& scenario, const PredicateShape& shape) {
  check_arguments(c, shape.name, shape.needs, shape.may);
  Predicate p = load_arguments(c, scenario);
  p.what = shape.name;
  const api::KindId kind = p.object.kind;
  if (p.what == "rollout-complete" && kind != api::KindId::kDeployment && kind != api::KindId::kStatefulSet &&
      kind != api::KindId::kDaemonSet)
    c.at("object").fail(cat("a ", api::kind_of(kind).kind, " has no rollout"));
  if (p.what == "writes-accepted" && !has_writer(scenario)) c.at("what").fail("needs a client of kind write-configmaps");
  return p;
}

ConvergeSpec load_converge(const YamlCursor& c, const Scenario& scenario) {
  c.keys({"what", "after", "within", "notBefore", "hold", "object", "node", "client", "service", "selector", "namespace", "lease",
          "via", "condition", "status", "reason", "message", "without", "taint", "effect", "phase", "field", "value", "count"});
  ConvergeSpec s;
  s.line = c.line();
  const std::string what = c.at("what").text();
  const PredicateShape& shape = find_shape(kPredicates, c.at("what"), what, "something to converge to");
  s.predicate = load_predicate(c, scenario, shape);
  s.after = c.at("after").duration();
  s.within = c.at("within").duration();
  s.not_before = c.duration_or("notBefore", 0);
  s.hold = c.duration_or("hold", 0);
  if (s.within == 0) c.at("within").fail("must be above 0");
  if (s.not_before > s.within) c.at("notBefore").fail("lies after within");
  s.judged = s.after + s.within <= scenario.until;
  if (!s.judged && !scenario.cut_short) c.at("within").fail("ends after the end of the scenario (until)");
  return s;
}

MetricSpec load_metric(const YamlCursor& c, const Scenario& scenario, bool always) {
  MetricSpec s;
  s.line = c.line();
  s.metric = c.at("metric").text();
  const MetricShape& shape = find_shape(kMetrics, c.at("metric"), s.metric, "a metric");
  if (always && !shape.at_every_moment) c.at("metric").fail(cat("\"", s.metric, "\" is known at the end only"));
  check_arguments(c, s.metric, shape.needs, shape.may);
  s.scope = load_arguments(c, scenario);
  if (c.has("min")) s.min = c.at("min").number(-1e18, 1e18);
  if (c.has("max")) s.max = c.at("max").number(-1e18, 1e18);
  if (c.has("equals")) s.equals = c.at("equals").number(-1e18, 1e18);
  if (!s.min && !s.max && !s.equals) c.fail("needs min, max or equals");
  if (s.equals && (s.min || s.max)) c.fail("has equals beside min or max");
  if (s.min && s.max && *s.min > *s.max) c.at("min").fail("is above max");
  s.windowed = c.has("from") || c.has("until");
  if (!always && s.windowed && s.metric != "acknowledged_writes") c.fail(cat(s.metric, " knows the whole run only: no from, no until"));
  s.from = c.duration_or("from", 0);
  s.until = c.duration_or("until", scenario.until);
  s.judged = !scenario.cut_short || (always && s.until <= scenario.until);
  if (s.judged && s.until <= s.from) c.fail("ends before it begins");
  if (s.judged && s.until > scenario.until) c.at("until").fail("lies after the end of the scenario (until)");
  return s;
}

void load_final(const YamlCursor& c, const Scenario& scenario, ExpectSpec& out) {
  if (c.has("metric")) {
    c.keys({"metric", "min", "max", "equals", "from", "until", "object", "node", "client", "service", "selector", "namespace",
            "phase", "process"});
    out.final.push_back(load_metric(c, scenario, false));
    return;
  }
  c.keys({"what", "object", "node", "client", "service", "selector", "namespace", "lease", "condition", "status", "reason",
          "message", "without", "taint", "effect", "phase", "field", "value", "count"});
  ConvergeSpec s;
  s.line = c.line();
  const std::string what = c.has("what") ? c.at("what").text() : c.has("condition") ? "object-condition" : "object-field";
  const PredicateShape& shape = find_shape(kPredicates, c, what, "something that can hold at the end");
  s.predicate = load_predicate(c, scenario, shape);
  s.judged = !scenario.cut_short;
  out.final_conditions.push_back(std::move(s));
}

void load_invariants(const YamlCursor& c, ExpectSpec& out) {
  if (c.is_scalar() && c.text() == "all") return;
  out.all_invariants = false;
  if (c.is_scalar() && c.text() == "none") return;
  for (const YamlCursor& item : c.items()) {
    const std::string id = item.text();
    bool known = false;
    for (const std::string& k : known_invariants()) known = known || k == id;
    if (!known) item.fail(cat("\"", id, "\" is not an invariant"));
    out.invariants.push_back(id);
  }
}

}  // namespace

ExpectSpec load_expect(const YamlCursor& expect, const Scenario& scenario) {
  expect.keys({"invariants", "converge", "always", "final"});
  ExpectSpec out;
  if (expect.has("invariants")) load_invariants(expect.at("invariants"), out);
  if (expect.has("converge"))
    for (const YamlCursor& c : expect.at("converge").items()) out.converge.push_back(load_converge(c, scenario));
  if (expect.has("always"))
    for (const YamlCursor& c : expect.at("always").items()) {
      c.keys({"metric", "min", "max", "equals", "from", "until", "object", "node", "service", "selector", "namespace", "phase", "process"});
      out.always.push_back(load_metric(c, scenario, true));
    }
  if (expect.has("final"))
    for (const YamlCursor& c : expect.at("final").items()) load_final(c, scenario, out);
  return out;
}

}  // namespace orrery::scenarios
