#include "scenarios/bench/tables.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/run/run_directory.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using codec::JsonValue;

constexpr const char* kModelledCost =
    "modelled (a decision takes 1.3 ms, 4 us for each node filtered and for each scored, 40 us for each tried for preemption)";

/// Cells padded to the width of their column.
class Grid {
 public:
  void row(std::vector<std::string> cells) {
    if (widths_.size() < cells.size()) widths_.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], cells[i].size());
    rows_.push_back(std::move(cells));
  }
  std::string text() const {
    std::string out;
    for (const auto& cells : rows_) {
      std::string line;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i] + std::string(widths_[i] - cells[i].size() + 2, ' ');
      }
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

std::vector<std::string> different_notes(const std::vector<RunRecord>& records) {
  std::vector<std::string> out;
  for (const RunRecord& r : records) {
    for (const std::string& n : r.notes) {
      const std::string line = cat(r.trace, ": ", n);
      if (std::find(out.begin(), out.end(), line) == out.end()) out.push_back(line);
    }
  }
  return out;
}

std::string measured(const std::vector<RunRecord>& records) {
  std::string out;
  std::vector<std::string> done;
  for (const RunRecord& r : records) {
    if (std::find(done.begin(), done.end(), r.policy) != done.end()) continue;
    done.push_back(r.policy);
    double sum = 0, n = 0;
    for (const RunRecord& o : records) {
      if (o.policy != r.policy) continue;
      sum += o.measured_seconds;
      n += 1;
    }
    out += cat(out.empty() ? "" : ", ", r.policy, " ", fixed(sum / n, 2));
  }
  return out;
}

JsonValue measured_json(const std::vector<RunRecord>& records) {
  JsonValue runs = JsonValue::array();
  for (const RunRecord& r : records) {
    if (r.measured.empty()) continue;
    JsonValue one = JsonValue::object();
    one.set("trace", r.trace);
    one.set("policy", r.policy);
    one.set("seed", static_cast<std::int64_t>(r.seed));
    for (const auto& [figure, value] : r.measured) one.set(figure, finite(value));
    runs.edit_items().push_back(std::move(one));
  }
  return runs;
}

JsonValue row_json(const SummaryRow& row) {
  JsonValue out = JsonValue::object();
  out.set("trace", row.trace);
  out.set("size", row.size);
  out.set("metric", row.metric);
  out.set("policy", row.policy);
  out.set("replicates", static_cast<std::int64_t>(row.values.size()));
  out.set("mean", finite(row.mean));
  out.set("deviation", finite(row.deviation));
  out.set("deterministic", row.deterministic);
  if (!row.comparison) return out;
  const Comparison& c = *row.comparison;
  JsonValue against = JsonValue::object();
  against.set("difference", finite(c.difference));
  if (c.too_few) against.set("remark", "too few");
  if (c.deterministic) against.set("remark", "deterministic");
  if (!c.too_few && !c.deterministic) {
    against.set("low", finite(c.interval.low));
    against.set("high", finite(c.interval.high));
    against.set("p", finite(c.p));
  }
  out.set("against_first", std::move(against));
  return out;
}

/// As Python prints a float.
std::string python_number(double v) {
  std::string out = shortest(v);
  if (!out.empty() && out.find('.') == out.npos) out += ".0";
  return out;
}

/// Rows by workload, policy and seed.
std::string published_table(std::vector<RunRecord> records, std::string_view series, bool with_gpus) {
  std::stable_sort(records.begin(), records.end(), [](const RunRecord& a, const RunRecord& b) {
    return std::tie(a.trace, a.policy, a.seed) < std::tie(b.trace, b.policy, b.seed);
  });
  std::size_t columns = 0;
  for (const RunRecord& r : records) {
    if (const Series* s = r.find(series)) columns = std::max(columns, s->y.size());
  }
  std::string out = with_gpus ? "workload,sc_policy,tune,seed,total_gpus" : "workload,sc_policy,tune,seed";
  for (std::size_t i = 0; i < columns; ++i) out += cat(",", std::to_string(i));
  out += "\n";
  for (const RunRecord& r : records) {
    const Series* s = r.find(series);
    if (!s) continue;
    // How far the demand went: the publication's "tune" factor.
    const double tune = std::nearbyint(static_cast<double>(s->y.size() - 1) / 10) / 10;
    out += cat(r.trace, ",", r.policy, ",", python_number(tune), ",", std::to_string(r.seed));
    if (with_gpus) out += cat(",", fixed(*r.metric("gpus"), 0));
    for (std::size_t i = 0; i < columns; ++i) out += cat(",", i < s->y.size() ? python_number(s->y[i]) : "");
    out += "\n";
  }
  return out;
}

}  // namespace

std::string cost_model(const BenchSpec& spec) {
  if (spec.mode == BenchMode::kWholeCluster) return cat("mode: whole-cluster (a simulated cluster with all components); cost: ", kModelledCost, ", what is by node on 16 cores of its master at a time, where they are free; a flow takes 20 ns for each arc looked at");
  const auto is_operations = [](const TraceSpec& t) { return t.format == TraceFormat::kOperations; };
  const bool any = std::any_of(spec.traces.begin(), spec.traces.end(), is_operations);
  const bool all = std::all_of(spec.traces.begin(), spec.traces.end(), is_operations);
  std::string out = "mode: placement-only";
  if (!all) out += "; cost: zero (a decision takes no virtual time)";
  if (any) out += cat(all ? "; cost: " : "; of operations: ", kModelledCost, ", what is by node 16 at a time");
  return out;
}

