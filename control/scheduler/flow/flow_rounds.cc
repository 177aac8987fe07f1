#include "control/scheduler/flow/flow_rounds.h"

#include <algorithm>

#include "control/scheduler/class_key.h"

namespace orrery::scheduler {
namespace {

/// Above any difference of totals, so that a pod waits only when there is no room; those that wait longest come first.
constexpr std::int64_t kWaitCost = 1'000'000'000;
constexpr std::int64_t kLongestWait = 1'000'000;   // seconds
/// More classes than that without pods, and more than the others: the network is built anew without them.
constexpr std::size_t kIdleClasses = 16;

std::int64_t gpu_copies(const GpuDemand& demand, const GpuDevices& devices) {
  if (!demand.accepts(devices.model()) || demand.milli <= 0) return 0;
  std::int64_t slots = 0;
  for (const std::int32_t free : devices.free()) slots += std::max(free, 0) / demand.milli;
  return slots / demand.count;
}

}  // namespace

std::int64_t copies_that_fit(const PodInfo& pod, const NodeInfo& node) {
  const Resource &has = node.allocatable(), &used = node.requested(), &wants = pod.wanted;
  std::int64_t most = has.allowed_pods - static_cast<std::int64_t>(node.pods().size());
  const auto limit = [&most](std::int64_t free, std::int64_t each) {
    if (each > 0) most = std::min(most, free / each);
  };
  limit(has.milli_cpu - used.milli_cpu, wants.milli_cpu);
  limit(has.memory - used.memory, wants.memory);
  limit(has.ephemeral_storage - used.ephemeral_storage, wants.ephemeral_storage);
  for (const ScalarAmount& s : wants.scalars) limit(has.scalar(s.name) - used.scalar(s.name), s.amount);
  if (pod.gpu.wants()) most = std::min(most, gpu_copies(pod.gpu, node.gpus()));
  return std::max<std::int64_t>(most, 0);
}

void FlowRounds::start_over() {
  scanned_ += flow_.scanned();
  flow_ = MinCostFlow();
  by_key_.clear();
  room_.clear();
  generations_.assign(snapshot_.nodes().size(), 0);
  order_version_ = snapshot_.order_version();
  sink_ = flow_.add_node();
  for (std::size_t i = 0; i < generations_.size(); ++i) flow_.add_node();
  for (std::size_t i = 0; i < generations_.size(); ++i) {
    room_.push_back(flow_.add_arc(static_cast<MinCostFlow::Node>(i + 1), sink_, 0, 0));
  }
}

void FlowRounds::follow_nodes() {
  const auto& nodes = snapshot_.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (generations_[i] == nodes[i]->generation()) continue;
    generations_[i] = nodes[i]->generation();
    const std::int64_t room = nodes[i]->allocatable().allowed_pods - static_cast<std::int64_t>(nodes[i]->pods().size());
    flow_.set_capacity(room_[i], std::max<std::int64_t>(room, 0));
  }
}

void FlowRounds::forget_idle() {
  std::size_t idle = 0;
  for (const auto& [key, c] : by_key_) idle += c.pods.empty();
  if (idle > kIdleClasses && idle > by_key_.size() / 2) start_over();
}

FlowRounds::Class& FlowRounds::class_of(const PodInfo& pod) {
  std::string key;
  append_class_key(pod, key);
  const auto [at, is_new] = by_key_.try_emplace(std::move(key));
  Class& c = at->second;
  if (!is_new) return c;
  c.node = flow_.add_node();
  c.wait = flow_.add_arc(c.node, sink_, INT32_MAX, kWaitCost);
  for (std::size_t i = 0; i < room_.size(); ++i) {
    const MinCostFlow::Arc arc = flow_.add_arc(c.node, static_cast<MinCostFlow::Node>(i + 1), 0, 0);
    if (i == 0) c.first = arc;
  }
  return c;
}

