#include "scenarios/bench/whole_run.h"

#include <algorithm>

#include "control/client/pod_util.h"
#include "model/base/str.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/priority_classes.h"
#include "scenarios/bench/submitted_objects.h"

namespace orrery::scenarios::bench {

using base::cat;
using base::Instant;
using base::Nanos;

namespace {

constexpr sim::EventTag kUserTag{0, sim::EventKind::kWorld, 0};
/// Before the first pod may come.
constexpr Nanos kFirstObjectsAt = kBootTime - 20 * base::kSecond;
/// Of a log of jobs: so long after everything should have ended the run is given up when nothing happens.
constexpr Nanos kBatchPatience = base::kHour;

}  // namespace

WholeRun::WholeRun(const Scenario& scenario, const Trace& trace, const TraceSpec& rules, const scheduler::FragmentationModel& model,
                   const TimedOptions& beside, TimedParts tell, Order order)
    : scenario_(scenario), own_(beside.closed ? std::optional(trace) : std::nullopt), trace_(own_ ? *own_ : trace), rules_(rules),
      measuring_(beside.measuring),
      tell_(tell), order_by_(order), closed_(beside.closed), on_start_(beside.on_start), names_(names_of(trace.pods)),
      cluster_(scenario, state_, this, beside.watcher), timeline_(scenario, cluster_, state_, leaders_) {
  for (const TraceNode& n : trace.nodes) committed_.set_node(make_node(n));
  meter_.emplace(committed_, model);
  if (measuring_.energy && measuring_.energy->gpus_draw()) gpu_energy_.emplace(measuring_.energy->gpus_alone(), committed_, 0);
  if (beside.descheduler || beside.autoscaler) {
    agents_ = std::make_unique<WholeAgents>(beside, scenario.seed, cluster_, committed_, [this](const Str& pod, Evictor by) { evict(pod, by); },
                                            [this] { hold_and_count_nodes(); });
  }
  plan();
  from_ = measuring_.begin(first_);
  if (users_ || !order_.empty()) meter_->begin(first_, from_, last_);
  cluster_.world().kernel().at(Instant{kFirstObjectsAt}, kUserTag, [this] { create_first_objects(); });
}

template <class Act>
void WholeRun::soon(Act act) {
  cluster_.world().kernel().after(0, kUserTag, std::move(act));
}

void WholeRun::run() {
  timeline_.start();
  if (measuring_.energy) {
    cluster_.world().kernel().at(Instant{kBootTime + from_}, kUserTag, [this] {
      if (gpu_energy_) gpu_energy_->begin(from_);
      before_ = drawn();
    });
  }
  if (agents_) agents_->start(Instant{kBootTime + first_});
  if (!order_by_.batch) {
    cluster_.world().run_until(Instant{scenario_.until});
  } else {
    // Somebody may wait for ever, when a fault took the room away.
    Nanos longest = 0;
    for (const TracePod& p : trace_.pods) longest = std::max(longest, p.duration);
    while (!order_by_.batch->all_over() && now() - std::max(last_change_, last_) < longest + kBatchPatience) cluster_.world().run_for(base::kMinute);
    last_ = std::max(last_, now());
  }
  meter_->measure_until(last_, waiting_);
}

// --- who comes when

void WholeRun::plan() {
  facts_.resize(trace_.pods.size());
  std::vector<std::uint32_t> ranks(trace_.pods.size());
  for (std::uint32_t i = 0; i < trace_.pods.size(); ++i) {
    plan(i);
    const std::size_t gang = facts_[i].gang;
    ranks[i] = gang == kAlone ? i : gangs_[gang].members.front();
  }
  if (order_by_.strict) queue_ = (strict_ = std::make_unique<StrictQueue>(trace_.pods, std::move(ranks))).get();
  if (order_by_.batch) queue_ = order_by_.batch;
  if (!closed_) return;
  users_.emplace(trace_.pods, order_, *closed_);
  order_.clear();   // they come as it goes
  first_ = 0;
  last_ = closed_->length;
  arm_users();
}

void WholeRun::plan(std::uint32_t i) {
  const TracePod& pod = trace_.pods[i];
  if (pod.unscheduled && rules_.unscheduled == UnscheduledRule::kDrop) return;
  priorities_.insert(priority_of(pod));
  first_ = order_.empty() ? pod.arrival : std::min(first_, pod.arrival);
  last_ = std::max(last_, pod.arrival);
  order_.push_back(i);
  by_name_[names_[i].key()] = i;
  if (closed_) return;
  sim::Kernel& kernel = cluster_.world().kernel();
  if (pod.unscheduled) kernel.at(Instant{kBootTime + pod.arrival + pod.patience}, kUserTag, [this, i] { remove(i); });
  if (!pod.gang.empty() && !joins(i)) return;
  kernel.at(Instant{kBootTime + pod.arrival}, kUserTag, [this, i] { come(i); });
}

/// True for the first of its gang: with it the gang comes.
bool WholeRun::joins(std::uint32_t i) {
  const auto [at, first] = gang_of_.try_emplace(trace_.pods[i].gang, gangs_.size());
  if (first) {
    by_group_[group_name(gangs_.size())] = gangs_.size();
    gangs_.emplace_back();
  }
  facts_[i].gang = at->second;
  gangs_[at->second].members.push_back(i);
  return first;
}

/// Priority classes, and what the trace has besides nodes and pods.
void WholeRun::create_first_objects() {
  std::vector<api::ObjectRef> objects = first_objects(trace_);
  for (const std::int32_t p : priorities_) {
    if (p != 0) objects.push_back(make_priority_class(p));
  }
  UserAgent* const user = cluster_.user();
  if (user && !objects.empty()) user->create(std::move(objects), report());
  for (const TraceNode& n : trace_.nodes) {
    if (!n.object || !n.object->as<api::Node>().spec->unschedulable) continue;
    UserAction cordon;
    cordon.kind = UserAction::Kind::kCordon;
    cordon.object = {{}, n.name.str(), api::KindId::kNode};
    perform(std::move(cordon));
  }
}

/// Alone, or the group of its gang; the gang's pods follow when that is there.
void WholeRun::come(std::uint32_t i) {
  const std::size_t gang = facts_[i].gang;
  if (gang == kAlone) return create(i);
  if (UserAgent* user = cluster_.user()) user->create({group_object(gang, gangs_[gang].members.size())}, report());
}

void WholeRun::group_created(const Str& name) {
  const std::size_t* gang = by_group_.find(name);
  if (!gang) return;
  soon([this, gang = *gang] {
    for (const std::uint32_t i : gangs_[gang].members) create(i);
  });
}

void WholeRun::create(std::uint32_t i) {
  const TracePod& pod = trace_.pods[i];
  const bool stays = pod.censored && rules_.censored == CensoredRule::kToTheEnd;
  PodShaping shaping;
  shaping.group = group_of(i);
  shaping.exits = !pod.unscheduled && !stays;
  if (measuring_.energy) shaping.busy_for = scenario_.until;
  shaping.gated = queue_ != nullptr;
  shaping.tells_tenant = order_by_.by_tenant;
  const auto done = report();
  if (UserAgent* user = cluster_.user()) user->create({pod_object(pod, names_[i], shaping)}, done);
}

/// When somebody has thought next.
void WholeRun::arm_users() {
  const Nanos next = std::max(users_->next(), now());
  if (next > last_ || next >= users_come_) return;
  users_come_ = next;
  cluster_.world().kernel().at(Instant{kBootTime + next}, kUserTag, [this, next] {
    if (users_come_ != next) return;
    users_come_ = INT64_MAX;
    bring_users();
  });
}

void WholeRun::bring_users() {
  while (users_->next() <= now() && now() <= last_) {
    if (users_->out_of_jobs()) {
      // The measurement ends here.
      last_ = now();
      meter_->end(last_);
      return cluster_.world().kernel().stop();
    }
    const std::uint32_t i = users_->take();
    own_->pods[i].arrival = now();
    if (strict_) strict_->rank(i, static_cast<std::uint32_t>(order_.size()));
    order_.push_back(i);
    if (trace_.pods[i].unscheduled) cluster_.world().kernel().after(trace_.pods[i].patience, kUserTag, [this, i] { remove(i); });
    come(i);
  }
  arm_users();
}

// --- what has been committed

void WholeRun::record(Instant now, const env::Process& process, const history::Record& record) {
  record.origin = {now, process.machine(), process.name(), process.incarnation()};
  leaders_.on_record(record);
  const std::vector<history::Change>& changes = state_.on_record(record);
  if (!changes.empty()) timeline_.on_changes(changes, now);
  for (const history::Change& c : changes) {
    const api::ObjectRef& any = c.now ? c.now : c.old;
    if (any->kind_id() == api::KindId::kPod) pod_changed(c);
    if (any->kind_id() == api::KindId::kNode && agents_) agents_->node_changed(c);
    if (any->kind_id() == api::KindId::kPodGroup && !c.old) group_created(any->meta().name);
  }
}

void WholeRun::pod_changed(const history::Change& c) {
  const api::ObjectRef& any = c.now ? c.now : c.old;
  const std::uint32_t* index = by_name_.find(api::key_of(any->meta()));
  if (!index) return;
  Facts& f = facts_[*index];
  const Nanos at = c.at.ns - kBootTime;
  last_change_ = at;
  meter_->measure_until(std::min(at, last_), waiting_);
  if (f.created < 0) {
    f.created = at;
    if (f.gang != kAlone && gangs_[f.gang].created < 0) gangs_[f.gang].created = at;
  }
  if (agents_) agents_->changed();
  if (!c.now) return pod_gone(*index, at);
  if (!c.old) {
    f.waits = true;
    ++waiting_;
    if (queue_) queue_->came(*index);
    let_through();
  }
  const api::Pod& pod = c.now->as<api::Pod>();
  f.evicted |= pod.metadata.deleting() && !f.removing && !f.over;
  if (f.waits && !pod.spec->node_name.empty()) pod_bound(*index, c.now, at);
  if (f.waits && agents_) agents_->pod_waits(names_[*index].key(), c.now);
  if (f.running < 0 && pod.status->phase == "Running") f.running = at;
  if (!client::is_pod_terminal(pod)) return;
  leave(*index);
  if (f.evicted || f.ended >= 0) return;
  f.ended = at;
  f.failed = pod.status->phase == "Failed";
  if (f.gang == kAlone) soon([this, i = *index] { remove(i); });
  is_over(*index, at);
}

void WholeRun::pod_bound(std::uint32_t i, const api::ObjectRef& pod, Nanos at) {
  Facts& f = facts_[i];
  no_longer_waits(i);
  if (f.bound < 0) {
    f.bound = at;
    if (on_start_) on_start_(i, at);
    if (f.gang != kAlone) {
      Gang& gang = gangs_[f.gang];
      if (gang.bound++ == 0) gang.first_bound = at;
      if (gang.bound == gang.members.size()) gang.last_bound = at;
    }
  }
  f.began = at;
  if (queue_) queue_->bound(i, at);
  let_through();
  auto info = base::make_ref<scheduler::PodInfo>(pod);
  const Str& node = info->spec().node_name;
  if (!committed_.find(node)) {
    ++elsewhere_;
    return;
  }
  f.info = std::move(info);
  committed_.add_pod(f.info, node);
  count(i, node, 1);
  if (agents_) agents_->pod_came(names_[i].key(), node);
}

void WholeRun::no_longer_waits(std::uint32_t i) {
  if (!std::exchange(facts_[i].waits, false)) return;
  --waiting_;
  if (agents_) agents_->pod_waits_no_more(names_[i].key());
}

void WholeRun::pod_gone(std::uint32_t i, Nanos at) {
  Facts& f = facts_[i];
  no_longer_waits(i);
  leave(i);
  if (std::exchange(f.evicted, false) && !f.over) return come_again(i, at);
  if (std::exchange(f.gone, true)) return;
  if (f.ended < 0) f.ended = at;
  is_over(i, at);
  if (f.gang == kAlone || ++gangs_[f.gang].gone < gangs_[f.gang].members.size()) return;
  soon([this, gang = f.gang] { remove(api::KindId::kPodGroup, {"default", group_name(gang)}); });
}

void WholeRun::come_again(std::uint32_t i, Nanos at) {
  Facts& f = facts_[i];
  ++evictions_[static_cast<std::size_t>(std::exchange(f.by, Evictor::kPreemption))];
  if (f.began >= 0) {
    lost_pod_seconds_ += in_seconds(at - f.began);
    lost_cpu_seconds_ += in_seconds(at - f.began) * static_cast<double>(trace_.pods[i].milli_cpu) / 1000;
  }
  f.began = -1;
  soon([this, i] { create(i); });
}

/// The pods of a gang are deleted when all have ended.
void WholeRun::is_over(std::uint32_t i, Nanos at) {
  Facts& f = facts_[i];
  if (std::exchange(f.over, true)) return;
  if (queue_) queue_->over(i, at);
  if (measuring_.energy && order_by_.batch && order_by_.batch->all_over()) soon([this] { all_over_ = drawn(); });
  let_through();
  if (users_) {
    users_->left(i, at);
    soon([this] { arm_users(); });
  }
  if (f.gang == kAlone) return;
  Gang& gang = gangs_[f.gang];
  if (++gang.over < gang.members.size()) return;
  soon([this, &gang] {
    for (const std::uint32_t m : gang.members) remove(m);
  });
}

/// It has come to the node, or gone from it.
void WholeRun::count(std::uint32_t i, const Str& node, int sign) {
  const scheduler::NodeInfo& there = *committed_.find(node);
  meter_->count(trace_.pods[i], there, sign);
  if (gpu_energy_) gpu_energy_->follow(there, measured_now());
}

/// What it had is free.
void WholeRun::leave(std::uint32_t i) {
  Facts& f = facts_[i];
  if (!f.info) return;
  const Str node = f.info->spec().node_name;
  committed_.remove_pod(f.info->pod(), node);
  count(i, node, -1);
  f.info = {};
  if (agents_) agents_->pod_left(node);
}

/// Takes gates away.
void WholeRun::let_through() {
  if (!queue_) return;
  soon([this] {
    for (const std::uint32_t i : queue_->release(now())) {
      UserAction action;
      action.kind = UserAction::Kind::kPatch;
      action.object = {names_[i].ns.str(), names_[i].name.str(), api::KindId::kPod};
      action.json = R"({"spec":{"schedulingGates":null}})";
      perform(std::move(action));
    }
  });
}

// --- acting

std::shared_ptr<ActionReport> WholeRun::report() {
  reports_.push_back(std::make_shared<ActionReport>());
  return reports_.back();
}

void WholeRun::perform(UserAction action) {
  const auto done = report();
  if (UserAgent* user = cluster_.user()) user->perform(std::move(action), done);
}

void WholeRun::remove(std::uint32_t i) {
  if (facts_[i].gone) return;
  facts_[i].removing = true;
  remove(api::KindId::kPod, names_[i]);
}

void WholeRun::remove(api::KindId kind, const PodName& name) {
  UserAction action;
  action.kind = UserAction::Kind::kDelete;
  action.object = {name.ns.str(), name.name.str(), kind};
  perform(std::move(action));
}

void WholeRun::evict(const Str& pod, Evictor by) {
  const std::uint32_t i = *by_name_.find(pod);
  facts_[i].by = by;
  remove(api::KindId::kPod, names_[i]);
}

void WholeRun::hold_and_count_nodes() {
  meter_->measure_until(measured_now(), waiting_);
  meter_->nodes_changed();
  if (gpu_energy_) gpu_energy_->nodes_changed(measured_now());
}

}  // namespace orrery::scenarios::bench
