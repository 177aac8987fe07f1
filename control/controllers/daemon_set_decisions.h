// Where the pods of a DaemonSet belong and which must go, as pure functions (pkg/controller/daemon).
#pragma once
#include <optional>
#include <vector>

#include "control/client/pod_util.h"
#include "model/api/daemon_set.h"
#include "model/api/node.h"
#include "model/api/selector.h"
#include "model/base/sorted_map.h"
#include "model/base/function.h"

namespace orrery::controllers {

using base::Str;
using client::PodHandle;
using NodeHandle = api::Handle<api::Node>;
/// Pods by the node they are on or meant for.
using PodsByNode = base::SortedMap<Str, std::vector<PodHandle>>;

/// Adds what every daemon pod tolerates: nodes that are not ready, unreachable, under pressure or unschedulable, and for
/// pods on the host network also nodes without one.
void add_daemon_tolerations(api::PodSpec& spec);
/// The template with those tolerations, the template generation and the revision's hash as labels.
api::PodTemplateSpec daemon_pod_template(const api::DaemonSet& ds, std::string_view hash);
/// The affinity with its required node terms replaced by one that only this node matches.
api::Affinity affinity_to_node(const base::Box<api::Affinity>& affinity, std::string_view node);
/// spec.nodeName, or the node that affinity_to_node named; empty when neither is there.
Str target_node(const api::Pod& pod);

/// Whether daemon pods may be on a node. Made once per sync.
class DaemonEligibility {
 public:
  struct Verdict {
    bool should_run = false;       ///< a pod is to be created
    bool may_continue = false;     ///< a pod that is there may stay
    friend bool operator==(const Verdict&, const Verdict&) = default;
  };
  explicit DaemonEligibility(const api::DaemonSet& ds);
  Verdict of(const api::Node& node) const;

 private:
  struct Term {
    api::Selector labels;
    api::FieldSelector fields;
  };
  bool fits_affinity(const api::Node& node) const;

  Str node_name_;
  base::Map<Str> node_selector_;
  bool has_terms_ = false;
  std::vector<Term> terms_;
  base::List<api::Toleration> tolerations_;
};

/// The annotation deprecated.daemonset.template.generation.
std::optional<std::int64_t> template_generation(const api::DaemonSet& ds);
bool is_pod_updated(const api::DaemonSet& ds, const api::Pod& pod, std::string_view hash);
/// Both round up. 0 unless the strategy is RollingUpdate.
std::int32_t surge_count(const api::DaemonSet& ds, std::int32_t desired);
std::int32_t unavailable_count(const api::DaemonSet& ds, std::int32_t desired);
/// Scheduled ones first, then the oldest, then by name.
void sort_daemon_pods(std::vector<PodHandle>& pods);

/// What the manage loop does on one node.
struct NodePlan {
  bool create = false;
  std::vector<PodHandle> remove;  ///< in order; may contain failed and succeeded ones, which are announced
};
/// `may_remove_failed` asks (and notes) whether a failed pod may be deleted yet. `duplicates`: the planted bug.
NodePlan plan_node(const api::DaemonSet& ds, DaemonEligibility::Verdict verdict, std::vector<PodHandle> pods,
                   std::string_view hash, base::Instant wall,
                   base::UniqueFunction<bool(const PodHandle&)>& may_remove_failed, bool duplicates = false);

/// What one step of a rolling update does.
struct RollPlan {
  std::vector<Str> remove;   ///< pods
  std::vector<Str> create;   ///< nodes
};
/// `by_node` has every node that should run a pod, also those without one; `runs` are the nodes that should; `order` has the
/// nodes of `by_node` in the order in which they are considered.
RollPlan plan_rolling_update(const api::DaemonSet& ds, const PodsByNode& by_node, const std::vector<Str>& order,
                             const base::SortedSet<Str>& runs, std::string_view hash, base::Instant wall);

/// The counts of the status; the other fields are the set's.
api::DaemonSetStatus daemon_status(const api::DaemonSet& ds, const std::vector<NodeHandle>& nodes,
                                   const DaemonEligibility& eligibility, const PodsByNode& by_node,
                                   std::string_view hash, base::Instant wall);

}  // namespace orrery::controllers
