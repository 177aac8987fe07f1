// RunRecord: what one run of a bench (one trace, cluster size, policy and seed) has measured; as JSON it is what a finished
// run leaves behind, so that it need not run again.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"
#include "model/codec/json_value.h"

namespace orrery::scenarios::bench {

/// Points of a line; x ascending.
struct Series {
  std::string name, x_name;
  std::vector<double> x, y;
};

/// A pod of a run that a reader will ask about, and the explanation of its last attempt.
struct NotablePod {
  std::string why, pod;              ///< "waited longest (3 h)", name in the trace
  std::string explanation;           ///< as `orrery explain` prints it; empty: not asked for
  std::size_t attempts = 1;          ///< at placing it, in the whole run
};

struct RunRecord {
  std::string trace, size, policy;
  std::uint64_t seed = 0;
  std::string load;                                      ///< "open", "closed", "batch"
  std::string warmup;                                    ///< how it was cut: "none", "6h", "mser-5"; empty: there is no time
  /// With mser-5: when the warm-up ended and where this run alone would have ended it; -1: nothing is cut.
  base::Nanos cut = -1, proposed_cut = -1;
  std::vector<std::pair<std::string, double>> metrics;   ///< every run of a bench has the same ones of a trace
  std::vector<std::pair<std::string, double>> measured;  ///< what depends on the machine; not in the digest
  std::vector<Series> series;
  std::vector<std::string> notes;                        ///< rules applied, rows counted
  std::vector<NotablePod> notable;                       ///< not in the digest
  std::uint64_t digest = 0;                              ///< of every decision and metric
  double measured_seconds = 0;                           ///< CPU of the machine; not in the digest

  const double* metric(std::string_view name) const;
  const double* measurement(std::string_view name) const;
  const Series* find(std::string_view series) const;
  /// Adds the metrics to the digest; once, when the record is complete.
  void seal();
};

/// Null for what JSON has no number for.
codec::JsonValue finite(double v);
/// What a run came to, without its series: trace, size, policy, seed, load, warm-up, digest, metrics.
codec::JsonValue result_json(const RunRecord& record);

std::string to_json(const RunRecord& record);
base::Result<RunRecord> read_record(std::string_view json);

/// The shortest text that reads as the same number.
std::string shortest(double value);
/// "%.Nf".
std::string fixed(double value, int decimals);

}  // namespace orrery::scenarios::bench
