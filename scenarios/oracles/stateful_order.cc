#include "scenarios/oracles/stateful_order.h"

#include "model/api/stateful_set.h"
#include "scenarios/oracles/pod_facts.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kReadyLag = 15 * base::kSecond, kDeletionLag = 2 * base::kSecond;

/// "web-12" -> 12; -1 without one.
std::int64_t ordinal_of(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == name.size() || name.size() - dash > 9)
    return -1;
  std::int64_t n = 0;
  for (const char c : name.substr(dash + 1)) {
    if (c < '0' || c > '9') return -1;
    n = 10 * n + (c - '0');
  }
  return n;
}

}  // namespace

void StatefulOrder::on_record(const history::Record& record, const Changes& changes) {
  handover_.on_record(record, changes);
  for (const Change& c : changes) {
    switch ((c.now ? c.now : c.old)->kind_id()) {
      case KindId::kStatefulSet:
        on_set(c);
        break;
      case KindId::kPod:
        on_pod(c);
        break;
      default:
        break;
    }
  }
  if (record.kind != RecordKind::kApiRequest || sets_.empty()) return;
  const api::ApiRequest& r = *static_cast<const history::ApiRequestRecord&>(record).request;
  if (r.verb == api::Verb::kDelete && r.kind == KindId::kPod &&
      r.user.view().ends_with(":statefulset-controller"))
    on_delete(r, record.origin.at);
}

void StatefulOrder::on_set(const Change& c) {
  const Str& uid = (c.now ? c.now : c.old)->meta().uid;
  if (!c.now) {
    sets_.erase(uid);
    return;
  }
  const api::StatefulSetSpec& spec = *c.now->as<api::StatefulSet>().spec;
  Set& s = sets_[uid];
  s.name = api::key_of(c.now->meta());
  s.ordered = !(spec.pod_management_policy == "Parallel");
  s.start = spec.ordinals ? spec.ordinals->start : 0;
  s.replicas = spec.replicas.value_or(1);
  if (s.ordered) subject();
}

void StatefulOrder::on_pod(const Change& c) {
  const api::Object& o = c.now ? *c.now : *c.old;
  const auto it = sets_.find(owner_uid(o, "StatefulSet"));
  if (it == sets_.end()) return;
  Set& set = it->second;
  const std::int64_t ordinal = ordinal_of(o.meta().name);
  if (!c.now) {
    const auto pod = set.pods.find(ordinal);
    if (pod != set.pods.end() && pod->second.uid == o.meta().uid) set.pods.erase(pod);
    return;
  }
  Pod& pod = set.pods[ordinal];
  const bool ready = is_ready(o.as<api::Pod>());
  if (ready || pod.ready) pod.ready_until = c.at;
  pod.uid = o.meta().uid;
  if (o.meta().deleting() && !pod.deleting) pod.deleting_since = c.at;
  pod.deleting = o.meta().deleting();
  pod.ready = ready;
  if (c.old || !set.ordered || handover_.unsure(c.at)) return;
  for (std::int64_t i = set.start; i < ordinal; ++i) {
    const auto before = set.pods.find(i);
    const bool ok =
        before != set.pods.end() &&
        (!before->second.deleting || c.at - before->second.deleting_since <= kDeletionLag) &&
        (before->second.ready || c.at - before->second.ready_until <= kReadyLag);
    check(ok, c.at, [&] {
      return cat(label(o), " was created while the pod of ordinal ", num(i), " is not ready");
    });
  }
  if (ordinal == set.start) check(true, c.at, [] { return std::string(); });
}

void StatefulOrder::on_delete(const api::ApiRequest& request, Instant at) {
  const std::string name = cat(request.namespace_, "/", request.name);
  const std::int64_t ordinal = ordinal_of(name);
  for (const auto& [uid, set] : sets_) {
    if (!set.ordered || name.substr(0, name.rfind('-')) != set.name.view() ||
        ordinal < set.start + set.replicas)
      continue;
    if (handover_.unsure(at) || set.pods.empty()) continue;
    const std::int64_t highest = set.pods.rbegin()->first;
    check(highest <= ordinal, at, [&] {
      return cat("pod ", name, " was deleted while ordinal ", num(highest), " is left");
    });
  }
}

}  // namespace orrery::scenarios
