#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <thread>

#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/bench/bench.h"
#include "scenarios/bench/html_report.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/tables.h"
#include "scenarios/load/input_error.h"
#include "scenarios/run/run_directory.h"
#include "tools/cli/commands.h"
#include "tools/cli/fork_pool.h"
#include "tools/cli/outside.h"

namespace orrery::cli {
namespace {

using base::cat;
using scenarios::InputError;
using scenarios::bench::Bench;
using scenarios::bench::BenchSpec;
using scenarios::bench::RunRecord;
namespace fs = std::filesystem;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Where finished runs are kept, each in a file named by its key.
class RunStore {
 public:
  explicit RunStore(const std::string& directory) : runs_(directory.empty() ? "" : directory + "/runs") {
    if (runs_.empty()) return;
    std::error_code error;
    fs::create_directories(runs_, error);
    if (error) throw InputError{directory, 0, "", cat("cannot be created: ", error.message())};
  }
  /// False when the run is not there, or its file was cut.
  bool load(const std::string& key, RunRecord& out) const {
    if (runs_.empty()) return false;
    std::ifstream in(path(key), std::ios::binary);
    if (!in) return false;
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto record = scenarios::bench::read_record(text);
    if (!record.ok()) return false;
    out = std::move(*record);
    return true;
  }
  void save(const std::string& key, const std::string& text) const {
    if (runs_.empty()) return;
    const std::string part = path(key) + ".part";
    std::ofstream(part, std::ios::binary) << text;
    std::error_code error;
    fs::rename(part, path(key), error);
    if (error) throw InputError{part, 0, "", "cannot be written (disk full?)"};
  }

 private:
  std::string path(const std::string& key) const { return cat(runs_, "/", key, ".json"); }
  std::string runs_;
};

/// How far the bench is and how long it will take, at most every second where no terminal shows it.
class BenchProgress {
 public:
  BenchProgress(bool quiet, std::size_t all, std::size_t kept) : quiet_(quiet), all_(all), kept_(kept) {
    if (!quiet_ && kept > 0) std::fprintf(stderr, "%zu of %zu runs are there already\n", kept, all);
  }
  void finished() {
    ++finished_;
    if (quiet_) return;
    const auto now = std::chrono::steady_clock::now();
    const double spent = std::chrono::duration<double>(now - begin_).count();
    const std::size_t left = all_ - kept_ - finished_;
    const bool terminal = isatty(2) != 0;
    if (!terminal && left > 0 && now - shown_ < std::chrono::seconds(2)) return;
    shown_ = now;
    std::fprintf(stderr, "%s%zu of %zu runs, about %.0f s left%s", terminal ? "\r" : "", kept_ + finished_, all_,
                 spent / static_cast<double>(finished_) * static_cast<double>(left), terminal && left > 0 ? "   " : "\n");
  }

 private:
  bool quiet_;
  std::size_t all_, kept_, finished_ = 0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now(), shown_{};
};

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw InputError{path, 0, "", "cannot be written (disk full?)"};
}

RunRecord run_cell(const Bench& bench, const scenarios::bench::Cell& cell, std::optional<base::Nanos> cut) {
  try {
    const double before = cpu_seconds();
    RunRecord record = bench.run(cell, cpu_seconds, nullptr, cut);
    record.measured_seconds = cpu_seconds() - before;
    return record;
  } catch (const scenarios::PolicyFailure& e) {
    const BenchSpec& spec = bench.spec();
    throw WorkFailure(cat(e.what(), " (trace ", spec.traces[cell.trace].name, ", seed ", std::to_string(spec.seeds[cell.seed]), ")"));
  }
}

RunRecord read_sent(const std::string& text) {
  auto record = scenarios::bench::read_record(text);
  if (!record.ok()) throw std::runtime_error("a run sent no record");
  return std::move(*record);
}

/// The matrix: what is kept is read, what is missing is run. Where MSER-5 cuts the warm-up, missing runs go without a cut first, which
/// tells where each policy would have it, and then with the one that all have in common.
class Matrix {
 public:
  Matrix(const Bench& bench, const BenchCommand& command, const RunStore& store) : bench_(bench), command_(command), store_(store) {
    records_.resize(bench.cells().size());
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (!store.load(bench.key(bench.cells()[i]), records_[i])) missing_.push_back(i);
      else if (bench.finds_cut(bench.cells()[i])) cuts_.propose(bench.cells()[i], records_[i].cut);
    }
    // A comparison of which a run is kept has its cut already.
    for (const std::size_t i : missing_) {
      if (bench.finds_cut(bench.cells()[i]) && !cuts_.of(bench.cells()[i])) trials_.push_back(i);
    }
  }

