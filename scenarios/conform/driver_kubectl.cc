// The kubectl commands that are more than one request: rollout, taint, drain
// (k8s.io/kubectl/pkg/polymorphichelpers, drain).
#include <algorithm>
#include <charconv>

#include "model/api/controller_revision.h"
#include "model/api/deployment.h"
#include "model/api/eviction.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/api/replica_set.h"
#include "model/base/str.h"
#include "model/codec/json_write.h"
#include "scenarios/conform/driver.h"

namespace orrery::scenarios::conform {
namespace {

using api::KindId;
using base::cat;
using base::Nanos;

constexpr Nanos kEvictionRetry = 5 * base::kSecond;
constexpr std::string_view kRevision = "deployment.kubernetes.io/revision";
/// Annotations of a ReplicaSet that a rollback does not take over.
constexpr std::string_view kNotRolledBack[] = {"kubectl.kubernetes.io/last-applied-configuration",
                                               kRevision,
                                               "deployment.kubernetes.io/revision-history",
                                               "deployment.kubernetes.io/desired-replicas",
                                               "deployment.kubernetes.io/max-replicas",
                                               "deprecated.deployment.rollback.to"};

std::int64_t number_of(std::string_view text) {
  std::int64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool owned_by(const api::ObjectMeta& meta, const api::ObjectMeta& owner) {
  const api::OwnerReference* r = api::controller_of(meta);
  return r && r->uid == owner.uid;
}

/// The candidate whose revision was asked for, or the one before the newest.
template <class T>
const T* rollback_target(std::vector<std::pair<std::int64_t, const T*>> found, std::int64_t wanted) {
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [revision, object] : found)
    if (wanted && revision == wanted) return object;
  return wanted || found.size() < 2 ? nullptr : found[1].second;
}

JsonValue json_of(const api::Object& object) { return *codec::parse_json(codec::to_json(object)); }

bool not_rolled_back(std::string_view key) {
  return std::find(std::begin(kNotRolledBack), std::end(kNotRolledBack), key) != std::end(kNotRolledBack);
}

/// Replaces the template and the annotations that belong to it.
std::string rollback_patch(const api::Deployment& deployment, const api::Object& set) {
  JsonValue tmpl = json_of(set)["spec"]["template"];
  JsonValue meta = tmpl["metadata"], labels = meta["labels"];
  labels.edit_members().erase("pod-template-hash");
  meta.set("labels", labels);
  tmpl.set("metadata", meta);
  JsonValue annotations = JsonValue::object();
  for (const auto& [key, value] : deployment.metadata.annotations)
    if (not_rolled_back(key)) annotations.set(key, value);
  for (const auto& [key, value] : set.meta().annotations)
    if (!not_rolled_back(key)) annotations.set(key, value);
  const auto replace = [](const char* path, JsonValue value) {
    JsonValue op = JsonValue::object();
    op.set("op", "replace");
    op.set("path", path);
    op.set("value", std::move(value));
    return op;
  };
  JsonValue patch = JsonValue::array();
  patch.edit_items().push_back(replace("/spec/template", std::move(tmpl)));
  patch.edit_items().push_back(replace("/metadata/annotations", std::move(annotations)));
  return patch.dump();
}

bool is_daemon_pod(const api::Pod& pod) {
  const api::OwnerReference* owner = api::controller_of(pod.metadata);
  return owner && owner->kind == "DaemonSet";
}

}  // namespace

env::Task<> Driver::rollout(CommandRef c, Target t) {
  const std::string what = c->args.size() > 1 ? c->args[1] : "";
  if (what == "pause" || what == "resume") {
    co_await patch_target(c, t, api::PatchType::kStrategicMerge,
                          what == "pause" ? R"({"spec":{"paused":true}})" : R"({"spec":{"paused":null}})");
  } else if (what == "restart") {
    const std::string now = api::Time::from(env_.clock.wall()).str();
    co_await patch_target(
        c, t, api::PatchType::kStrategicMerge,
        cat(R"({"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":")", now,
            "\"}}}}}"));
  } else if (what == "undo" && t.kind->id == KindId::kDeployment) {
    co_await undo_deployment(c, t);
  } else if (what == "undo") {
    co_await undo_revision(c, t);
  }
}

