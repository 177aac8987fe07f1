#include "scenarios/bench/timed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <span>
#include <tuple>

#include "control/scheduler/class_key.h"
#include "control/scheduler/flow/flow_rounds.h"
#include "scenarios/bench/autoscaling.h"
#include "scenarios/bench/descheduling.h"
#include "scenarios/bench/machine_times.h"
#include "scenarios/bench/timed_queue.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;
using scheduler::PodInfo;
using scheduler::PodInfoRef;
using Unit = std::span<const std::uint32_t>;

/// When pods begin to come.
Nanos begin_of(const Trace& trace) {
  Nanos out = INT64_MAX;
  for (const TracePod& p : trace.pods) out = std::min(out, p.arrival);
  return out == INT64_MAX ? 0 : out;
}

class TimedReplay final : TimedWorld {
 public:
  TimedReplay(const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy, const TimedOptions& options,
              const std::shared_ptr<const scheduler::FragmentationModel>& model, std::uint64_t seed)
      : own_(options.closed ? std::optional(trace) : std::nullopt), trace_(own_ ? *own_ : trace), rules_(rules), policy_(policy),
        options_(options), cluster_(nodes_at(trace.nodes, begin_of(trace)), policy, model, seed), measures_(trace_, rules, cluster_, *model, options) {
    cluster_.watch(options.watcher);
    for (const api::ObjectRef& o : trace.objects) cluster_.know(o);
    if (policy.together) flow_.emplace(cluster_.snapshot(), cluster_.classes());
    if (auto machines = make_machine_times(trace_.nodes, begin_of(trace))) agents_.push_back(std::move(machines));
    machines_change_ = !agents_.empty();
    if (options.descheduler) agents_.push_back(make_descheduler(*options.descheduler));
    if (options.autoscaler) agents_.push_back(make_autoscaler(*options.autoscaler, seed));
    by_uid_needed_ = policy.preemption || !agents_.empty();
  }

  void run(RunRecord& out) {
    prepare();
    const bool any = !order_.empty();
    now_ = any && !users_ ? trace_.pods[order_.front()].arrival : 0;
    last_ = users_ ? options_.closed->length : any ? trace_.pods[order_.back()].arrival : 0;
    if (users_) order_.clear();   // they come as it goes
    measures_.begin(now_, last_);
    while (!over_ && (more_come() || !ends_.empty() || !queue_->all().empty())) {
      now_ = next_instant();
      if (now_ > last_) break;
      measures_.hold_until(now_, queue_->all().size());
      cluster_.set_time(now_);
      const bool gone = end_pods();
      if (gone && !policy_.together) try_waiting();
      give_up();
      const bool came = bring_pods();
      if (policy_.together && (gone || came)) place_together();
      act();
    }
    measures_.end(last_);
    measures_.hold_until(last_, queue_->all().size());
    measures_.finish(order_, queue_->all(), parts_, out);
    for (const auto& agent : agents_) out.notes.push_back(agent->note());
    note(out);
  }

  // --- TimedWorld
  const scheduler::Snapshot& snapshot() const override { return cluster_.snapshot(); }
  std::uint64_t version() const override { return version_; }
  std::vector<PodInfoRef> unschedulable() const override {
    std::vector<PodInfoRef> out;
    const std::vector<std::uint32_t>& waiting = queue_->all();
    for (const std::uint32_t i : waiting) {
      // Behind the first one nobody has been tried.
      const bool behind = policy_.strict && i != waiting.front() && (gang_[i] == kAlone || gang_[i] != gang_[waiting.front()]);
      if (!behind) out.push_back(info_[i]);
    }
    return out;
  }
  void evict(const PodInfo& pod, Evictor by) override {
    const std::uint32_t i = by_uid_.at(pod.meta().uid);
    if (!placed_[i].node) return;   // gone with its gang
    if (gang_[i] == kAlone) return evict_one(i, by);
    for (const std::uint32_t other : gangs_[gang_[i]]) {
      if (placed_[other].node) evict_one(other, by);
    }
  }
  void add_node(const TraceNode& node) override {
    cluster_.add_node(node);
    measures_.node_came(node);
    more_room();
  }
  void remove_node(const Str& name) override {
    cluster_.remove_node(name);
    measures_.node_went();
    ++version_;
  }
  void scaled_up() override { measures_.scaled_up(); }

