// Units of scenario files: durations, rates, bandwidths, sizes, number ranges.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"

namespace orrery::scenarios {

/// "250us", "1.5s", "1h30m"; a bare number is refused, except 0. Units ns, us, ms, s, m, h.
base::Result<base::Nanos> parse_duration(std::string_view text);
/// Events per second: "200/s", "30/m", "5/h".
base::Result<double> parse_rate(std::string_view text);
/// Bytes per second: "1Gbps", "100Mbps", "10kbps", "bps".
base::Result<std::int64_t> parse_bandwidth(std::string_view text);
/// Bytes, as a Kubernetes quantity: "120Mi".
base::Result<std::int64_t> parse_bytes(std::string_view text);
/// Milli-CPU, as a Kubernetes quantity: "4", "500m".
base::Result<std::int64_t> parse_milli_cpu(std::string_view text);
/// "1..20" or "7"; at most a million values.
base::Result<std::vector<std::int64_t>> parse_range(std::string_view text);

/// "1m30s", as Go prints durations.
std::string format_duration(base::Nanos d);
/// Seconds with three decimals: "62.501s".
std::string format_instant(base::Instant t);

}  // namespace orrery::scenarios
