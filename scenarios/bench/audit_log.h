// An apiserver's audit log as a trace: a JSON object per line (audit.k8s.io/v1 Event), of the stage ResponseComplete.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// A pod comes when its creation was asked for, and runs from its binding (or its coming, when the log has no bindings) until it
/// is deleted or its status says that it has ended; without an end it is censored at the last event of the log. Creations need the
/// pod in them (audit level Request or RequestResponse): those without are left out, as are failed requests, static pods and pods
/// that were there before the log. Nodes, and what plugins read besides, are those of the dump `nodes`. Throws InputError.
Trace read_audit_log(const std::string& file, const std::string& nodes);

}  // namespace orrery::scenarios::bench
