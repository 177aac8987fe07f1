// Window: a part of a timed trace.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// The `length` in which most pods come (of equals the first), beginning with an arrival, as a trace of its own. Pods that came
/// before and, by their arrival and duration, would still be there stand at its beginning with what is left of them. Adds a note.
Trace busiest_window(const Trace& trace, base::Nanos length);

}  // namespace orrery::scenarios::bench
