#include "scenarios/oracles/settled_pods.h"

#include <algorithm>

#include "model/api/pod_group.h"
#include "scenarios/oracles/pod_facts.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kSettledPod = base::kMinute, kRenewed = 30 * base::kSecond;
constexpr std::int64_t kUsualGrace = 30;
constexpr std::string_view kAsksForGpus = "alibabacloud.com/gpu-count";   // an annotation

bool tolerates(const api::Toleration& t, const api::Taint& taint) {
  if (!t.effect.empty() && !(t.effect == taint.effect)) return false;
  if (!t.key.empty() && !(t.key == taint.key)) return false;
  return t.operator_ == "Exists" ||
         ((t.operator_.empty() || t.operator_ == "Equal") && t.value == taint.value);
}

bool is_simple(const api::Pod& pod) {
  const api::PodSpec& spec = *pod.spec;
  if (spec.affinity || !spec.topology_spread_constraints.empty() || !spec.scheduling_gates.empty())
    return false;
  // Room on devices and for a whole gang is more than a sum of requests.
  if (pod.metadata.annotations.contains(kAsksForGpus) || pod.metadata.labels.contains(api::kPodGroupLabel)) return false;
  if (!spec.resource_claims.empty() || !(spec.scheduler_name == "default-scheduler")) return false;
  for (const api::Volume& v : spec.volumes)
    if (v.source->persistent_volume_claim) return false;
  for (const api::Container& c : spec.containers)
    for (const api::ContainerPort& p : c.ports)
      if (p.host_port != 0) return false;
  return true;
}

/// Equal for the scheduler.
bool same(const api::Node& a, const api::Node& b) {
  return a.spec.shares(b.spec) && a.metadata.labels.shares(b.metadata.labels) &&
         is_ready(a) == is_ready(b) && a.status->allocatable.shares(b.status->allocatable);
}

}  // namespace

// ---- P5

void PendingPods::on_record(const history::Record& record, const Changes& changes) {
  last_ = record.origin.at;
  handover_.on_record(record, changes);
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    if (o.kind_id() == KindId::kPod) {
      on_pod(c);
    } else if (o.kind_id() == KindId::kNode) {
      Node& n = nodes_[o.meta().name];
      if (!c.old || !c.now || !same(c.old->as<api::Node>(), c.now->as<api::Node>()))
        n.changed = c.at;
      n.object = c.now;
    }
  }
}

void PendingPods::on_pod(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  const api::Pod& pod = o.as<api::Pod>();
  const Str& uid = o.meta().uid;
  const bool waits = c.now && pod.spec->node_name.empty() && is_active(pod);
  if (waits) {
    waiting_.try_emplace(uid, Waiting{c.now, c.at}).first->second.object = c.now;
    return;
  }
  if (waiting_.erase(uid) > 0 && c.now && !pod.spec->node_name.empty())
    check(true, c.at, [] { return std::string(); });
  if (pod.spec->node_name.empty()) return;
  Node& n = nodes_[pod.spec->node_name];
  const bool runs = c.now && !has_ended(pod);
  if (runs == n.pods.contains(uid)) {
    if (runs) n.pods[uid] = c.now;
    return;
  }
  if (runs) n.pods[uid] = c.now;
  else n.pods.erase(uid);
  n.changed = c.at;
}

bool PendingPods::fits(const api::Pod& pod, const Node& n) const {
  const api::Node& node = n.object->as<api::Node>();
  if (!is_ready(node) || node.spec->unschedulable) return false;
  for (const auto& [key, value] : pod.spec->node_selector) {
    const Str* has = node.metadata.labels.find(key);
    if (!has || !(*has == value)) return false;
  }
  for (const api::Taint& taint : node.spec->taints) {
    bool covered = taint.effect == "PreferNoSchedule";
    for (const api::Toleration& t : pod.spec->tolerations) covered = covered || tolerates(t, taint);
    if (!covered) return false;
  }
  NodeCapacity::Amounts left = NodeCapacity::amounts(node.status->allocatable);
  for (const auto& [uid, other] : n.pods)
    for (const auto& [name, v] : NodeCapacity::requests_of(other->as<api::Pod>())) left[name] -= v;
  for (const auto& [name, v] : NodeCapacity::requests_of(pod))
    if (v > 0 && left[name] < v) return false;
  return true;
}

void PendingPods::finish(const RunFacts&) {
  if (last_ - handover_.renewed() > kRenewed || handover_.unsure(last_ - kSettledPod)) return;
  for (const auto& [uid, w] : waiting_) {
    const api::Pod& pod = w.object->as<api::Pod>();
    if (last_ - w.since < kSettledPod || !is_simple(pod)) continue;
    for (const auto& [name, node] : nodes_) {
      if (!node.object || last_ - node.changed < kSettledPod || !fits(pod, node)) continue;
      check(false, last_, [&, name = name, &w = w, since = w.since] {
        return cat(label(*w.object), " has waited ", num((last_ - since) / base::kSecond),
                   " s although ", name, " has room");
      });
      break;
    }
  }
}

// ---- N3

void SettledContainers::on_record(const history::Record& record, const Changes& changes) {
  last_ = record.origin.at;
  running_.on_record(record);
  for (const Change& c : changes) on_change(c);
  if (record.kind != RecordKind::kProcess || !(record.origin.process == "kubelet")) return;
  using What = history::ProcessRecord::What;
  const What what = static_cast<const history::ProcessRecord&>(record).what;
  machines_[record.origin.machine].up =
      what == What::kStarted || what == What::kResumed ? record.origin.at : base::kNever;
}

void SettledContainers::on_change(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  if (o.kind_id() == KindId::kLease) {
    if (o.meta().namespace_ == "kube-node-lease") machines_[o.meta().name].renewed = c.at;
    return;
  }
  if (o.kind_id() != KindId::kPod) return;
  const api::Pod& pod = o.as<api::Pod>();
  Pod& p = pods_[o.meta().uid];
  p.node = pod.spec->node_name;
  const std::int64_t grace =
      std::max(o.meta().deletion_grace_period_seconds.value_or(0),
               pod.spec->termination_grace_period_seconds.value_or(kUsualGrace));
  if (!c.now) p.gone = c.at + grace * base::kSecond + kSettledPod;
}

void SettledContainers::finish(const RunFacts&) {
  for (const auto& [id, c] : running_.all()) {
    const auto m = machines_.find(c.machine);
    if (m == machines_.end() || m->second.up == base::kNever || last_ - m->second.up < kSettledPod ||
        last_ - m->second.renewed > kRenewed)
      continue;
    const auto pod = pods_.find(c.uid);
    const bool late = pod == pods_.end() ||
                      (pod->second.gone != base::kNever && last_ > pod->second.gone) ||
                      !(pod->second.node == c.machine);
    check(!late, last_, [&, &one = c] {
      return cat("container ", one.container, " of pod ", one.pod, " still runs on ", one.machine);
    });
  }
}

}  // namespace orrery::scenarios
