#include "scenarios/oracles/node_capacity.h"

#include <algorithm>

#include "model/api/lease.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "scenarios/oracles/allowance.h"

namespace orrery::scenarios {
namespace {


std::int64_t amount(std::string_view resource, const api::Quantity& q) {
  return resource == "cpu" ? q.milli_value() : q.value();
}

bool ended(const api::Pod& pod) { return pod.status->phase == "Succeeded" || pod.status->phase == "Failed"; }

}  // namespace

// Upstream's rule: sidecars run beside everything after them; init containers run one at a time.
NodeCapacity::Amounts NodeCapacity::requests_of(const api::Pod& pod) {
  Amounts sum, sidecars, largest;
  const auto add = [](Amounts& to, const api::ResourceList& list) {
    for (const auto& [name, q] : list) to[name] += amount(name, q);
  };
  for (const api::Container& c : pod.spec->containers) add(sum, c.resources.requests);
  for (const api::Container& c : pod.spec->init_containers) {
    Amounts now = sidecars;
    add(now, c.resources.requests);
    if (c.restart_policy && *c.restart_policy == "Always") sidecars = now;
    for (const auto& [name, v] : now) largest[name] = std::max(largest[name], v);
  }
  for (const auto& [name, v] : sidecars) sum[name] += v;
  for (const auto& [name, v] : largest) sum[name] = std::max(sum[name], v);
  add(sum, pod.spec->overhead);
  sum["pods"] = 1;
  return sum;
}

NodeCapacity::Amounts NodeCapacity::amounts(const api::ResourceList& list) {
  Amounts out;
  for (const auto& [name, q] : list) out[name] = amount(name, q);
  return out;
}

void NodeCapacity::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    switch ((c.now ? c.now : c.old)->kind_id()) {
      case KindId::kNode: on_node(c); break;
      case KindId::kPod: on_pod(c); break;
      case KindId::kLease: {
        if (!c.now || !(c.now->meta().name == "kube-scheduler")) break;
        const Str holder = c.now->as<api::Lease>().spec.holder_identity.value_or(Str());
        if (!c.old || !(holder == c.old->as<api::Lease>().spec.holder_identity.value_or(Str()))) unsure_until_ = c.at + kHandover;
        break;
      }
      default: break;
    }
  }
}

void NodeCapacity::on_node(const Change& c) {
  NodeState& n = nodes_[(c.now ? c.now : c.old)->meta().name];
  n.known = c.now != nullptr;
  if (!c.now) return;
  const api::ResourceList& list = c.now->as<api::Node>().status->allocatable;
  if (c.old && c.old->as<api::Node>().status->allocatable.shares(list)) return;
  Amounts next = amounts(list);
  if (next == n.allocatable) return;
  n.before = std::move(n.allocatable);
  n.allocatable = std::move(next);
  n.changed = c.at;
}

void NodeCapacity::release(const Str& uid) {
  const auto it = bound_.find(uid);
  if (it == bound_.end()) return;
  Amounts& used = nodes_[it->second.node].used;
  for (const auto& [name, v] : it->second.requests) used[name] -= v;
  bound_.erase(it);
}

void NodeCapacity::on_pod(const Change& c) {
  const Str& uid = (c.now ? c.now : c.old)->meta().uid;
  if (!c.now || ended(c.now->as<api::Pod>())) return release(uid);
  const api::Pod& pod = c.now->as<api::Pod>();
  if (!c.old || pod.spec->node_name.empty() || !c.old->as<api::Pod>().spec->node_name.empty()) return;
  release(uid);
  Bound b{pod.spec->node_name, requests_of(pod)};
  NodeState& n = nodes_[b.node];
  for (const auto& [name, v] : b.requests) {
    const std::int64_t used = n.used[name] += v;
    if (v == 0 || !n.known || n.allocatable.empty() || c.at < unsure_until_) continue;
    const auto value = [&name = name](const Amounts& a) {
      const auto it = a.find(name);
      return it == a.end() ? 0 : it->second;
    };
    std::int64_t limit = value(n.allocatable);
    if (c.at - n.changed < base::kMinute) limit = std::max(limit, value(n.before));
    check(used <= limit, c.at, [&, name = name] {
      return cat(label(*c.now), " was bound to ", b.node, ": ", name, " in use ", num(used), " of ", num(limit));
    });
  }
  bound_[uid] = std::move(b);
}

}  // namespace orrery::scenarios
