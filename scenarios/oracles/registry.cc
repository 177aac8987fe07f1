#include "scenarios/oracles/registry.h"

#include <algorithm>

#include "scenarios/oracles/containers_of_pods.h"
#include "scenarios/oracles/fresh_reads.h"
#include "scenarios/oracles/grants.h"
#include "scenarios/oracles/job_accounting.h"
#include "scenarios/oracles/leader_fence.h"
#include "scenarios/oracles/namespace_contents.h"
#include "scenarios/oracles/node_capacity.h"
#include "scenarios/oracles/object_rules.h"
#include "scenarios/oracles/owner_references.h"
#include "scenarios/oracles/pod_rules.h"
#include "scenarios/oracles/raft_safety.h"
#include "scenarios/oracles/replica_bounds.h"
#include "scenarios/oracles/service_tables.h"
#include "scenarios/oracles/settled_pods.h"
#include "scenarios/oracles/stability.h"
#include "scenarios/oracles/stateful_order.h"
#include "scenarios/oracles/store_log.h"
#include "scenarios/oracles/store_order.h"
#include "scenarios/oracles/watch_replay.h"
#include "scenarios/oracles/whole_revisions.h"
#include "scenarios/oracles/write_rules.h"
#include "scenarios/oracles/zone_damping.h"

namespace orrery::scenarios {
namespace {

using Made = std::unique_ptr<Oracle>;

struct Row {
  const char* id;
  Made (*make)();    ///< null: a rule of the watch replay, which its oracles share
};

template <class T>
Made make() {
  return std::make_unique<T>();
}

/// In the order of the ids.
constexpr Row kRows[] = {
    {"A1", &make<UpdatePrecondition>}, {"A2", &make<Identity>},      {"A3", &make<CreateOnce>},
    {"A4", &make<SpecAndStatus>},      {"A5", &make<NoEmptyWrites>}, {"A6", &make<DryRun>},
    {"A7", &make<RoundTrip>},          {"A8", &make<DeletionTime>},  {"A9", &make<Finalizers>},
    {"A10", &make<NoLostUpdate>},      {"C1", &make<Stability>},     {"G1", &make<OwnerReferences>},
    {"G5", &make<NamespaceContents>},  {"L1", &make<LeaseEpochs>},   {"L3", &make<LeaderFence>},
    {"N1", &make<PhaseOrder>},         {"N2", &make<GracePeriod>},   {"N3", &make<SettledContainers>},
    {"N4", &make<KubeletRestart>},     {"N7", &make<ZoneDamping>},   {"P1", &make<ScheduledOnce>},
    {"P2", &make<NodeCapacity>},       {"P5", &make<PendingPods>},   {"Q1", &make<EvictionGrants>},
    {"Q3", &make<QuotaCharges>},       {"R1", &make<OneIdentity>},   {"R2", &make<StatefulOrder>},
    {"R3", &make<ReplicaSetSize>},     {"R4", &make<RolloutBound>},  {"R5", &make<DaemonPods>},
    {"R6", &make<JobAccounting>},      {"S1", &make<StoreOrder>},    {"S2", &make<StoreDurability>},
    {"S3", &make<StoreRevisions>},     {"S4", &make<RaftSafety>},    {"S5", &make<StoreEquality>},
    {"V1", &make<ServiceTables>},      {"W1", nullptr},              {"W2", nullptr},
    {"W3", nullptr},                   {"W4", &make<WholeRevisions>},   {"W5", nullptr},
    {"W6", nullptr},                   {"W7", nullptr},              {"W8", nullptr},
    {"W9", &make<FreshReads>},
};

}  // namespace

std::vector<Made> make_oracles(bool all, const std::vector<std::string>& wanted) {
  std::vector<Made> out;
  std::shared_ptr<WatchReplay> replay;
  for (const Row& row : kRows) {
    if (!all && std::find(wanted.begin(), wanted.end(), row.id) == wanted.end()) continue;
    if (row.make) {
      out.push_back(row.make());
      continue;
    }
    const bool first = !replay;
    if (first) replay = std::make_shared<WatchReplay>();
    out.push_back(std::make_unique<WatchOracle>(static_cast<std::size_t>(row.id[1] - '0'), replay, first));
  }
  return out;
}

const std::vector<std::string>& known_invariants() {
  static const std::vector<std::string> kIds = [] {
    std::vector<std::string> ids;
    for (const Row& row : kRows) ids.push_back(row.id);
    return ids;
  }();
  return kIds;
}

}  // namespace orrery::scenarios