 private:
  static constexpr std::uint32_t kAlone = UINT32_MAX;
  struct End {
    Nanos at;
    std::uint64_t number;      // of the placement: ends at one instant in the order of their beginnings
    std::uint32_t pod;
    friend bool operator>(const End& a, const End& b) { return std::tie(a.at, a.number) > std::tie(b.at, b.number); }
  };

  void prepare() {
    // What a pod is told by its object besides amounts is part of its shape.
    std::map<std::tuple<std::int64_t, std::int64_t, std::int32_t, std::int32_t, Str, Str, std::int32_t, std::int32_t, std::string>, std::uint32_t>
        shapes;
    for (std::uint32_t i = 0; i < trace_.pods.size(); ++i) {
      const TracePod& p = trace_.pods[i];
      std::string rest;
      if (p.object) scheduler::append_class_key(*make_pod(p, p.name), rest);
      shape_.push_back(shapes.try_emplace({p.milli_cpu, p.memory, p.gpu.count, p.gpu.milli, p.gpu.models, p.app, p.zone_skew, p.priority, std::move(rest)},
                                          static_cast<std::uint32_t>(shapes.size())).first->second);
      if (p.unscheduled && rules_.unscheduled == UnscheduledRule::kDrop) continue;
      order_.push_back(i);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return trace_.pods[a].arrival < trace_.pods[b].arrival; });
    if (options_.closed) users_.emplace(trace_.pods, order_, *options_.closed);
    failed_in_.resize(shapes.size());
    placed_.resize(trace_.pods.size());
    info_.resize(trace_.pods.size());
    began_.resize(trace_.pods.size());
    run_.resize(trace_.pods.size());
    group_gangs();
    const TimedParts& tell = options_.tell;
    parts_ = {!gangs_.empty() || tell.gangs, policy_.preemption || tell.preemption, options_.descheduler || tell.descheduling,
              options_.autoscaler || tell.nodes, machines_change_};
    if (by_uid_needed_) {
      for (const std::uint32_t i : order_) by_uid_[trace_.pods[i].name] = i;
    }
  }

  void group_gangs() {
    std::vector<std::uint32_t> rank(trace_.pods.size());
    std::map<Str, std::uint32_t> names;
    gang_.assign(trace_.pods.size(), kAlone);
    for (std::uint32_t turn = 0; turn < order_.size(); ++turn) {
      const std::uint32_t i = order_[turn];
      rank[i] = turn;
      if (trace_.pods[i].gang.empty()) continue;
      gang_[i] = names.try_emplace(trace_.pods[i].gang, static_cast<std::uint32_t>(gangs_.size())).first->second;
      if (gang_[i] == gangs_.size()) gangs_.emplace_back();
      gangs_[gang_[i]].push_back(i);
      rank[i] = rank[gangs_[gang_[i]].front()];
    }
    std::function<bool(std::uint32_t, std::uint32_t)> own;
    if (policy_.own_queue) {
      came_.resize(trace_.pods.size());
      own = [this](std::uint32_t a, std::uint32_t b) {
        return cluster_.goes_before(came_[a], trace_.pods[a].arrival, came_[b], trace_.pods[b].arrival);
      };
    }
    queue_.emplace(trace_.pods, std::move(rank), std::move(own));
  }

  bool more_come() const { return users_ ? users_->anybody_thinks() : came_so_far_ < order_.size(); }
  Nanos next_arrival() const {
    if (users_) return users_->next();
    return came_so_far_ < order_.size() ? trace_.pods[order_[came_so_far_]].arrival : INT64_MAX;
  }
  /// Those that come now. True when any did.
  bool bring_pods() {
    bool any = false;
    for (; next_arrival() == now_; any = true, ++came_so_far_) {
      if (!users_) {
        arrive(order_[came_so_far_]);
        continue;
      }
      if (users_->out_of_jobs()) {
        last_ = now_;
        over_ = true;
        break;
      }
      const std::uint32_t i = users_->take();
      own_->pods[i].arrival = now_;
      queue_->rank(i, static_cast<std::uint32_t>(order_.size()));
      order_.push_back(i);
      arrive(i);
    }
    return any;
  }
  /// It has ended or given up: its user, if there is one, goes on.
  void left(std::uint32_t i) {
    if (users_) users_->left(i, now_);
  }

  /// When something happens next: a pod comes, ends or loses its patience, or an agent acts.
  Nanos next_instant() {
    while (!ends_.empty() && run_[ends_.top().pod] != ends_.top().number) ends_.pop();
    Nanos at = next_arrival();
    if (!ends_.empty()) at = std::min(at, ends_.top().at);
    for (const std::uint32_t i : impatient_) at = std::min(at, deadline(i));
    for (const auto& agent : agents_) at = std::min(at, std::max(agent->next(), now_));
    return at;
  }
  Nanos deadline(std::uint32_t i) const { return trace_.pods[i].arrival + trace_.pods[i].patience; }

  bool end_pods() {
    bool any = false;
    for (; !ends_.empty() && ends_.top().at <= now_; ends_.pop()) {
      const std::uint32_t i = ends_.top().pod;
      if (run_[i] != ends_.top().number) continue;
      cluster_.remove(placed_[i]);
      measures_.ended(i, *placed_[i].node);
      placed_[i] = {};
      run_[i] = 0;
      left(i);
      any = true;
    }
    if (any) more_room();
    return any;
  }

  /// What has failed may fit now.
  void more_room() {
    ++pass_;
    ++version_;
    room_grew_ = true;
  }

  void try_waiting() {
    // A preemption may leave room for others, and puts its victims into the queue.
    do {
      room_grew_ = false;
      if (policy_.order == scheduler::WaitOrder::kDominantShare) {
        try_fairly();
      } else {
        try_in_order();
      }
      forget_placed();
    } while (room_grew_);
  }
  void try_in_order() {
    const std::vector<std::uint32_t> waiting = queue_->all();
    for (std::size_t i = 0; i < waiting.size();) {
      const std::uint32_t gang = gang_[waiting[i]];
      std::size_t end = i + 1;
      while (gang != kAlone && end < waiting.size() && gang_[waiting[end]] == gang) ++end;
      if (!try_unit({waiting.data() + i, end - i}) && policy_.strict) break;
      i = end;
    }
  }
  void forget_placed() {
    queue_->take_out([&](std::uint32_t i) { return !info_[i]; });
    std::erase_if(impatient_, [&](std::uint32_t i) { return !info_[i]; });
  }

  /// The tenant with the smallest dominant share has its next pod tried, until nobody has one left.
  void try_fairly() {
    std::vector<std::vector<std::uint32_t>> of_tenant(measures_.tenants());
    for (const std::uint32_t i : queue_->all()) of_tenant[measures_.tenant_of(i)].push_back(i);
    std::vector<std::size_t> next(of_tenant.size());
    while (true) {
      const auto poorest = measures_.shares().poorest([&](std::size_t t) { return next[t] < of_tenant[t].size(); });
      if (!poorest) return;
      try_unit({&of_tenant[*poorest][next[*poorest]++], 1});
    }
  }

  /// Until nothing that was proposed is refused: pods of different shapes may have been sent to one node.
  void place_together() {
    while (!queue_->all().empty() && carry_out_flow()) {
    }
  }

  /// True when some pods were placed and others refused.
  bool carry_out_flow() {
    const std::vector<std::uint32_t> waiting = queue_->all();
    std::vector<scheduler::FlowPod> pods;
    for (const std::uint32_t i : waiting) pods.push_back({info_[i], now_ - trace_.pods[i].arrival});
    bool any = false, refused = false;
    for (const scheduler::FlowChoice& choice : flow_->solve(pods)) {
      const std::uint32_t i = waiting[choice.pod];
      measures_.tried(i);
      Placement::Placed placed = cluster_.place_on(info_[i], *cluster_.snapshot().nodes()[choice.node]);
      (placed.node ? any : refused) = true;
      if (placed.node) begin(i, std::move(placed));
    }
    forget_placed();
    return any && refused;
  }

  void give_up() {
    const auto lost = [&](std::uint32_t i) { return deadline(i) <= now_; };
    for (const std::uint32_t i : impatient_) {
      if (!lost(i)) continue;
      measures_.gave_up(i, now_);
      info_[i] = {};
      left(i);
    }
    if (std::erase_if(impatient_, lost) > 0) queue_->take_out([&](std::uint32_t i) { return !info_[i]; });
  }

  void arrive(std::uint32_t i) {
    info_[i] = make_pod(trace_.pods[i], trace_.pods[i].name);
    if (policy_.own_queue) came_[i] = info_[i];
    ++version_;
    const bool alone = gang_[i] == kAlone;
    if (alone && !policy_.together && !policy_.strict && place(i)) return settle_preemption();
    if (trace_.pods[i].unscheduled) impatient_.push_back(i);
    queue_->add(i);
    if (policy_.together || (alone && !policy_.strict)) return;
    if (policy_.strict) return try_waiting();
    if (complete(i) && try_unit(gangs_[gang_[i]])) forget_placed();
  }

  /// Whoever was evicted for the pod that came has been put into the queue.
  void settle_preemption() {
    if (policy_.preemption && room_grew_) try_waiting();
  }

  bool complete(std::uint32_t i) const {
    return std::all_of(gangs_[gang_[i]].begin(), gangs_[gang_[i]].end(), [&](std::uint32_t m) { return static_cast<bool>(info_[m]); });
  }

  /// A pod, or a gang: as a whole or not at all.
  bool try_unit(Unit unit) {
    // Room only shrinks until the pass ends: what has failed once fails for all of that shape.
    const auto hopeless = [&](std::uint32_t i) { return !info_[i] || failed_in_[shape_[i]] == pass_; };
    if (std::any_of(unit.begin(), unit.end(), hopeless)) return false;
    if (gang_[unit.front()] == kAlone) return place(unit.front());
    if (!complete(unit.front())) return false;
    std::vector<Placement::Placed> members;
    for (const std::uint32_t i : unit) {
      measures_.tried(i);
      Placement::Placed placed = cluster_.place(info_[i]);
      if (!placed.node) {
        if (members.empty()) failed_in_[shape_[i]] = pass_;
        for (auto at = members.rbegin(); at != members.rend(); ++at) cluster_.remove(*at);
        return false;
      }
      members.push_back(std::move(placed));
    }
    measures_.gang_started(unit.front(), now_ - trace_.pods[unit.front()].arrival);
    for (std::size_t k = 0; k < unit.size(); ++k) begin(unit[k], std::move(members[k]));
    return true;
  }

  bool place(std::uint32_t i) {
    measures_.tried(i);
    if (policy_.preemption) return place_or_preempt(i);
    Placement::Placed placed = cluster_.place(info_[i]);
    if (!placed.node) {
      failed_in_[shape_[i]] = pass_;
      return false;
    }
    begin(i, std::move(placed));
    return true;
  }

  /// Victims go at once, then the pod is tried on the node that they left.
  bool place_or_preempt(std::uint32_t i) {
    const PodInfoRef pod = make_pod(trace_.pods[i], trace_.pods[i].name, now_);
    scheduler::PostFilterResult proposal;
    Placement::Placed placed = cluster_.place(pod, &proposal);
    if (!placed.node && !proposal.victims.empty()) {
      const scheduler::NodeInfo* const node = cluster_.snapshot().find(*proposal.nominated_node);
      for (const PodInfoRef& victim : proposal.victims) {
        if (placed_[by_uid_.at(victim->meta().uid)].node) evict(*victim, Evictor::kPreemption);
      }
      measures_.tried(i);
      placed = cluster_.place_on(pod, *node);
    }
    if (!placed.node) failed_in_[shape_[i]] = pass_;
    else begin(i, std::move(placed));
    return placed_[i].node != nullptr;
  }

  void begin(std::uint32_t i, Placement::Placed placed) {
    const TracePod& pod = trace_.pods[i];
    info_[i] = {};
    measures_.came_to(i, placed, now_);
    if (options_.on_start) options_.on_start(i, now_);
    placed_[i] = std::move(placed);
    began_[i] = now_;
    run_[i] = ++runs_;
    ++version_;
    const Nanos length = pod.unscheduled ? pod.arrival + pod.patience - now_ : pod.duration;
    const bool stays = pod.censored && rules_.censored == CensoredRule::kToTheEnd;
    if (!stays) ends_.push({now_ + length, run_[i], i});
  }

  void evict_one(std::uint32_t i, Evictor by) {
    cluster_.remove(placed_[i]);
    measures_.evicted(i, *placed_[i].node, began_[i], now_, by);
    placed_[i] = {};
    run_[i] = 0;
    info_[i] = make_pod(trace_.pods[i], trace_.pods[i].name);
    if (trace_.pods[i].unscheduled) impatient_.push_back(i);
    queue_->add(i);
    more_room();
  }

  void act() {
    for (const auto& agent : agents_) {
      if (agent->next() > now_) continue;
      room_grew_ = false;
      agent->act(now_, *this);
      if (room_grew_) policy_.together ? place_together() : try_waiting();
    }
  }

  void note(RunRecord& out) const {
    if (!gangs_.empty()) {
      out.notes.push_back(base::cat("gangs: all pods of one start at one instant or none does; ",
                                    policy_.strict ? "nobody passes a pod or gang that waits (backfill: none)"
                                                   : "those behind that fit pass those that wait (backfill: any)"));
    }
    if (policy_.preemption) out.notes.push_back("preemption (DefaultPreemption): victims end at once; gangs preempt nobody, a victim takes its gang along");
  }

  std::optional<Trace> own_;                           // of a closed load: arrivals are found as it goes
  const Trace& trace_;
  const TraceSpec& rules_;
  const scheduler::PolicySpec& policy_;
  const TimedOptions& options_;
  Placement cluster_;
  TimedMeasures measures_;
  std::optional<scheduler::FlowRounds> flow_;          // of a policy that places together
  std::vector<std::unique_ptr<TimedAgent>> agents_;
  std::optional<ClosedUsers> users_;                   // of a closed load
  std::vector<std::uint32_t> order_;                   // of arrival, indices of pods
  std::size_t came_so_far_ = 0;                        // of them
  std::vector<std::uint32_t> shape_;                   // of each pod; equal shapes are equally hard to place
  std::vector<std::uint32_t> gang_;                    // of each pod; kAlone: none
  std::vector<std::vector<std::uint32_t>> gangs_;
  std::vector<std::uint64_t> failed_in_;               // by shape: the pass in which it last failed
  std::vector<Placement::Placed> placed_;              // of each pod, while it runs
  std::vector<Nanos> began_;                           // of each pod that runs
  std::vector<std::uint64_t> run_;                     // of each pod that runs: the number of that run; else 0
  std::vector<PodInfoRef> info_;                       // of each pod, while it waits
  std::vector<PodInfoRef> came_;                       // of each pod that has come, with a policy that orders the queue itself
  std::optional<TimedQueue> queue_;
  std::vector<std::uint32_t> impatient_;               // they wait, too
  base::BTreeMap<Str, std::uint32_t> by_uid_;          // when somebody evicts
  bool by_uid_needed_ = false, room_grew_ = false, machines_change_ = false;
  bool over_ = false;                                  // a user of a closed load has no job left
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::uint64_t pass_ = 1, runs_ = 0, version_ = 0;
  Nanos now_ = 0, last_ = 0;
  TimedParts parts_;
};

}  // namespace

