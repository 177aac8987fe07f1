#include <algorithm>

#include "control/controllers/stateful_set_decisions.h"

// persistentVolumeClaimRetentionPolicy: who owns the claims, so that the garbage collector deletes them in time.
namespace orrery::controllers {
namespace {

enum class Owner : unsigned char { kOther, kSet, kPod };

/// Whose reference it is by kind and name; the uid may be a predecessor's.
Owner named_by(const api::OwnerReference& ref, const api::StatefulSet& set, const api::Pod& pod) {
  if (ref.kind == "StatefulSet" && ref.api_version.view().starts_with("apps/") && ref.name == set.metadata.name) {
    return Owner::kSet;
  }
  if (ref.kind == "Pod" && ref.api_version == "v1" && ref.name == pod.metadata.name) return Owner::kPod;
  return Owner::kOther;
}

bool owned_by(const api::ObjectMeta& claim, const Str& uid) {
  return std::any_of(claim.owner_references.begin(), claim.owner_references.end(),
                     [&uid](const api::OwnerReference& r) { return r.uid == uid; });
}

struct OwnerView {
  bool stale = false, foreign_controller = false, plain_owner = false, set = false, pod = false;
};

OwnerView view_owners(const api::ObjectMeta& claim, const api::StatefulSet& set, const api::Pod& pod) {
  OwnerView v;
  for (const api::OwnerReference& ref : claim.owner_references) {
    const Owner who = named_by(ref, set, pod);
    const bool controls = ref.controller.value_or(false);
    if (who == Owner::kSet && !(ref.uid == set.metadata.uid)) v.stale = true;
    if (who == Owner::kPod && !(ref.uid == pod.metadata.uid)) v.stale = true;
    if (who == Owner::kOther && controls) v.foreign_controller = true;
    if (who != Owner::kOther && !controls) v.plain_owner = true;
  }
  v.set = owned_by(claim, set.metadata.uid);
  v.pod = owned_by(claim, pod.metadata.uid);
  return v;
}

struct Wanted {
  bool set = false, pod = false;
};

Wanted wanted_owners(const api::StatefulSet& set, const api::Pod& pod) {
  const RetentionPolicy policy = retention_policy(set);
  const bool scaled_down = !in_ordinal_range(set, pod);
  Wanted w;
  if (policy.delete_when_scaled && scaled_down) w.pod = true;
  else w.set = policy.delete_when_deleted;
  return w;
}

api::OwnerReference reference(std::string_view api_version, std::string_view kind, const api::ObjectMeta& owner) {
  api::OwnerReference ref;
  ref.api_version = api_version;
  ref.kind = kind;
  ref.name = owner.name;
  ref.uid = owner.uid;
  ref.controller = true;
  ref.block_owner_deletion = true;
  return ref;
}

}  // namespace

RetentionPolicy retention_policy(const api::StatefulSet& set) {
  RetentionPolicy policy;
  if (const auto& p = set.spec->persistent_volume_claim_retention_policy) {
    policy.delete_when_deleted = p->when_deleted == "Delete";
    policy.delete_when_scaled = p->when_scaled == "Delete";
  }
  return policy;
}

bool claim_owners_current(const api::ObjectMeta& claim, const api::StatefulSet& set, const api::Pod& pod) {
  const OwnerView v = view_owners(claim, set, pod);
  if (v.stale) return false;
  if (v.foreign_controller) return !v.set && !v.pod;
  if (v.plain_owner) return false;
  const Wanted w = wanted_owners(set, pod);
  return v.set == w.set && v.pod == w.pod;
}

void update_claim_owners(api::ObjectMeta& claim, const api::StatefulSet& set, const api::Pod& pod) {
  const OwnerView v = view_owners(claim, set, pod);
  std::vector<api::OwnerReference> next;
  for (const api::OwnerReference& ref : claim.owner_references) {
    if (named_by(ref, set, pod) == Owner::kOther) next.push_back(ref);
  }
  const Wanted w = wanted_owners(set, pod);
  if (!v.foreign_controller && w.set) next.push_back(reference("apps/v1", "StatefulSet", set.metadata));
  if (!v.foreign_controller && w.pod) next.push_back(reference("v1", "Pod", pod.metadata));
  claim.owner_references = std::move(next);
}

bool claim_is_stale(const api::ObjectMeta& claim, const api::Pod& pod) {
  return std::any_of(claim.owner_references.begin(), claim.owner_references.end(), [&pod](const api::OwnerReference& r) {
    return r.kind == "Pod" && r.api_version == "v1" && r.name == pod.metadata.name && !(r.uid == pod.metadata.uid);
  });
}

}  // namespace orrery::controllers
