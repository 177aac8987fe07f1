// Lister: what plugins read besides nodes and pods.
#pragma once
#include <vector>

#include "model/api/object.h"
#include "model/base/btree_map.h"
#include "model/base/hash_map.h"

namespace orrery::scheduler {

using base::Str;

/// Services, workloads, claims, volumes, classes, budgets, namespaces. Behind it: informers, or a fixed list.
class Lister {
 public:
  virtual ~Lister() = default;
  /// Null when absent.
  virtual api::ObjectRef get(api::KindId kind, std::string_view ns, std::string_view name) const = 0;
  /// In order of namespace and name; `ns` empty: all.
  virtual std::vector<api::ObjectRef> list(api::KindId kind, std::string_view ns) const = 0;
  /// Changes at least whenever an object of the kind does. Equal numbers: the same objects.
  virtual std::int64_t version(api::KindId kind) const = 0;
};

/// Labels of a namespace; none when it is unknown.
api::Map<Str> namespace_labels(const Lister& lister, std::string_view ns);

/// Of an object: its kind, namespace and name.
template <class Text>
struct ObjectName {
  api::KindId kind = api::KindId::kNone;
  Text ns, name;
  ObjectName() = default;
  ObjectName(api::KindId k, Text n, Text m) : kind(k), ns(std::move(n)), name(std::move(m)) {}
  template <class Other>
  explicit ObjectName(const ObjectName<Other>& other) : kind(other.kind), ns(other.ns), name(other.name) {}
  friend bool operator==(const ObjectName<Str>& a, const ObjectName& b) {
    return a.kind == b.kind && std::string_view(a.ns) == std::string_view(b.ns) && std::string_view(a.name) == std::string_view(b.name);
  }
};
struct ObjectNameHash {
  template <class Text>
  std::uint64_t operator()(const ObjectName<Text>& n) const {
    return base::combine64(base::combine64(base::hash_bytes(n.ns), base::hash_bytes(n.name)), static_cast<std::uint64_t>(n.kind));
  }
};

/// A Lister over objects given once; also the form in which dumps are read.
class FixedLister final : public Lister {
 public:
  /// The last object of a kind, namespace and name counts.
  void set(api::ObjectRef object);
  /// No effect when it is not there.
  void remove(api::KindId kind, std::string_view ns, std::string_view name);
  api::ObjectRef get(api::KindId kind, std::string_view ns, std::string_view name) const override;
  std::vector<api::ObjectRef> list(api::KindId kind, std::string_view ns) const override;
  std::int64_t version(api::KindId kind) const override;

 private:
  void changed(api::KindId kind);

  std::vector<std::int64_t> versions_;   // by kind
  base::HashMap<ObjectName<Str>, api::ObjectRef, ObjectNameHash> by_name_;
  std::vector<api::ObjectRef> objects_;  // the same, sorted by kind, namespace, name
};

}  // namespace orrery::scheduler
