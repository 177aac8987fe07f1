#include "scenarios/oracles/stability.h"

#include <algorithm>

#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/job.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/stateful_set.h"
#include "model/base/hash.h"
#include "scenarios/oracles/recent_changes.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kFlip = 2 * base::kSecond;
constexpr int kMostPerMinute = 30;
constexpr std::ptrdiff_t kMostFlips = 8;
constexpr std::size_t kFlipsKept = 1000;

template <class... T>
std::uint64_t fold(T... v) {
  std::uint64_t h = 1;
  ((h = base::combine64(h, static_cast<std::uint64_t>(v))), ...);
  return h;
}

/// The numbers of a status, without times; 0 for kinds that are not looked at.
std::uint64_t numbers(const api::Object& o) {
  switch (o.kind_id()) {
    case KindId::kDeployment: {
      const auto& s = *o.as<api::Deployment>().status;
      return fold(s.replicas, s.updated_replicas, s.ready_replicas, s.available_replicas, s.unavailable_replicas);
    }
    case KindId::kReplicaSet: {
      const auto& s = *o.as<api::ReplicaSet>().status;
      return fold(s.replicas, s.fully_labeled_replicas, s.ready_replicas, s.available_replicas);
    }
    case KindId::kReplicationController: {
      const auto& s = *o.as<api::ReplicationController>().status;
      return fold(s.replicas, s.fully_labeled_replicas, s.ready_replicas, s.available_replicas);
    }
    case KindId::kStatefulSet: {
      const auto& s = *o.as<api::StatefulSet>().status;
      return fold(s.replicas, s.ready_replicas, s.current_replicas, s.updated_replicas, s.available_replicas);
    }
    case KindId::kDaemonSet: {
      const auto& s = *o.as<api::DaemonSet>().status;
      return fold(s.current_number_scheduled, s.desired_number_scheduled, s.number_misscheduled, s.number_ready,
                  s.number_available, s.number_unavailable, s.updated_number_scheduled);
    }
    case KindId::kJob: {
      const auto& s = *o.as<api::Job>().status;
      return fold(s.active, s.succeeded, s.failed, s.ready.value_or(0));
    }
    case KindId::kPodDisruptionBudget: {
      const auto& s = *o.as<api::PodDisruptionBudget>().status;
      return fold(s.disruptions_allowed, s.current_healthy, s.desired_healthy, s.expected_pods);
    }
    default: return 0;
  }
}

}  // namespace

void Stability::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.old || !c.now) continue;
    const std::uint64_t state = numbers(*c.now);
    if (state == 0) continue;
    if (!same_part(*c.old, *c.now, "spec") || same_part(*c.old, *c.now, "status")) continue;
    subject();
    Writes& w = objects_[c.key];
    const std::int64_t minute = c.at.ns / base::kMinute;
    w.in_minute = minute == w.minute ? w.in_minute + 1 : 1;
    w.minute = minute;
    if (w.in_minute == kMostPerMinute + 1) w.busy.push_back(minute);
    const bool flip = state == w.before && state != w.last && c.at - w.before_at <= kFlip;
    if (flip && w.flips.size() < kFlipsKept) w.flips.push_back(c.at);
    if (flip && w.flips.size() == kFlipsKept) w.flips.erase(w.flips.begin(), w.flips.begin() + kFlipsKept / 2);
    w.before = w.last;
    w.before_at = w.last_at;
    w.last = state;
    w.last_at = c.at;
  }
}

void Stability::finish(const RunFacts& facts) {
  const Instant from = facts.healed_at + base::kMinute;
  if (!facts.faults_healed || facts.ended_at - from < base::kMinute) {
    check(true, facts.ended_at, [] { return std::string(); });  // no window to judge
    return;
  }
  for (const auto& [key, w] : objects_) {
    const auto busy = std::find_if(w.busy.begin(), w.busy.end(), [&](std::int64_t m) {
      return m * base::kMinute >= from.ns && m * base::kMinute < facts.ended_at.ns;
    });
    check(busy == w.busy.end(), facts.ended_at,
          [&, key = key] { return cat(key, " was written more than ", num(kMostPerMinute), " times in minute ", num(*busy)); });
    const auto flips = std::count_if(w.flips.begin(), w.flips.end(), [&](Instant t) { return t >= from && t <= facts.ended_at; });
    check(flips < kMostFlips, facts.ended_at, [&, key = key] { return cat(key, " went to and fro ", num(flips), " times"); });
  }
}

}  // namespace orrery::scenarios
