#include "scenarios/conform/driver.h"

#include <algorithm>

#include "model/base/str.h"
#include "model/codec/json_read.h"
#include "model/codec/json_write.h"
#include "scenarios/conform/mask.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using base::Nanos;

std::string translated(const std::string& text, Names& names) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (!is_uid(rest.substr(0, kUidLength))) {
      out += text[i];
      continue;
    }
    out += names.uid(std::string(rest.substr(0, kUidLength)));
    i += kUidLength - 1;
  }
  return out;
}

void translate_owners(JsonValue& meta, const std::string& ns, Names& names) {
  if (!meta["ownerReferences"].is_array()) return;
  JsonValue owners = JsonValue::array();
  for (JsonValue owner : meta["ownerReferences"].items()) {
    const api::Kind* kind = api::find_kind(owner["apiVersion"].text_or(""), owner["kind"].text_or(""));
    if (kind)
      owner.set("name", names.name(kind->plural, kind->namespaced ? ns : "",
                                   std::string(owner["name"].text_or(""))));
    owners.edit_items().push_back(std::move(owner));
  }
  meta.set("ownerReferences", std::move(owners));
}

}  // namespace

JsonValue json_of(const api::Object& object) { return *codec::parse_json(codec::to_json(object)); }

Driver::Driver(env::Environment& env, client::ClientConfig config)
    : env_(env), client_(env, std::move(config)), tasks_(env.trampoline) {}

void Driver::perform(const Step& step, Names& names, std::function<void(std::string)> refused) {
  auto c = std::make_shared<Command>();
  c->step = step;
  c->names = &names;
  c->refused = std::move(refused);
  if (step.kind == Step::Kind::kRequest) {
    tasks_.spawn(send_request(std::move(c)));
  } else if (kubectl_writes(step.words)) {
    c->line = parse_kubectl(step.words);
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
  perform(s, same_names_, [](std::string) {});
}

void Driver::report(const Command& c, const client::ApiError& error) const {
  if (c.step.failed) return;
  c.refused(cat("line ", std::to_string(c.step.line), ": ", c.step.text, ": ", error.message));
}

env::Task<> Driver::send_request(CommandRef c) {
  const Step& s = c->step;
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = s.verb;
  r->kind = s.object_kind;
  r->subresource = s.subresource;
  r->namespace_ = s.ns;
  r->name = s.name.empty() ? s.name : c->names->name(s.resource, s.ns, s.name);
  if (!s.body.empty()) {
    r->format = api::BodyFormat::kJson;
    r->bytes = co_await fitted_body(c, r->name);
  }
  r->patch = s.patch;
  r->grace_period_seconds = s.grace_seconds;
  r->propagation = s.propagation;
  r->dry_run = s.dry_run;
  r->label_selector = s.label_selector;
  r->field_selector = s.field_selector;
  co_await fit_preconditions(c, r);
  auto done = co_await client_.ask(r);
  if (!done.ok()) report(*c, done.error());
  else if (s.failed && !s.present) c->refused(cat("line ", std::to_string(s.line), ": ", s.text, ": accepted"));
}

env::Task<std::string> Driver::fitted_body(CommandRef c, Str name) {
  const Step& s = c->step;
  const std::string text = translated(s.body, *c->names);
  auto body = codec::parse_json(text);
  if (!body.ok() || !(*body)["metadata"].is_object()) co_return text;
  JsonValue meta = (*body)["metadata"];
  if (!s.name.empty() && meta["name"].text_or("") == s.name) meta.set("name", name);
  translate_owners(meta, s.ns, *c->names);
  const bool names_version = !meta["resourceVersion"].text_or("").empty();
  const bool names_uid = !meta["uid"].text_or("").empty();
  if (!name.empty() && !s.failed && (names_version || names_uid)) {
    auto live = co_await client_.get(s.object_kind, s.ns, name);
    if (live.ok()) {
      if (names_version) meta.set("resourceVersion", std::to_string((*live)->revision()));
      if (names_uid) meta.set("uid", (*live)->meta().uid);
    }
  }
  body->set("metadata", std::move(meta));
  co_return body->dump();
}

env::Task<> Driver::fit_preconditions(CommandRef c, base::Ref<api::ApiRequest> request) {
  const Step& s = c->step;
  if (s.precondition_uid.empty() && s.precondition_resource_version.empty()) co_return;
  request->precondition_uid = c->names->uid(s.precondition_uid);
  request->precondition_resource_version = s.precondition_resource_version;
  if (s.failed) co_return;
  auto live = co_await client_.get(s.object_kind, s.ns, request->name);
  if (!live.ok()) co_return;
  if (!s.precondition_uid.empty()) request->precondition_uid = (*live)->meta().uid;
  if (!s.precondition_resource_version.empty())
    request->precondition_resource_version = std::to_string((*live)->revision());
}

}  // namespace orrery::scenarios::conform
