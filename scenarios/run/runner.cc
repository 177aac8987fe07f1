#include "scenarios/run/runner.h"

#include "scenarios/oracles/registry.h"
#include "scenarios/run/run_directory.h"
#include "scenarios/run/timeline.h"
#include "sim/world/trace_sink.h"

namespace orrery::scenarios {
namespace {

using base::Instant;

/// Hands every fact of the run to the state, the judge, the timeline and the log.
class Recorder final : public sim::TraceSink {
 public:
  Recorder(WorldState& state, Leaders& leaders, RunDirectory* directory) : state_(state), leaders_(leaders), directory_(directory) {}
  void attach(Judge* judge, Timeline* timeline) {
    judge_ = judge;
    timeline_ = timeline;
  }
  bool recording(history::RecordKind) const override { return true; }
  void record(Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    if (record.kind == history::RecordKind::kFault) note_fault();
    leaders_.on_record(record);
    const std::vector<history::Change>& changes = state_.on_record(record);
    if (directory_) directory_->on_record(record);
    if (judge_) judge_->on_record(record, changes);
    if (timeline_ && !changes.empty()) timeline_->on_changes(changes, now);
  }
  bool logs(env::LogLevel level) const override { return directory_ && level >= env::LogLevel::kInfo; }
  void log(Instant now, const env::Process& process, env::LogLevel level, std::string_view line) override {
    if (directory_) directory_->on_log(now, process, level, line);
  }
  const std::string& leader_at_fault() const { return leader_at_fault_; }

 private:
  void note_fault() {
    if (fault_seen_) return;
    fault_seen_ = true;
    leader_at_fault_ = leaders_.machine_of("store", state_.objects());
    for (const auto& [name, tally] : state_.tallies()) {
      ClientTally& t = state_.tally(name);
      t.in_flight_at_fault = t.in_flight;
    }
  }

  WorldState& state_;
  Leaders& leaders_;
  RunDirectory* directory_;
  Judge* judge_ = nullptr;
  Timeline* timeline_ = nullptr;
  bool fault_seen_ = false;
  std::string leader_at_fault_;
};

/// The judge and the directory end before the world does, also when a run ends by an exception.
class Attachment {
 public:
  Attachment(Recorder& recorder, sim::Kernel& kernel) : recorder_(recorder), kernel_(kernel) {}
  Attachment(const Attachment&) = delete;
  ~Attachment() {
    kernel_.set_sink(nullptr);
    recorder_.attach(nullptr, nullptr);
  }

 private:
  Recorder& recorder_;
  sim::Kernel& kernel_;
};

/// The instant of the last fault or user action that the file plans: after it the cluster is left alone.
Instant quiet_since(const Scenario& s) {
  base::Nanos last = 0;
  const auto at_least = [&last](base::Nanos t) { last = t > last ? t : last; };
  for (const TimelineEntry& e : s.timeline) {
    base::Nanos longest = 0;
    for (const FaultSpec& f : e.faults) longest = f.duration > longest ? f.duration : longest;
    at_least((e.trigger.kind == Trigger::Kind::kEvery ? e.trigger.until : e.trigger.at) + longest);
  }
  for (const WorkloadSpec& w : s.workloads) at_least(w.at);
  return Instant{last};
}

void add_action_verdicts(const Timeline& timeline, std::vector<Verdict>& verdicts) {
  for (const auto& r : timeline.reports()) {
    if (r->done) continue;
    Verdict v;
    v.line = r->line;
    v.what = "timeline " + r->what;
    v.wanted = "done";
    v.measured = r->error;
    verdicts.push_back(std::move(v));
  }
}

}  // namespace

RunResult run_scenario(const Scenario& scenario, const RunOptions& options) {
  WorldState state;
  Leaders leaders;
  std::unique_ptr<RunDirectory> directory;
  if (!options.out_dir.empty()) directory = std::make_unique<RunDirectory>(options.out_dir, scenario);
  Recorder recorder(state, leaders, directory.get());
  Cluster cluster(scenario, state, &recorder, options.watcher);
  const ExpectSpec& expect = scenario.expect;
  Judge judge(scenario, state,
              options.oracles ? make_oracles(expect.all_invariants, expect.invariants) : make_oracles(false, {}));
  Timeline timeline(scenario, cluster, state, leaders);
  sim::World& world = cluster.world();
  const Attachment attachment(recorder, world.kernel());
  recorder.attach(&judge, &timeline);
  timeline.start();
  if (directory)
    world.kernel().set_sink(directory->log_events([&world](std::uint32_t owner) { return world.owner_name(owner); }));
  for (const Instant moment : judge.moments())
    world.kernel().at(moment, {0, sim::EventKind::kWorld, 0}, [&judge, &world] { judge.on_time(world.now()); });
  for (Instant t{base::kSecond}; t.ns < scenario.until + base::kSecond; t = t + base::kSecond) {
    world.run_until(t.ns < scenario.until ? t : Instant{scenario.until});
    if (directory) {
      cluster.measure_energy();
      directory->on_second(world.now(), state);
    }
    if (options.on_progress) options.on_progress(world.now(), state);
  }
  cluster.measure_energy();
  bool verified = false;
  cluster.verify_writes([&verified] { verified = true; });
  for (int i = 0; i < 120 && !verified; ++i) world.run_for(base::kSecond);
  RunFacts facts;
  facts.fencing = scenario.cluster.fencing;
  facts.healed_at = quiet_since(scenario);
  facts.ended_at = Instant{scenario.until};
  RunResult result;
  result.verdicts = judge.finish(facts);
  if (!verified) result.verdicts.push_back({"acknowledged writes can be read back", "within 2m", "the API did not answer", false, 0});
  add_action_verdicts(timeline, result.verdicts);
  result.digest = world.digest();
  result.events = world.kernel().executed();
  result.plan = timeline.plan();
  result.store_leader_at_fault = recorder.leader_at_fault();
  if (directory) directory->finish(result);
  return result;
}

}  // namespace orrery::scenarios
