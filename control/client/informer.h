// Informer: a local, eventually consistent copy of one collection, as client-go's shared informer.
#pragma once
#include <memory>
#include <vector>

#include "control/client/client.h"
#include "model/base/sorted_map.h"

namespace orrery::env {
class MemoryAccount;
}

namespace orrery::client {

/// Called after the copy has changed. `old` is null for an add, `now` is null for a delete (then `old` is the last known
/// state). Runs on the process's loop, outside any task.
using InformerHandler = base::UniqueFunction<void(const ObjectRef& old, const ObjectRef& now)>;

struct InformerConfig {
  Str namespace_, label_selector, field_selector;
  bool from_cache = true;      ///< first list with resourceVersion=0
  env::MemoryAccount* memory = nullptr;  ///< told what the copy holds; outlives the informer
};

/// Lists, then watches, resumes from the last revision, relists on 410, backs off 0.8 s to 30 s with jitter
/// (PARAMETERS.md). Objects are shared handles.
class Informer {
 public:
  Informer(env::Environment& env, Client& client, KindId kind, InformerConfig config = {});
  ~Informer();
  void start();
  bool synced() const;
  /// `done` is queued as soon as the first list is in the copy; now, when it is. Not after the informer's destruction.
  void on_synced(base::UniqueFunction<void()> done);
  KindId kind() const;
  /// Handlers must be added before start(); each sees every change once, in order of addition.
  void add_handler(InformerHandler handler);
  /// An index from a computed value to objects: `values(object)` gives the values. Before start(). Returns its number.
  using IndexFn = base::UniqueFunction<void(const ObjectRef&, std::vector<Str>& values)>;
  int add_index(IndexFn values);
  /// As add_index, but components that share a name share one index: the first one's function counts.
  int shared_index(std::string_view name, IndexFn values);

  /// Null when absent.
  ObjectRef get(std::string_view ns, std::string_view name) const;
  std::size_t size() const;
  /// In order of namespace, then name.
  std::vector<ObjectRef> list(std::string_view ns = {}) const;
  /// In the same order.
  std::vector<ObjectRef> by_index(int index, std::string_view value) const;
  std::size_t count_by_index(int index, std::string_view value) const;
  /// Visits without copying handles; the copy must not change meanwhile.
  void each(base::UniqueFunction<void(const ObjectRef&)> visit) const;
  /// Revision up to which the copy is complete.
  std::int64_t last_revision() const;

  template <class T>
  api::Handle<T> get_as(std::string_view ns, std::string_view name) const { return api::Handle<T>(get(ns, name)); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One informer per kind and process, shared by its components; all started together.
class InformerSet {
 public:
  InformerSet(env::Environment& env, Client& client, env::MemoryAccount* memory = nullptr)
      : env_(env), client_(client), memory_(memory) {}
  Informer& of(KindId kind);
  void start();
  bool synced() const { return !first_unsynced(); }
  /// Completes when all are synced.
  env::Task<> wait_synced();

 private:
  Informer* first_unsynced() const;

  env::Environment& env_;
  Client& client_;
  env::MemoryAccount* memory_;
  base::SortedMap<KindId, std::unique_ptr<Informer>> informers_;
};

}  // namespace orrery::client
