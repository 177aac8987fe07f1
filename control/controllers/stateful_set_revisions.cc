#include <algorithm>

#include "control/client/owner.h"
#include "control/controllers/stateful_set.h"

namespace orrery::controllers {

env::Task<StatefulSetController::Failure> StatefulSetController::adopt_revisions(Update& u, api::Selector selector) {
  // Revisions are never released: only orphans that match are taken, and those taken stay.
  std::vector<ObjectRef> candidates = client::claim_candidates(revisions_, revisions_by_controller_, u.set.metadata);
  std::erase_if(candidates, [&selector](const ObjectRef& r) { return !selector.matches(r->meta().labels); });
  const auto claimed = co_await client::claim(client_, u.object, selector, std::move(candidates));
  if (claimed.error) co_return claimed.error;
  for (const ObjectRef& r : claimed.claimed) u.revisions.emplace_back(r);
  sort_revisions(u.revisions);
  co_return std::nullopt;
}

env::Task<StatefulSetController::Failure> StatefulSetController::find_revisions(Update& u) {
  u.collision_count = u.set.status->collision_count.value_or(0);
  api::ControllerRevision wanted = new_revision(*u.object, u.set.spec->template_, next_revision(u.revisions));
  const Str hash = revision_hash(wanted.data.text, u.collision_count);
  wanted.metadata.name = revision_name(u.set.metadata.name, hash);
  wanted.metadata.labels.set(kRevisionHashLabel, hash);
  RevisionHandle equal;
  for (const RevisionHandle& r : u.revisions) {
    if (equal_revisions(*r, wanted)) equal = r;
  }
  Failure failure;
  if (!equal) {
    failure = co_await create_revision(u, std::move(wanted));
  } else if (equal.object() == u.revisions.back().object()) {
    u.update_revision = equal;
  } else {
    // A rollback: the old revision becomes the newest.
    const auto raised = co_await update_revision(client_, equal, wanted.revision);
    if (raised) u.update_revision = RevisionHandle(*raised);
    else failure = raised.error();
  }
  if (failure) co_return failure;
  u.current_revision = u.update_revision;
  for (const RevisionHandle& r : u.revisions) {
    if (r->metadata.name == u.set.status->current_revision) u.current_revision = r;
  }
  co_return std::nullopt;
}

env::Task<StatefulSetController::Failure> StatefulSetController::create_revision(Update& u,
                                                                                 api::ControllerRevision revision) {
  while (true) {
    revision.metadata.name = revision_name(u.set.metadata.name, revision_hash(revision.data.text, u.collision_count));
    const auto created = co_await client_.create(api::make_object(revision));
    if (created) {
      u.update_revision = RevisionHandle(*created);
      co_return std::nullopt;
    }
    if (!created.error().already_exists()) co_return created.error();
    const auto present = co_await client_.get(KindId::kControllerRevision, revision.metadata.namespace_,
                                              revision.metadata.name);
    if (!present) co_return present.error();
    const RevisionHandle found(*present);
    if (equal_revisions(*found, revision)) {
      u.update_revision = found;
      co_return std::nullopt;
    }
    ++u.collision_count;
  }
}

env::Task<StatefulSetController::Failure> StatefulSetController::truncate_history(Update& u) {
  RevisionList history;
  for (const RevisionHandle& r : u.revisions) {
    const Str& name = r->metadata.name;
    const bool current = u.current_revision && u.current_revision->metadata.name == name;
    const bool update = u.update_revision && u.update_revision->metadata.name == name;
    const bool used = std::any_of(u.pods.begin(), u.pods.end(),
                                  [&name](const PodHandle& pod) { return revision_of(*pod) == name; });
    if (!current && !update && !used) history.push_back(r);
  }
  const auto limit = static_cast<std::size_t>(std::max(0, u.set.spec->revision_history_limit.value_or(10)));
  for (std::size_t i = 0; i + limit < history.size(); ++i) {
    const auto removed = co_await client_.remove(KindId::kControllerRevision, history[i]->metadata.namespace_,
                                                 history[i]->metadata.name);
    if (!removed) co_return removed.error();
  }
  co_return std::nullopt;
}

}  // namespace orrery::controllers
