// The garbage collector (pkg/controller/garbagecollector).
#pragma once
#include "control/client/lru_cache.h"
#include "control/controllers/controller.h"
#include "control/controllers/owner_graph.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Deletes objects all of whose owners are gone, which it verifies by live reads, and works off the
/// finalizers foregroundDeletion and orphan. Keys are uids.
class GarbageCollector final : public QueueController {
 public:
  explicit GarbageCollector(ControllerContext context);
  void start(int workers) override;
  void stop() override;

 private:
  using Failure = std::optional<ApiError>;
  enum class Owner : unsigned char { kSolid, kDangling, kWaiting, kImpossible };
  struct Verdict {
    std::vector<Str> solid, dangling, waiting;  ///< uids of owners
    bool impossible = false;  ///< a cluster-wide object claims an owner in a namespace
    Failure failure;
  };

  env::Task<SyncResult> sync(Str uid) override;
  void object_changed(const ObjectRef& old, const ObjectRef& now);
  void report_foreign_owner(const ObjectRef& old, const api::Object& now);
  void take(OwnerGraph::Work work);
  bool is_known(const ObjectPlace& place) const;
  void verified_absent(const Str& uid);

  env::Task<SyncResult> collect(ObjectPlace place, ObjectRef latest);
  env::Task<Verdict> classify(ObjectRef item);
  env::Task<Owner> look_up(const api::OwnerReference* reference, Str ns, Failure* failure);
  env::Task<Failure> release_owners(ObjectRef item, std::vector<Str> owners);
  env::Task<Failure> unblock(ObjectRef item);
  env::Task<Failure> remove_object(ObjectRef item, api::Propagation propagation);
  env::Task<Failure> finish_foreground(ObjectPlace place);
  env::Task<Failure> remove_finalizer(ObjectPlace place, std::string_view finalizer);

  env::Task<> orphan_loop();
  env::Task<bool> orphan(Str uid);
  env::Task<> release_dependent(Str dependent, Str owner, bool* all);

  base::SortedMap<KindId, client::Informer*> informers_;
  OwnerGraph graph_;
  client::LruCache<bool> absent_;  ///< owners found missing
  client::WorkQueue orphans_;
  env::TaskScope tasks_;
};

}  // namespace orrery::controllers
