#include "scenarios/bench/timed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <tuple>

#include "control/scheduler/flow/flow_rounds.h"
#include "control/scheduler/policies/dominant_share.h"
#include "model/base/hash.h"
#include "scenarios/bench/load_meter.h"
#include "scenarios/bench/waits.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

constexpr double kShortestRun = 10;     // seconds, of the bounded slowdown

class TimedReplay {
 public:
  TimedReplay(const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
              const std::shared_ptr<const scheduler::FragmentationModel>& model, std::uint64_t seed, RunRecord& out)
      : trace_(trace), rules_(rules), policy_(policy), cluster_(trace.nodes, policy, model, seed), meter_(trace, cluster_.snapshot(), *model), out_(out) {
    if (policy.together) flow_.emplace(cluster_.snapshot(), cluster_.classes());
  }

  void run() {
    prepare();
    std::size_t next = 0;
    while (next < order_.size() || !ends_.empty() || !waiting_.empty()) {
      const Nanos now = next_instant(next);
      if (now > last_arrival_) break;
      meter_.measure_until(now, waiting_.size());
      const bool gone = end_pods(now);
      if (gone && !policy_.together) try_waiting(now);
      give_up(now);
      bool came = false;
      for (; next < order_.size() && trace_.pods[order_[next]].arrival == now; ++next, came = true) arrive(order_[next], now);
      if (policy_.together && (gone || came)) place_together(now);
    }
    meter_.measure_until(last_arrival_, waiting_.size());
    finish();
  }

 private:
  struct End {
    Nanos at;
    std::uint64_t number;      // of the placement: ends at one instant in the order of their beginnings
    std::uint32_t pod;
    friend bool operator>(const End& a, const End& b) { return std::tie(a.at, a.number) > std::tie(b.at, b.number); }
  };

