#include "model/api/pod.h"
#include "scenarios/expect/judge.h"
#include "scenarios/expect/predicates.h"
#include "scenarios/load/load_workloads.h"

namespace orrery::scenarios {
namespace {

double container_restarts(const Predicate& scope, const WorldState& state) {
  std::int64_t n = 0;
  for (const api::ObjectRef& o : pods_in_scope(scope, state))
    for (const api::ContainerStatus& c : o->as<api::Pod>().status->container_statuses) n += c.restart_count;
  return static_cast<double>(n);
}

double smallest_ready_endpoints(const Predicate& scope, const WorldState& state, bool& found) {
  const auto counts = ready_endpoints(scope.service, state);
  found = !counts.empty();
  std::int64_t least = found ? counts[0].second : 0;
  for (const auto& [name, n] : counts) least = n < least ? n : least;
  return static_cast<double>(least);
}

double pods_created(const Predicate& scope, const WorldState& state) {
  double n = 0;
  for (const auto& [ns, count] : state.totals().pods_created)
    if (scope.namespace_.empty() || ns == scope.namespace_) n += static_cast<double>(count);
  return n;
}

double energy_joules(const Predicate& scope, const WorldState& state, bool& found) {
  const std::string pattern = state.machine_named(scope.node);
  double sum = 0;
  found = false;
  for (const auto& [machine, joules] : state.energy_joules()) {
    if (!pattern.empty() && !matches_pattern(pattern, machine)) continue;
    found = true;
    sum += joules;
  }
  return sum;
}

/// Sums a counter over the named client, or over all.
template <class F>
double sum_tallies(const Predicate& scope, const WorldState& state, bool& found, F counter) {
  double sum = 0;
  found = false;
  for (const auto& [name, tally] : state.tallies()) {
    if (!scope.client.empty() && name != scope.client) continue;
    found = found || tally.requests > 0;
    sum += static_cast<double>(counter(tally));
  }
  return sum;
}

}  // namespace

double metric_value(const std::string& m, const Predicate& scope, const WorldState& state, bool& found) {
  found = true;
  if (m == "ready_endpoints") return smallest_ready_endpoints(scope, state, found);
  if (m == "ready_pods") {
    double n = 0;
    for (const api::ObjectRef& pod : pods_in_scope(scope, state)) n += is_pod_ready(*pod);
    return n;
  }
  if (m == "pods") return static_cast<double>(pods_in_scope(scope, state).size());
  if (m == "pods_failed") {
    Predicate failed = scope;
    failed.phase = "Failed";
    return static_cast<double>(pods_in_scope(failed, state).size());
  }
  if (m == "nodes_ready") return static_cast<double>(count_ready_nodes(state));
  if (m == "container_restarts") return container_restarts(scope, state);
  if (m == "oom_kills") return static_cast<double>(state.totals().oom_kills);
  if (m == "pods_evicted") return static_cast<double>(state.totals().pods_evicted);
  if (m == "worker_pods_evicted") return static_cast<double>(state.totals().worker_pods_evicted);
  if (m == "pods_created") return pods_created(scope, state);
  if (m == "process_exits") {
    const auto it = state.totals().process_exits.find(scope.process);
    return it == state.totals().process_exits.end() ? 0 : static_cast<double>(it->second);
  }
  if (m == "energy_joules") return energy_joules(scope, state, found);
  if (m == "nodes_tainted") return static_cast<double>(state.totals().nodes_tainted.size());
  if (m == "acknowledged_writes")
    return sum_tallies(scope, state, found, [](const ClientTally& t) { return t.writes.size(); });
  if (m == "acknowledged_writes_lost") return sum_tallies(scope, state, found, [](const ClientTally& t) { return t.lost; });
  if (m == "writes_unknown") return sum_tallies(scope, state, found, [](const ClientTally& t) { return t.unknown; });
  if (m == "writes_in_flight_at_fault")
    return sum_tallies(scope, state, found, [](const ClientTally& t) { return t.http ? 0 : t.in_flight_at_fault; });
  if (m == "http_requests") return sum_tallies(scope, state, found, [](const ClientTally& t) { return t.requests; });
  if (m == "http_failed") return sum_tallies(scope, state, found, [](const ClientTally& t) { return t.failed; });
  if (m == "http_failed_ratio") {
    const double requests = sum_tallies(scope, state, found, [](const ClientTally& t) { return t.requests; });
    const double failed = sum_tallies(scope, state, found, [](const ClientTally& t) { return t.failed; });
    return requests > 0 ? failed / requests : 0;
  }
  found = false;
  return 0;
}

}  // namespace orrery::scenarios
