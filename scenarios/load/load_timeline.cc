#include "scenarios/load/load_timeline.h"

#include "model/base/str.h"
#include "scenarios/load/load_manifest.h"
#include "scenarios/load/references.h"
#include "scenarios/load/target.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios {
namespace {

using base::cat;

const char* const kTriggerKeys[] = {"at", "every", "when"};

struct FaultShape {
  const char* kind;
  FaultSpec::Kind value;
  std::initializer_list<const char*> actions;
};

const FaultShape kFaults[] = {
    {"machine", FaultSpec::Kind::kMachine, {"power-off", "power-on", "reboot"}},
    {"process", FaultSpec::Kind::kProcess, {"kill", "kill-at", "pause", "resume", "stop", "start", "restart"}},
    {"network", FaultSpec::Kind::kNetwork, {"partition", "delay", "loss", "duplicate", "reorder", "bandwidth", "heal"}},
    {"disk", FaultSpec::Kind::kDisk, {"full", "slow", "fsync-error", "torn-tail", "bit-rot", "recover"}},
    {"clock", FaultSpec::Kind::kClock, {"step", "drift", "stall"}},
    {"cpu", FaultSpec::Kind::kCpu, {"slow-down", "recover"}},
};

/// In the order of sim::Effect.
constexpr const char* kEffects[] = {"append", "sync", "rename", "send", "spawn"};

const FaultShape& find_shape(const YamlCursor& c) {
  const std::string kind = c.at("kind").text();
  std::string known;
  for (const FaultShape& s : kFaults) {
    if (kind == s.kind) return s;
    known += (known.empty() ? "" : ", ") + std::string(s.kind);
  }
  c.at("kind").fail(cat("\"", kind, "\" is not a kind of fault (", known, ")"));
}

/// "A -> B" is one way; "A" alone is A against everybody else.
void load_network_target(const YamlCursor& c, FaultSpec& f) {
  const std::string text = c.text();
  const std::size_t arrow = text.find("->");
  f.target = text.substr(0, arrow);
  if (arrow != std::string::npos) {
    f.one_way = true;
    f.to = text.substr(arrow + 2);
  }
  for (std::string* s : {&f.target, &f.to}) {
    while (!s->empty() && s->back() == ' ') s->pop_back();
    while (!s->empty() && s->front() == ' ') s->erase(0, 1);
  }
  if (f.target.empty() || (f.one_way && f.to.empty())) c.fail(cat("\"", text, "\" is not a link (write zone/a -> zone/b)"));
}

void need(const YamlCursor& c, const char* key, bool present) {
  if (!present) c.fail(cat("needs the key \"", key, "\""));
}

void load_fault_amounts(const YamlCursor& c, FaultSpec& f) {
  f.duration = c.duration_or("duration", 0);
  f.latency = c.duration_or("latency", 0);
  f.jitter = c.duration_or("jitter", 0);
  if (c.has("percent")) f.percent = c.at("percent").number(0, 1000);
  if (c.has("bandwidth")) f.bandwidth = c.at("bandwidth").bandwidth();
  if (c.has("step")) {
    const std::string text = c.at("step").text();
    const bool negative = text[0] == '-';
    auto d = parse_duration(negative ? text.substr(1) : text);
    if (!d.ok()) c.at("step").fail(d.error().message);
    f.step = negative ? -*d : *d;
  }
  if (c.has("driftPpm")) f.drift_ppm = c.at("driftPpm").integer(-100'000, 100'000);
  if (c.has("effect")) {
    const std::string effect = c.at("effect").one_of({kEffects[0], kEffects[1], kEffects[2], kEffects[3], kEffects[4]});
    while (effect != kEffects[f.effect]) ++f.effect;
  }
  f.number = c.integer_or("number", 1, 1, 1'000'000'000);
  if (c.has("side")) f.after = c.at("side").one_of({"before", "after"}) == "after";
  f.as = c.text_or("as", "");
  if (f.action == "kill-at") need(c, "effect", c.has("effect"));
  if (f.action == "delay") need(c, "latency", f.latency > 0);
  if (f.action == "loss" || f.action == "duplicate" || f.action == "reorder") need(c, "percent", f.percent > 0);
  if ((f.action == "loss" || f.action == "duplicate" || f.action == "reorder") && f.percent > 100)
    c.at("percent").fail("must be at most 100");
  if (f.action == "bandwidth") need(c, "bandwidth", f.bandwidth > 0);
  if (f.action == "step") need(c, "step", f.step != 0);
  if (f.action == "drift") need(c, "driftPpm", f.drift_ppm != 0);
  if (f.action == "stall" || f.action == "reboot") need(c, "duration", f.duration > 0);
  if (f.action == "slow-down") need(c, "percent", f.percent > 100);
}

FaultSpec load_fault(const YamlCursor& c, const Scenario& scenario, std::set<std::string>& names) {
  c.keys({"kind", "action", "target", "to", "duration", "latency", "jitter", "percent", "bandwidth", "step", "driftPpm", "effect", "number",
          "side", "as"});
  const FaultShape& shape = find_shape(c);
  FaultSpec f;
  f.kind = shape.value;
  f.action = c.at("action").one_of(shape.actions);
  const YamlCursor target = c.at("target");
  if (f.kind == FaultSpec::Kind::kNetwork) load_network_target(target, f);
  else f.target = target.text();
  if (c.has("to")) f.to = c.at("to").text();
  load_fault_amounts(c, f);
  for (const std::string* t : {&f.target, &f.to}) {
    if (t->empty()) continue;
    const std::string problem = check_target(*t, scenario.cluster, f.kind == FaultSpec::Kind::kProcess || f.action == "bit-rot", names);
    if (!problem.empty()) target.fail(problem);
  }
  if (!f.as.empty()) names.insert(f.as);
  return f;
}

Trigger load_trigger(const YamlCursor& c, const Scenario& scenario) {
  Trigger t;
  int given = 0;
  for (const char* k : kTriggerKeys) given += c.has(k);
  if (given != 1) c.fail("needs exactly one of at, every, when");
  if (c.has("at")) {
    t.at = c.at("at").duration();
    if (t.at > scenario.until && !scenario.cut_short) c.at("at").fail("lies after the end of the scenario (until)");
  } else if (c.has("every")) {
    t.kind = Trigger::Kind::kEvery;
    t.every = c.at("every").duration();
    if (t.every < base::kMillisecond) c.at("every").fail("must be at least 1ms");
    t.from = c.duration_or("from", t.every);
    t.until = c.duration_or("until", scenario.until);
    if (t.until < t.from) c.at("until").fail("lies before from");
  } else {
    const YamlCursor w = c.at("when");
    w.keys({"event", "kind", "name", "field", "value", "after", "nth"});
    t.kind = Trigger::Kind::kWhen;
    t.event = w.at("event").one_of({"create", "update", "delete"});
    const std::string kind = w.at("kind").text();
    t.object_kind = find_kind_by_any_name(kind);
    if (t.object_kind == api::KindId::kNone) w.at("kind").fail(cat("\"", kind, "\" is not a kind of object"));
    t.object_name = w.text_or("name", "");
    t.field = w.text_or("field", "");
    t.value = w.text_or("value", "");
    if (!t.field.empty()) check_field_path(w.at("field"), t.object_kind, t.field);
    if (!t.value.empty() && t.field.empty()) w.at("value").fail("needs a field");
    t.after = w.duration_or("after", 0);
    t.nth = static_cast<int>(w.integer_or("nth", 1, 1, 1'000'000));
  }
  return t;
}

api::KindId need_kind(const YamlCursor& c, const ObjectName& o, std::initializer_list<api::KindId> kinds) {
  for (const api::KindId k : kinds)
    if (o.kind == k) return k;
  c.fail(cat("cannot be done to a ", api::kind_of(o.kind).kind));
}

ObjectName node_name(const YamlCursor& c, const Scenario& scenario) {
  ObjectName o{"", c.text(), api::KindId::kNode};
  for (const auto* group : {&scenario.cluster.masters, &scenario.cluster.nodes})
    for (const MachineSpec& m : *group)
      if (m.name == o.name) return o;
  c.fail(cat("there is no node \"", o.name, "\""));
}

void load_taint_action(const YamlCursor& c, const Scenario& scenario, UserAction& a) {
  c.keys({"node", "key", "value", "effect"});
  a.object = node_name(c.at("node"), scenario);
  a.taint_key = c.at("key").text();
  a.taint_value = c.text_or("value", "");
  a.taint_effect = c.at("effect").one_of({"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

void load_actions(const YamlCursor& c, const Scenario& scenario, TimelineEntry& entry) {
  using Kind = UserAction::Kind;
  const auto add = [&](Kind kind) -> UserAction& {
    entry.actions.emplace_back().kind = kind;
    return entry.actions.back();
  };
  if (c.has("set-image")) {
    const YamlCursor s = c.at("set-image").keys({"object", "container", "image"});
    UserAction& a = add(Kind::kSetImage);
    a.object = load_object_name(s.at("object"));
    need_kind(s.at("object"), a.object, {api::KindId::kDeployment, api::KindId::kStatefulSet, api::KindId::kDaemonSet});
    a.container = s.at("container").text();
    check_declared(s.at("object"), scenario, a.object);
    check_container(s.at("container"), find_declared(scenario, a.object), a.container);
    a.image = s.at("image").text();
  }
  if (c.has("scale")) {
    const YamlCursor s = c.at("scale").keys({"object", "replicas"});
    UserAction& a = add(Kind::kScale);
    a.object = load_object_name(s.at("object"));
    need_kind(s.at("object"), a.object, {api::KindId::kDeployment, api::KindId::kStatefulSet, api::KindId::kReplicaSet,
                                       api::KindId::kReplicationController});
    a.replicas = static_cast<std::int32_t>(s.at("replicas").integer(0, 1'000'000));
    check_declared(s.at("object"), scenario, a.object);
  }
  if (c.has("delete")) {
    const YamlCursor s = c.at("delete").keys({"object", "gracePeriodSeconds"});
    UserAction& a = add(Kind::kDelete);
    a.object = load_object_name(s.at("object"));
    if (s.has("gracePeriodSeconds")) a.grace_seconds = s.at("gracePeriodSeconds").integer(0, 1'000'000);
  }
  if (c.has("apply")) {
    const YamlCursor s = c.at("apply").keys({"manifest", "file", "namespace", "dryRun"});
    UserAction& a = add(Kind::kApply);
    a.objects = load_manifest_block(s);
    a.dry_run = s.boolean_or("dryRun", false);
  }
  if (c.has("patch")) {
    const YamlCursor s = c.at("patch").keys({"object", "patch", "subresource"});
    UserAction& a = add(Kind::kPatch);
    a.object = load_object_name(s.at("object"));
    if (!s.at("patch").is_map()) s.at("patch").fail("must be a map of fields");
    a.json = yaml_to_json(s.at("patch"));
    if (s.has("subresource")) a.subresource = s.at("subresource").one_of({"status"});
    check_declared(s.at("object"), scenario, a.object);
  }
  if (c.has("cordon")) add(Kind::kCordon).object = node_name(c.at("cordon"), scenario);
  if (c.has("uncordon")) add(Kind::kUncordon).object = node_name(c.at("uncordon"), scenario);
  if (c.has("drain")) add(Kind::kDrain).object = node_name(c.at("drain"), scenario);
  if (c.has("taint")) load_taint_action(c.at("taint"), scenario, add(Kind::kTaint));
  if (c.has("untaint")) load_taint_action(c.at("untaint"), scenario, add(Kind::kUntaint));
}

}  // namespace

std::string ObjectName::text() const {
  const api::Kind& k = api::kind_of(kind);
  return namespace_.empty() ? cat(k.singular, "/", name) : cat(namespace_, "/", k.singular, "/", name);
}

api::KindId find_kind_by_any_name(std::string_view name) {
  std::string lower(name);
  for (char& ch : lower)
    if (ch >= 'A' && ch <= 'Z') ch = static_cast<char>(ch - 'A' + 'a');
  for (int i = 1; i <= static_cast<int>(api::kLastStored); ++i) {
    const api::Kind& k = api::kind_of(static_cast<api::KindId>(i));
    if (lower == k.singular || lower == k.plural) return k.id;
    std::string_view rest = k.short_names;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      if (rest.substr(0, comma) == lower) return k.id;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return api::KindId::kNone;
}

ObjectName load_object_name(const YamlCursor& c) {
  const std::string text = c.text();
  std::vector<std::string> parts{""};
  for (const char ch : text) {
    if (ch == '/') parts.emplace_back();
    else parts.back() += ch;
  }
  for (const std::string& p : parts)
    if (p.empty() || parts.size() < 2 || parts.size() > 3)
      c.fail(cat("\"", text, "\" is not an object (write namespace/kind/name, or kind/name)"));
  ObjectName o;
  o.kind = find_kind_by_any_name(parts[parts.size() - 2]);
  o.name = parts.back();
  if (o.kind == api::KindId::kNone) c.fail(cat("\"", parts[parts.size() - 2], "\" is not a kind of object"));
  if (parts.size() == 3) o.namespace_ = parts[0];
  const bool namespaced = api::kind_of(o.kind).namespaced;
  if (namespaced && o.namespace_.empty()) o.namespace_ = "default";
  if (!namespaced && !o.namespace_.empty()) c.fail(cat("a ", api::kind_of(o.kind).kind, " has no namespace"));
  return o;
}

std::vector<TimelineEntry> load_timeline(const YamlCursor& timeline, const Scenario& scenario) {
  std::vector<TimelineEntry> out;
  std::set<std::string> names;
  for (const YamlCursor& c : timeline.items()) {
    c.keys({"at", "every", "when", "from", "until", "fault", "faults", "set-image", "scale", "delete", "apply", "patch", "cordon",
            "uncordon", "drain", "taint", "untaint"});
    TimelineEntry entry;
    entry.line = c.line();
    entry.trigger = load_trigger(c, scenario);
    if (c.has("fault")) entry.faults.push_back(load_fault(c.at("fault"), scenario, names));
    if (c.has("faults"))
      for (const YamlCursor& f : c.at("faults").items()) entry.faults.push_back(load_fault(f, scenario, names));
    load_actions(c, scenario, entry);
    if (entry.faults.empty() && entry.actions.empty()) c.fail("says when, but not what happens");
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace orrery::scenarios
