#include "scenarios/bench/whole_cluster.h"

#include <algorithm>

#include "control/scheduler/cost.h"
#include "model/base/str.h"
#include "scenarios/bench/whole_objects.h"
#include "scenarios/bench/whole_run.h"
#include "scenarios/load/load_timeline.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

/// Of a trace whose pods all come at one time: so long they are watched.
constexpr Nanos kAfterAll = 10 * base::kMinute;

bool has_gangs(const Trace& trace) {
  return std::any_of(trace.pods.begin(), trace.pods.end(), [](const TracePod& p) { return !p.gang.empty(); });
}

}  // namespace

std::shared_ptr<const scheduler::Configuration> policy_configuration(scheduler::PolicySpec policy,
                                                                     std::shared_ptr<const scheduler::FragmentationModel> model,
                                                                     std::uint64_t seed, bool gangs) {
  if (gangs) policy.more.push_back("Coscheduling");
  scheduler::Configuration out = scheduler::default_configuration();
  out.parallelism = scheduler::kUpstreamParallelism;
  out.profiles[0].research = scheduler::Profile::Research{std::move(policy), std::move(model), seed};
  return std::make_shared<const scheduler::Configuration>(std::move(out));
}

Scenario scenario_of(const BenchSpec& bench, const Trace& trace, const scheduler::PolicySpec& policy,
                     std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed) {
  Scenario out;
  out.file = bench.file;
  out.about = bench.about;
  out.seed = seed;
  out.cluster = bench.cluster;
  if (tells_zones(trace)) {
    for (MachineSpec& m : out.cluster.masters) m.zone.clear();
  }
  for (std::size_t i = 0; i < trace.nodes.size(); ++i) {
    out.cluster.nodes.push_back(machine_of(trace.nodes[i], out.cluster.masters[i % out.cluster.masters.size()].zone));
    if (bench.energy) out.cluster.nodes.back().power = power_of(*bench.energy, trace.nodes[i]);
  }
  out.cluster.scheduler = policy_configuration(policy, std::move(model), seed, has_gangs(trace));
  Nanos first = INT64_MAX, last = 0;
  for (const TracePod& p : trace.pods) {
    first = std::min(first, p.arrival);
    last = std::max(last, p.arrival);
  }
  out.until = kBootTime + last + (first == last ? kAfterAll : 0);
  plan_timeline(bench, out);
  return out;
}

void plan_timeline(const BenchSpec& bench, Scenario& out) {
  if (!bench.timeline) return;
  out.timeline = load_timeline(*bench.timeline, out);
  for (TimelineEntry& e : out.timeline) {
    for (Nanos* t : {&e.trigger.at, &e.trigger.from, &e.trigger.until, &e.trigger.after}) *t += kBootTime;
  }
}

void note_faults(const Timeline& timeline, RunRecord& out) {
  const std::size_t n = timeline.plan().size();
  if (n > 0) out.notes.push_back(n == 1 ? std::string("1 fault was done") : cat(std::to_string(n), " faults were done"));
}

void run_whole_cluster(const BenchSpec& bench, const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
                       std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out,
                       const TimedOptions& beside) {
  Scenario scenario = scenario_of(bench, trace, policy, model, seed);
  // Machines that join while it runs are beyond SimGrid.
  if (beside.autoscaler) scenario.cluster.cpu_model = CpuModel::kHost;
  if (beside.closed) scenario.until = kBootTime + beside.closed->length;
  TimedParts tell = beside.tell;
  tell.preemption |= policy.preemption;
  tell.descheduling |= beside.descheduler.has_value();
  tell.nodes |= beside.autoscaler.has_value();
  WholeRun::Order order;
  order.strict = policy.strict;
  order.by_tenant = policy.order == scheduler::WaitOrder::kDominantShare;
  WholeRun run(scenario, trace, rules, *model, beside, tell, order);
  run.run();
  run.fill(out);
}

void run_whole_batch(const BenchSpec& bench, const JobLog& log, Trace trace, const TraceSpec& rules, scheduler::BatchRule rule,
                     const scheduler::PolicySpec& policy, std::uint64_t seed, RunRecord& out, scheduler::DecisionWatcher* watcher) {
  std::size_t pod = 0;
  for (const LoggedJob& job : log.jobs) {
    for (std::int64_t p = 0; p < job.processors; ++p, ++pod) {
      trace.pods[pod].gang = Str();
      if (rules.overrun == OverrunRule::kKill) trace.pods[pod].duration = std::min(job.run, job.requested);
    }
  }
  const auto model = std::make_shared<const scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  const Scenario scenario = scenario_of(bench, trace, policy, model, seed);
  BatchGate gate(log, rule);
  TimedOptions beside;
  beside.watcher = watcher;
  beside.measuring.energy = bench.energy;
  WholeRun run(scenario, trace, rules, *model, beside, {}, {false, false, &gate});
  run.run();
  run.fill_batch(log, rules.overrun, out);
}

}  // namespace orrery::scenarios::bench
