// Summary: the records of a bench put side by side: one row per trace, cluster size, metric and policy.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "scenarios/bench/run_record.h"
#include "scenarios/bench/statistics.h"

namespace orrery::scenarios::bench {

/// A policy against the first one, over the seeds both ran with.
struct Comparison {
  double difference = 0;            ///< mean of the paired differences
  bool too_few = false;             ///< under kEnoughReplicates: no interval, no p
  bool deterministic = false;       ///< all differences are equal: neither
  Interval interval;
  double p = 1;                     ///< Wilcoxon's, corrected after Holm over the policies of the metric
};

struct SummaryRow {
  std::string trace, size, metric, policy;
  std::vector<double> values;       ///< in the order of the seeds
  double mean = 0, deviation = 0;
  bool deterministic = false;       ///< several seeds, one value
  std::optional<Comparison> comparison;   ///< of all but the first policy
};

/// `records` in the order of Bench::cells(). Rows of metrics that no policy's runs differ in from the first's are there, too.
std::vector<SummaryRow> summarise(const std::vector<RunRecord>& records);

/// Digest over all records, in order.
std::uint64_t digest_of(const std::vector<RunRecord>& records);

/// How many decimals a number of this size is shown with.
std::string readable(double value);
/// "1.23 [0.98, 1.51]", "too few", "deterministic", "" for the first policy.
std::string interval_text(const SummaryRow& row);
std::string p_text(const SummaryRow& row);

/// The metrics that the table on stdout shows; all are in the files.
bool is_headline(const std::string& metric);

}  // namespace orrery::scenarios::bench
