#include "scenarios/conform/driver.h"

#include <algorithm>

#include "model/base/str.h"
#include "model/codec/json_read.h"
#include "model/codec/json_text.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using base::Nanos;

constexpr std::string_view kReads[] = {"api-resources", "auth", "describe", "diff",    "events", "explain",
                                       "get",           "logs", "top",      "version", "wait"};
constexpr std::string_view kWrites[] = {"annotate", "cordon", "delete", "drain", "label",   "patch",
                                        "rollout",  "scale",  "set",    "taint", "uncordon"};
/// Flags that take no value.
constexpr std::string_view kSwitches[] = {"--all",
                                          "--delete-emptydir-data",
                                          "--disable-eviction",
                                          "--force",
                                          "--ignore-daemonsets",
                                          "--now",
                                          "--overwrite",
                                          "--watch"};

template <class Range>
bool holds(const Range& range, std::string_view value) {
  return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

std::string_view verb_of(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-n" || words[i] == "--namespace") ++i;
    else if (words[i][0] != '-') return words[i];
  }
  return "";
}

std::string quoted(std::string_view s) {
  std::string out;
  codec::append_json_string(s, out);
  return out;
}

/// {"metadata":{"FIELD":{"KEY":"VALUE"}}} of the arguments KEY=VALUE and KEY-.
std::string metadata_patch(std::string_view field, const std::vector<std::string>& args, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < args.size(); ++i) {
    const std::string& a = args[i];
    const std::size_t equals = a.find('=');
    if (equals == std::string::npos && !a.ends_with('-')) continue;
    out += out.empty() ? "" : ",";
    out += equals == std::string::npos ? cat(quoted(a.substr(0, a.size() - 1)), ":null")
                                       : cat(quoted(a.substr(0, equals)), ":", quoted(a.substr(equals + 1)));
  }
  return cat(R"({"metadata":{)", quoted(field), ":{", out, "}}}");
}

}  // namespace

bool kubectl_writes(const std::vector<std::string>& words) {
  if (holds(kReads, verb_of(words))) return false;
  for (const char* read : {"status", "history"})
    if (verb_of(words) == "rollout" && holds(words, read)) return false;
  return true;
}

std::string kubectl_problem(const std::vector<std::string>& words) {
  const std::string_view verb = verb_of(words);
  if (!kubectl_writes(words) || holds(kWrites, verb)) return "";
  return verb.empty() ? "names no command" : cat("kubectl ", verb, " cannot be replayed");
}

Driver::Driver(env::Environment& env, client::ClientConfig config)
    : env_(env), client_(env, std::move(config)), tasks_(env.trampoline) {}

void Driver::perform(const Step& step, Translate translate, std::function<void(std::string)> refused) {
  auto c = std::make_shared<Command>();
  c->step = step;
  c->translate = std::move(translate);
  c->refused = std::move(refused);
  if (step.kind == Step::Kind::kRequest) {
    tasks_.spawn(send_request(std::move(c)));
  } else if (kubectl_writes(step.words)) {
    parse(*c);
    tasks_.spawn(kubectl(std::move(c)));
  }
}

void Driver::create(const JsonValue& object) {
  Step s;
  const api::Kind* kind = api::find_kind(object["apiVersion"].text_or(""), object["kind"].text_or(""));
  if (!kind) return;
  JsonValue fresh = object, meta = object["metadata"];
  for (const char* name : {"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"})
    meta.edit_members().erase(name);
  fresh.set("metadata", meta);
  s.object_kind = kind->id;
  s.ns = meta["namespace"].text_or("");
  s.body = fresh.dump();
  perform(
      s, [](const std::string&, const std::string&, const std::string& name) { return name; },
      [](std::string) {});
}

void Driver::report(const Command& c, const client::ApiError& error) const {
  c.refused(cat("line ", std::to_string(c.step.line), ": ", c.step.text, ": ", error.message));
}

env::Task<> Driver::send_request(CommandRef c) {
  const Step& s = c->step;
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = s.verb;
  r->kind = s.object_kind;
  r->subresource = s.subresource;
  r->namespace_ = s.ns;
  r->name = s.name.empty() ? s.name : c->translate(s.resource, s.ns, s.name);
  if (!s.body.empty()) {
    r->format = api::BodyFormat::kJson;
    r->bytes = s.body;
    if (r->name != std::string_view(s.name)) {
      auto body = codec::parse_json(s.body);
      if (body.ok() && (*body)["metadata"]["name"].is_string()) {
        JsonValue meta = (*body)["metadata"];
        meta.set("name", r->name);
        body->set("metadata", meta);
        r->bytes = body->dump();
      }
    }
  }
  r->patch = s.patch;
  r->grace_period_seconds = s.grace_seconds;
  r->propagation = s.propagation;
  r->dry_run = s.dry_run;
  auto done = co_await client_.ask(r);
  if (!done.ok()) report(*c, done.error());
}

std::string Driver::Command::flag(std::string_view name, std::string_view otherwise) const {
  for (const auto& [key, value] : flags)
    if (key == name) return value;
  return std::string(otherwise);
}

bool Driver::Command::has(std::string_view name) const {
  return std::any_of(flags.begin(), flags.end(), [name](const auto& f) { return f.first == name; });
}

