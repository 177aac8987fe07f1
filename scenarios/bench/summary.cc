#include "scenarios/bench/summary.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/base/hash.h"
#include "model/base/str.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::array<std::string_view, 38> kHeadlines{
    "offered_load",
    "allocation_at_100_pct", "allocation_pct",   "fragmentation_at_100_pct", "failed",      "gpu_allocation_pct",
    "gpu_fragmentation_pct", "cpu_allocation_pct", "waiting_at_end",         "wait_mean_s", "wait_p99_s",
    "bounded_slowdown_mean", "utilisation_pct",  "reservations_slipped",
    "gang_wait_mean_s",      "preempted_pods",     "descheduled_pods",       "drained_pods", "node_hours", "lost_cpu_hours",
    "unscheduled",           "unscheduled_before", "attempts", "preempted", "modelled_s",
    "throughput_per_h",      "response_mean_s",    "response_p99_s",         "energy_kwh", "energy_wh_per_pod", "warmup_pods", "machine_lost_pods",
    "wait_p50_s",            "wait_p90_s",       "wait_max_s",           "to_running_p50_s", "to_running_p99_s", "pods_failed"};

bool all_equal(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0] || (v != v && values[0] != values[0]); });
}

void compare(const SummaryRow& first, SummaryRow& row) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < row.values.size() && i < first.values.size(); ++i) {
    // Two infinite waits do not differ.
    differences.push_back(row.values[i] == first.values[i] ? 0 : row.values[i] - first.values[i]);
  }
  Comparison c;
  c.difference = mean_of(differences);
  c.too_few = differences.size() < kEnoughReplicates;
  c.deterministic = differences.size() > 1 && all_equal(differences);
  if (!c.too_few && !c.deterministic && std::isfinite(c.difference)) {
    c.interval = bootstrap_mean(differences, base::cat(row.trace, "/", row.size, "/", row.metric, "/", row.policy));
    c.p = signed_rank_p(differences);
  }
  row.comparison = c;
}

bool tested(const SummaryRow& row) {
  return row.comparison && !row.comparison->too_few && !row.comparison->deterministic && std::isfinite(row.comparison->difference);
}

/// Holm's correction over the policies of one metric: the rows from `first` on.
void correct(std::vector<SummaryRow>& rows, std::size_t first) {
  std::vector<double> p;
  for (std::size_t i = first; i < rows.size(); ++i) {
    if (tested(rows[i])) p.push_back(rows[i].comparison->p);
  }
  p = holm(std::move(p));
  std::size_t next = 0;
  for (std::size_t i = first; i < rows.size(); ++i) {
    if (tested(rows[i])) rows[i].comparison->p = p[next++];
  }
}

}  // namespace

std::vector<SummaryRow> summarise(const std::vector<RunRecord>& records) {
  std::vector<SummaryRow> out;
  for (std::size_t begin = 0; begin < records.size();) {
    std::size_t end = begin;
    while (end < records.size() && records[end].trace == records[begin].trace && records[end].size == records[begin].size) ++end;
    for (const auto& [metric, ignored] : records[begin].metrics) {
      const std::size_t first_row = out.size();
      for (std::size_t i = begin; i < end; ++i) {
        const RunRecord& r = records[i];
        if (out.size() == first_row || out.back().policy != r.policy) out.push_back({r.trace, r.size, metric, r.policy, {}, 0, 0, false, {}});
        const double* value = r.metric(metric);
        out.back().values.push_back(value ? *value : NAN);
      }
      for (std::size_t i = first_row; i < out.size(); ++i) {
        SummaryRow& row = out[i];
        row.mean = mean_of(row.values);
        row.deviation = deviation_of(row.values);
        row.deterministic = row.values.size() > 1 && all_equal(row.values);
        if (i > first_row) compare(out[first_row], row);
      }
      correct(out, first_row);
    }
    begin = end;
  }
  return out;
}

std::uint64_t digest_of(const std::vector<RunRecord>& records) {
  base::Digest all;
  for (const RunRecord& r : records) {
    all.add(r.trace);
    all.add(r.size);
    all.add(r.policy);
    all.add(r.seed);
    all.add(r.digest);
  }
  return all.value();
}

std::string readable(double value) {
  const double size = std::fabs(value);
  return fixed(value, size >= 10'000 ? 0 : size >= 100 ? 1 : 2);
}

std::string interval_text(const SummaryRow& row) {
  if (!row.comparison) return "";
  const Comparison& c = *row.comparison;
  const std::string difference = std::isfinite(c.difference) && c.difference >= 0 ? "+" + readable(c.difference) : readable(c.difference);
  if (c.deterministic) return difference + " (deterministic)";
  if (c.too_few) return difference + " (too few)";
  if (!tested(row)) return difference;
  return base::cat(difference, " [", readable(c.interval.low), ", ", readable(c.interval.high), "]");
}

std::string p_text(const SummaryRow& row) {
  if (!tested(row)) return "";
  return row.comparison->p < 0.0001 ? "<0.0001" : fixed(row.comparison->p, 4);
}

bool is_headline(const std::string& metric) {
  return std::find(kHeadlines.begin(), kHeadlines.end(), metric) != kHeadlines.end();
}

}  // namespace orrery::scenarios::bench
