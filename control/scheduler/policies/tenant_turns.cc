#include "control/scheduler/policies/tenant_turns.h"

#include <algorithm>
#include <optional>

namespace orrery::scheduler {
namespace {

void add(Amounts& to, const Amounts& what, int sign) {
  for (std::size_t r = 0; r < to.size(); ++r) to[r] += sign * what[r];
}

bool keeps_pods_away(const api::Node& node) {
  const auto& taints = node.spec->taints;
  return node.spec->unschedulable ||
         std::any_of(taints.begin(), taints.end(), [](const api::Taint& t) { return t.effect == "NoSchedule" || t.effect == "NoExecute"; });
}

Amounts capacity_of(const NodeInfo& node) {
  if (keeps_pods_away(*node.handle())) return {};
  return {node.allocatable().milli_cpu, node.allocatable().memory, static_cast<std::int64_t>(node.gpus().count()) * kWholeGpu};
}

}  // namespace

std::size_t TenantTurns::tenant_of(const PodInfo& pod) {
  const Str* const label = pod.meta().labels.find(kTenantLabel);
  const auto [at, is_new] = tenants_.try_emplace(label ? *label : Str(), tenants_.size());
  if (is_new) shares_.add_tenant();
  return at->second;
}

void TenantTurns::count(Node& node, int sign) {
  add(capacity_, node.capacity, sign);
  for (const Holding& h : node.pods) shares_.change(h.tenant, h.amounts, sign);
}

void TenantTurns::follow() {
  const auto& nodes = snapshot_.nodes();
  if (order_version_ != snapshot_.order_version()) {
    for (Node& n : nodes_) count(n, -1);
    nodes_.assign(nodes.size(), {});
    order_version_ = snapshot_.order_version();
  }
  const std::vector<std::uint64_t>& generations = snapshot_.generations();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Node& known = nodes_[i];
    if (known.generation == generations[i]) continue;
    count(known, -1);
    known = {generations[i], capacity_of(*nodes[i]), {}};
    for (const PodInfoRef& p : nodes[i]->pods()) known.pods.push_back({tenant_of(*p), {p->wanted.milli_cpu, p->wanted.memory, p->gpu.total()}});
    count(known, 1);
  }
  shares_.set_capacity(capacity_);
}

std::size_t TenantTurns::next(std::span<const PodInfo* const> ready) {
  follow();
  std::vector<std::size_t> first(tenants_.size(), ready.size());
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const std::size_t tenant = tenant_of(*ready[i]);
    if (tenant >= first.size()) first.resize(tenant + 1, ready.size());
    first[tenant] = std::min(first[tenant], i);
  }
  return first[*shares_.poorest([&](std::size_t t) { return first[t] < ready.size(); })];
}

}  // namespace orrery::scheduler
