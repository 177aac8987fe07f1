// Workloads of Batsim (JSON): "nb_res", "jobs" (id, subtime, res, walltime, profile) and "profiles".
#pragma once
#include "scenarios/batch/batch_job.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::batch {

/// Profiles of a known duration: "delay" ("DelayProfile" in old files), and "composed" ("sequential_composition") of such. Those
/// that need a platform's speed are refused. A job without walltime requests its run time. Throws InputError with the line of
/// the job or profile that is wrong. `root`: JSON is YAML.
BatchTrace read_batsim(const YamlCursor& root);

}  // namespace orrery::scenarios::batch
