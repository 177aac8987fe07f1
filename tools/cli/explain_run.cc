#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>

#include "control/scheduler/explain/attempt_recorder.h"
#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/bench/bench.h"
#include "scenarios/bench/last_attempts.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/loader.h"
#include "scenarios/load/units.h"
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/run/run_directory.h"
#include "scenarios/run/runner.h"
#include "tools/cli/commands.h"
#include "tools/cli/outside.h"

namespace orrery::cli {
namespace {

using base::cat;
using scenarios::InputError;
using scenarios::bench::Bench;
using scenarios::bench::Cell;
using scheduler::AttemptRecorder;
using scheduler::ExplainedAttempt;
namespace fs = std::filesystem;

struct RunAgain {
  /// Runs it again with the watcher. Throws InputError when it comes to something else than before.
  std::function<void(scheduler::DecisionWatcher*)> run;
  /// Pods come more than once, as NAME-0, NAME-1 and so on.
  bool numbered = false;
};

[[noreturn]] void refuse(const std::string& where, const std::string& what) { throw InputError{where, 0, "", what}; }

void check_same(const std::string& run, std::uint64_t recorded, std::uint64_t now) {
  if (recorded == now) return;
  refuse(run, cat("does not replay: its digest was ", scenarios::hex(recorded), ", this program's is ", scenarios::hex(now),
                  "; explain it with the program that ran it"));
}

// --- runs of scenarios

scenarios::Scenario recorded_scenario(const std::string& directory, const scenarios::RecordedRun& recorded) {
  scenarios::LoadOptions options;
  options.outside = outside();
  options.seed = recorded.seed;
  options.until = recorded.until;
  for (scenarios::Scenario& s : scenarios::load_scenario(recorded.scenario_file, options)) {
    if (s.axes != recorded.axes) continue;
    if (s.source_hash != recorded.scenario_hash) refuse(recorded.scenario_file, cat("has changed since the run in ", directory));
    s.planted = recorded.planted;
    return std::move(s);
  }
  refuse(recorded.scenario_file, cat("no longer has the combination that ", directory, " recorded"));
}

RunAgain scenario_of(const std::string& directory) {
  const scenarios::RecordedRun recorded = scenarios::read_run_directory(directory);
  return {[directory, recorded, s = recorded_scenario(directory, recorded)](scheduler::DecisionWatcher* watcher) {
    scenarios::RunOptions options;
    options.watcher = watcher;
    check_same(directory, recorded.digest, scenarios::run_scenario(s, options).digest);
  }};
}

// --- runs of benches

std::shared_ptr<const Bench> recorded_bench(const std::string& directory) {
  const std::string file = directory + "/bench.json";
  const auto origin = codec::parse_json(scenarios::read_text_file(file));
  if (!origin.ok() || !origin->find("bench") || !(*origin)["set"].is_object()) refuse(file, "is not the bench.json of a bench");
  std::map<std::string, std::string> set;
  for (const auto& [name, value] : (*origin)["set"].members()) set[name.str()] = value.text_or("");
  // Files of traces were named from where the bench ran.
  std::error_code error;
  fs::current_path(std::string((*origin)["directory"].text_or(".")), error);
  if (error) refuse(file, cat("the bench ran in ", (*origin)["directory"].text_or(""), ", which is gone"));
  return std::make_shared<const Bench>(scenarios::bench::load_bench(std::string((*origin)["bench"].text_or("")), set, outside()));
}

template <class Name>
std::string choices(const std::vector<Cell>& cells, Name name) {
  std::set<std::string> seen;
  std::string out;
  for (const Cell& c : cells) {
    const std::string n = name(c);
    if (!seen.insert(n).second) continue;
    if (seen.size() > 12) return out + ", ...";
    out += cat(out.empty() ? "" : ", ", n);
  }
  return out;
}

/// The one cell that the options name.
Cell chosen_cell(const Bench& bench, const ExplainCommand& command) {
  const scenarios::bench::BenchSpec& spec = bench.spec();
  const auto trace = [&](const Cell& c) { return spec.traces[c.trace].name; };
  const auto size = [&](const Cell& c) { return scenarios::bench::size_name(spec.sizes[c.size]); };
  const auto policy = [&](const Cell& c) { return spec.policies[c.policy].label; };
  const auto seed = [&](const Cell& c) { return std::to_string(spec.seeds[c.seed]); };
  std::vector<Cell> left;
  for (const Cell& c : bench.cells()) {
    const bool wanted = (command.trace.empty() || trace(c) == command.trace) && (command.size.empty() || size(c) == command.size) &&
                        (command.policy.empty() || policy(c) == command.policy) &&
                        (!command.seed || spec.seeds[c.seed] == *command.seed) && (command.key.empty() || bench.key(c) == command.key);
    if (wanted) left.push_back(c);
  }
  if (left.size() == 1) return left[0];
  const std::vector<Cell>& shown = left.empty() ? bench.cells() : left;
  refuse(command.run, cat(left.empty() ? "no run is named so" : cat(std::to_string(left.size()), " runs are named so"), "; choose one by --trace (",
                          choices(shown, trace), "), --size (", choices(shown, size), "), --policy (", choices(shown, policy), "), --seed (",
                          choices(shown, seed), ") or --run KEY"));
}

RunAgain bench_run_of(const ExplainCommand& command) {
  const std::string directory = fs::absolute(command.run).string();
  const std::shared_ptr<const Bench> bench = recorded_bench(directory);
  const Cell cell = chosen_cell(*bench, command);
  if (bench->spec().policies[cell.policy].batch) refuse(command.run, "its runs are of batch jobs on processors; there is no node to explain");
  const std::string file = cat(directory, "/runs/", bench->key(cell), ".json");
  if (!fs::exists(file)) refuse(command.run, "holds no finished run of this; the bench file or a trace has changed since, or it was cut short");
  const auto record = scenarios::bench::read_record(scenarios::read_text_file(file));
  if (!record.ok()) refuse(file, record.error().message);
  const std::optional<base::Nanos> cut = record->cut < 0 ? std::nullopt : std::optional(record->cut);
  return {[run = command.run, bench, cell, cut, digest = record->digest](scheduler::DecisionWatcher* watcher) {
            check_same(run, digest, bench->run(cell, nullptr, watcher, cut).digest);
          },
          bench->spec().traces[cell.trace].arrivals != scenarios::bench::ArrivalKind::kTimed};
}

// --- the explanation

AttemptRecorder::Concerns named(const std::string& pod, bool numbered) {
  return [pod, numbered](const api::ObjectMeta& meta) {
    const std::string_view name = meta.name.view();
    if (name == pod || api::key_of(meta) == pod) return true;
    return numbered && name.size() > pod.size() && name.starts_with(pod) && name[pod.size()] == '-' &&
           name.find_first_not_of("0123456789", pod.size() + 1) == name.npos;
  };
}

/// The attempt asked for, and how many there were.
std::pair<ExplainedAttempt, std::vector<base::Nanos>> find_attempt(const ExplainCommand& command, const RunAgain& again) {
  AttemptRecorder recorder(named(command.pod, again.numbered), command.attempt);
  again.run(&recorder);
  const std::size_t count = recorder.times().size();
  if (count == 0) {
    std::string others;
    for (const std::string& o : recorder.others()) others += cat(others.empty() ? " (pods of the run are called " : ", ", o);
    refuse(command.run, cat("no scheduler of the run ever tried a pod \"", command.pod, "\"", others, others.empty() ? "" : ")"));
  }
  if (command.attempt > count) {
    refuse(command.run, cat("pod \"", command.pod, "\" was tried ", std::to_string(count), count == 1 ? " time" : " times", ", there is no attempt ",
                            std::to_string(command.attempt)));
  }
  if (recorder.explained().back().number == (command.attempt > 0 ? command.attempt : count)) {
    return {recorder.explained().back(), recorder.times()};
  }
  AttemptRecorder last(named(command.pod, again.numbered), count);
  again.run(&last);
  return {last.explained().back(), last.times()};
}

}  // namespace

int explain_run(const ExplainCommand& command) {
  RunAgain run_again;
  if (fs::exists(command.run + "/run.json")) run_again = scenario_of(command.run);
  else if (fs::exists(command.run + "/bench.json")) run_again = bench_run_of(command);
  else refuse(command.run, "holds no run (neither the run.json of `orrery run --out` nor the bench.json of `orrery bench --out`)");
  const auto [attempt, times] = find_attempt(command, run_again);
  if (command.annotations) {
    std::printf("%s\n", scheduler::to_annotations(attempt.explanation).dump().c_str());
  } else if (command.json) {
    codec::JsonValue out = scheduler::to_json(attempt.pod, attempt.explanation);
    out.set("attempt", static_cast<std::int64_t>(attempt.number));
    out.set("attempts", static_cast<std::int64_t>(times.size()));
    out.set("atNs", static_cast<std::int64_t>(attempt.at));
    std::printf("%s\n", out.dump().c_str());
  } else {
    std::printf("%s\n%s", scenarios::bench::attempt_title(attempt.number, times.size(), attempt.at).c_str(),
                scheduler::to_text(attempt.pod, attempt.explanation).c_str());
  }
  return 0;
}

}  // namespace orrery::cli
