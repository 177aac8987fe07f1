// kubectl: what a command line does to each object it names or chooses.
#include <algorithm>

#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/base/str.h"
#include "model/codec/json_text.h"
#include "model/codec/json_write.h"
#include "scenarios/conform/driver.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using base::Nanos;
using codec::json_string;

struct TaintEdit {
  std::string key, value, effect;
  bool removes = false;
};

/// KEY=VALUE:EFFECT, KEY:EFFECT, KEY:EFFECT-, KEY-.
TaintEdit taint_edit(const std::string& word) {
  TaintEdit e;
  e.removes = word.ends_with('-');
  const std::string body = e.removes ? word.substr(0, word.size() - 1) : word;
  const std::size_t colon = body.find(':'), equals = std::min(body.find('='), colon);
  e.key = body.substr(0, equals);
  if (equals < colon) e.value = body.substr(equals + 1, colon == body.npos ? colon : colon - equals - 1);
  if (colon != body.npos) e.effect = body.substr(colon + 1);
  return e;
}

/// "cpu=1,memory=2Gi" as an object.
std::string amounts(const std::string& list) {
  std::string out;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t equals = std::min(item.find('='), item.size());
    out += cat(out.empty() ? "{" : ",", json_string(item.substr(0, equals)), ":",
               json_string(item.substr(std::min(item.size(), equals + 1))));
  }
  return out + "}";
}

/// What `set resources` makes of a container.
std::string resources_edit(const std::string& container, const KubectlCommand& line) {
  const std::string only = line.flag("--containers", "*");
  if (only != "*" && only != container) return {};
  std::string out;
  for (const char* part : {"limits", "requests"})
    if (const std::string list = line.flag(cat("--", part)); !list.empty())
      out += cat(out.empty() ? R"("resources":{)" : ",", "\"", part, "\":", amounts(list));
  return out + "}";
}

/// What `set image` (CONTAINER=IMAGE, or *=IMAGE for all of them) or `set env` (NAME=VALUE, NAME-) makes of a container;
/// "" for nothing.
std::string container_edit(const std::string& container, const KubectlCommand& line) {
  if (line.action == "resources") return resources_edit(container, line);
  std::string out;
  for (const std::string& e : line.edits) {
    const std::size_t equals = std::min(e.find('='), e.size() - 1);
    const std::string key = e.substr(0, equals), value = e.substr(equals + 1);
    if (line.action == "image") {
      if (key == container || key == "*") out = cat(R"("image":)", json_string(value));
    } else {
      out += cat(out.empty() ? R"("env":[)" : ",", R"({"name":)", json_string(key), ",",
                 e[equals] == '=' ? cat(R"("value":)", json_string(value)) : R"("$patch":"delete")", "}");
    }
  }
  return line.action == "env" && !out.empty() ? out + "]" : out;
}

std::string container_patch(const api::Object& object, const KubectlCommand& line) {
  const bool is_pod = object.kind_id() == api::KindId::kPod;
  const JsonValue json = json_of(object);
  const JsonValue spec = is_pod ? json["spec"] : json["spec"]["template"]["spec"];
  std::string list;
  for (const JsonValue& container : spec["containers"].items()) {
    const std::string name(container["name"].text_or(""));
    const std::string edit = container_edit(name, line);
    if (!edit.empty()) list += cat(list.empty() ? "" : ",", R"({"name":)", json_string(name), ",", edit, "}");
  }
  if (list.empty()) return {};
  const std::string patch = cat(R"({"spec":{"containers":[)", list, "]}}");
  return is_pod ? patch : cat(R"({"spec":{"template":)", patch, "}}");
}

/// `set selector` puts the whole selector in place of the old one.
std::string selector_patch(const api::Object& object, const KubectlCommand& line) {
  JsonValue selector = JsonValue::object(), spec = JsonValue::object(), patch = JsonValue::object();
  const JsonValue old = json_of(object);
  for (const codec::JsonMember& m : old["spec"]["selector"].members()) selector.set(m.key, JsonValue());
  for (const std::string& e : line.edits) {
    const std::size_t equals = std::min(e.find('='), e.size() - 1);
    selector.set(e.substr(0, equals), JsonValue(e.substr(equals + 1)));
  }
  spec.set("selector", std::move(selector));
  patch.set("spec", std::move(spec));
  return patch.dump();
}

}  // namespace

