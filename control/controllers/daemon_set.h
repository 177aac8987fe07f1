// The DaemonSet controller (pkg/controller/daemon).
#pragma once
#include "control/client/expectations.h"
#include "control/controllers/controller.h"
#include "control/controllers/daemon_set_decisions.h"
#include "control/controllers/history.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Keeps one pod on every eligible node, placed by the scheduler through node affinity, and replaces outdated ones.
class DaemonSetController final : public QueueController {
 public:
  explicit DaemonSetController(ControllerContext context);

 private:
  using Failure = std::optional<ApiError>;
  using SetHandle = api::Handle<api::DaemonSet>;
  /// One sync's view.
  struct Sync {
    SetHandle set;
    Str key;
    std::vector<NodeHandle> nodes;
    RevisionHandle current;
    RevisionList old;                ///< sorted
    Str hash;
  };

  env::Task<SyncResult> sync(Str key) override;
  env::Task<Failure> find_history(Sync& s);
  env::Task<Failure> snapshot(Sync& s, std::int64_t revision);
  env::Task<Failure> label_revision(RevisionHandle& revision);
  env::Task<Failure> dedup(Sync& s, RevisionList same);
  env::Task<Failure> clean_history(Sync& s);
  env::Task<Failure> update(Sync& s);
  env::Task<Failure> manage(Sync& s);
  env::Task<Failure> roll(Sync& s);
  env::Task<Failure> write_status(Sync& s, bool observe_generation);
  env::Task<client::ApiResult<PodsByNode>> pods_by_node(SetHandle set, bool with_finished);
  /// Deletes pods and creates pods for nodes, at most `burst` of each.
  env::Task<Failure> sync_nodes(Sync& s, std::vector<Str> remove, std::vector<Str> create);
  env::Task<Failure> create_pods(Sync& s, std::vector<Str> nodes);
  env::Task<Failure> delete_pods(Sync& s, std::vector<Str> pods);

  /// Failed pods are deleted with growing delays (1 s to 15 min) per set, generation and node.
  bool may_remove_failed(const api::DaemonSet& set, const Str& node);

  void set_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_gone(const ObjectRef& pod);
  void node_changed(const ObjectRef& old, const ObjectRef& now);
  void revision_changed(const ObjectRef& old, const ObjectRef& now);
  SetHandle owner_of(const api::ObjectMeta& owned) const;
  void enqueue_matching(const api::ObjectMeta& pod);

  struct Backoff {
    base::Nanos delay = 0;
    base::Instant since;
  };
  client::Informer& sets_;
  client::Informer& pods_;
  client::Informer& nodes_;
  client::Informer& revisions_;
  int pods_by_controller_, revisions_by_controller_, pods_by_node_;
  client::Expectations expectations_;
  base::SortedMap<Str, Backoff> failed_pods_;
};

}  // namespace orrery::controllers
