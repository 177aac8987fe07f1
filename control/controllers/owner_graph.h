// OwnerGraph: who owns whom, by uid (pkg/controller/garbagecollector, the graph builder).
#pragma once
#include <memory>
#include <vector>

#include "model/api/object.h"
#include "model/base/sorted_map.h"
#include "model/base/function.h"
#include "model/base/hash_map.h"

namespace orrery::controllers {

using base::Str;

inline constexpr const char* kForegroundFinalizer = "foregroundDeletion";
inline constexpr const char* kOrphanFinalizer = "orphan";

bool has_finalizer(const api::ObjectMeta& meta, std::string_view name);

/// Where an object should be found.
struct ObjectPlace {
  Str api_version, kind, namespace_, name, uid;
  friend bool operator==(const ObjectPlace&, const ObjectPlace&) = default;
};
ObjectPlace place_of(const api::Object& object);
/// Where `dependent` looks for an owner: in its own namespace, unless the owner's kind has none.
ObjectPlace owner_place(const api::OwnerReference& owner, const Str& dependent_namespace);

/// Has a node for every object that has owners or dependents, no others. An owner that no event has
/// shown is virtual.
class OwnerGraph {
 public:
  struct Node {
    ObjectPlace place;
    api::List<api::OwnerReference> owners;
    base::SortedSet<Str> dependents;  ///< uids
    bool virtual_ = false;
    bool being_deleted = false, deleting_dependents = false;
  };
  /// What an event makes necessary.
  struct Work {
    std::vector<Str> attempt;  ///< uids to examine for deletion
    std::vector<Str> orphan;   ///< uids whose dependents are to be released
  };

  /// Null when unknown. Valid until the next change.
  const Node* find(std::string_view uid) const;
  /// `old` is null for an add. True for `is_known` places when an owner not in the graph yet is
  /// known to exist.
  void changed(const api::ObjectRef& old, const api::ObjectRef& now, Work& work,
               base::UniqueFunction<bool(const ObjectPlace&)>& is_known);
  /// Also for a virtual node whose absence was verified.
  void removed(std::string_view uid, Work& work);
  /// An event or a lookup has shown the object of a virtual node.
  void observe(std::string_view uid);
  /// Dependents whose reference to `uid` has blockOwnerDeletion set.
  std::vector<Str> blocking_dependents(std::string_view uid) const;
  std::size_t size() const { return nodes_.size(); }

 private:
  Node* get(std::string_view uid);
  Node& make(ObjectPlace place);
  void link(Node& node, const api::OwnerReference& owner, Work& work,
            base::UniqueFunction<bool(const ObjectPlace&)>& is_known);
  void unlink(const Str& uid, const api::OwnerReference& owner);
  void replace_owners(Node& node, const api::List<api::OwnerReference>& next, Work& work,
                      base::UniqueFunction<bool(const ObjectPlace&)>& is_known);
  void drop_if_bare(const Str& uid);

  base::HashMap<Str, std::unique_ptr<Node>> nodes_;
};

}  // namespace orrery::controllers