void Driver::parse(Command& c) const {
  const std::vector<std::string>& words = c.step.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& w = words[i];
    if (w[0] != '-' || w.size() == 1) {
      c.args.push_back(w);
      continue;
    }
    std::size_t equals = w.find('=');
    std::string key = w.substr(0, equals), value;
    if (equals != std::string::npos) value = w.substr(equals + 1);
    else if (!holds(kSwitches, key) && i + 1 < words.size()) value = words[++i];
    if (key == "-n") key = "--namespace";
    if (key == "-p") key = "--patch";
    if (key == "--namespace") c.ns = value;
    c.flags.emplace_back(std::move(key), std::move(value));
  }
}

std::vector<Driver::Target> Driver::targets(const Command& c, std::size_t from) const {
  std::vector<Target> out;
  const api::Kind* kind = nullptr;
  for (std::size_t i = from; i < c.args.size(); ++i) {
    const std::string& a = c.args[i];
    if (a.find('=') != std::string::npos || a.ends_with('-')) break;
    Target t;
    if (const std::size_t slash = a.find('/'); slash != std::string::npos) {
      t.kind = kind_by_word(a.substr(0, slash));
      t.name = a.substr(slash + 1);
    } else if (!kind) {
      kind = kind_by_word(a);
      if (!kind) break;
      continue;
    } else {
      t.kind = kind;
      t.name = a;
    }
    if (!t.kind) break;
    t.name = c.translate(t.kind->plural, t.kind->namespaced ? c.ns : "", t.name);
    out.push_back(std::move(t));
  }
  return out;
}

env::Task<> Driver::kubectl(CommandRef c) {
  // A short command spends its time before its request (start-up, discovery); a long one waits afterwards.
  const Nanos before = std::min<Nanos>(c->step.took * 4 / 5, 700 * base::kMillisecond);
  co_await env::sleep(env_, before);
  const std::string verb = c->args.empty() ? "" : c->args[0];
  if (verb == "cordon" || verb == "uncordon" || verb == "drain") {
    for (std::size_t i = 1; i < c->args.size(); ++i) {
      std::string node = c->args[i].substr(c->args[i].find('/') + 1);
      if (verb == "drain") {
        co_await drain(c, node);
        continue;
      }
      Target t;
      t.kind = &api::kind_of(api::KindId::kNode);
      t.name = node;
      const char* json =
          verb == "cordon" ? R"({"spec":{"unschedulable":true}})" : R"({"spec":{"unschedulable":null}})";
      co_await patch_target(c, t, api::PatchType::kStrategicMerge, json);
    }
    co_return;
  }
  const std::vector<Target> all = targets(*c, verb == "rollout" || verb == "set" ? 2 : 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Target t = all[i];
    if (verb == "annotate" || verb == "label") {
      const std::string json = metadata_patch(verb == "label" ? "labels" : "annotations", c->args, 1);
      co_await patch_target(c, t, api::PatchType::kMerge, json);
    } else if (verb == "scale") {
      const std::string json = cat(R"({"spec":{"replicas":)", c->flag("--replicas", "1"), "}}");
      co_await patch_target(c, t, api::PatchType::kMerge, json, "scale");
    } else if (verb == "patch") {
      const std::string type = c->flag("--type", "strategic");
      const api::PatchType patch = type == "json"    ? api::PatchType::kJson
                                   : type == "merge" ? api::PatchType::kMerge
                                                     : api::PatchType::kStrategicMerge;
      co_await patch_target(c, t, patch, c->flag("--patch"), c->flag("--subresource"));
    } else if (verb == "delete") {
      co_await remove(c, t);
    } else if (verb == "rollout") {
      co_await rollout(c, t);
    } else if (verb == "taint") {
      co_await taint(c, t);
    } else if (verb == "set") {
      std::string list;
      for (const std::string& a : c->args) {
        const std::size_t equals = a.find('=');
        if (equals == std::string::npos) continue;
        list += cat(list.empty() ? "" : ",", R"({"name":)", quoted(a.substr(0, equals)), R"(,"image":)",
                    quoted(a.substr(equals + 1)), "}");
      }
      co_await patch_target(c, t, api::PatchType::kStrategicMerge,
                            cat(R"({"spec":{"template":{"spec":{"containers":[)", list, "]}}}}"));
    }
  }
}

env::Task<> Driver::patch_target(CommandRef c, Target t, api::PatchType type, std::string json,
                                 std::string subresource) {
  const Str ns = t.kind->namespaced ? Str(c->ns) : Str();
  auto done = co_await client_.patch(t.kind->id, ns, t.name, type, json, subresource);
  if (!done.ok()) report(*c, done.error());
}

env::Task<> Driver::remove(CommandRef c, Target t) {
  client::DeleteParams params;
  const std::string cascade = c->flag("--cascade", "background");
  params.propagation = cascade == "foreground" ? api::Propagation::kForeground
                       : cascade == "orphan"   ? api::Propagation::kOrphan
                                               : api::Propagation::kBackground;
  if (c->has("--force")) params.grace_period_seconds = 0;
  if (c->has("--now")) params.grace_period_seconds = 1;
  if (c->has("--grace-period")) params.grace_period_seconds = std::stoll(c->flag("--grace-period"));
  auto done = co_await client_.remove(t.kind->id, t.kind->namespaced ? Str(c->ns) : Str(), t.name, params);
  if (!done.ok()) report(*c, done.error());
}

}  // namespace orrery::scenarios::conform
