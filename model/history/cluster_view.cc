#include "model/history/cluster_view.h"

namespace orrery::history {
namespace {

/// Apiservers also keep objects for themselves (leases of theirs, allocations, the compaction mark); no collection of the
/// API shows them. A key of a collection ends in RESOURCE/NAMESPACE/NAME.
bool in_collection(std::string_view key, const api::Object& object) {
  return key.ends_with(base::cat("/", object.kind().plural, "/", api::key_of(object.meta())));
}

}  // namespace

const std::vector<Change>& ClusterView::on_record(const Record& record) {
  changes_.clear();
  if (record.kind != RecordKind::kStoreCommit) return changes_;
  const auto& commit = static_cast<const StoreCommit&>(record);
  if (commit.revision <= revision_) return changes_;
  revision_ = commit.revision;
  for (const StoreCommit::Op& op : commit.ops) {
    Change c{op.key, at_key(op.key), nullptr, commit.revision, record.origin.at};
    if (const auto* object = env::body_as<api::Object>(op.value.get())) {
      c.now = api::ObjectRef(object);
      if (c.now->revision() == 0) c.now = api::sealed(c.now, commit.revision);
    }
    if (!c.old && !c.now) continue;
    const api::ObjectRef& known = c.now ? c.now : c.old;
    if (!in_collection(op.key, *known)) continue;
    Objects& kind = by_kind_[static_cast<unsigned>(known->kind_id())];
    const Str name(api::key_of(known->meta()));
    if (c.now) {
      by_key_[op.key] = c.now;
      kind[name] = c.now;
    } else {
      by_key_.erase(op.key);
      kind.erase(name);
    }
    changes_.push_back(std::move(c));
  }
  return changes_;
}

api::ObjectRef ClusterView::at_key(std::string_view key) const {
  const auto it = by_key_.find(key);
  return it == by_key_.end() ? nullptr : it->second;
}

api::ObjectRef ClusterView::get(api::KindId kind, std::string_view ns, std::string_view name) const {
  const Objects& objects = all(kind);
  const auto it = ns.empty() ? objects.find(name) : objects.find(base::cat(ns, "/", name));
  return it == objects.end() ? nullptr : it->second;
}

}  // namespace orrery::history
