#include "scenarios/oracles/replica_bounds.h"

#include <algorithm>

#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "scenarios/oracles/pod_facts.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kLag = 20 * base::kSecond, kFailureLag = 3 * base::kSecond,
                kScaling = 30 * base::kSecond;

/// The node that a daemon pod is meant for: before it is bound its affinity names it.
Str node_of(const api::Pod& pod) {
  if (!pod.spec->node_name.empty() || !pod.spec->affinity || !pod.spec->affinity->node_affinity)
    return pod.spec->node_name;
  const auto& required =
      pod.spec->affinity->node_affinity->required_during_scheduling_ignored_during_execution;
  if (!required) return {};
  for (const auto& term : required->node_selector_terms)
    for (const auto& field : term.match_fields)
      if (field.key == "metadata.name" && field.values.size() == 1) return field.values[0];
  return {};
}

std::int64_t scaled(const std::optional<api::IntOrString>& v, std::int64_t total, bool up) {
  if (!v) return 0;
  const auto value = v->scaled_value(total, up);
  return value.ok() ? *value : 0;
}

bool is_set(const api::Object& o) {
  return o.kind_id() == KindId::kReplicaSet || o.kind_id() == KindId::kReplicationController;
}

std::int32_t replicas_of(const api::Object& set) {
  const auto& replicas = set.kind_id() == KindId::kReplicaSet ? set.as<api::ReplicaSet>().spec->replicas
                                                              : set.as<api::ReplicationController>().spec->replicas;
  return replicas.value_or(1);
}

/// The uid of the ReplicaSet or ReplicationController that a pod belongs to; empty for none.
Str set_uid(const api::Object& pod) {
  const Str uid = owner_uid(pod, "ReplicaSet");
  return uid.empty() ? owner_uid(pod, "ReplicationController") : uid;
}

}  // namespace

// ---- R3

void ReplicaSetSize::on_record(const history::Record& record, const Changes& changes) {
  unknown_.on_record(record);
  handover_.on_record(record, changes);
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    if (o.kind_id() == KindId::kPod) {
      on_pod(c);
    } else if (is_set(o)) {
      subject();
      if (!c.now) {
        sets_.erase(o.meta().uid);
        continue;
      }
      Set& set = sets_[o.meta().uid];
      set.known = true;
      set.replicas.set(c.at, replicas_of(*c.now));
    }
  }
}

void ReplicaSetSize::on_pod(const Change& c) {
  const api::Pod *was = pod_of(c.old), *is = pod_of(c.now);
  const bool counted = was && is_active(*was), counts = is && is_active(*is);
  if (counted == counts && c.old && c.now &&
      c.old->meta().owner_references.shares(c.now->meta().owner_references))
    return;
  if (counted) {
    const auto it = sets_.find(set_uid(*c.old));
    if (it != sets_.end()) --it->second.active;
  }
  if (!counts) return;
  const Str owner = set_uid(*c.now);
  if (owner.empty()) return;
  Set& set = sets_[owner];
  ++set.active;
  if (c.old || !set.known || handover_.unsure(c.at)) return;
  const std::int64_t limit = set.replicas.most(c.at, kLag) + unknown_.of(owner, c.at);
  check(set.active <= limit, c.at, [&] {
    return cat(label(*c.now), " was created as number ", num(set.active), " of a set of ", num(limit));
  });
}

// ---- R5

void DaemonPods::on_record(const history::Record& record, const Changes& changes) {
  unknown_.on_record(record);
  handover_.on_record(record, changes);
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    if (o.kind_id() == KindId::kPod) {
      on_pod(c);
    } else if (o.kind_id() == KindId::kDaemonSet && c.now) {
      const auto& strategy = c.now->as<api::DaemonSet>().spec->update_strategy.rolling_update;
      const bool surges =
          strategy && strategy->max_surge &&
          !(strategy->max_surge->str() == "0" || strategy->max_surge->str() == "0%");
      surges_[o.meta().uid] = surges;
    }
  }
}

