// The Standard Workload Format, version 2.2, of the Parallel Workloads Archive: 18 columns, -1 for what is not known.
#pragma once
#include <string>
#include <string_view>

#include "scenarios/batch/batch_job.h"

namespace orrery::scenarios::batch {

/// Rows without a run time are jobs that never started: counted and left out. The size is what was requested, or else what was
/// allocated. A row without a requested time requests its run time. Throws InputError: a row with another number of columns, a
/// word that is no number, a negative submit time, a job without a size or larger than the machine ("; MaxProcs: N").
BatchTrace read_swf(std::string_view text, const std::string& file);

}  // namespace orrery::scenarios::batch
