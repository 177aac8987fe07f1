// Ownership: controller references, adoption and release (pkg/controller/controller_ref_manager.go).
#pragma once
#include <optional>
#include <vector>

#include "control/client/client.h"
#include "control/client/informer.h"
#include "model/api/selector.h"

namespace orrery::client {

/// A reference with controller and blockOwnerDeletion set.
api::OwnerReference controller_reference(const api::Kind& kind, const api::ObjectMeta& owner);
api::OwnerReference controller_reference(const api::Object& owner);
/// True when `meta` is controlled by the object with this uid.
bool controlled_by(const api::ObjectMeta& meta, std::string_view uid);
/// True when both references (null: none) name the same owner.
bool same_controller(const api::OwnerReference* a, const api::OwnerReference* b);

/// The selector of a LabelSelector field; an absent or invalid one selects nothing.
api::Selector selector_of(const base::Box<api::LabelSelector>& selector);

enum class ClaimAction : unsigned char { kIgnore, kKeep, kAdopt, kRelease };
/// What `owner` does about `object`. Never adopts when `owner` or `object` is being deleted.
ClaimAction claim_action(const api::ObjectMeta& owner, const api::ObjectMeta& object, bool matches);

/// Strategic merge patches; the uid in them makes them fail on a successor of the same name.
Str adopt_patch(const api::Object& owner, const api::ObjectMeta& object);
Str release_patch(std::string_view owner_uid, const api::ObjectMeta& object);

struct ClaimResult {
  std::vector<ObjectRef> claimed;       ///< in the order of the candidates
  std::optional<ApiError> error;        ///< the first; the other candidates were still claimed
};

/// Keeps, adopts and releases `candidates` (all of one kind) by `owner`'s selector. Before the first adoption the owner is
/// read afresh, so that a deleted one adopts nothing. Answers without suspending when there is nothing to change.
/// `may_match` (optional) restricts what is adopted or kept beyond the selector.
using ClaimFilter = bool (*)(const api::Object& owner, const api::Object& candidate);
env::Task<ClaimResult> claim(Client& client, ObjectRef owner, api::Selector selector, std::vector<ObjectRef> candidates,
                             ClaimFilter may_match = nullptr);

/// An index of objects by the uid of their controller; those without one stand under "orphan/NAMESPACE".
int controller_index(Informer& informer);
/// What a controller may claim: its own and the orphans of its namespace.
std::vector<ObjectRef> claim_candidates(const Informer& informer, int index, const api::ObjectMeta& owner);
/// True when there are objects without a controller in the owner's namespace.
bool has_orphans(const Informer& informer, int index, const api::ObjectMeta& owner);

}  // namespace orrery::client