env::Task<> Driver::kubectl(CommandRef c) {
  // A short command spends its time before its request (start-up, discovery); a long one waits afterwards.
  const Nanos before = std::min<Nanos>(c->step.took * 4 / 5, 700 * base::kMillisecond);
  co_await env::sleep(env_, before);
  if (c->line.files) {
    co_await act_on_files(c);
    co_return;
  }
  std::vector<Target> all = co_await targets(c);
  if (c->line.verb == "drain") {
    co_await drain(c, std::move(all));
    co_return;
  }
  for (std::size_t i = 0; i < all.size(); ++i) co_await act(c, all[i]);
}

env::Task<std::vector<Driver::Target>> Driver::targets(CommandRef c) {
  const KubectlCommand& line = c->line;
  std::vector<Target> out;
  for (const KubectlCommand::Target& t : line.targets) {
    const std::string ns = t.kind->namespaced ? line.ns : "";
    out.push_back({t.kind, ns, c->names->name(t.kind->plural, ns, t.name)});
  }
  for (std::size_t i = 0; i < line.kinds.size(); ++i) {
    const api::Kind* kind = line.kinds[i];
    client::ListParams params;
    if (kind->namespaced && !line.all_namespaces) params.namespace_ = line.ns;
    params.label_selector = line.flag("--selector");
    params.field_selector = line.flag("--field-selector");
    auto found = co_await client_.list(kind->id, params);
    if (!found.ok()) {
      report(*c, found.error());
      continue;
    }
    for (const api::ObjectRef& o : found->items) out.push_back({kind, o->meta().namespace_, o->meta().name});
  }
  co_return out;
}

env::Task<> Driver::act(CommandRef c, Target t) {
  const KubectlCommand& line = c->line;
  if (line.verb == "annotate" || line.verb == "label") {
    co_await edit_metadata(c, t);
  } else if (line.verb == "scale") {
    co_await scale(c, t);
  } else if (line.verb == "patch") {
    const std::string type = line.flag("--type", "strategic");
    const api::PatchType patch = type == "json"    ? api::PatchType::kJson
                                 : type == "merge" ? api::PatchType::kMerge
                                                   : api::PatchType::kStrategicMerge;
    co_await patch_target(c, t, patch, line.flag("--patch"), line.flag("--subresource"));
  } else if (line.verb == "delete") {
    co_await remove(c, t);
  } else if (line.verb == "rollout") {
    co_await rollout(c, t);
  } else if (line.verb == "taint") {
    co_await taint(c, t);
  } else if (line.verb == "set") {
    co_await set(c, t);
  } else if (line.action == "job") {
    co_await start_cron_job(c, t);
  } else if (line.verb == "create") {
    api::Namespace made;
    made.metadata.name = t.name;
    auto done = co_await client_.create(api::make_object(std::move(made)));
    if (!done.ok()) report(*c, done.error());
  } else {
    const char* json = line.verb == "cordon" ? R"({"spec":{"unschedulable":true}})"
                                             : R"({"spec":{"unschedulable":null}})";
    co_await patch_target(c, t, api::PatchType::kStrategicMerge, json);
  }
}

env::Task<> Driver::patch_target(CommandRef c, Target t, api::PatchType type, std::string json,
                                 std::string subresource) {
  auto done = co_await client_.patch(t.kind->id, t.ns, t.name, type, json, subresource);
  if (!done.ok()) report(*c, done.error());
}

/// Without --overwrite kubectl itself refuses to change a value that is there.
env::Task<> Driver::edit_metadata(CommandRef c, Target t) {
  const bool labels = c->line.verb == "label";
  auto found = co_await client_.get(t.kind->id, t.ns, t.name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  const api::Map<Str>& present = labels ? (*found)->meta().labels : (*found)->meta().annotations;
  std::string members;
  for (const std::string& e : c->line.edits) {
    const std::size_t equals = e.find('=');
    const std::string key = equals == std::string::npos ? e.substr(0, e.size() - 1) : e.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : e.substr(equals + 1);
    const Str* old = present.find(key);
    if (equals != std::string::npos && old && !(*old == value) && !c->line.has("--overwrite")) co_return;
    members += cat(members.empty() ? "" : ",", json_string(key), ":",
                   equals == std::string::npos ? "null" : json_string(value));
  }
  co_await patch_target(c, t, api::PatchType::kMerge,
                        cat(R"({"metadata":{")", labels ? "labels" : "annotations", "\":{", members, "}}}"));
}

env::Task<> Driver::scale(CommandRef c, Target t) {
  const std::string size = c->line.flag("--replicas");
  if (c->line.has("--current-replicas")) {
    auto found = co_await client_.get(t.kind->id, t.ns, t.name);
    if (!found.ok()) {
      report(*c, found.error());
      co_return;
    }
    const JsonValue current = json_of(**found)["spec"]["replicas"];
    if (std::to_string(current.int_or(1)) != c->line.flag("--current-replicas")) co_return;
  }
  co_await patch_target(c, t, api::PatchType::kMerge, cat(R"({"spec":{"replicas":)", size, "}}"), "scale");
}

