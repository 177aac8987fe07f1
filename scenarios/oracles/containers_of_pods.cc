#include "scenarios/oracles/containers_of_pods.h"

#include <algorithm>

#include "model/api/node.h"
#include "model/api/pod.h"

namespace orrery::scenarios {
namespace {

using Started = history::ContainerStarted;
using Stopped = history::ContainerStopped;
constexpr Nanos kSlack = 100 * base::kMillisecond;

/// True for the processes of the cluster, false for people and scripts.
bool is_component(std::string_view user) {
  return user.starts_with("system:kube-") || user.starts_with("system:node:") || user.starts_with("system:serviceaccount:");
}

}  // namespace

void RunningContainers::on_record(const history::Record& record) {
  if (record.kind == RecordKind::kContainerStarted) {
    const auto& s = static_cast<const Started&>(record);
    by_id_[cat(s.origin.machine, "/", s.container_id)] = {s.origin.machine, cat(s.pod_namespace, "/", s.pod_name), s.pod_uid,
                                                          s.container, s.attempt};
    ++count_[s.pod_uid];
  } else if (record.kind == RecordKind::kContainerStopped) {
    const auto& s = static_cast<const Stopped&>(record);
    if (by_id_.erase(Str(cat(s.origin.machine, "/", s.container_id))) == 0) return;
    if (--count_[s.pod_uid] == 0) count_.erase(s.pod_uid);
  }
}

std::size_t RunningContainers::of_pod(const Str& uid) const {
  const auto it = count_.find(uid);
  return it == count_.end() ? 0 : it->second;
}

// ---- R1

void OneIdentity::excuse_node(const Str& node) {
  for (auto& [uid, pod] : pods_)
    if (pod.node == node) pod.excused = true;
}

void OneIdentity::on_change(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  if (o.kind_id() == KindId::kNode) {
    bool out = !c.now;
    if (c.now)
      for (const api::Taint& t : c.now->as<api::Node>().spec->taints) out = out || t.key == "node.kubernetes.io/out-of-service";
    if (out) excuse_node(o.meta().name);
    return;
  }
  if (o.kind_id() != KindId::kPod) return;
  const api::OwnerReference* owner = api::controller_of(o.meta());
  if (!owner || !(owner->kind == "StatefulSet")) return;
  subject();
  const Str& uid = o.meta().uid;
  if (!c.now && running_.of_pod(uid) == 0) {
    pods_.erase(uid);
    return;
  }
  const auto [it, fresh] = pods_.try_emplace(uid);
  it->second.name = api::key_of(o.meta());
  it->second.node = o.as<api::Pod>().spec->node_name;
  if (fresh) uids_[it->second.name].push_back(uid);
}

void OneIdentity::on_record(const history::Record& record, const Changes& changes) {
  running_.on_record(record);
  for (const Change& c : changes) on_change(c);
  if (record.kind == RecordKind::kApiRequest) {
    const api::ApiRequest& r = *static_cast<const history::ApiRequestRecord&>(record).request;
    if (r.verb != api::Verb::kDelete || r.kind != KindId::kPod || r.grace_period_seconds.value_or(1) > 0 || is_component(r.user))
      return;
    const auto known = uids_.find(cat(r.namespace_, "/", r.name));
    if (known == uids_.end()) return;
    for (const Str& uid : known->second)
      if (const auto pod = pods_.find(uid); pod != pods_.end()) pod->second.excused = true;
    return;
  }
  if (record.kind != RecordKind::kContainerStarted) return;
  const auto& s = static_cast<const Started&>(record);
  const auto mine = pods_.find(s.pod_uid);
  if (mine == pods_.end()) return;
  std::vector<Str>& uids = uids_[mine->second.name];
  std::erase_if(uids, [this](const Str& uid) { return !pods_.contains(uid); });
  for (const Str& uid : uids) {
    const bool other = !(uid == s.pod_uid) && running_.of_pod(uid) > 0 && !pods_[uid].excused;
    check(!other, s.origin.at, [&] {
      return cat("pod ", mine->second.name, " started on ", s.origin.machine, " while its predecessor runs on ", pods_[uid].node);
    });
  }
}

// ---- N2

void GracePeriod::on_change(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  if (o.kind_id() != KindId::kPod) return;
  if (!c.now) {
    ending_.erase(o.meta().uid);
    return;
  }
  if (!o.meta().deleting()) return;
  const Nanos grace = o.meta().deletion_grace_period_seconds.value_or(0) * base::kSecond;
  const bool fresh = !c.old || !c.old->meta().deleting();
  Ending& e = ending_[o.meta().uid];
  if (fresh) e = {c.at, c.at + grace, false};
  else if (c.old->meta().deletion_grace_period_seconds.value_or(0) * base::kSecond != grace)
    e.deadline = std::min(e.deadline, c.at + grace);
  const api::PodStatus& status = *o.as<api::Pod>().status;
  e.excused = e.excused || grace == 0 || status.phase == "Failed" || status.phase == "Succeeded" || status.reason == "Evicted";
}

void GracePeriod::on_record(const history::Record& record, const Changes& changes) {
  running_.on_record(record);
  for (const Change& c : changes) on_change(c);
  if (record.kind == RecordKind::kPodRemoved) {
    const auto& removed = static_cast<const history::PodRemoved&>(record);
    check(running_.of_pod(removed.pod_uid) == 0, record.origin.at, [&] {
      return cat("pod ", removed.pod_namespace, "/", removed.pod_name, " was confirmed as gone while its containers ran");
    });
    return;
  }
  if (record.kind != RecordKind::kContainerStopped) return;
  const auto& s = static_cast<const Stopped&>(record);
  const auto e = ending_.find(s.pod_uid);
  if (s.how == Stopped::How::kPowerLoss || s.how == Stopped::How::kOom || e == ending_.end() || e->second.excused) return;
  if (s.term_at != base::kNever && s.term_at < e->second.marked) return;
  check(s.how != Stopped::How::kKill || s.origin.at + kSlack >= e->second.deadline, s.origin.at, [&] {
    return cat("container ", s.container, " of ", s.pod_namespace, "/", s.pod_name, " was killed ",
               num((e->second.deadline - s.origin.at) / base::kMillisecond), " ms before the end of its grace period");
  });
}

// ---- N4

void KubeletRestart::on_record(const history::Record& record, const Changes& changes) {
  running_.on_record(record);
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    if (o.kind_id() != KindId::kPod) continue;
    if (c.now) pods_[o.meta().uid] = c.now;
    else pods_.erase(o.meta().uid);
    const bool changed = !c.now || o.meta().deleting() ||
                         (c.old && !(c.old->as<api::Pod>().spec->containers.shares(o.as<api::Pod>().spec->containers)));
    if (changed) watched_.erase(o.meta().uid);
  }
  if (record.kind == RecordKind::kProcess) {
    const auto& p = static_cast<const history::ProcessRecord&>(record);
    if (p.what != history::ProcessRecord::What::kStarted || !(p.origin.process == "kubelet")) return;
    for (const auto& [id, c] : running_.all()) {
      const auto pod = pods_.find(c.uid);
      if (!(c.machine == p.origin.machine) || pod == pods_.end() || pod->second->meta().deleting()) continue;
      for (const api::Container& spec : pod->second->as<api::Pod>().spec->containers) {
        if (!(spec.name == c.container) || spec.liveness_probe || spec.startup_probe) continue;
        check(true, record.origin.at, [] { return std::string(); });
        watched_[c.uid].push_back({c.machine, c.container, c.attempt, record.origin.at, false});
      }
    }
    return;
  }
  const bool stopped = record.kind == RecordKind::kContainerStopped;
  if ((!stopped && record.kind != RecordKind::kContainerStarted) || watched_.empty()) return;
  const Str& uid = stopped ? static_cast<const Stopped&>(record).pod_uid : static_cast<const Started&>(record).pod_uid;
  const auto it = watched_.find(uid);
  if (it == watched_.end()) return;
  for (Watched& w : it->second) {
    if (record.origin.at - w.since > base::kMinute || !(w.machine == record.origin.machine)) continue;
    if (stopped) {
      const auto& s = static_cast<const Stopped&>(record);
      w.stopped = w.stopped || (s.container == w.container && (s.how == Stopped::How::kTerm || s.how == Stopped::How::kKill));
      continue;
    }
    const auto& s = static_cast<const Started&>(record);
    if (!(s.container == w.container)) continue;
    check(!w.stopped, record.origin.at, [&] {
      return cat("container ", s.container, " of ", s.pod_namespace, "/", s.pod_name, " was restarted after the kubelet's restart");
    });
  }
}

}  // namespace orrery::scenarios