void DaemonPods::on_pod(const Change& c) {
  const api::Pod *was = pod_of(c.old), *is = pod_of(c.now);
  const bool counted = was && is_active(*was), counts = is && is_active(*is);
  if (counted == counts) return;
  const api::Object& o = c.now ? *c.now : *c.old;
  const Str owner = owner_uid(o, "DaemonSet");
  if (owner.empty()) return;
  const Str node = node_of(counts ? *is : *was);
  std::int64_t& active = active_[cat(owner, " ", node)];
  active += counts ? 1 : -1;
  if (!counts || c.old || handover_.unsure(c.at)) return;
  const auto surges = surges_.find(owner);
  const std::int64_t limit =
      1 + (surges != surges_.end() && surges->second) + unknown_.of(owner, c.at);
  check(active <= limit, c.at, [&] {
    return cat(label(o), " was created for ", node, ", which has ", num(active - 1),
               " pods of the DaemonSet");
  });
}

// ---- R4

void RolloutBound::on_record(const history::Record& record, const Changes& changes) {
  handover_.on_record(record, changes);
  for (const Change& c : changes) {
    switch ((c.now ? c.now : c.old)->kind_id()) {
      case KindId::kDeployment:
        on_deployment(c);
        break;
      case KindId::kReplicaSet:
        on_set(c);
        break;
      default:
        break;
    }
  }
}

void RolloutBound::on_deployment(const Change& c) {
  const Str& uid = (c.now ? c.now : c.old)->meta().uid;
  if (!c.now) {
    rollouts_.erase(uid);
    return;
  }
  Rollout& r = rollouts_[uid];
  const std::int64_t replicas = c.now->as<api::Deployment>().spec->replicas.value_or(1);
  if (!r.object || replicas != r.replicas.value()) r.scaled = c.at;
  r.replicas.set(c.at, replicas);
  r.object = c.now;
}

void RolloutBound::on_set(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  const auto it = rollouts_.find(owner_uid(o, "Deployment"));
  if (it == rollouts_.end()) return;
  Rollout& r = it->second;
  if (!c.now) {
    r.sets.erase(o.meta().uid);
    return;
  }
  const auto& set = c.now->as<api::ReplicaSet>();
  Set& s = r.sets[o.meta().uid];
  const std::int64_t before = s.size, available = set.status->available_replicas;
  s.size = set.spec->replicas.value_or(1);
  // A fall to the size is the controller's own doing; a deeper one is not.
  if (available < s.available.value())
    s.available.lower(std::min(s.available.value(), std::max(available, s.size)));
  s.available.set(c.at, available);
  const bool rolls = r.object->as<api::Deployment>().spec->strategy.type == "RollingUpdate";
  if (s.size == before || !rolls || handover_.unsure(c.at)) return;
  if (s.size > before) grown(r, c);
  else if (c.at - r.scaled > kScaling) shrunk(r, s, before, c);
}

void RolloutBound::grown(Rollout& r, const Change& c) {
  const auto& rolling = r.object->as<api::Deployment>().spec->strategy.rolling_update;
  const std::int64_t replicas = r.replicas.most(c.at, kScaling);
  const std::int64_t surge = rolling ? scaled(rolling->max_surge, replicas, true) : 0;
  std::int64_t total = 0;
  for (const auto& [uid, s] : r.sets) total += s.size;
  check(total <= replicas + surge, c.at, [&] {
    return cat("ReplicaSets of ", label(*r.object), " grew to ", num(total), " of ", num(replicas),
               " + ", num(surge));
  });
}

void RolloutBound::shrunk(Rollout& r, const Set& set, std::int64_t before, const Change& c) {
  const auto& rolling = r.object->as<api::Deployment>().spec->strategy.rolling_update;
  const std::int64_t replicas = r.replicas.value();
  const std::int64_t surge = rolling ? scaled(rolling->max_surge, replicas, true) : 0;
  std::int64_t may_miss = rolling ? scaled(rolling->max_unavailable, replicas, false) : 0;
  if (surge == 0 && may_miss == 0) may_miss = 1;
  if (set.available.value() <= set.size) {  // unavailable pods suffice
    check(true, c.at, [] { return std::string(); });
    return;
  }
  std::int64_t left = 0, lagging = 0;
  for (auto& [uid, s] : r.sets) {
    const std::int64_t available = s.available.most(c.at, kFailureLag),
                       size = &s == &set ? before : s.size;
    left += std::min(available, s.size);
    lagging += std::max<std::int64_t>(0, available - size);
  }
  check(left + lagging >= replicas - may_miss, c.at, [&] {
    return cat("a ReplicaSet of ", label(*r.object), " shrank from ", num(before), " to ",
               num(set.size), ": ", num(left), " available pods are left of at least ",
               num(replicas - may_miss));
  });
}

}  // namespace orrery::scenarios