/// As createJobFromCronJob of kubectl: the Job belongs to the CronJob, which did not make it.
env::Task<> Driver::start_cron_job(CommandRef c, Target t) {
  const std::string from = c->line.flag("--from");
  const std::string name = from.substr(from.find('/') + 1);
  auto found = co_await client_.get(api::KindId::kCronJob, t.ns, name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  JsonValue job = json_of(**found)["spec"]["jobTemplate"];
  JsonValue meta = job["metadata"].is_object() ? job["metadata"] : JsonValue::object();
  JsonValue annotations = JsonValue::object(), owner = JsonValue::object(), owners = JsonValue::array();
  annotations.set("cronjob.kubernetes.io/instantiate", "manual");
  for (const codec::JsonMember& a : meta["annotations"].members()) annotations.set(a.key, a.value);
  owner.set("apiVersion", "batch/v1");
  owner.set("kind", "CronJob");
  owner.set("name", name);
  owner.set("uid", (*found)->meta().uid);
  owner.set("controller", JsonValue(true));
  owners.edit_items().push_back(std::move(owner));
  meta.set("name", t.name);
  meta.set("annotations", std::move(annotations));
  meta.set("ownerReferences", std::move(owners));
  job.set("metadata", std::move(meta));
  job.set("apiVersion", "batch/v1");
  job.set("kind", "Job");
  co_await post(c, t, std::move(job));
}

env::Task<> Driver::set(CommandRef c, Target t) {
  auto found = co_await client_.get(t.kind->id, t.ns, t.name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  std::string patch = c->line.action == "selector" ? selector_patch(**found, c->line) : container_patch(**found, c->line);
  if (!patch.empty()) co_await patch_target(c, t, api::PatchType::kStrategicMerge, std::move(patch));
}

env::Task<> Driver::remove(CommandRef c, Target t) {
  const KubectlCommand& line = c->line;
  client::DeleteParams params;
  const std::string cascade = line.flag("--cascade", "background");
  params.propagation = cascade == "foreground"                     ? api::Propagation::kForeground
                       : cascade == "orphan" || cascade == "false" ? api::Propagation::kOrphan
                                                                   : api::Propagation::kBackground;
  if (line.has("--grace-period")) params.grace_period_seconds = std::stoll(line.flag("--grace-period"));
  if (params.grace_period_seconds && *params.grace_period_seconds < 0) params.grace_period_seconds.reset();
  // A period of 0 is only for those who force it.
  if (line.has("--now") || (params.grace_period_seconds == 0 && !line.has("--force")))
    params.grace_period_seconds = 1;
  if (line.has("--force") && !params.grace_period_seconds) params.grace_period_seconds = 0;
  auto done = co_await client_.remove(t.kind->id, t.ns, t.name, params);
  if (!done.ok() && !(done.error().not_found() && line.has("--ignore-not-found"))) report(*c, done.error());
}

env::Task<> Driver::taint(CommandRef c, Target t) {
  auto found = co_await client_.get(t.kind->id, {}, t.name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  JsonValue list = JsonValue::array();
  const JsonValue current = json_of(**found)["spec"]["taints"];
  std::vector<TaintEdit> edits;
  for (const std::string& word : c->line.edits) edits.push_back(taint_edit(word));
  const auto edits_it = [](const TaintEdit& e, const JsonValue& old) {
    return old["key"].text_or("") == e.key && (e.effect.empty() || old["effect"].text_or("") == e.effect);
  };
  for (const TaintEdit& e : edits) {
    if (e.removes) continue;
    const auto& old = current.items();
    const bool present = std::any_of(old.begin(), old.end(), [&](const JsonValue& o) { return edits_it(e, o); });
    if (present && !c->line.has("--overwrite")) co_return;
    JsonValue taint = JsonValue::object();
    taint.set("key", e.key);
    if (!e.value.empty()) taint.set("value", e.value);
    taint.set("effect", e.effect);
    list.edit_items().push_back(std::move(taint));
  }
  for (const JsonValue& old : current.items())
    if (std::none_of(edits.begin(), edits.end(), [&](const TaintEdit& e) { return edits_it(e, old); }))
      list.edit_items().push_back(old);
  co_await patch_target(c, t, api::PatchType::kMerge, cat(R"({"spec":{"taints":)", list.dump(), "}}"));
}

}  // namespace orrery::scenarios::conform