  void prepare() {
    std::map<std::tuple<std::int64_t, std::int64_t, std::int32_t, std::int32_t, Str>, std::uint32_t> shapes;
    for (std::uint32_t i = 0; i < trace_.pods.size(); ++i) {
      const TracePod& p = trace_.pods[i];
      shape_.push_back(shapes.try_emplace({p.milli_cpu, p.memory, p.gpu.count, p.gpu.milli, p.gpu.models},
                                          static_cast<std::uint32_t>(shapes.size())).first->second);
      if (p.unscheduled && rules_.unscheduled == UnscheduledRule::kDrop) continue;
      order_.push_back(i);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return trace_.pods[a].arrival < trace_.pods[b].arrival; });
    failed_in_.resize(shapes.size());
    std::map<Str, std::uint32_t> tenants;
    for (const TracePod& p : trace_.pods) tenant_.push_back(tenants.try_emplace(p.tenant, static_cast<std::uint32_t>(tenants.size())).first->second);
    shares_.emplace(scheduler::Amounts{meter_.milli_cpu(), meter_.memory(), meter_.gpu_milli()}, tenants.size());
    slowdown_of_.resize(tenants.size());
    placed_.resize(trace_.pods.size());
    info_.resize(trace_.pods.size());
    if (order_.empty()) return;
    first_arrival_ = trace_.pods[order_.front()].arrival;
    last_arrival_ = trace_.pods[order_.back()].arrival;
    meter_.begin(first_arrival_, last_arrival_);
  }

  /// When something happens next: a pod comes, ends or loses its patience.
  Nanos next_instant(std::size_t next) const {
    Nanos at = INT64_MAX;
    if (next < order_.size()) at = trace_.pods[order_[next]].arrival;
    if (!ends_.empty()) at = std::min(at, ends_.top().at);
    for (const std::uint32_t i : impatient_) at = std::min(at, deadline(i));
    return at;
  }
  Nanos deadline(std::uint32_t i) const { return trace_.pods[i].arrival + trace_.pods[i].patience; }

  bool end_pods(Nanos now) {
    bool any = false;
    for (; !ends_.empty() && ends_.top().at <= now; ends_.pop()) {
      const std::uint32_t i = ends_.top().pod;
      cluster_.remove(placed_[i]);
      count(i, *placed_[i].node, -1);
      placed_[i] = {};
      any = true;
    }
    return any;
  }

  void try_waiting(Nanos now) {
    ++pass_;
    // Room only shrinks during a pass: what has failed once fails for all of that shape.
    if (policy_.order == scheduler::WaitOrder::kDominantShare) {
      try_fairly(now);
    } else {
      for (const std::uint32_t i : waiting_) {
        if (failed_in_[shape_[i]] != pass_) place(i, now);
      }
    }
    forget_placed();
  }
  void forget_placed() {
    std::erase_if(waiting_, [&](std::uint32_t i) { return !info_[i]; });
    std::erase_if(impatient_, [&](std::uint32_t i) { return !info_[i]; });
  }

  /// The tenant with the smallest dominant share has its next pod tried, until nobody has one left.
  void try_fairly(Nanos now) {
    std::vector<std::vector<std::uint32_t>> of_tenant(slowdown_of_.size());
    for (const std::uint32_t i : waiting_) of_tenant[tenant_[i]].push_back(i);
    std::vector<std::size_t> next(of_tenant.size());
    while (true) {
      std::size_t poorest = of_tenant.size();
      for (std::size_t t = 0; t < of_tenant.size(); ++t) {
        if (next[t] == of_tenant[t].size()) continue;
        if (poorest == of_tenant.size() || shares_->share(t) < shares_->share(poorest)) poorest = t;
      }
      if (poorest == of_tenant.size()) return;
      const std::uint32_t i = of_tenant[poorest][next[poorest]++];
      if (failed_in_[shape_[i]] != pass_) place(i, now);
    }
  }

  /// Until nothing that was proposed is refused: pods of different shapes may have been sent to one node.
  void place_together(Nanos now) {
    while (!waiting_.empty() && carry_out_flow(now)) {
    }
  }

  /// True when some pods were placed and others refused.
  bool carry_out_flow(Nanos now) {
    std::vector<scheduler::FlowPod> pods;
    for (const std::uint32_t i : waiting_) pods.push_back({info_[i], now - trace_.pods[i].arrival});
    bool any = false, refused = false;
    for (const scheduler::FlowChoice& choice : flow_->solve(pods)) {
      const std::uint32_t i = waiting_[choice.pod];
      Placement::Placed placed = cluster_.place_on(info_[i], *cluster_.snapshot().nodes()[choice.node]);
      (placed.node ? any : refused) = true;
      if (placed.node) begin(i, now, std::move(placed));
    }
    forget_placed();
    return any && refused;
  }

  void give_up(Nanos now) {
    const auto lost = [&](std::uint32_t i) { return deadline(i) <= now; };
    for (const std::uint32_t i : impatient_) {
      if (!lost(i)) continue;
      waits_.add(now - trace_.pods[i].arrival, false);
      digest_.add(i);
      info_[i] = {};
      ++gave_up_;
    }
    if (std::erase_if(impatient_, lost) > 0) std::erase_if(waiting_, [&](std::uint32_t i) { return !info_[i]; });
  }

  void arrive(std::uint32_t i, Nanos now) {
    info_[i] = make_pod(trace_.pods[i], trace_.pods[i].name);
    if (!policy_.together && place(i, now)) return;
    if (trace_.pods[i].unscheduled) impatient_.push_back(i);
    waiting_.push_back(i);
  }

  bool place(std::uint32_t i, Nanos now) {
    Placement::Placed placed = cluster_.place(info_[i]);
    if (!placed.node) {
      failed_in_[shape_[i]] = pass_;
      return false;
    }
    begin(i, now, std::move(placed));
    return true;
  }

  void begin(std::uint32_t i, Nanos now, Placement::Placed placed) {
    const TracePod& pod = trace_.pods[i];
    info_[i] = {};
    count(i, *placed.node, 1);
    digest_.add(i);
    digest_.add(static_cast<std::uint64_t>(now));
    digest_.add(placed.node->name());
    for (const std::uint8_t d : placed.pod->gpu_indices) digest_.add(d);
    placed_[i] = std::move(placed);
    const Nanos wait = now - pod.arrival;
    waits_.add(wait, true);
    const Nanos length = pod.unscheduled ? pod.arrival + pod.patience - now : pod.duration;
    const double slowdown = std::max(1.0, in_seconds(wait + length) / std::max(in_seconds(length), kShortestRun));
    slowdowns_ += slowdown;
    slowdown_of_[tenant_[i]].sum += slowdown;
    slowdown_of_[tenant_[i]].pods += 1;
    const bool stays = pod.censored && rules_.censored == CensoredRule::kToTheEnd;
    if (!stays) ends_.push({now + length, started_, i});
    ++started_;
  }

  void count(std::uint32_t i, const scheduler::NodeInfo& node, int sign) {
    const TracePod& pod = trace_.pods[i];
    meter_.count(pod, node, sign);
    shares_->change(tenant_[i], {pod.milli_cpu, pod.memory, pod.gpu.total()}, sign);
  }

  /// Jain's index over the tenants' mean bounded slowdowns: 1 when all are slowed down alike.
  double jain() const {
    double sum = 0, squares = 0, n = 0;
    for (const TenantSlowdown& t : slowdown_of_) {
      if (t.pods == 0) continue;
      const double mean = t.sum / t.pods;
      sum += mean;
      squares += mean * mean;
      n += 1;
    }
    return n > 0 ? sum * sum / (n * squares) : 1;
  }

  double offered_load() const {
    std::vector<std::pair<const TracePod*, Nanos>> pods;
    for (const std::uint32_t i : order_) pods.emplace_back(&trace_.pods[i], trace_.pods[i].unscheduled ? trace_.pods[i].patience : trace_.pods[i].duration);
    return meter_.offered_load(pods);
  }

  void finish() {
    for (const std::uint32_t i : waiting_) waits_.add(last_arrival_ - trace_.pods[i].arrival, false);
    auto& m = out_.metrics;
    m.emplace_back("pods", static_cast<double>(order_.size()));
    m.emplace_back("placed", static_cast<double>(started_));
    m.emplace_back("gave_up", static_cast<double>(gave_up_));
    m.emplace_back("waiting_at_end", static_cast<double>(waiting_.size()));
    meter_.fill_metrics(out_);
    m.emplace_back("wait_mean_s", waits_.mean_of_served());
    for (const auto& [name, p] : {std::pair{"wait_p50_s", 0.5}, {"wait_p90_s", 0.9}, {"wait_p99_s", 0.99}}) {
      m.emplace_back(name, waits_.quantile(p));
    }
    m.emplace_back("bounded_slowdown_mean", started_ > 0 ? slowdowns_ / static_cast<double>(started_) : 0);
    m.emplace_back("jain_of_tenants", jain());
    m.emplace_back("offered_load", offered_load());
    meter_.fill_series(out_);
    out_.digest = digest_.value();
    note();
  }

  void note() {
    note_incomplete(trace_, rules_, out_);
    out_.notes.push_back("open load; no warm-up is cut; measured from the first to the last arrival; waits by Kaplan-Meier");
  }

  const Trace& trace_;
  const TraceSpec& rules_;
  const scheduler::PolicySpec& policy_;
  Placement cluster_;
  std::optional<scheduler::FlowRounds> flow_;          // of a policy that places together
  LoadMeter meter_;
  RunRecord& out_;
  std::vector<std::uint32_t> order_;                   // of arrival, indices of pods
  std::vector<std::uint32_t> shape_;                   // of each pod; equal shapes are equally hard to place
  std::vector<std::uint32_t> tenant_;                  // of each pod
  std::optional<scheduler::DominantShares> shares_;
  struct TenantSlowdown {
    double sum = 0, pods = 0;
  };
  std::vector<TenantSlowdown> slowdown_of_;            // by tenant
  std::vector<std::uint64_t> failed_in_;               // by shape: the pass in which it last failed
  std::vector<Placement::Placed> placed_;              // of each pod, while it runs
  std::vector<scheduler::PodInfoRef> info_;            // of each pod, while it waits
  std::vector<std::uint32_t> waiting_, impatient_;     // in the order of arrival; impatient ones wait, too
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::uint64_t pass_ = 0, started_ = 0;
  std::size_t gave_up_ = 0;
  Nanos first_arrival_ = 0, last_arrival_ = 0;
  double slowdowns_ = 0;
  Waits waits_;
  base::Digest digest_;
};

}  // namespace

