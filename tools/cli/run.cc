#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "model/base/hash.h"
#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/load/loader.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/units.h"
#include "scenarios/run/run_directory.h"
#include "scenarios/run/runner.h"
#include "tools/cli/commands.h"
#include "tools/cli/outside.h"

namespace orrery::cli {
namespace {

using base::cat;
using scenarios::RunResult;
using scenarios::Scenario;
using scenarios::Verdict;

constexpr std::size_t kWidestName = 96, kFaultsShown = 10;

std::string title(const Scenario& s) {
  std::string out = cat("seed=", std::to_string(s.seed));
  for (const auto& [name, value] : s.axes) out += cat(" ", name, "=", value);
  return out;
}

std::string directory_of(const RunCommand& command, const std::vector<Scenario>& all, std::size_t index) {
  if (command.out_dir.empty() || all.size() == 1) return command.out_dir;
  std::string name = title(all[index]);
  for (char& c : name)
    if (c == ' ' || c == '/') c = '_';
  return cat(command.out_dir, "/", std::to_string(index + 1), "_", name);
}

std::string name_of(const Verdict& v) { return v.line ? cat(v.what, " (line ", std::to_string(v.line), ")") : v.what; }

/// Columns as wide as they need to be, within reason: one endless name shall not push all others off the screen.
void print_table(const Scenario& s, const RunResult& r) {
  std::printf("\n%s: %s\n", s.file.c_str(), title(s).c_str());
  if (!r.store_leader_at_fault.empty()) std::printf("store leader when the first fault struck: %s\n", r.store_leader_at_fault.c_str());
  for (std::size_t i = 0; i < r.plan.size() && i < kFaultsShown; ++i) std::printf("fault %s\n", r.plan[i].c_str());
  if (r.plan.size() > kFaultsShown) std::printf("and %zu more faults\n", r.plan.size() - kFaultsShown);
  std::size_t first = 0, second = 0;
  for (const Verdict& v : r.verdicts) {
    first = std::max(first, std::min(name_of(v).size(), kWidestName));
    second = std::max(second, v.wanted.size());
  }
  for (const Verdict& v : r.verdicts)
    std::printf("%-4s  %-*s  %-*s  %s\n", v.ok ? "ok" : "FAIL", static_cast<int>(first), name_of(v).c_str(),
                static_cast<int>(second), v.wanted.c_str(), v.measured.c_str());
  std::size_t failed = 0;
  for (const Verdict& v : r.verdicts) failed += !v.ok;
  std::printf("%zu of %zu held%s\n", r.verdicts.size() - failed, r.verdicts.size(),
              s.cut_short ? "; the run was cut short by --until, not everything was judged" : "");
  std::fflush(stdout);
}

codec::JsonValue to_json(const Scenario& s, const RunResult& r) {
  codec::JsonValue out = codec::JsonValue::object();
  out.set("scenario", s.file);
  out.set("seed", static_cast<std::int64_t>(s.seed));
  codec::JsonValue axes = codec::JsonValue::object();
  for (const auto& [name, value] : s.axes) axes.set(name, value);
  out.set("axes", std::move(axes));
  out.set("ok", r.ok());
  out.set("digest", scenarios::hex(r.digest));
  out.set("events", static_cast<std::int64_t>(r.events));
  codec::JsonValue verdicts = codec::JsonValue::array();
  for (const Verdict& v : r.verdicts) {
    codec::JsonValue row = codec::JsonValue::object();
    row.set("what", v.what);
    row.set("wanted", v.wanted);
    row.set("measured", v.measured);
    row.set("ok", v.ok);
    row.set("line", v.line);
    verdicts.edit_items().push_back(std::move(row));
  }
  out.set("verdicts", std::move(verdicts));
  return out;
}

/// One moving line on a terminal, a line for every virtual minute elsewhere.
class Progress {
 public:
  Progress(bool quiet, const Scenario& s, std::size_t index, std::size_t count)
      : quiet_(quiet), terminal_(isatty(2)), until_(s.until),
        name_(count > 1 ? cat("[", std::to_string(index + 1), "/", std::to_string(count), "] ", title(s)) : title(s)) {}
  void operator()(base::Instant now) {
    if (quiet_) return;
    if (terminal_) std::fprintf(stderr, "\r%s  %s of %s  ", name_.c_str(), text(now.ns).c_str(), text(until_).c_str());
    else if (now.ns % base::kMinute == 0) std::fprintf(stderr, "%s  %s of %s\n", name_.c_str(), text(now.ns).c_str(), text(until_).c_str());
  }
  void end() const {
    if (!quiet_ && terminal_) std::fprintf(stderr, "\n");
  }

