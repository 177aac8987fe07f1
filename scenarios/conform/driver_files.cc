// kubectl apply, create, delete and replace of the objects in a file.
#include <utility>

#include "model/base/str.h"
#include "model/codec/json_write.h"
#include "scenarios/conform/driver.h"

namespace orrery::scenarios::conform {

using base::cat;

namespace {

/// `next` with nulls for the members that `last` had and it has not, as kubectl's three-way merge; lists are left alone.
JsonValue with_removals(const JsonValue& last, JsonValue next) {
  if (!last.is_object() || !next.is_object()) return next;
  for (const codec::JsonMember& m : last.members()) {
    const JsonValue* kept = next.find(m.key);
    next.set(m.key, kept ? with_removals(m.value, *kept) : JsonValue());
  }
  return next;
}

}  // namespace

env::Task<> Driver::act_on_files(CommandRef c) {
  const auto body = codec::parse_json(c->step.body);
  if (!body.ok()) co_return;
  std::vector<JsonValue> objects;
  if ((*body)["items"].is_array()) objects.assign((*body)["items"].items().begin(), (*body)["items"].items().end());
  else objects.push_back(*body);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const JsonValue& meta = objects[i]["metadata"];
    Target t;
    t.kind = api::find_kind(objects[i]["apiVersion"].text_or(""), objects[i]["kind"].text_or(""));
    if (!t.kind) {
      c->refused(cat("line ", std::to_string(c->step.line), ": ", c->step.text, ": ", objects[i]["kind"].text_or(""),
                     " is not served"));
      continue;
    }
    if (t.kind->namespaced) t.ns = meta["namespace"].text_or(c->line.ns);
    t.name = meta["name"].text_or("");
    if (c->line.verb == "delete") co_await remove(c, t);
    else co_await apply(c, t, objects[i]);
  }
}

env::Task<> Driver::post(CommandRef c, Target t, JsonValue object) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = api::Verb::kCreate;
  r->kind = t.kind->id;
  r->namespace_ = t.ns;
  co_await send(c, std::move(r), std::move(object));
}

env::Task<> Driver::send(CommandRef c, base::Ref<api::ApiRequest> r, JsonValue object) {
  r->format = api::BodyFormat::kJson;
  r->bytes = object.dump();
  auto done = co_await client_.ask(r);
  if (!done.ok()) report(*c, done.error());
}

/// Creates the object; what is there is patched (apply) or replaced.
env::Task<> Driver::apply(CommandRef c, Target t, JsonValue object) {
  if (c->line.verb == "create") {
    co_await post(c, t, std::move(object));
    co_return;
  }
  JsonValue last;
  if (c->line.verb == "apply") last = std::exchange(applied_[cat(t.kind->plural, "/", t.ns, "/", t.name)], object);
  auto found = co_await client_.get(t.kind->id, t.ns, t.name);
  if (!found.ok()) {
    co_await post(c, t, std::move(object));
  } else if (c->line.verb == "apply") {
    co_await patch_target(c, t, api::PatchType::kStrategicMerge, with_removals(last, std::move(object)).dump());
  } else {
    JsonValue meta = object["metadata"];
    meta.set("resourceVersion", std::to_string((*found)->revision()));
    object.set("metadata", std::move(meta));
    auto r = base::make_ref<api::ApiRequest>();
    r->verb = api::Verb::kUpdate;
    r->kind = t.kind->id;
    r->namespace_ = t.ns;
    r->name = t.name;
    co_await send(c, std::move(r), std::move(object));
  }
}

}  // namespace orrery::scenarios::conform
