// html_report: one page that shows a bench and needs nothing besides itself.
#pragma once
#include <string>
#include <vector>

#include "scenarios/bench/tables.h"

namespace orrery::scenarios::bench {

std::string html_report(const BenchSpec& spec, const std::vector<SummaryRow>& rows, const std::vector<RunRecord>& records);

}  // namespace orrery::scenarios::bench