// The best node costs nothing, another what its total is less.
bool FlowRounds::offer(Class& c, const PodInfo& pod, PodClass& known) {
  asked_ += room_.size();
  ClassSearch& found = classes_.search;
  if (!known.search(0, room_.size(), found) || (!found.feasible.empty() && !known.complete(found))) return false;
  std::vector<bool> offered(room_.size());
  const std::int32_t best = found.totals.empty() ? 0 : *std::max_element(found.totals.begin(), found.totals.end());
  for (std::size_t i = 0; i < found.feasible.size(); ++i) {
    const std::uint32_t at = found.feasible[i];
    const MinCostFlow::Arc arc = c.first + at;
    const std::int64_t cost = found.totals.empty() ? 0 : best - found.totals[i];
    const std::int64_t copies = std::max<std::int64_t>(copies_that_fit(pod, *snapshot_.nodes()[at]), 1);
    if (flow_.cost(arc) != cost) flow_.set_cost(arc, cost);
    if (flow_.capacity(arc) != copies) flow_.set_capacity(arc, copies);
    offered[at] = true;
  }
  c.options = found.feasible.size();
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const MinCostFlow::Arc arc = c.first + static_cast<MinCostFlow::Arc>(i);
    if (!offered[i] && flow_.capacity(arc) != 0) flow_.set_capacity(arc, 0);
  }
  return true;
}

std::vector<FlowChoice> FlowRounds::solve(std::span<const FlowPod> pods) {
  if (order_version_ != snapshot_.order_version()) start_over();
  forget_idle();
  for (auto& [key, c] : by_key_) {
    c.pods.clear();
    c.waited = 0;
  }
  follow_nodes();
  for (std::uint32_t i = 0; i < pods.size(); ++i) {
    Class& c = class_of(*pods[i].pod);
    c.pods.push_back(i);
    c.waited = std::max(c.waited, pods[i].waited);
  }
  std::int64_t all = 0;
  for (auto& [key, c] : by_key_) {
    if (!c.pods.empty()) {
      const PodInfoRef& first = pods[c.pods.front()].pod;
      PodClass* known = classes_.of(first);
      if (!known || !offer(c, *first, *known)) c.pods.clear();
    }
    flow_.set_supply(c.node, static_cast<std::int64_t>(c.pods.size()));
    const std::int64_t cost = kWaitCost + std::min(c.waited / base::kSecond, kLongestWait);
    if (flow_.cost(c.wait) != cost) flow_.set_cost(c.wait, cost);
    all += static_cast<std::int64_t>(c.pods.size());
  }
  flow_.set_supply(sink_, -all);
  const bool sent = flow_.solve();
  ORRERY_CHECK(sent, "every pod can wait");
  return choices(pods);
}

std::vector<FlowChoice> FlowRounds::choices(std::span<const FlowPod> pods) {
  struct Ranked {
    FlowChoice choice;
    std::size_t options;
  };
  std::vector<Ranked> ranked;
  for (auto& [key, c] : by_key_) {
    std::stable_sort(c.pods.begin(), c.pods.end(), [&](auto a, auto b) { return pods[a].waited > pods[b].waited; });
    std::size_t next = 0;
    for (std::uint32_t at = 0; at < room_.size() && next < c.pods.size(); ++at) {
      for (std::int64_t n = flow_.flow(c.first + at); n > 0 && next < c.pods.size(); --n)
        ranked.push_back({{c.pods[next++], at}, c.options});
    }
  }
  std::sort(ranked.begin(), ranked.end(), [&](const Ranked& a, const Ranked& b) {
    if (a.options != b.options) return a.options < b.options;
    const base::Nanos x = pods[a.choice.pod].waited, y = pods[b.choice.pod].waited;
    return x != y ? x > y : a.choice.pod < b.choice.pod;
  });
  std::vector<FlowChoice> out;
  for (const Ranked& r : ranked) out.push_back(r.choice);
  return out;
}

}  // namespace orrery::scheduler
