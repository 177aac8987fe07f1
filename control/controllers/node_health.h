// What the node lifecycle controller concludes from what it sees of a node; pure
// (pkg/controller/nodelifecycle).
#pragma once
#include <optional>
#include <vector>

#include "model/api/conditions.h"
#include "model/api/lease.h"
#include "model/api/node.h"

namespace orrery::controllers {

using base::Str;

/// What was last seen of a node, and when: by this process's own monotonic clock, never by dates in
/// objects.
struct NodeHealth {
  bool known = false;
  bool has_ready = false;  ///< the status seen had a Ready condition
  Str ready_status;
  api::Time heartbeat;                    ///< of that condition
  std::optional<api::MicroTime> renewed;  ///< the lease's renewTime last seen
  base::Instant probe;                    ///< when the last sign of life was seen
};

struct GracePeriods {
  base::Nanos running, starting;  ///< with and without a Ready condition
};

struct HealthVerdict {
  Str observed;  ///< status of Ready as seen; "Unknown" when there is no such condition
  bool has_current = false;
  Str current;  ///< status of Ready after `write`
  std::optional<api::NodeStatus> write;
};

/// Takes in what is seen of a node now. `lease` may be null. `write` is set when the node has been
/// silent for longer than its grace period and must be told to be Unknown; taking it in again
/// before the node changes gives the same answer.
HealthVerdict observe_node(NodeHealth& health, const api::Node& node, const api::Lease* lease,
                           GracePeriods grace, base::Instant now, base::Instant wall);

/// The lease's part of observe_node: true for one that was renewed since the last was seen, and taking it in.
bool is_renewed(const NodeHealth& health, const api::Lease& lease);
void see_renewed(NodeHealth& health, const api::Lease& lease, base::Instant now);

/// The NoSchedule taints that a node's conditions and spec.unschedulable call for.
std::vector<api::Taint> condition_taints(const api::Node& node);
struct TaintDiff {
  std::vector<api::Taint> add, remove;
};
/// Against those it has, of the keys that condition_taints speaks for.
TaintDiff diff_condition_taints(const api::Node& node);
/// The beta labels that must follow their stable ones.
std::vector<std::pair<Str, Str>> label_changes(const api::Node& node);

/// "REGION:\0:ZONE", "" when the node has neither.
std::string zone_key(const api::Node& node);

enum class ZoneState : unsigned char { kInitial, kNormal, kPartialDisruption, kFullDisruption };
struct ZoneCount {
  int ready = 0, not_ready = 0;
  int size() const { return ready + not_ready; }
};
ZoneState zone_state(ZoneCount count, double unhealthy_threshold);

struct EvictionRates {
  double normal, secondary;
  int large_cluster;
};
/// Nodes per second that may get a NoExecute taint in a zone; 0: none.
double zone_rate(ZoneState state, int size, const EvictionRates& rates);

}  // namespace orrery::controllers