env::Task<> Driver::undo_deployment(CommandRef c, Target t) {
  auto found = co_await client_.get(KindId::kDeployment, c->ns, t.name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  const auto& deployment = (*found)->as<api::Deployment>();
  client::ListParams params;
  params.namespace_ = c->ns;
  auto sets = co_await client_.list(KindId::kReplicaSet, params);
  if (!sets.ok()) co_return;
  std::vector<std::pair<std::int64_t, const api::Object*>> revisions;
  for (const api::ObjectRef& o : sets->items)
    if (owned_by(o->meta(), deployment.metadata))
      revisions.emplace_back(number_of(o->meta().annotations.get(kRevision)), o.get());
  const api::Object* set = rollback_target(revisions, number_of(c->flag("--to-revision")));
  if (!set) co_return;
  co_await patch_target(c, t, api::PatchType::kJson, rollback_patch(deployment, *set));
}

env::Task<> Driver::undo_revision(CommandRef c, Target t) {
  auto found = co_await client_.get(t.kind->id, c->ns, t.name);
  if (!found.ok()) co_return;
  client::ListParams params;
  params.namespace_ = c->ns;
  auto list = co_await client_.list(KindId::kControllerRevision, params);
  if (!list.ok()) co_return;
  std::vector<std::pair<std::int64_t, const api::Object*>> revisions;
  for (const api::ObjectRef& o : list->items)
    if (owned_by(o->meta(), (*found)->meta()))
      revisions.emplace_back(o->as<api::ControllerRevision>().revision, o.get());
  const api::Object* revision = rollback_target(revisions, number_of(c->flag("--to-revision")));
  if (!revision) co_return;
  co_await patch_target(c, t, api::PatchType::kStrategicMerge, json_of(*revision)["data"].dump());
}

env::Task<> Driver::taint(CommandRef c, Target t) {
  auto found = co_await client_.get(KindId::kNode, {}, t.name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  JsonValue list = JsonValue::array();
  JsonValue current = json_of(**found)["spec"]["taints"];
  struct Edit {
    std::string key, value, effect;
    bool removes;
  };
  std::vector<Edit> edits;
  for (const std::string& a : c->args) {
    const std::size_t equals = a.find('=');
    const std::size_t colon = a.find(':', equals == std::string::npos ? 0 : equals);
    const bool removes = a.ends_with('-');
    if (equals == std::string::npos && colon == std::string::npos && !removes) continue;
    const std::string body = removes ? a.substr(0, a.size() - 1) : a;
    Edit e{body.substr(0, std::min(equals, colon)), "",
           colon == std::string::npos ? "" : body.substr(colon + 1), removes};
    if (equals != std::string::npos)
      e.value = body.substr(equals + 1, colon == std::string::npos ? colon : colon - equals - 1);
    edits.push_back(std::move(e));
  }
  for (const Edit& e : edits) {
    if (e.removes) continue;
    JsonValue taint = JsonValue::object();
    taint.set("key", e.key);
    if (!e.value.empty()) taint.set("value", e.value);
    taint.set("effect", e.effect);
    list.edit_items().push_back(std::move(taint));
  }
  for (const JsonValue& old : current.items()) {
    const bool edited = std::any_of(edits.begin(), edits.end(), [&old](const Edit& e) {
      return old["key"].text_or("") == e.key && (e.effect.empty() || old["effect"].text_or("") == e.effect);
    });
    if (!edited) list.edit_items().push_back(old);
  }
  co_await patch_target(c, t, api::PatchType::kMerge, cat(R"({"spec":{"taints":)", list.dump(), "}}"));
}

env::Task<> Driver::drain(CommandRef c, std::string node) {
  Target t;
  t.kind = &api::kind_of(KindId::kNode);
  t.name = node;
  const base::Instant start = env_.clock.now();
  const auto timeout = api::parse_duration(c->flag("--timeout", "0s"));
  const base::Instant give_up = timeout.ok() && *timeout > 0 ? start + *timeout : base::kNever;
  co_await patch_target(c, t, api::PatchType::kStrategicMerge, R"({"spec":{"unschedulable":true}})");
  client::ListParams params;
  params.field_selector = cat("spec.nodeName=", node);
  auto pods = co_await client_.list(KindId::kPod, params);
  if (!pods.ok()) co_return;
  for (const api::ObjectRef& o : pods->items) {
    const auto& pod = o->as<api::Pod>();
    const bool ended = pod.status->phase == "Succeeded" || pod.status->phase == "Failed";
    if (is_daemon_pod(pod) && !ended) {
      if (!c->has("--ignore-daemonsets")) co_return;
      continue;
    }
    if (!api::controller_of(pod.metadata) && !ended && !c->has("--force")) co_return;
  }
  for (std::size_t i = 0; i < pods->items.size(); ++i) {
    if (is_daemon_pod(pods->items[i]->as<api::Pod>())) continue;
    Str grace;
    if (c->has("--grace-period")) grace = c->flag("--grace-period");
    tasks_.spawn(evict_until(c, pods->items[i], give_up, grace));
  }
}

env::Task<> Driver::evict_until(CommandRef c, api::ObjectRef pod, base::Instant give_up, Str grace) {
  const api::ObjectMeta meta = pod->meta();
  while (env_.clock.now() < give_up) {
    client::ApiResult<api::ObjectRef> done = pod;
    if (c->has("--disable-eviction")) {
      client::DeleteParams params;
      if (!grace.empty()) params.grace_period_seconds = number_of(grace);
      done = co_await client_.remove(KindId::kPod, meta.namespace_, meta.name, params);
    } else {
      api::Eviction e;
      e.metadata.name = meta.name;
      e.metadata.namespace_ = meta.namespace_;
      if (!grace.empty()) e.delete_options.edit().grace_period_seconds = number_of(grace);
      done = co_await client_.create(api::make_object(std::move(e)), "eviction");
    }
    if (done.ok()) co_return;
    if (done.error().code != 429) {
      if (!done.error().not_found()) report(*c, done.error());
      co_return;
    }
    co_await env::sleep(env_, kEvictionRetry);
  }
}

}  // namespace orrery::scenarios::conform
