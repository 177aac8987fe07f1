#include "scenarios/oracles/object_rules.h"

#include <algorithm>

#include "model/api/namespace.h"
#include "model/base/hash.h"

namespace orrery::scenarios {
namespace {

constexpr std::int64_t kSampleEvery = 61;

bool of_collector(const Str& finalizer) { return finalizer == "orphan" || finalizer == "foregroundDeletion"; }

/// True when some finalizer of `all`, the collector's apart, is not in `known`.
bool has_other(const api::List<Str>& all, const api::List<Str>& known) {
  for (const Str& f : all)
    if (!of_collector(f) && std::find(known.begin(), known.end(), f) == known.end()) return true;
  return false;
}

bool held(const api::Object& o) {
  if (has_other(o.meta().finalizers, {})) return true;
  return o.kind_id() == KindId::kNamespace && !o.as<api::Namespace>().spec->finalizers.empty();
}

}  // namespace

void Identity::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.now) continue;
    const api::ObjectMeta& is = c.now->meta();
    if (!c.old) {
      if (is.uid.empty()) continue;
      char& used = used_[base::hash_bytes(is.uid)];
      check(!used, c.at, [&] { return cat(label(*c.now), " was created with uid ", is.uid, ", which was used before"); });
      used = 1;
      continue;
    }
    const api::ObjectMeta& was = c.old->meta();
    check(was.uid == is.uid, c.at, [&] { return cat(label(*c.now), " changed its uid from ", was.uid, " to ", is.uid); });
    check(was.name == is.name && was.namespace_ == is.namespace_, c.at,
          [&] { return cat(label(*c.old), " became ", label(*c.now)); });
    check(was.creation_timestamp == is.creation_timestamp, c.at,
          [&] { return cat(label(*c.now), " changed its creation time to ", is.creation_timestamp.str()); });
  }
}

void DryRun::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) {
    if (c.old || !c.now || c.now->meta().uid.empty()) continue;
    const std::uint64_t uid = base::hash_bytes(c.now->meta().uid);
    stored_[uid] = 1;
    if (dry_.contains(uid)) check(false, c.at, [&] { return cat("the dry run of ", label(*c.now), " was stored"); });
  }
  if (record.kind != RecordKind::kApiResponse) return;
  const auto& a = static_cast<const history::ApiResponseRecord&>(record);
  if (!a.request->dry_run || a.request->verb != api::Verb::kCreate || !a.response || a.response->code >= 300) return;
  if (!a.response->object || a.response->object->meta().uid.empty()) return;
  const std::uint64_t uid = base::hash_bytes(a.response->object->meta().uid);
  dry_[uid] = 1;
  check(!stored_.contains(uid), record.origin.at, [&] { return cat("the dry run of ", label(*a.response->object), " was stored"); });
}

void RoundTrip::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.now || c.revision < next_) continue;
    next_ = c.revision + kSampleEvery;
    std::string bytes;
    c.now->encode(bytes);
    const auto decoded = c.now->type().decode(bytes);
    const api::Object* again = decoded.ok() ? env::body_as<api::Object>(decoded->get()) : nullptr;
    bool equal = again && again->kind_id() == c.now->kind_id() && bytes.size() == c.now->encoded_size();
    if (equal) {
      const api::ObjectRef sealed = api::sealed(api::ObjectRef(again), c.now->revision());
      equal = api::deep_equal(c.now->kind().type(), c.now->value(), sealed->value());
    }
    check(equal, c.at, [&] { return cat(label(*c.now), " at revision ", num(c.revision), " is another object after decoding"); });
  }
}

void DeletionTime::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.old || !c.now || !c.old->meta().deleting()) continue;
    const api::ObjectMeta &was = c.old->meta(), &is = c.now->meta();
    check(is.deleting() && is.deletion_timestamp <= was.deletion_timestamp, c.at, [&] {
      return cat(label(*c.now), is.deleting() ? " moved its deletion later" : " is no longer being deleted");
    });
    check(is.deletion_grace_period_seconds.value_or(0) <= was.deletion_grace_period_seconds.value_or(0), c.at,
          [&] { return cat(label(*c.now), " got a longer grace period while being deleted"); });
  }
}

void Finalizers::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.old) continue;
    const api::ObjectMeta& was = c.old->meta();
    if (!c.now) {
      if (was.deleting()) continue;
      check(!held(*c.old), c.at, [&] { return cat(label(*c.old), " was removed in spite of its finalizers"); });
      continue;
    }
    const api::ObjectMeta& is = c.now->meta();
    if (!was.deleting() || (was.finalizers.empty() && is.finalizers.empty())) continue;
    check(!has_other(is.finalizers, was.finalizers), c.at,
          [&] { return cat(label(*c.now), " got a new finalizer while being deleted"); });
    const bool may_stay = c.now->kind_id() == KindId::kNamespace || is.deletion_grace_period_seconds.value_or(0) > 0;
    check(may_stay || !is.finalizers.empty(), c.at,
          [&] { return cat(label(*c.now), " lost its last finalizer and is still there"); });
  }
}

}  // namespace orrery::scenarios