Trace resampled(const Trace& trace, base::Nanos block, std::uint64_t seed) {
  Nanos last = 0;
  for (const TracePod& p : trace.pods) last = std::max(last, p.arrival);
  const auto blocks = static_cast<std::size_t>(last / block + 1);
  std::vector<std::vector<std::uint32_t>> of_block(blocks);
  for (std::uint32_t i = 0; i < trace.pods.size(); ++i) of_block[static_cast<std::size_t>(trace.pods[i].arrival / block)].push_back(i);
  base::RandomStream random(base::stream_key(seed, "bench", "resample"));
  Trace out = trace;
  out.pods.clear();
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::size_t from = random.below(blocks);
    for (const std::uint32_t i : of_block[from]) {
      TracePod pod = trace.pods[i];
      pod.arrival += (static_cast<Nanos>(b) - static_cast<Nanos>(from)) * block;
      pod.name = base::cat(pod.name, "-", std::to_string(b));
      if (!pod.gang.empty()) pod.gang = base::cat(pod.gang, "-", std::to_string(b));
      out.pods.push_back(std::move(pod));
    }
  }
  return out;
}

void run_timed(const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
               std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out,
               const TimedOptions& options) {
  TimedReplay(trace, rules, policy, options, model, seed).run(out);
}

}  // namespace orrery::scenarios::bench
