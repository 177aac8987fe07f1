#include "scenarios/run/user_agent.h"

#include "model/api/eviction.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/base/str.h"
#include "model/codec/json_text.h"

namespace orrery::scenarios {
namespace {

using api::KindId;
using base::cat;
using base::Str;
using codec::json_string;
using client::ApiError;
using Kind = UserAction::Kind;

bool passes(const ApiError& e) { return e.code == 0 || e.code == 429 || e.code >= 500 || e.conflict(); }

std::string image_patch(const UserAction& a) {
  return cat(R"({"spec":{"template":{"spec":{"containers":[{"name":)", json_string(a.container), R"(,"image":)", json_string(a.image),
             "}]}}}}");
}

bool is_daemon_pod(const api::Pod& pod) {
  const api::OwnerReference* owner = api::controller_of(pod.metadata);
  return owner && owner->kind == "DaemonSet";
}

/// POST pods/NAME/eviction.
base::Ref<api::ApiRequest> eviction_of(const api::Pod& pod) {
  api::Eviction e;
  e.metadata.name = pod.metadata.name;
  e.metadata.namespace_ = pod.metadata.namespace_;
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kCreate;
  request->kind = KindId::kPod;
  request->subresource = "eviction";
  request->namespace_ = pod.metadata.namespace_;
  request->name = pod.metadata.name;
  request->format = api::BodyFormat::kHandle;
  request->object = api::make_object(std::move(e));
  return request;
}

}  // namespace

UserAgent::UserAgent(env::Environment& env, client::ClientConfig config, base::Nanos patience)
    : env_(env), client_(env, std::move(config)), patience_(patience), tasks_(env.trampoline) {}

void UserAgent::perform(UserAction action, std::shared_ptr<ActionReport> report) {
  tasks_.spawn(run(std::move(action), std::move(report)));
}

void UserAgent::create(std::vector<api::ObjectRef> objects, std::shared_ptr<ActionReport> report) {
  tasks_.spawn(run_create(std::move(objects), std::move(report)));
}

env::Task<> UserAgent::run(UserAction action, std::shared_ptr<ActionReport> report) {
  const base::Instant give_up = env_.clock.now() + patience_;
  while (true) {
    Outcome outcome = co_await attempt(action);
    report->done = outcome.ok();
    if (outcome.ok()) co_return;
    report->error = outcome.error().message.str();
    if (!passes(outcome.error()) || env_.clock.now() >= give_up) co_return;
    co_await env::sleep(env_, action.kind == Kind::kDrain ? 5 * base::kSecond : base::kSecond);
  }
}

env::Task<> UserAgent::run_create(std::vector<api::ObjectRef> objects, std::shared_ptr<ActionReport> report) {
  const base::Instant give_up = env_.clock.now() + patience_;
  std::size_t next = 0;
  while (next < objects.size()) {
    const Str ns = objects[next]->meta().namespace_;
    Outcome outcome = base::Unit{};
    if (!ns.empty()) outcome = co_await ensure_namespace(ns);
    if (outcome.ok()) outcome = co_await create_one(objects[next]);
    if (outcome.ok()) {
      ++next;
      continue;
    }
    report->error = cat(objects[next]->kind().kind, " ", api::key_of(objects[next]->meta()), ": ", outcome.error().message);
    const bool no_service_account = outcome.error().code == 403;
    if ((!passes(outcome.error()) && !no_service_account) || env_.clock.now() >= give_up) co_return;
    co_await env::sleep(env_, base::kSecond);
  }
  report->done = true;
}

env::Task<UserAgent::Outcome> UserAgent::create_one(api::ObjectRef object) {
  auto created = co_await client_.create(object);
  if (!created.ok() && !created.error().already_exists()) co_return created.error();
  co_return base::Unit{};
}

env::Task<UserAgent::Outcome> UserAgent::try_create(api::ObjectRef object) {
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kCreate;
  request->kind = object->kind_id();
  request->namespace_ = object->meta().namespace_;
  request->name = object->meta().name;
  request->format = api::BodyFormat::kHandle;
  request->object = std::move(object);
  request->dry_run = true;
  auto answer = co_await client_.ask(std::move(request));
  if (!answer.ok() && !answer.error().already_exists()) co_return answer.error();
  co_return base::Unit{};
}

env::Task<UserAgent::Outcome> UserAgent::ensure_namespace(Str name) {
  auto found = co_await client_.get(KindId::kNamespace, {}, name);
  if (found.ok()) co_return base::Unit{};
  if (!found.error().not_found()) co_return found.error();
  api::Namespace ns;
  ns.metadata.name = name;
  Outcome outcome = co_await create_one(api::make_object(std::move(ns)));
  co_return outcome;
}

env::Task<UserAgent::Outcome> UserAgent::patch(KindId kind, Str ns, Str name, api::PatchType type, Str json, Str subresource) {
  auto patched = co_await client_.patch(kind, ns, name, type, json, subresource);
  if (!patched.ok()) co_return patched.error();
  co_return base::Unit{};
}

env::Task<UserAgent::Outcome> UserAgent::attempt(UserAction a) {
  const ObjectName& o = a.object;
  const Str ns(o.namespace_), name(o.name);
  Outcome outcome = base::Unit{};
  switch (a.kind) {
    case Kind::kSetImage:
      outcome = co_await patch(o.kind, ns, name, api::PatchType::kStrategicMerge, image_patch(a), {});
      break;
    case Kind::kScale:
      outcome = co_await patch(o.kind, ns, name, api::PatchType::kMerge,
                               cat(R"({"spec":{"replicas":)", std::to_string(a.replicas), "}}"), "scale");
      break;
    case Kind::kPatch:
      outcome = co_await patch(o.kind, ns, name, api::PatchType::kStrategicMerge, a.json, Str(a.subresource));
      break;
    case Kind::kCordon:
    case Kind::kUncordon:
      outcome = co_await patch(KindId::kNode, {}, name, api::PatchType::kStrategicMerge,
                               a.kind == Kind::kCordon ? R"({"spec":{"unschedulable":true}})" : R"({"spec":{"unschedulable":null}})", {});
      break;
    case Kind::kDelete: {
      client::DeleteParams params;
      params.grace_period_seconds = a.grace_seconds;
      params.propagation = api::Propagation::kBackground;
      auto removed = co_await client_.remove(o.kind, ns, name, params);
      if (!removed.ok()) outcome = removed.error();
      break;
    }
    case Kind::kApply:
      for (std::size_t i = 0; i < a.objects.size() && outcome.ok(); ++i) {
        if (a.dry_run) {
          outcome = co_await try_create(a.objects[i]);
          continue;
        }
        auto created = co_await client_.create(a.objects[i]);
        if (created.ok()) continue;
        if (!created.error().already_exists()) { outcome = created.error(); break; }
        auto updated = co_await client_.update(a.objects[i]);
        if (!updated.ok()) outcome = updated.error();
      }
      break;
    case Kind::kTaint:
    case Kind::kUntaint: outcome = co_await edit_taints(a); break;
    case Kind::kDrain: outcome = co_await drain(a); break;
  }
  co_return outcome;
}

env::Task<UserAgent::Outcome> UserAgent::edit_taints(UserAction a) {
  auto found = co_await client_.get(KindId::kNode, {}, a.object.name);
  if (!found.ok()) co_return found.error();
  base::Ref<api::Object> copy = api::clone(**found);
  auto* node = static_cast<api::Node*>(api::edit_value(*copy));
  std::vector<api::Taint> taints;
  for (const api::Taint& t : node->spec->taints)
    if (!(t.key == a.taint_key && t.effect == a.taint_effect)) taints.push_back(t);
  if (a.kind == Kind::kTaint) {
    api::Taint t;
    t.key = a.taint_key;
    t.value = a.taint_value;
    t.effect = a.taint_effect;
    taints.push_back(std::move(t));
  }
  node->spec.edit().taints = api::List<api::Taint>(std::move(taints));
  auto updated = co_await client_.update(copy);
  if (!updated.ok()) co_return updated.error();
  co_return base::Unit{};
}

env::Task<UserAgent::Outcome> UserAgent::drain(UserAction a) {
  Outcome cordoned = co_await patch(KindId::kNode, {}, a.object.name, api::PatchType::kStrategicMerge,
                                    R"({"spec":{"unschedulable":true}})", {});
  if (!cordoned.ok()) co_return cordoned;
  client::ListParams params;
  params.field_selector = cat("spec.nodeName=", a.object.name);
  auto pods = co_await client_.list(KindId::kPod, params);
  if (!pods.ok()) co_return pods.error();
  Outcome outcome = base::Unit{};
  for (std::size_t i = 0; i < pods->items.size(); ++i) {
    const auto& pod = pods->items[i]->as<api::Pod>();
    if (is_daemon_pod(pod) || pod.metadata.deleting()) continue;
    auto evicted = co_await client_.ask(eviction_of(pod));
    if (!evicted.ok() && !evicted.error().not_found()) outcome = evicted.error();
  }
  co_return outcome;
}

std::string describe_action(const UserAction& a) {
  switch (a.kind) {
    case Kind::kSetImage: return cat("set-image ", a.object.text(), " ", a.container, "=", a.image);
    case Kind::kScale: return cat("scale ", a.object.text(), " to ", std::to_string(a.replicas));
    case Kind::kDelete: return cat("delete ", a.object.text());
    case Kind::kApply: return cat("apply ", std::to_string(a.objects.size()), " objects");
    case Kind::kCordon: return cat("cordon ", a.object.name);
    case Kind::kUncordon: return cat("uncordon ", a.object.name);
    case Kind::kDrain: return cat("drain ", a.object.name);
    case Kind::kTaint: return cat("taint ", a.object.name, " ", a.taint_key, ":", a.taint_effect);
    case Kind::kUntaint: return cat("untaint ", a.object.name, " ", a.taint_key, ":", a.taint_effect);
    case Kind::kPatch: return cat("patch ", a.object.text());
  }
  return "";
}

}  // namespace orrery::scenarios
