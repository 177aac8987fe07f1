#include "scenarios/oracles/registry.h"

#include <algorithm>

#include "scenarios/oracles/containers_of_pods.h"
#include "scenarios/oracles/namespace_contents.h"
#include "scenarios/oracles/node_capacity.h"
#include "scenarios/oracles/object_rules.h"
#include "scenarios/oracles/pod_rules.h"
#include "scenarios/oracles/raft_safety.h"
#include "scenarios/oracles/stability.h"
#include "scenarios/oracles/store_log.h"
#include "scenarios/oracles/store_order.h"
#include "scenarios/oracles/watch_replay.h"
#include "scenarios/oracles/write_rules.h"
#include "scenarios/spec/expect_spec.h"

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
    {"A10", &make<NoLostUpdate>},      {"C1", &make<Stability>},     {"G5", &make<NamespaceContents>},
    {"L1", &make<LeaseEpochs>},        {"N1", &make<PhaseOrder>},    {"N2", &make<GracePeriod>},
    {"N4", &make<KubeletRestart>},     {"P1", &make<ScheduledOnce>}, {"P2", &make<NodeCapacity>},
    {"R1", &make<OneIdentity>},        {"S1", &make<StoreOrder>},    {"S2", &make<StoreDurability>},
    {"S3", &make<StoreRevisions>},     {"S4", &make<RaftSafety>},    {"S5", &make<StoreEquality>},
    {"W1", nullptr},                   {"W2", nullptr},              {"W3", nullptr},
    {"W4", nullptr},                   {"W5", nullptr},              {"W6", nullptr},
    {"W7", nullptr},                   {"W8", nullptr},
};

}  // namespace

std::vector<Made> make_oracles(const ExpectSpec& expect) {
  std::vector<Made> out;
  std::shared_ptr<WatchReplay> replay;
  for (const Row& row : kRows) {
    const auto& wanted = expect.invariants;
    if (!expect.all_invariants && std::find(wanted.begin(), wanted.end(), row.id) == wanted.end()) continue;
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
