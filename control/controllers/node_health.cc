#include "control/controllers/node_health.h"

#include <algorithm>

#include "control/controllers/node_taints.h"

namespace orrery::controllers {
namespace {

constexpr const char* kReported[] = {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"};

struct ConditionTaint {
  const char* condition;
  const char* status;
  const char* key;
};
constexpr ConditionTaint kConditionTaints[] = {
    {"Ready", "False", "node.kubernetes.io/not-ready"},
    {"Ready", "Unknown", "node.kubernetes.io/unreachable"},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
};
constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";
constexpr const char* kNoSchedule = "NoSchedule";

constexpr const char* kFollowers[][2] = {{"kubernetes.io/os", "beta.kubernetes.io/os"},
                                         {"kubernetes.io/arch", "beta.kubernetes.io/arch"}};

api::Taint no_schedule(const char* key) {
  api::Taint t;
  t.key = key;
  t.effect = kNoSchedule;
  return t;
}

bool speaks_for(const api::Taint& taint) {
  if (!(taint.effect == kNoSchedule)) return false;
  if (taint.key == kUnschedulable) return true;
  return std::any_of(std::begin(kConditionTaints), std::end(kConditionTaints),
                     [&taint](const ConditionTaint& c) { return taint.key == c.key; });
}

void see_status(NodeHealth& health, const api::NodeCondition* ready) {
  health.known = true;
  health.has_ready = ready != nullptr;
  health.ready_status = ready ? ready->status : Str();
  health.heartbeat = ready ? ready->last_heartbeat_time : api::Time();
}

api::NodeStatus unknown_status(const api::Node& node, api::Time now) {
  api::NodeStatus status = *node.status;
  for (const char* type : kReported) {
    const api::NodeCondition* seen = find_condition(status, type);
    if (!seen) {
      api::NodeCondition c;
      c.type = type;
      c.status = "Unknown";
      c.reason = "NodeStatusNeverUpdated";
      c.message = "Kubelet never posted node status.";
      c.last_heartbeat_time = node.metadata.creation_timestamp;
      c.last_transition_time = now;
      status.conditions.push_back(std::move(c));
    } else if (!(seen->status == "Unknown")) {
      const auto index = static_cast<std::size_t>(seen - status.conditions.begin());
      api::NodeCondition& c = status.conditions.edit()[index];
      c.status = "Unknown";
      c.reason = "NodeStatusUnknown";
      c.message = "Kubelet stopped posting node status.";
      c.last_transition_time = now;
    }
  }
  return status;
}

}  // namespace

bool is_renewed(const NodeHealth& health, const api::Lease& lease) {
  return !health.renewed || *health.renewed < lease.spec.renew_time;
}

void see_renewed(NodeHealth& health, const api::Lease& lease, base::Instant now) {
  health.renewed = lease.spec.renew_time;
  health.probe = now;
}

HealthVerdict observe_node(NodeHealth& health, const api::Node& node, const api::Lease* lease,
                           GracePeriods grace, base::Instant now, base::Instant wall) {
  const api::NodeCondition* ready = find_condition(*node.status, "Ready");
  HealthVerdict verdict;
  verdict.observed = ready ? ready->status : Str("Unknown");
  verdict.has_current = ready != nullptr;
  verdict.current = ready ? ready->status : Str();
  // Of a changed status the lease seen before it is forgotten, but not for this comparison.
  const bool renewed = lease && is_renewed(health, *lease);
  if (!health.known) {
    see_status(health, ready);
    // A node that has never reported has been silent since it was made.
    health.probe = ready ? now : now - (wall - node.metadata.creation_timestamp.instant());
  } else if (health.has_ready != (ready != nullptr)) {
    health.renewed.reset();
    see_status(health, ready);
    health.probe = now;
  } else if (ready && !(health.heartbeat == ready->last_heartbeat_time)) {
    health.renewed.reset();
    see_status(health, ready);
    health.probe = now;
  }
  if (renewed) see_renewed(health, *lease, now);
  health.ready_status = verdict.current;
  if (now - health.probe <= (ready ? grace.running : grace.starting)) return verdict;
  verdict.has_current = true;
  verdict.current = "Unknown";
  health.ready_status = "Unknown";
  if (!ready || !(ready->status == "Unknown"))
    verdict.write = unknown_status(node, api::Time::from(wall));
  return verdict;
}

std::vector<api::Taint> condition_taints(const api::Node& node) {
  std::vector<api::Taint> out;
  for (const api::NodeCondition& c : node.status->conditions) {
    for (const ConditionTaint& t : kConditionTaints) {
      if (c.type == t.condition && c.status == t.status) out.push_back(no_schedule(t.key));
    }
  }
  if (node.spec->unschedulable) out.push_back(no_schedule(kUnschedulable));
  return out;
}

TaintDiff diff_condition_taints(const api::Node& node) {
  TaintDiff diff;
  std::vector<api::Taint> wanted = condition_taints(node);
  for (const api::Taint& t : node.spec->taints) {
    if (!speaks_for(t)) continue;
    const bool keep = std::any_of(wanted.begin(), wanted.end(),
                                  [&t](const api::Taint& w) { return same_taint(w, t); });
    if (!keep) diff.remove.push_back(t);
  }
  for (api::Taint& t : wanted) {
    if (!has_taint(node, t)) diff.add.push_back(std::move(t));
  }
  return diff;
}

std::vector<std::pair<Str, Str>> label_changes(const api::Node& node) {
  std::vector<std::pair<Str, Str>> out;
  for (const auto& [stable, beta] : kFollowers) {
    const Str* value = node.metadata.labels.find(stable);
    if (!value) continue;
    const Str* follower = node.metadata.labels.find(beta);
    if (!follower || !(*follower == *value)) out.emplace_back(beta, *value);
  }
  return out;
}

std::string zone_key(const api::Node& node) {
  const auto either = [&node](const char* key, const char* former) {
    const Str* v = node.metadata.labels.find(key);
    if (!v) v = node.metadata.labels.find(former);
    return v ? *v : Str();
  };
  const Str zone = either("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone");
  const Str region =
      either("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region");
  if (zone.empty() && region.empty()) return {};
  return base::cat(region, std::string_view(":\0:", 3), zone);
}

ZoneState zone_state(ZoneCount count, double unhealthy_threshold) {
  if (count.ready == 0 && count.not_ready > 0) return ZoneState::kFullDisruption;
  const auto share =
      static_cast<float>(count.not_ready) / static_cast<float>(std::max(count.size(), 1));
  if (count.not_ready > 2 && share >= static_cast<float>(unhealthy_threshold))
    return ZoneState::kPartialDisruption;
  return ZoneState::kNormal;
}

double zone_rate(ZoneState state, int size, const EvictionRates& rates) {
  if (state != ZoneState::kPartialDisruption) return rates.normal;
  return size > rates.large_cluster ? rates.secondary : 0;
}

}  // namespace orrery::controllers