  std::vector<RunRecord> run() {
    BenchProgress progress(command_.quiet, records_.size() + trials_.size(), records_.size() - missing_.size());
    const std::size_t jobs = command_.jobs > 0 ? command_.jobs : std::max(1u, std::thread::hardware_concurrency());
    fork_pool(trials_.size(), jobs, [&](std::size_t k) { return scenarios::bench::to_json(run_cell(bench_, cell(trials_[k]), {})); },
              [&](std::size_t k, const std::string& text) {
                records_[trials_[k]] = read_sent(text);
                cuts_.propose(cell(trials_[k]), records_[trials_[k]].proposed_cut);
                progress.finished();
              });
    fork_pool(missing_.size(), jobs, [&](std::size_t k) { return scenarios::bench::to_json(finish(missing_[k])); },
              [&](std::size_t k, std::string text) {
                records_[missing_[k]] = read_sent(text);
                store_.save(bench_.key(cell(missing_[k])), text);
                progress.finished();
              });
    return std::move(records_);
  }

 private:
  const scenarios::bench::Cell& cell(std::size_t i) const { return bench_.cells()[i]; }

  RunRecord finish(std::size_t i) const {
    const base::Nanos cut = cuts_.of(cell(i)).value_or(-1);
    // A trial from which nothing is cut has come to its end.
    const bool done = cut < 0 && std::binary_search(trials_.begin(), trials_.end(), i);
    RunRecord record = done ? records_[i] : run_cell(bench_, cell(i), cut < 0 ? std::nullopt : std::optional(cut));
    // The report explains a few pods of each policy's first seed.
    if (!command_.out_dir.empty() && cell(i).seed == 0) bench_.explain_notable(cell(i), record);
    return record;
  }

  const Bench& bench_;
  const BenchCommand& command_;
  const RunStore& store_;
  std::vector<RunRecord> records_;
  std::vector<std::size_t> missing_, trials_;   // ascending places among the cells
  scenarios::bench::CommonCuts cuts_;
};

void write_results(const BenchSpec& spec, const std::string& directory, const std::vector<scenarios::bench::SummaryRow>& rows,
                   const std::vector<RunRecord>& records) {
  write_file(directory + "/results.csv", scenarios::bench::results_csv(records));
  write_file(directory + "/results.json", scenarios::bench::results_json(spec, rows, records));
  write_file(directory + "/report.html", scenarios::bench::html_report(spec, rows, records));
  const std::string measured = scenarios::bench::measured_csv(records);
  if (!measured.empty()) write_file(directory + "/measured.csv", measured);
  if (!spec.published_tables) return;
  const auto tables = scenarios::bench::published_tables(records);
  write_file(directory + "/allocation.csv", tables.allocation);
  write_file(directory + "/fragmentation.csv", tables.fragmentation);
  write_file(directory + "/fragmentation_ratio.csv", tables.fragmentation_ratio);
}

/// What `orrery explain` needs to run any of the cells again.
void write_origin(const BenchCommand& command, const std::map<std::string, std::string>& set) {
  codec::JsonValue out = codec::JsonValue::object();
  out.set("orrery", "0.1.0");
  out.set("bench", fs::absolute(command.file).string());
  out.set("directory", fs::current_path().string());
  codec::JsonValue values = codec::JsonValue::object();
  for (const auto& [name, value] : set) values.set(name, value);
  out.set("set", std::move(values));
  write_file(command.out_dir + "/bench.json", out.dump() + "\n");
}

}  // namespace

std::map<std::string, std::string> assignments(const std::vector<std::string>& set) {
  std::map<std::string, std::string> out;
  for (const std::string& s : set) {
    const std::size_t equals = s.find('=');
    if (equals == std::string::npos || equals == 0) throw InputError{"--set", 0, "", cat("\"", s, "\" is not NAME=VALUE")};
    if (!out.emplace(s.substr(0, equals), s.substr(equals + 1)).second) {
      throw InputError{"--set", 0, "", cat("\"", s.substr(0, equals), "\" is set twice")};
    }
  }
  return out;
}

int bench(const BenchCommand& command) {
  const std::map<std::string, std::string> set = assignments(command.set);
  const Bench bench(scenarios::bench::load_bench(command.file, set, outside()));
  const RunStore store(command.out_dir);
  if (!command.out_dir.empty()) write_origin(command, set);
  const std::vector<RunRecord> records = Matrix(bench, command, store).run();
  const auto rows = scenarios::bench::summarise(records);
  if (!command.out_dir.empty()) write_results(bench.spec(), command.out_dir, rows, records);
  std::printf("%s\ndigest: %s\n", scenarios::bench::text_table(bench.spec(), rows, records).c_str(),
              scenarios::hex(scenarios::bench::digest_of(records)).c_str());
  return 0;
}

}  // namespace orrery::cli
