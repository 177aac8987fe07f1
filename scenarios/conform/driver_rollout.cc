// kubectl rollout (k8s.io/kubectl/pkg/polymorphichelpers).
#include <algorithm>
#include <charconv>

#include "model/api/controller_revision.h"
#include "model/api/deployment.h"
#include "model/api/replica_set.h"
#include "model/base/str.h"
#include "model/codec/json_write.h"
#include "scenarios/conform/driver.h"

namespace orrery::scenarios::conform {
namespace {

using api::KindId;
using base::cat;
using base::Nanos;

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

}  // namespace

env::Task<> Driver::rollout(CommandRef c, Target t) {
  const std::string& what = c->line.action;
  if (what == "pause" || what == "resume") {
    co_await patch_target(c, t, api::PatchType::kStrategicMerge,
                          what == "pause" ? R"({"spec":{"paused":true}})" : R"({"spec":{"paused":null}})");
  } else if (what == "restart") {
    const std::string now =
        c->step.restarted_at.empty() ? api::Time::from(env_.clock.wall()).str() : c->step.restarted_at;
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
  auto found = co_await client_.get(KindId::kDeployment, t.ns, t.name);
  if (!found.ok()) {
    report(*c, found.error());
    co_return;
  }
  const auto& deployment = (*found)->as<api::Deployment>();
  client::ListParams params;
  params.namespace_ = t.ns;
  auto sets = co_await client_.list(KindId::kReplicaSet, params);
  if (!sets.ok()) co_return;
  std::vector<std::pair<std::int64_t, const api::Object*>> revisions;
  for (const api::ObjectRef& o : sets->items)
    if (owned_by(o->meta(), deployment.metadata))
      revisions.emplace_back(number_of(o->meta().annotations.get(kRevision)), o.get());
  const api::Object* set = rollback_target(revisions, number_of(c->line.flag("--to-revision")));
  if (!set) co_return;
  co_await patch_target(c, t, api::PatchType::kJson, rollback_patch(deployment, *set));
}

env::Task<> Driver::undo_revision(CommandRef c, Target t) {
  auto found = co_await client_.get(t.kind->id, t.ns, t.name);
  if (!found.ok()) co_return;
  client::ListParams params;
  params.namespace_ = t.ns;
  auto list = co_await client_.list(KindId::kControllerRevision, params);
  if (!list.ok()) co_return;
  std::vector<std::pair<std::int64_t, const api::Object*>> revisions;
  for (const api::ObjectRef& o : list->items)
    if (owned_by(o->meta(), (*found)->meta()))
      revisions.emplace_back(o->as<api::ControllerRevision>().revision, o.get());
  const api::Object* revision = rollback_target(revisions, number_of(c->line.flag("--to-revision")));
  if (!revision) co_return;
  co_await patch_target(c, t, api::PatchType::kStrategicMerge, json_of(*revision)["data"].dump());
}

}  // namespace orrery::scenarios::conform
