#include "scenarios/oracles/owner_references.h"

#include <algorithm>

#include "model/base/hash.h"

namespace orrery::scenarios {
namespace {

std::uint64_t place(std::string_view kind, std::string_view ns, std::string_view name) {
  return base::combine64(base::combine64(base::hash_bytes(kind), base::hash_bytes(ns)),
                         base::hash_bytes(name));
}

bool ends_after_dependents(const api::ObjectMeta& meta) {
  return meta.deleting() && std::find(meta.finalizers.begin(), meta.finalizers.end(),
                                      "foregroundDeletion") != meta.finalizers.end();
}

}  // namespace

void OwnerReferences::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    const std::uint64_t key = place(o.kind().kind, o.meta().namespace_, o.meta().name);
    if (c.now) objects_[key] = c.now;
    else objects_.erase(key);
  }
  if (record.kind != RecordKind::kApiRequest) return;
  const api::ApiRequest& r = *static_cast<const history::ApiRequestRecord&>(record).request;
  if (r.verb == api::Verb::kDelete && r.user.view().ends_with(":generic-garbage-collector"))
    on_delete(r, record.origin.at);
}

void OwnerReferences::on_delete(const api::ApiRequest& request, Instant at) {
  const api::ObjectRef* found =
      objects_.find(place(api::kind_of(request.kind).kind, request.namespace_, request.name));
  if (!found) return;
  const api::ObjectMeta& meta = (*found)->meta();
  const bool same = request.precondition_uid == meta.uid;
  const Str& revision = request.precondition_resource_version;
  if (!same || (!revision.empty() && !(revision == num((*found)->revision())))) return;
  for (const api::OwnerReference& ref : meta.owner_references) {
    const api::Kind* kind = api::find_kind(ref.api_version, ref.kind);
    if (!kind) continue;
    const api::ObjectRef* owner =
        objects_.find(place(ref.kind, kind->namespaced ? meta.namespace_.view() : "", ref.name));
    const bool lives =
        owner && (*owner)->meta().uid == ref.uid && !ends_after_dependents((*owner)->meta());
    check(!lives, at, [&] {
      return cat(label(**found), " is deleted as garbage while its owner ", label(**owner),
                 " lives");
    });
  }
}

}  // namespace orrery::scenarios