std::vector<std::vector<std::string>> measured_rows(const std::vector<RunRecord>& records) {
  const RunRecord* widest = nullptr;
  for (const RunRecord& r : records) {
    if (!widest || r.measured.size() > widest->measured.size()) widest = &r;
  }
  if (!widest || widest->measured.empty()) return {};
  std::vector<std::vector<std::string>> out{{"measured", "policy", "seed"}};
  for (const auto& [name, value] : widest->measured) out[0].push_back(name);
  for (const RunRecord& r : records) {
    if (r.measured.empty()) continue;
    out.push_back({r.trace, r.policy, std::to_string(r.seed)});
    for (const auto& [name, ignored] : widest->measured) {
      const double* value = r.measurement(name);
      out.back().push_back(value ? readable(*value) : "-");
    }
  }
  return out;
}

std::string text_table(const BenchSpec& spec, const std::vector<SummaryRow>& rows, const std::vector<RunRecord>& records) {
  Grid grid;
  grid.row({"trace", "nodes", "metric", "policy", "n", "mean +- sd", cat("difference to ", spec.policies[0].label), "p"});
  const SummaryRow* last = nullptr;
  for (const SummaryRow& row : rows) {
    if (!is_headline(row.metric)) continue;
    const bool same = last && last->trace == row.trace && last->size == row.size;
    const bool same_metric = same && last->metric == row.metric;
    grid.row({same ? "" : row.trace, same ? "" : row.size, same_metric ? "" : row.metric, row.policy, std::to_string(row.values.size()),
              cat(readable(row.mean), row.values.size() < 2 ? "" : row.deterministic ? " (deterministic)" : cat(" +- ", readable(row.deviation))),
              interval_text(row), p_text(row)});
    last = &row;
  }
  std::string out = grid.text();
  out += "\ndifferences: paired by seed, mean with 95 % bootstrap interval; p: Wilcoxon signed-rank, two-sided, Holm-corrected over the policies of a metric";
  if (spec.seeds.size() < kEnoughReplicates) out += cat("; fewer than ", std::to_string(kEnoughReplicates), " seeds: too few");
  out += cat("\n", cost_model(spec), "\n");
  Grid figures;
  for (std::vector<std::string>& cells : measured_rows(records)) figures.row(std::move(cells));
  if (const std::string text = figures.text(); !text.empty()) out += cat("\n", text, "(", kMeasuredAbout, ")\n\n");
  for (const std::string& note : different_notes(records)) out += cat(note, "\n");
  out += cat("measured CPU seconds a run (not in the digest): ", measured(records), "\n");
  return out;
}

std::string results_csv(const std::vector<RunRecord>& records) {
  std::string out = "trace,size,policy,seed,metric,value,load,warmup\n";
  for (const RunRecord& r : records) {
    for (const auto& [metric, value] : r.metrics) {
      out += cat(r.trace, ",", r.size, ",", r.policy, ",", std::to_string(r.seed), ",", metric, ",",
                 std::isfinite(value) ? shortest(value) : "inf", ",", r.load, ",", r.warmup, "\n");
    }
  }
  return out;
}

std::string measured_csv(const std::vector<RunRecord>& records) {
  std::string out;
  for (const RunRecord& r : records) {
    for (const auto& [figure, value] : r.measured) {
      out += cat(r.trace, ",", r.policy, ",", std::to_string(r.seed), ",", figure, ",", shortest(value), "\n");
    }
  }
  return out.empty() ? out : "trace,policy,seed,figure,value\n" + out;
}

std::string results_json(const BenchSpec& spec, const std::vector<SummaryRow>& rows, const std::vector<RunRecord>& records) {
  JsonValue out = JsonValue::object();
  out.set("bench", spec.file);
  out.set("about", spec.about);
  out.set("mode", spec.mode == BenchMode::kWholeCluster ? "whole-cluster" : "placement-only");
  out.set("cost", cost_model(spec));
  out.set("digest", hex(digest_of(records)));
  JsonValue notes = JsonValue::array();
  for (const std::string& n : different_notes(records)) notes.edit_items().push_back(n);
  out.set("notes", std::move(notes));
  JsonValue summary = JsonValue::array();
  for (const SummaryRow& row : rows) summary.edit_items().push_back(row_json(row));
  out.set("summary", std::move(summary));
  JsonValue runs = JsonValue::array();
  for (const RunRecord& r : records) runs.edit_items().push_back(result_json(r));
  out.set("runs", std::move(runs));
  JsonValue figures = measured_json(records);
  if (figures.items().empty()) return out.dump() + "\n";
  out.set("measured_about", kMeasuredAbout);
  out.set("measured", std::move(figures));
  return out.dump() + "\n";
}

PublishedTables published_tables(const std::vector<RunRecord>& records) {
  return {published_table(records, "GPU allocation, % of all", true), published_table(records, "GPU fragmentation, % of all", false),
          published_table(records, "GPU fragmentation, % of idle", false)};
}

}  // namespace orrery::scenarios::bench
