#include "scenarios/expect/predicates.h"

#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/endpoint_slice.h"
#include "model/api/event.h"
#include "model/api/lease.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/api/selector.h"
#include "model/api/stateful_set.h"
#include "model/base/sorted_map.h"
#include "model/base/str.h"
#include "model/codec/field_access.h"
#include "scenarios/load/load_workloads.h"

namespace orrery::scenarios {
namespace {

using api::KindId;
using base::cat;

api::ObjectRef find(const ObjectName& o, const WorldState& s) { return s.objects().get(o.kind, o.namespace_, o.name); }

bool rollout_complete(const api::ObjectRef& o) {
  if (!o) return false;
  const std::int64_t generation = o->meta().generation;
  if (o->kind_id() == KindId::kDeployment) {
    const auto& d = o->as<api::Deployment>();
    const std::int32_t want = d.spec->replicas.value_or(1);
    return d.status->observed_generation >= generation && d.status->updated_replicas == want &&
           d.status->replicas == want && d.status->available_replicas == want;
  }
  if (o->kind_id() == KindId::kStatefulSet) {
    const auto& d = o->as<api::StatefulSet>();
    const std::int32_t want = d.spec->replicas.value_or(1);
    return d.status->observed_generation >= generation && d.status->updated_replicas == want &&
           d.status->ready_replicas == want && d.status->current_revision == d.status->update_revision;
  }
  if (o->kind_id() == KindId::kDaemonSet) {
    const auto& d = o->as<api::DaemonSet>();
    return d.status->observed_generation >= generation &&
           d.status->updated_number_scheduled == d.status->desired_number_scheduled &&
           d.status->number_available == d.status->desired_number_scheduled;
  }
  return false;
}

/// The holder "master-1_UUID" names its machine; the lease must have been renewed after `after`.
bool lease_is_live(const WorldState& s, std::string_view name, base::Instant after, base::Instant epoch) {
  const api::ObjectRef o = s.objects().get(KindId::kLease, "kube-system", name);
  if (!o) return false;
  const auto& spec = o->as<api::Lease>().spec;
  if (!spec.holder_identity || spec.holder_identity->empty() || spec.renew_time.is_zero()) return false;
  const std::string_view holder = spec.holder_identity->view();
  if (!s.powered(holder.substr(0, holder.rfind('_')))) return false;
  return spec.renew_time.micros * 1000 >= epoch.ns + after.ns;
}

/// The holder named by the lease has done something since.
bool leader_acts(const WorldState& s, const std::string& lease, base::Instant after) {
  const api::ObjectRef o = s.objects().get(KindId::kLease, "kube-system", lease);
  const WorldState::Act* act = s.last_act(lease);
  if (!o || !act || act->sent < after) return false;
  const auto& holder = o->as<api::Lease>().spec.holder_identity;
  if (!holder) return false;
  const std::string_view name = holder->view();
  return act->machine == name.substr(0, name.rfind('_'));
}

template <class F>
std::pair<std::int64_t, std::int64_t> count_nodes(const Predicate& p, const WorldState& s, F test) {
  std::int64_t all = 0, yes = 0;
  const std::string pattern = s.machine_named(p.node);
  for (const auto& [name, node] : s.objects().all(KindId::kNode)) {
    if (!matches_pattern(pattern, name)) continue;
    ++all;
    yes += test(node);
  }
  return {yes, all};
}

bool has_taint(const Predicate& p, const api::ObjectRef& node) {
  for (const api::Taint& t : node->as<api::Node>().spec->taints)
    if (t.key == p.taint_key && (p.taint_effect.empty() || t.effect == p.taint_effect)) return true;
  return false;
}

bool condition_matches(const Predicate& p, const api::ObjectRef& o) {
  ConditionText c, other;
  return o && find_condition(*o, p.condition, c) && c.status == p.status && (p.reason.empty() || c.reason == p.reason) &&
         (p.message.empty() || matches_pattern(p.message, c.message)) &&
         (p.without.empty() || !find_condition(*o, p.without, other) || !(other.status == "True"));
}

/// How many of the nodes that the pattern names are as a node-... predicate wants them, and how many there are.
std::pair<std::int64_t, std::int64_t> matching_nodes(const Predicate& p, const WorldState& s) {
  return count_nodes(p, s, [&p](const api::ObjectRef& node) {
    if (p.what == "node-condition") return condition_matches(p, node);
    return has_taint(p, node) == (p.what == "node-taint");
  });
}

std::int64_t count_pods_with_condition(const Predicate& p, const WorldState& s) {
  std::int64_t n = 0;
  for (const api::ObjectRef& pod : pods_in_scope(p, s)) n += condition_matches(p, pod);
  return n;
}

std::int64_t count_events(const Predicate& p, const WorldState& s) {
  std::int64_t n = 0;
  for (const auto& [name, o] : s.objects().all(KindId::kEvent)) {
    const auto& e = o->as<api::Event>();
    if (!(e.reason == p.reason)) continue;
    if (p.object.kind != KindId::kNone &&
        !(e.involved_object.name == p.object.name && e.involved_object.namespace_ == p.object.namespace_)) continue;
    if (!p.message.empty() && !matches_pattern(p.message, e.message)) continue;
    n += e.count > 0 ? e.count : 1;
  }
  return n;
}

/// Acknowledgements arrive in order of time, so that the search ends at the first one from before `after`.
bool writes_accepted(const Predicate& p, const WorldState& s, base::Instant after) {
  const std::string via = p.via.empty() ? "" : s.machine_named(p.via);
  for (const auto& [name, tally] : s.tallies())
    for (auto w = tally.writes.rbegin(); w != tally.writes.rend() && w->acknowledged >= after; ++w)
      if (w->sent >= after && (via.empty() || (w->way < tally.ways.size() && tally.ways[w->way] == via))) return true;
  return false;
}

std::int64_t count_ready_pods(const Predicate& p, const WorldState& s) {
  std::int64_t n = 0;
  for (const api::ObjectRef& pod : pods_in_scope(p, s)) n += is_pod_ready(*pod);
  return n;
}

bool endpoints_match(const Predicate& p, const WorldState& s) {
  const auto counts = ready_endpoints(p.service, s);
  for (const auto& [name, n] : counts)
    if (n != p.count) return false;
  return !counts.empty();
}

std::vector<std::string> master_names(const ClusterSpec& cluster) {
  std::vector<std::string> out;
  for (const MachineSpec& m : cluster.masters) out.push_back(m.name);
  return out;
}

}  // namespace

bool is_pod_ready(const api::Object& pod) {
  for (const api::PodCondition& c : pod.as<api::Pod>().status->conditions)
    if (c.type == "Ready") return c.status == "True" && !pod.meta().deleting();
  return false;
}

std::int64_t count_ready_nodes(const WorldState& s) {
  std::int64_t n = 0;
  for (const auto& [name, node] : s.objects().all(KindId::kNode)) {
    ConditionText c;
    n += find_condition(*node, "Ready", c) && c.status == "True";
  }
  return n;
}

std::vector<api::ObjectRef> pods_in_scope(const Predicate& p, const WorldState& s) {
  std::vector<api::ObjectRef> out;
  auto selector = api::Selector::parse(p.selector);
  const std::string node = s.machine_named(p.node);
  for (const auto& [name, o] : s.objects().all(KindId::kPod)) {
    const auto& pod = o->as<api::Pod>();
    if (!p.namespace_.empty() && !(pod.metadata.namespace_ == p.namespace_)) continue;
    if (!p.selector.empty() && !selector->matches(pod.metadata.labels)) continue;
    if (!node.empty() && !matches_pattern(node, pod.spec->node_name)) continue;
    if (p.phase == "Terminating" ? !pod.metadata.deleting() : !p.phase.empty() && !(pod.status->phase == p.phase)) continue;
    out.push_back(o);
  }
  return out;
}

std::vector<std::pair<std::string, std::int64_t>> ready_endpoints(const std::string& pattern, const WorldState& s) {
  base::SortedMap<std::string, std::int64_t> counts;
  for (const auto& [key, o] : s.objects().all(KindId::kService))
    if (matches_pattern(pattern, key)) counts[key.str()] = 0;
  for (const auto& [key, o] : s.objects().all(KindId::kEndpointSlice)) {
    const auto& slice = o->as<api::EndpointSlice>();
    const Str service = slice.metadata.labels.get("kubernetes.io/service-name");
    const auto it = counts.find(cat(slice.metadata.namespace_, "/", service));
    if (it == counts.end()) continue;
    for (const api::Endpoint& e : slice.endpoints) it->second += e.conditions.ready.value_or(false);
  }
  return {counts.begin(), counts.end()};
}

bool is_node_predicate(const std::string& what) { return what.rfind("node-", 0) == 0; }

bool concerns(const Predicate& p, KindId kind) {
  const std::string& w = p.what;
  if (w == "writes-accepted" || w == "store-members-equal") return true;
  if (w == "lease-held-by-live-master") return kind == KindId::kLease;
  if (w == "nodes-ready" || is_node_predicate(w)) return kind == KindId::kNode;
  if (w == "leader-acts") return kind == KindId::kLease;
  if (w.rfind("pods-", 0) == 0) return kind == KindId::kPod;
  if (w == "endpoints-ready") return kind == KindId::kEndpointSlice || kind == KindId::kService;
  if (w == "event") return kind == KindId::kEvent;
  return kind == p.object.kind;
}

bool holds(const Predicate& p, const WorldState& s, const ClusterSpec& cluster, base::Instant after, base::Instant epoch) {
  const std::string& w = p.what;
  if (w == "writes-accepted") return writes_accepted(p, s, after);
  if (w == "leader-acts") return leader_acts(s, p.lease, after);
  if (w == "lease-held-by-live-master") {
    if (!p.lease.empty()) return lease_is_live(s, p.lease, after, epoch);
    return lease_is_live(s, "kube-scheduler", after, epoch) && lease_is_live(s, "kube-controller-manager", after, epoch);
  }
  if (w == "rollout-complete") return rollout_complete(find(p.object, s));
  if (w == "store-members-equal") return s.members_equal(master_names(cluster));
  if (w == "nodes-ready") return count_ready_nodes(s) >= p.count;
  if (is_node_predicate(w)) {
    const auto [yes, all] = matching_nodes(p, s);
    return p.has_count ? yes >= p.count : all > 0 && yes == all;
  }
  if (w == "pods-with-condition") return count_pods_with_condition(p, s) >= p.count;
  if (w == "pods-ready") return count_ready_pods(p, s) >= p.count;
  if (w == "pods-in-phase") return static_cast<std::int64_t>(pods_in_scope(p, s).size()) == p.count;
  if (w == "pods-on-node") {
    std::int64_t n = 0;
    for (const api::ObjectRef& pod : pods_in_scope(p, s)) {
      const Str& phase = pod->as<api::Pod>().status->phase;
      n += !(phase == "Succeeded") && !(phase == "Failed");
    }
    return n == p.count;
  }
  if (w == "endpoints-ready") return endpoints_match(p, s);
  if (w == "object-condition") return condition_matches(p, find(p.object, s));
  if (w == "object-gone") return !find(p.object, s);
  if (w == "object-exists") return static_cast<bool>(find(p.object, s));
  if (w == "event") return count_events(p, s) >= p.count;
  const api::ObjectRef o = find(p.object, s);   // object-field
  if (!o) return false;
  const auto text = codec::field_text(*o, p.field);
  return text.ok() && *text == p.value;
}

std::string describe_state(const Predicate& p, const WorldState& s, const ClusterSpec&) {
  const std::string& w = p.what;
  if (w == "nodes-ready") return cat(std::to_string(count_ready_nodes(s)), " ready");
  if (w == "pods-ready") return cat(std::to_string(count_ready_pods(p, s)), " ready");
  if (w == "pods-in-phase" || w == "pods-on-node") return cat(std::to_string(pods_in_scope(p, s).size()), " pods");
  if (w == "event") return cat(std::to_string(count_events(p, s)), " events");
  if (w == "pods-with-condition") return cat(std::to_string(count_pods_with_condition(p, s)), " pods");
  if (is_node_predicate(w)) {
    const auto [yes, all] = matching_nodes(p, s);
    return cat(std::to_string(yes), " of ", std::to_string(all), " nodes");
  }
  if (w == "endpoints-ready") {
    std::string out;
    for (const auto& [name, n] : ready_endpoints(p.service, s)) out += cat(out.empty() ? "" : ", ", name, "=", std::to_string(n));
    return out;
  }
  if (p.object.kind != KindId::kNone) {
    const api::ObjectRef o = find(p.object, s);
    if (!o) return "no such object";
    ConditionText c;
    if (!p.condition.empty()) return find_condition(*o, p.condition, c) ? cat(c.status, " (", c.reason, ")") : "no such condition";
    if (!p.field.empty()) {
      auto text = codec::field_text(*o, p.field);
      return text.ok() ? *text : "no such field";
    }
  }
  return "";
}

}  // namespace orrery::scenarios