 private:
  static std::string text(base::Nanos t) { return scenarios::format_duration(t); }
  bool quiet_, terminal_;
  base::Nanos until_;
  std::string name_;
};

/// For the second run of a replay; gone afterwards.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "orrery-replay-XXXXXX").string();
    if (!mkdtemp(name.data())) throw scenarios::InputError{name, 0, "", "cannot be created"};
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

scenarios::LoadOptions load_options(const RunCommand& command) {
  scenarios::LoadOptions options;
  options.outside = outside();
  options.seed = command.seed;
  options.plant = command.plant;
  if (command.until.empty()) return options;
  auto until = scenarios::parse_duration(command.until);
  if (!until.ok()) throw scenarios::InputError{"--until", 0, "", until.error().message};
  options.until = *until;
  return options;
}

}  // namespace

int run(const RunCommand& command) {
  std::vector<Scenario> all = scenarios::load_scenario(command.file, load_options(command));
  bool ok = true;
  std::uint64_t digest = 0;
  codec::JsonValue report = codec::JsonValue::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Progress progress(command.quiet, all[i], i, all.size());
    scenarios::RunOptions options;
    options.out_dir = directory_of(command, all, i);
    options.on_progress = [&progress](base::Instant now, const scenarios::WorldState&) { progress(now); };
    const RunResult result = scenarios::run_scenario(all[i], options);
    progress.end();
    if (command.json) report.edit_items().push_back(to_json(all[i], result));
    else print_table(all[i], result);
    ok = ok && result.ok();
    digest = all.size() == 1 ? result.digest : base::combine64(digest, result.digest);
  }
  if (command.json) {
    codec::JsonValue whole = codec::JsonValue::object();
    whole.set("ok", ok);
    whole.set("digest", scenarios::hex(digest));
    whole.set("runs", std::move(report));
    std::printf("%s\n", whole.dump().c_str());
  } else {
    std::printf("\n%s\ndigest: %s\n", ok ? "all expectations and invariants held" : "violated", scenarios::hex(digest).c_str());
  }
  return ok ? 0 : 1;
}

int replay(const std::string& directory, bool quiet) {
  const scenarios::RecordedRun recorded = scenarios::read_run_directory(directory);
  scenarios::LoadOptions options;
  options.outside = outside();
  options.seed = recorded.seed;
  options.until = recorded.until;
  for (Scenario& s : scenarios::load_scenario(recorded.scenario_file, options)) {
    if (s.axes != recorded.axes) continue;
    if (s.source_hash != recorded.scenario_hash)
      throw scenarios::InputError{recorded.scenario_file, 0, "", cat("has changed since the run in ", directory)};
    s.planted = recorded.planted;
    Progress progress(quiet, s, 0, 1);
    scenarios::RunOptions run_options;
    run_options.on_progress = [&progress](base::Instant now, const scenarios::WorldState&) { progress(now); };
    const TemporaryDirectory again;
    run_options.out_dir = again.path();
    const RunResult result = scenarios::run_scenario(s, run_options);
    progress.end();
    print_table(s, result);
    const bool same = result.digest == recorded.digest;
    if (!same) diff(directory, again.path());
    std::printf("\nrecorded digest: %s, %s\ndigest: %s\n", scenarios::hex(recorded.digest).c_str(), same ? "the same" : "DIFFERENT",
                scenarios::hex(result.digest).c_str());
    return same ? 0 : 1;
  }
  throw scenarios::InputError{recorded.scenario_file, 0, "", cat("no longer has the combination that ", directory, " recorded")};
}

}  // namespace orrery::cli