void note_incomplete(const Trace& trace, const TraceSpec& rules, RunRecord& out) {
  const auto of_all = [&](auto flag) {
    const auto n = std::count_if(trace.pods.begin(), trace.pods.end(), [&](const TracePod& p) { return p.*flag; });
    return n == 0 ? std::string() : std::string(base::cat(std::to_string(n), " of ", std::to_string(trace.pods.size()), " pods "));
  };
  if (const std::string some = of_all(&TracePod::unscheduled); !some.empty()) {
    out.notes.push_back(base::cat(some, "never ran in the recorded cluster: ",
                                  rules.unscheduled == UnscheduledRule::kDrop
                                      ? "dropped (unscheduled: drop)"
                                      : "they wait until their recorded deletion and, if placed, run until then (unscheduled: until-deletion)"));
  }
  if (const std::string some = of_all(&TracePod::censored); !some.empty()) {
    out.notes.push_back(base::cat(some, "still ran when the recording ended, their durations are censored: ",
                                  rules.censored == CensoredRule::kToTheEnd
                                      ? "they stay to the end (censored: to-the-end)"
                                      : "the seen part is taken for all of it (censored: as-recorded)"));
  }
}

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
      out.pods.push_back(std::move(pod));
    }
  }
  return out;
}

void run_timed(const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
               std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out) {
  TimedReplay(trace, rules, policy, model, seed, out).run();
}

}  // namespace orrery::scenarios::bench
