// RecentChanges: which object change made one of the last revisions. Answers of the API name revisions; this tells what
// they did.
#pragma once
#include "model/base/hash.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class RecentChanges {
 public:
  struct Entry {
    std::int64_t revision = 0;
    std::int64_t old = 0;          ///< revision of the object before; 0: it did not exist
    std::uint64_t uid = 0;         ///< hash
    Str key;                       ///< store key
    bool removed = false, several = false;
    bool spec_changed = false, status_changed = false;
  };
  RecentChanges() : ring_(kSize) {}
  /// The entry of the change, for the caller to add to. A revision that changed several objects is marked.
  Entry& add(const Change& c) {
    Entry& e = ring_[static_cast<std::size_t>(c.revision) % kSize];
    const bool several = e.revision == c.revision;
    const api::Object& o = c.now ? *c.now : *c.old;
    e = {c.revision, c.old ? c.old->revision() : 0, base::hash_bytes(o.meta().uid), c.key, !c.now, several, false, false};
    return e;
  }
  /// Null when it changed no object, several, or is too long ago.
  const Entry* find(std::int64_t revision) const {
    const Entry& e = ring_[static_cast<std::size_t>(revision) % kSize];
    return revision > 0 && e.revision == revision && !e.several ? &e : nullptr;
  }

 private:
  static constexpr std::size_t kSize = 1 << 14;
  std::vector<Entry> ring_;
};

/// The member "spec", "status", ... of an object; null when its kind has none.
inline const void* part_of(const api::Object& o, const api::Field& field) {
  return static_cast<const char*>(o.value()) + field.offset;
}
inline bool same_part(const api::Object& a, const api::Object& b, std::string_view part) {
  const api::Field* field = a.kind().part(part);
  return !field || api::deep_equal(field->type(), part_of(a, *field), part_of(b, *field));
}

}  // namespace orrery::scenarios
