// ClusterView: the cluster's objects as committed, rebuilt from store commits. What oracles and expectations look at.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "model/base/hash_map.h"
#include "model/history/record.h"

namespace orrery::history {

/// One object before and after one committed revision; either may be null.
struct Change {
  Str key;                     ///< store key
  api::ObjectRef old, now;
  std::int64_t revision = 0;
  base::Instant at;            ///< true time of the first report
};

/// Fed with every record; takes the first report of each revision (members report the same ones later).
class ClusterView {
 public:
  /// The changes that this record brought, empty for anything but a commit that is new. Valid until the next call.
  const std::vector<Change>& on_record(const Record& record);
  std::int64_t revision() const { return revision_; }
  /// By store key; null when absent.
  api::ObjectRef at_key(std::string_view key) const;
  api::ObjectRef get(api::KindId kind, std::string_view ns, std::string_view name) const;
  /// Objects of one kind in key order. Its nodes stay where they are, so that a change finds its object by one hash lookup.
  using Objects = std::map<Str, api::ObjectRef, std::less<>>;   // "namespace/name" or "name"
  const Objects& all(api::KindId kind) const { return by_kind_[static_cast<unsigned>(kind)]; }

 private:
  std::int64_t revision_ = 0;
  base::HashMap<Str, Objects::iterator> by_key_;
  Objects by_kind_[static_cast<unsigned>(api::KindId::kCount)];
  std::vector<Change> changes_;
};

}  // namespace orrery::history
