// Tables: the results of a bench as text, CSV and JSON.
#pragma once
#include <string>
#include <vector>

#include "scenarios/bench/spec.h"
#include "scenarios/bench/summary.h"

namespace orrery::scenarios::bench {

/// What every table says about the mode and the time that decisions take.
std::string cost_model(const BenchSpec& spec);

/// The headline metrics, a line per policy; then what is to be known about them.
std::string text_table(const BenchSpec& spec, const std::vector<SummaryRow>& rows, const std::vector<RunRecord>& records);
/// trace,size,policy,seed,metric,value,load,warmup: everything measured.
std::string results_csv(const std::vector<RunRecord>& records);
/// What the figures are that depend on the machine, and the figures: a head and a row for each run that has any.
inline constexpr const char* kMeasuredAbout = "measured on the machine that ran the bench; not in the digest, and different the next time";
std::vector<std::vector<std::string>> measured_rows(const std::vector<RunRecord>& records);
/// The same as trace,policy,seed,figure,value; empty when no run has such figures.
std::string measured_csv(const std::vector<RunRecord>& records);
/// Spec, rows with their comparisons, runs with their metrics, digest; under `measured` what depends on the machine.
std::string results_json(const BenchSpec& spec, const std::vector<SummaryRow>& rows, const std::vector<RunRecord>& records);

/// The tables of the FGD publication (hkust-adsl/kubernetes-scheduler-simulator, experiments/analysis/expected_results).
struct PublishedTables {
  std::string allocation, fragmentation, fragmentation_ratio;
};
PublishedTables published_tables(const std::vector<RunRecord>& records);

}  // namespace orrery::scenarios::bench
