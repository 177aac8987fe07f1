#include "model/history/cluster_view.h"

namespace orrery::history {
namespace {

/// "NAMESPACE/NAME" or "NAME", as the end of `key`; empty for what is in no collection: apiservers also keep objects for
/// themselves (leases of theirs, allocations, the compaction mark). A key of a collection ends in RESOURCE/NAMESPACE/NAME.
std::string_view name_in_collection(std::string_view key, const api::Object& object) {
  std::string_view rest = key;
  const auto strip = [&rest](std::string_view end) {
    if (!rest.ends_with(end)) return false;
    rest.remove_suffix(end.size());
    return true;
  };
  const api::ObjectMeta& meta = object.meta();
  if (!strip(meta.name)) return {};
  if (!meta.namespace_.empty() && !(strip("/") && strip(meta.namespace_))) return {};
  const std::string_view name = key.substr(rest.size());
  return strip("/") && strip(object.kind().plural) && strip("/") ? name : std::string_view();
}

}  // namespace

const std::vector<Change>& ClusterView::on_record(const Record& record) {
  changes_.clear();
  if (record.kind != RecordKind::kStoreCommit) return changes_;
  const auto& commit = static_cast<const StoreCommit&>(record);
  if (commit.revision <= revision_) return changes_;
  revision_ = commit.revision;
  for (const StoreCommit::Op& op : commit.ops) {
    const Objects::iterator* known_at = by_key_.find(op.key);
    Change c{op.key, known_at ? (*known_at)->second : nullptr, nullptr, commit.revision, record.origin.at};
    if (const auto* object = env::body_as<api::Object>(op.value.get())) {
      c.now = api::ObjectRef(object);
      if (c.now->revision() == 0) c.now = api::sealed(c.now, commit.revision);
    }
    if (!c.old && !c.now) continue;
    if (known_at && c.now) {
      (*known_at)->second = c.now;
    } else if (known_at) {
      by_kind_[static_cast<unsigned>(c.old->kind_id())].erase(*known_at);
      by_key_.erase(op.key);
    } else {
      const std::string_view name = name_in_collection(op.key, *c.now);
      if (name.empty()) continue;
      Objects& kind = by_kind_[static_cast<unsigned>(c.now->kind_id())];
      by_key_[op.key] = kind.emplace(Str(name), c.now).first;
    }
    changes_.push_back(std::move(c));
  }
  return changes_;
}

api::ObjectRef ClusterView::at_key(std::string_view key) const {
  const Objects::iterator* at = by_key_.find(key);
  return at ? (*at)->second : nullptr;
}

api::ObjectRef ClusterView::get(api::KindId kind, std::string_view ns, std::string_view name) const {
  const Objects& objects = all(kind);
  const auto it = ns.empty() ? objects.find(name) : objects.find(base::cat(ns, "/", name));
  return it == objects.end() ? nullptr : it->second;
}

}  // namespace orrery::history
