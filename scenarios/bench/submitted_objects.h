// Traces of whole objects in a whole cluster: what of their objects is submitted to the API again.
#pragma once
#include <string>

#include "model/api/pod.h"
#include "scenarios/bench/trace.h"
#include "scenarios/bench/whole_objects.h"

namespace orrery::scenarios::bench {

/// The pod with what the scheduler reads of it. What would need the cluster that it comes from is left out: owners, service account,
/// environment, probes, volumes that are files (secrets and the like), claims of DRA, the name of its scheduler. Its priority becomes a class.
api::Pod resubmitted(const api::Pod& told, const PodName& name);

/// Its value, of which a class has to be made; 0: none.
std::int32_t priority_of(const TracePod& pod);

/// What a trace has besides nodes and pods: namespaces, classes, volumes, claims, services and budgets, in the order in which they can be
/// created. Owners of pods are left out: their controllers would make pods of their own.
std::vector<api::ObjectRef> first_objects(const Trace& trace);

/// Which of that is left out, as a note; "": the trace tells amounts.
std::string note_objects(const Trace& trace);

/// As a label's value: what cannot be in one becomes '-', too long ones are cut.
Str label_value(std::string_view text);

}  // namespace orrery::scenarios::bench
