#include <algorithm>

#include "control/client/owner.h"
#include "control/controllers/daemon_set.h"
#include "model/base/sorted_map.h"
#include "model/codec/json_text.h"

namespace orrery::controllers {

env::Task<DaemonSetController::Failure> DaemonSetController::label_revision(RevisionHandle& revision) {
  if (revision->metadata.labels.contains(kControllerRevisionHashLabel)) co_return std::nullopt;
  api::ControllerRevision next = *revision;
  next.metadata.labels.set(kControllerRevisionHashLabel, next.metadata.name);
  const auto written = co_await client_.update(api::make_object(std::move(next)));
  if (!written) co_return written.error();
  revision = RevisionHandle(*written);
  co_return std::nullopt;
}

env::Task<DaemonSetController::Failure> DaemonSetController::find_history(Sync& s) {
  const auto claimed =
      co_await client::claim(client_, s.set.object(), client::selector_of(s.set->spec->selector),
                             client::claim_candidates(revisions_, revisions_by_controller_, s.set->metadata));
  if (claimed.error) co_return claimed.error;
  const api::ControllerRevision wanted = new_revision(*s.set.object(), s.set->spec->template_, 0);
  RevisionList same;
  std::int64_t newest_old = 0;
  for (const ObjectRef& object : claimed.claimed) {
    RevisionHandle revision(object);
    Failure failure = co_await label_revision(revision);
    if (failure) co_return failure;
    if (equal_revisions(*revision, wanted)) {
      same.push_back(revision);
    } else {
      newest_old = std::max(newest_old, revision->revision);
      s.old.push_back(revision);
    }
  }
  sort_revisions(s.old);
  const std::int64_t number = newest_old + 1;
  Failure failure;
  if (same.empty()) {
    failure = co_await snapshot(s, number);
    co_return failure;
  }
  failure = co_await dedup(s, std::move(same));
  if (failure || s.current->revision >= number) co_return failure;
  api::ControllerRevision next = *s.current;
  next.revision = number;
  const auto written = co_await client_.update(api::make_object(std::move(next)));
  if (!written) co_return written.error();
  co_return std::nullopt;
}

env::Task<DaemonSetController::Failure> DaemonSetController::snapshot(Sync& s, std::int64_t revision) {
  api::ControllerRevision made = new_revision(*s.set.object(), s.set->spec->template_, revision);
  const Str hash = client::template_hash(s.set->spec->template_, s.set->status->collision_count);
  made.metadata.name = base::cat(s.set->metadata.name, "-", hash);
  made.metadata.labels.set(kControllerRevisionHashLabel, hash);
  const auto created = co_await client_.create(api::make_object(made));
  if (created) {
    s.current = RevisionHandle(*created);
    co_return std::nullopt;
  }
  if (!created.error().already_exists()) co_return created.error();
  const auto present = co_await client_.get(KindId::kControllerRevision, made.metadata.namespace_, made.metadata.name);
  if (!present) co_return present.error();
  if (equal_revisions((*present)->as<api::ControllerRevision>(), made)) {
    s.current = RevisionHandle(*present);
    co_return std::nullopt;
  }
  // Another template has the same hash: the count makes the next one differ.
  const auto fresh = co_await client_.get(KindId::kDaemonSet, s.set->metadata.namespace_, s.set->metadata.name);
  if (!fresh) co_return fresh.error();
  api::DaemonSet set = (*fresh)->as<api::DaemonSet>();
  if (set.status->collision_count == s.set->status->collision_count) {
    set.status.edit().collision_count = set.status->collision_count.value_or(0) + 1;
    const auto written = co_await client_.update_status(api::make_object(std::move(set)));
    if (!written) co_return written.error();
  }
  co_return created.error();
}

env::Task<DaemonSetController::Failure> DaemonSetController::dedup(Sync& s, RevisionList same) {
  s.current = same.front();
  for (const RevisionHandle& r : same) {
    if (r->revision >= s.current->revision) s.current = r;
  }
  if (same.size() == 1) co_return std::nullopt;
  const Str hash = s.current->metadata.labels.get(kControllerRevisionHashLabel);
  std::string patch = "{\"metadata\":{\"labels\":{\"controller-revision-hash\":";
  codec::append_json_string(hash, patch);
  patch += "}}}";
  for (const ObjectRef& pod : pods_.by_index(pods_by_controller_, s.set->metadata.uid)) {
    const api::ObjectMeta& meta = pod->meta();
    if (meta.labels.get(kControllerRevisionHashLabel) == hash) continue;
    const auto patched =
        co_await client_.patch(KindId::kPod, meta.namespace_, meta.name, api::PatchType::kMerge, patch);
    if (!patched) co_return patched.error();
  }
  for (const RevisionHandle& r : same) {
    if (r->metadata.name == s.current->metadata.name) continue;
    const auto removed =
        co_await client_.remove(KindId::kControllerRevision, r->metadata.namespace_, r->metadata.name);
    if (!removed) co_return removed.error();
  }
  co_return std::nullopt;
}

env::Task<DaemonSetController::Failure> DaemonSetController::clean_history(Sync& s) {
  const auto pods = co_await pods_by_node(s.set, true);
  if (!pods) co_return pods.error();
  auto excess = static_cast<std::int64_t>(s.old.size()) - s.set->spec->revision_history_limit.value_or(10);
  if (excess <= 0) co_return std::nullopt;
  base::SortedSet<Str> live;
  for (const auto& [node, its] : *pods) {
    for (const PodHandle& pod : its) live.insert(pod->metadata.labels.get(kControllerRevisionHashLabel));
  }
  for (const RevisionHandle& r : s.old) {
    if (excess <= 0) break;
    const Str hash = r->metadata.labels.get(kControllerRevisionHashLabel);
    if (!hash.empty() && live.contains(hash)) continue;
    const auto removed =
        co_await client_.remove(KindId::kControllerRevision, r->metadata.namespace_, r->metadata.name);
    if (!removed) co_return removed.error();
    --excess;
  }
  co_return std::nullopt;
}

}  // namespace orrery::controllers
