// import_trace: the published traces that have their own times, by format.
#pragma once
#include <optional>
#include <string_view>

#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// "google-2011", "google-2019", "alibaba-2017", "alibaba-2018", "azure-2020", "simkube", "cluster-dump", "audit-log".
std::optional<TraceFormat> imported_format(std::string_view name);
/// Of one of those formats. Pods in the order of their arrival; `notes` tells the rules that were applied to incomplete rows.
/// Throws InputError.
Trace import_trace(const TraceSpec& spec);

}  // namespace orrery::scenarios::bench
