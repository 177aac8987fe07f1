#include "scenarios/bench/whole_agents.h"

#include <algorithm>

#include "model/api/node.h"
#include "model/api/pod.h"
#include "scenarios/bench/autoscaling.h"
#include "scenarios/bench/descheduling.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/whole_objects.h"

namespace orrery::scenarios::bench {
namespace {

using base::Instant;
using base::Nanos;

constexpr sim::EventTag kAgentTag{0, sim::EventKind::kWorld, 0};
/// So long the scheduler has for the pods that wait when a node has become ready.
constexpr Nanos kSettling = 10 * base::kSecond;

bool is_unschedulable(const api::Pod& pod) {
  const auto& conditions = pod.status->conditions;
  return std::any_of(conditions.begin(), conditions.end(), [](const api::PodCondition& c) {
    return c.type == "PodScheduled" && c.status == "False" && c.reason == "Unschedulable";
  });
}

}  // namespace

WholeAgents::WholeAgents(const TimedOptions& options, std::uint64_t seed, Cluster& cluster, scheduler::Snapshot& committed, Evict evict,
                         std::function<void()> nodes_changed)
    : cluster_(cluster), committed_(committed), evict_(std::move(evict)), nodes_changed_(std::move(nodes_changed)) {
  if (options.descheduler) agents_.push_back(make_descheduler(*options.descheduler));
  if (options.autoscaler) agents_.push_back(make_autoscaler(*options.autoscaler, seed));
  counts_.most = committed.size();
}

WholeAgents::~WholeAgents() = default;

Nanos WholeAgents::now() const { return cluster_.world().now() - begin_; }

template <class Act>
void WholeAgents::soon(Nanos after, Act act) {
  cluster_.world().kernel().after(after, kAgentTag, std::move(act));
}

void WholeAgents::start(Instant begin) {
  begin_ = begin;
  cluster_.world().kernel().at(begin, kAgentTag, [this] { act(); });
}

void WholeAgents::act() {
  for (const auto& agent : agents_) {
    if (agent->next() <= now()) agent->act(now(), *this);
  }
  arm();
}

void WholeAgents::arm() {
  Nanos next = INT64_MAX;
  for (const auto& agent : agents_) next = std::min(next, agent->next());
  soon(std::max<Nanos>(next - now(), 1), [this] { act(); });
}

void WholeAgents::pod_waits(const Str& name, const api::ObjectRef& pod) {
  if (is_unschedulable(pod->as<api::Pod>())) helpless_[name] = base::make_ref<scheduler::PodInfo>(pod);
}

void WholeAgents::pod_came(const Str& pod, const Str& node) {
  if (leaving_.contains(node)) soon(0, [this, pod] { evict_(pod, Evictor::kAutoscaler); });
}

void WholeAgents::pod_left(const Str& node) {
  if (leaving_.contains(node)) soon(0, [this, node] { take_away(node); });
}

void WholeAgents::node_changed(const history::Change& change) {
  const Str& name = (change.now ? change.now : change.old)->meta().name;
  if (!change.now || !coming_.contains(name) || !may_take_pods(change.now->as<api::Node>())) return;
  coming_.erase(name);
  settled_at_ = cluster_.world().now() + kSettling;
  // They look again then, although nothing else may have changed.
  soon(kSettling, [this] { ++version_; });
}

std::vector<scheduler::PodInfoRef> WholeAgents::unschedulable() const {
  std::vector<scheduler::PodInfoRef> out;
  if (!coming_.empty() || cluster_.world().now() < settled_at_) return out;
  for (const auto& [name, pod] : helpless_) out.push_back(pod);
  return out;
}

void WholeAgents::evict(const scheduler::PodInfo& pod, Evictor by) {
  if (!pod.meta().deleting()) evict_(api::key_of(pod.meta()), by);
}

void WholeAgents::add_node(const TraceNode& node) {
  committed_.set_node(make_node(node));
  counts_.most = std::max(counts_.most, committed_.size());
  ++counts_.added;
  coming_.insert(node.name);
  cluster_.add_node(machine_of(node, cluster_.zone_of_new_node()));
  nodes_changed_();
  ++version_;
}

void WholeAgents::remove_node(const Str& name) {
  leaving_.insert(name);
  ++counts_.removed;
  // Nothing is planned on it any more.
  const scheduler::NodeInfo& info = *committed_.find(name);
  api::Node node = *info.handle();
  node.spec.edit().unschedulable = true;
  committed_.set_node(scheduler::NodeHandle(api::make_object(std::move(node))));
  tell_user(UserAction::Kind::kCordon, name);
  take_away(name);
  ++version_;
}

void WholeAgents::tell_user(UserAction::Kind kind, const Str& node) {
  UserAction action;
  action.kind = kind;
  action.object.kind = api::KindId::kNode;
  action.object.name = node.str();
  if (UserAgent* user = cluster_.user()) user->perform(std::move(action), std::make_shared<ActionReport>());
}

/// Once nothing is on it.
void WholeAgents::take_away(const Str& node) {
  const scheduler::NodeInfo* const info = committed_.find(node);
  if (!info || !info->pods().empty()) return;
  leaving_.erase(node);
  coming_.erase(node);
  committed_.remove_node(node);
  nodes_changed_();
  ++version_;
  cluster_.remove_node(node.str());
  tell_user(UserAction::Kind::kDelete, node);
}

void WholeAgents::note(RunRecord& out) const {
  for (const auto& agent : agents_) out.notes.push_back(agent->note());
}

}  // namespace orrery::scenarios::bench
