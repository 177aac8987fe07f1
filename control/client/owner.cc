#include "control/client/owner.h"

#include "model/codec/json_text.h"

namespace orrery::client {
namespace {

/// The value under which a controller index has the objects of a namespace that have no controller.
std::string orphans_of(const Str& ns) { return base::cat("orphan/", ns); }

void quoted(std::string_view text, std::string& out) { codec::append_json_string(text, out); }

ApiError deleted_error(std::string_view text) {
  ApiError e;
  e.reason = "InternalError";
  e.message = text;
  return e;
}

/// Whether adoption is still allowed, by a fresh read of the owner.
env::Task<std::optional<ApiError>> can_adopt(Client& client, ObjectRef owner) {
  const api::ObjectMeta& meta = owner->meta();
  const auto fresh = co_await client.get(owner->kind_id(), meta.namespace_, meta.name);
  if (!fresh) co_return fresh.error();
  const api::ObjectMeta& now = (*fresh)->meta();
  if (!(now.uid == meta.uid)) {
    co_return deleted_error(base::cat("original ", owner->kind().kind, " ", meta.namespace_, "/", meta.name,
                                      " is gone: got uid ", now.uid, ", wanted ", meta.uid));
  }
  if (now.deleting()) {
    co_return deleted_error(base::cat(meta.namespace_, "/", meta.name, " has just been deleted at ",
                                      now.deletion_timestamp.str()));
  }
  co_return std::nullopt;
}

}  // namespace

api::OwnerReference controller_reference(const api::Kind& kind, const api::ObjectMeta& owner) {
  api::OwnerReference ref;
  ref.api_version = kind.api_version();
  ref.kind = kind.kind;
  ref.name = owner.name;
  ref.uid = owner.uid;
  ref.controller = true;
  ref.block_owner_deletion = true;
  return ref;
}

api::OwnerReference controller_reference(const api::Object& owner) { return controller_reference(owner.kind(), owner.meta()); }

bool controlled_by(const api::ObjectMeta& meta, std::string_view uid) {
  const api::OwnerReference* owner = api::controller_of(meta);
  return owner && owner->uid == uid;
}

bool same_controller(const api::OwnerReference* a, const api::OwnerReference* b) {
  if (!a || !b) return a == b;
  return a->uid == b->uid && a->name == b->name && a->kind == b->kind;
}

api::Selector selector_of(const base::Box<api::LabelSelector>& selector) {
  if (!selector) return api::Selector::nothing();
  if (selector->match_expressions.empty()) return api::Selector::from_set(selector->match_labels);
  std::vector<api::SelectorExpression> expressions;
  for (const api::LabelSelectorRequirement& r : selector->match_expressions) {
    expressions.push_back({r.key, r.operator_, std::span(r.values.begin(), r.values.size())});
  }
  auto made = api::label_selector(selector->match_labels, expressions);
  return made ? std::move(made).value() : api::Selector::nothing();
}

ClaimAction claim_action(const api::ObjectMeta& owner, const api::ObjectMeta& object, bool matches) {
  if (const api::OwnerReference* ref = api::controller_of(object)) {
    if (!(ref->uid == owner.uid)) return ClaimAction::kIgnore;
    if (matches) return ClaimAction::kKeep;
    return owner.deleting() ? ClaimAction::kIgnore : ClaimAction::kRelease;
  }
  if (owner.deleting() || !matches || object.deleting()) return ClaimAction::kIgnore;
  if (!owner.namespace_.empty() && !(owner.namespace_ == object.namespace_)) return ClaimAction::kIgnore;
  return ClaimAction::kAdopt;
}

Str adopt_patch(const api::Object& owner, const api::ObjectMeta& object) {
  const api::OwnerReference ref = controller_reference(owner);
  std::string out = "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":";
  quoted(ref.api_version, out);
  out += ",\"kind\":";
  quoted(ref.kind, out);
  out += ",\"name\":";
  quoted(ref.name, out);
  out += ",\"uid\":";
  quoted(ref.uid, out);
  out += ",\"controller\":true,\"blockOwnerDeletion\":true}],\"uid\":";
  quoted(object.uid, out);
  out += "}}";
  return out;
}

Str release_patch(std::string_view owner_uid, const api::ObjectMeta& object) {
  std::string out = "{\"metadata\":{\"uid\":";
  quoted(object.uid, out);
  out += ",\"ownerReferences\":[{\"$patch\":\"delete\",\"uid\":";
  quoted(owner_uid, out);
  out += "}]}}";
  return out;
}

env::Task<ClaimResult> claim(Client& client, ObjectRef owner, api::Selector selector,
                             std::vector<ObjectRef> candidates, ClaimFilter may_match) {
  ClaimResult result;
  const api::ObjectMeta& meta = owner->meta();
  bool asked = false;
  std::optional<ApiError> refused;
  result.claimed.reserve(candidates.size());
  for (const ObjectRef& object : candidates) {
    const api::ObjectMeta& its = object->meta();
    const bool matches = selector.matches(its.labels) && (!may_match || may_match(*owner, *object));
    const ClaimAction action = claim_action(meta, its, matches);
    if (action == ClaimAction::kIgnore) continue;
    if (action == ClaimAction::kKeep) {
      result.claimed.push_back(object);
      continue;
    }
    Str patch;
    if (action == ClaimAction::kAdopt) {
      if (!asked) refused = co_await can_adopt(client, owner);
      asked = true;
      if (refused) {
        if (!result.error) result.error = refused;
        continue;
      }
      patch = adopt_patch(*owner, its);
    } else {
      patch = release_patch(meta.uid, its);
    }
    const auto done = co_await client.patch(object->kind_id(), its.namespace_, its.name,
                                            api::PatchType::kStrategicMerge, std::move(patch));
    if (done) {
      if (action == ClaimAction::kAdopt) result.claimed.push_back(object);
      continue;
    }
    // Gone, or (for a release) already released: nothing is left to do.
    const bool settled = done.error().not_found() || (action == ClaimAction::kRelease && done.error().is("Invalid"));
    if (!settled && !result.error) result.error = done.error();
  }
  co_return result;
}

int controller_index(Informer& informer) {
  return informer.shared_index("controller", [](const ObjectRef& object, std::vector<Str>& values) {
    const api::OwnerReference* owner = api::controller_of(object->meta());
    if (owner) values.push_back(owner->uid);
    else values.push_back(orphans_of(object->meta().namespace_));
  });
}

std::vector<ObjectRef> claim_candidates(const Informer& informer, int index, const api::ObjectMeta& owner) {
  std::vector<ObjectRef> out = informer.by_index(index, owner.uid);
  const std::vector<ObjectRef> orphans = informer.by_index(index, orphans_of(owner.namespace_));
  out.insert(out.end(), orphans.begin(), orphans.end());
  return out;
}

bool has_orphans(const Informer& informer, int index, const api::ObjectMeta& owner) {
  return informer.count_by_index(index, orphans_of(owner.namespace_)) > 0;
}

}  // namespace orrery::client
