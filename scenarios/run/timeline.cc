#include "scenarios/run/timeline.h"

#include "model/base/str.h"
#include "model/codec/field_access.h"
#include "scenarios/load/load_workloads.h"
#include "sim/world/machine.h"
#include "sim/world/trace_sink.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using base::Instant;

constexpr sim::EventTag kFaultTag{0, sim::EventKind::kFault, 0};

/// The facts that the scenario itself reports.
class ScenarioOrigin final : public env::Process {
 public:
  base::Str machine() const override { return "scenario"; }
  base::Str name() const override { return "timeline"; }
  std::uint32_t incarnation() const override { return 0; }
  void exit(int, std::string_view) override {}
  bool exiting() const override { return false; }
};

std::int64_t parts_per_million(double percent) { return static_cast<std::int64_t>(percent * 10'000 + 0.5); }

struct Mapping {
  FaultSpec::Kind kind;
  const char* action;
  sim::FaultKind fault;
};
using FK = sim::FaultKind;
constexpr Mapping kMappings[] = {
    {FaultSpec::Kind::kMachine, "power-off", FK::kMachinePowerOff}, {FaultSpec::Kind::kMachine, "power-on", FK::kMachinePowerOn},
    {FaultSpec::Kind::kMachine, "reboot", FK::kMachineReboot},      {FaultSpec::Kind::kProcess, "kill", FK::kProcessKill},
    {FaultSpec::Kind::kProcess, "pause", FK::kProcessPause},        {FaultSpec::Kind::kProcess, "resume", FK::kProcessResume},
    {FaultSpec::Kind::kProcess, "stop", FK::kProcessStop},          {FaultSpec::Kind::kProcess, "start", FK::kProcessStart},
    {FaultSpec::Kind::kNetwork, "partition", FK::kNetworkPartition}, {FaultSpec::Kind::kNetwork, "delay", FK::kNetworkDelay},
    {FaultSpec::Kind::kNetwork, "loss", FK::kNetworkLoss},          {FaultSpec::Kind::kNetwork, "duplicate", FK::kNetworkDuplicate},
    {FaultSpec::Kind::kNetwork, "reorder", FK::kNetworkReorder},    {FaultSpec::Kind::kNetwork, "bandwidth", FK::kNetworkBandwidth},
    {FaultSpec::Kind::kDisk, "full", FK::kDiskFull},                {FaultSpec::Kind::kDisk, "slow", FK::kDiskSlow},
    {FaultSpec::Kind::kDisk, "fsync-error", FK::kDiskSyncError},    {FaultSpec::Kind::kClock, "step", FK::kClockStep},
    {FaultSpec::Kind::kClock, "drift", FK::kClockDrift},            {FaultSpec::Kind::kClock, "stall", FK::kClockStall},
    {FaultSpec::Kind::kCpu, "slow-down", FK::kMachineCpuSlow},      {FaultSpec::Kind::kCpu, "recover", FK::kMachineCpuSlow},
    {FaultSpec::Kind::kProcess, "restart", FK::kProcessRestart},    {FaultSpec::Kind::kProcess, "kill-at", FK::kProcessKillAtEffect},
    {FaultSpec::Kind::kNetwork, "heal", FK::kNetworkHeal},          {FaultSpec::Kind::kDisk, "recover", FK::kDiskRecover},
    {FaultSpec::Kind::kDisk, "torn-tail", FK::kDiskTorn},           {FaultSpec::Kind::kDisk, "bit-rot", FK::kDiskBitRot}};

sim::FaultKind to_fault_kind(const FaultSpec& f) {
  for (const Mapping& m : kMappings)
    if (m.kind == f.kind && f.action == m.action) return m.fault;
  ORRERY_CHECK(false, "a fault that the loader lets through");
  return FK::kCount;
}

void set_amounts(const FaultSpec& f, sim::Fault& out) {
  switch (out.kind) {
    case FK::kNetworkPartition: out.value = f.one_way ? 0 : 1; break;
    case FK::kNetworkDelay: out.value = f.latency; out.value2 = f.jitter; break;
    case FK::kNetworkLoss: case FK::kNetworkDuplicate: out.value = parts_per_million(f.percent); break;
    case FK::kNetworkReorder:
      out.value = parts_per_million(f.percent);
      out.value2 = f.latency > 0 ? f.latency : 10 * base::kMillisecond;
      break;
    case FK::kNetworkBandwidth: out.value = f.bandwidth; break;
    case FK::kDiskSlow: out.value = f.percent > 0 ? static_cast<std::int64_t>(f.percent) : 1000; break;
    case FK::kMachineCpuSlow: out.value = f.action == "recover" ? 100 : static_cast<std::int64_t>(f.percent); break;
    case FK::kProcessKillAtEffect:
      out.value = f.number;
      out.value2 = static_cast<std::int64_t>(f.effect) * 2 + (f.after ? 1 : 0);
      break;
    case FK::kDiskBitRot: out.value = -1; break;
    case FK::kClockStep: out.value = f.step; break;
    case FK::kClockDrift: out.value = f.drift_ppm * 1000; break;
    default: break;
  }
}

}  // namespace

Timeline::Timeline(const Scenario& scenario, Cluster& cluster, WorldState& state, const Leaders& leaders)
    : scenario_(scenario), cluster_(cluster), state_(state), leaders_(leaders), executor_(cluster.world()),
      seen_(scenario.timeline.size(), 0) {
  for (const TimelineEntry& e : scenario.timeline)
    for (const FaultSpec& f : e.faults)
      if (!f.as.empty()) names_.insert(f.as);
}

std::shared_ptr<ActionReport> Timeline::report(int line, std::string what) {
  auto r = std::make_shared<ActionReport>();
  r->line = line;
  r->what = std::move(what);
  r->error = "not finished";
  reports_.push_back(r);
  return r;
}

void Timeline::start() {
  sim::Kernel& kernel = cluster_.world().kernel();
  for (const WorkloadSpec& w : scenario_.workloads) {
    kernel.at(Instant{w.at > 0 ? w.at : base::kMillisecond}, kFaultTag, [this, &w] {
      auto r = report(0, cat("create the workload of namespace ", w.namespace_));
      if (UserAgent* user = cluster_.user()) user->create(w.objects, r);
    });
  }
  for (const TimelineEntry& e : scenario_.timeline) {
    if (e.trigger.kind == Trigger::Kind::kAt) kernel.at(Instant{e.trigger.at}, kFaultTag, [this, &e] { fire(e); });
    if (e.trigger.kind != Trigger::Kind::kEvery) continue;
    for (base::Nanos t = e.trigger.from; t <= e.trigger.until && t <= scenario_.until; t += e.trigger.every)
      kernel.at(Instant{t}, kFaultTag, [this, &e] { fire(e); });
  }
}

bool Timeline::matches(const Trigger& t, const history::Change& c) const {
  const api::ObjectRef& known = c.now ? c.now : c.old;
  if (known->kind_id() != t.object_kind) return false;
  const char* event = !c.now ? "delete" : !c.old ? "create" : "update";
  if (t.event != event) return false;
  if (!t.object_name.empty() && !matches_pattern(t.object_name, api::key_of(known->meta()))) return false;
  if (t.field.empty()) return true;
  const auto now = codec::field_text(*known, t.field);
  if (!t.value.empty() && !(now.ok() && *now == t.value)) return false;
  if (!c.old || !c.now) return true;
  const auto before = codec::field_text(*c.old, t.field);
  return now.ok() != before.ok() || (now.ok() && *now != *before);
}

void Timeline::on_changes(const std::vector<history::Change>& changes, Instant now) {
  for (std::size_t i = 0; i < scenario_.timeline.size(); ++i) {
    const TimelineEntry& e = scenario_.timeline[i];
    if (e.trigger.kind != Trigger::Kind::kWhen || now.ns < e.trigger.after) continue;
    for (const history::Change& c : changes)
      if (matches(e.trigger, c) && ++seen_[i] == e.trigger.nth)
        cluster_.world().kernel().after(0, kFaultTag, [this, &e] { fire(e); });
  }
}

std::string Timeline::resolve(const std::string& text, const std::string& remember) {
  if (text.empty()) return "";
  std::string problem, out;
  const Target t = parse_target(text, scenario_.cluster, names_, problem);
  const auto append = [&out](const std::string& term) { out += (out.empty() ? "" : ",") + term; };
  if (t.kind == Target::Kind::kNamed) out = named_[t.name];
  for (const std::string& m : t.machines) append(t.process.empty() ? m : cat(m, "/", t.process));
  if (t.kind == Target::Kind::kLeaderMachine || t.kind == Target::Kind::kLeaderProcess) {
    const std::string leader = leaders_.machine_of(t.role, state_.objects());
    if (!leader.empty()) append(t.process.empty() ? leader : cat(leader, "/", t.process));
  }
  if (remember.empty()) return out;
  named_[remember] = out;
  state_.name_machine(remember, out);
  return out;
}

void Timeline::fire(const TimelineEntry& entry) {
  for (const FaultSpec& f : entry.faults) do_fault(f, entry.line);
  for (const UserAction& a : entry.actions) {
    auto r = report(entry.line, describe_action(a));
    if (UserAgent* user = cluster_.user()) user->perform(a, r);
  }
}

void Timeline::do_fault(const FaultSpec& f, int line) {
  sim::Fault fault;
  fault.at = cluster_.world().now();
  fault.target = resolve(f.target, f.as);
  fault.peer = resolve(f.to, "");
  fault.duration = f.duration;
  fault.kind = to_fault_kind(f);
  set_amounts(f, fault);
  if (fault.kind == FK::kDiskBitRot)
    fault.value2 = static_cast<std::int64_t>(cluster_.world().stream("bit-rot", cat(f.target, " ", std::to_string(line))).next() >> 1);
  if (fault.target.empty()) {
    report(line, cat("fault ", f.action, " ", f.target))->error = "nobody leads at this moment";
    return;
  }
  apply(fault, line);
}

void Timeline::apply(const sim::Fault& fault, int line) {
  const std::string text = sim::to_json_line(fault);
  history::FaultRecord fact;
  fact.text = text;
  if (sim::TraceSink* trace = cluster_.world().trace()) trace->record(cluster_.world().now(), ScenarioOrigin(), fact);
  plan_.push_back(text);
  const base::Status status = executor_.apply(fault);
  if (!status.ok()) report(line, cat("fault ", text))->error = status.error().message;
}

}  // namespace orrery::scenarios
