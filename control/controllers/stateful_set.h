// The StatefulSet controller (pkg/controller/statefulset).
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/history.h"
#include "control/controllers/stateful_set_decisions.h"
#include "model/api/selector.h"

namespace orrery::controllers {

/// Keeps pods with ordinals, identities and claims of their own. OrderedReady makes and removes them one by one, Parallel
/// all at once; an update replaces the pod with the highest outdated ordinal, one at a time.
class StatefulSetController final : public QueueController {
 public:
  explicit StatefulSetController(ControllerContext context);

 private:
  using Failure = std::optional<ApiError>;
  using SetHandle = api::Handle<api::StatefulSet>;
  /// One sync's view.
  struct Update {
    ObjectRef object;
    api::StatefulSet set;                        ///< as wanted
    api::StatefulSet current, update;            ///< with the templates of the two revisions
    RevisionHandle current_revision, update_revision;
    RevisionList revisions;                      ///< sorted
    std::int32_t collision_count = 0;
    std::vector<PodHandle> pods;                 ///< claimed
    std::vector<PodHandle> replicas, condemned;  ///< by ordinal, planned ones without phase; highest ordinal first
    PodHandle first_unhealthy;
    api::StatefulSetStatus status;
    bool monotonic = true;
    bool stop = false;                           ///< something blocks: nothing more is done in this sync
    bool has_status = false;
    Failure failure;                             ///< of the pods, in Parallel mode the first of many
  };

  env::Task<SyncResult> sync(Str key) override;
  env::Task<Failure> adopt_revisions(Update& u, api::Selector selector);
  env::Task<Failure> perform(Update& u);
  env::Task<Failure> find_revisions(Update& u);
  env::Task<Failure> create_revision(Update& u, api::ControllerRevision revision);
  env::Task<Failure> update_set(Update& u);
  env::Task<Failure> truncate_history(Update& u);
  env::Task<Failure> write_status(Update& u);
  void plan(Update& u);
  void recount(Update& u);

  enum class Step : unsigned char { kReplica, kFixClaims, kCondemned };
  env::Task<> run_step(Update& u, Step step, std::size_t index);
  env::Task<> run_for_all(Update& u, Step step, std::size_t count);
  env::Task<Failure> process_replica(Update& u, std::size_t index, bool* stop);
  env::Task<Failure> enforce_identity(Update& u, PodHandle pod);
  env::Task<Failure> process_condemned(Update& u, std::size_t index, bool* stop);
  env::Task<Failure> roll_update(Update& u);

  env::Task<Failure> create_pod(Update& u, PodHandle pod);
  env::Task<Failure> update_pod(Update& u, PodHandle pod);
  env::Task<Failure> delete_pod(Update& u, PodHandle pod);
  env::Task<Failure> create_claims(Update& u, PodHandle pod);
  env::Task<Failure> fix_claim_owners(Update& u, PodHandle pod, const api::StatefulSet& set);
  bool claims_current(const api::StatefulSet& set, const api::Pod& pod) const;
  bool has_stale_claim(const api::StatefulSet& set, const api::Pod& pod) const;
  void record_pod(Update& u, std::string_view verb, const Str& pod, const Failure& failure);
  void record_claim(Update& u, const Str& claim, const Str& pod, const Failure& failure);

  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  SetHandle owner_of(const api::ObjectMeta& pod) const;
  void enqueue_matching(const api::ObjectMeta& pod);

  client::Informer& sets_;
  client::Informer& pods_;
  client::Informer& claims_;
  client::Informer& revisions_;
  int pods_by_controller_, revisions_by_controller_;
};

}  // namespace orrery::controllers
